//! An operator lists, rotates and withdraws keys, while verifiers keep a JWKS for five minutes.

use crate::{
    intercept::Gate,
    key::decoded,
    support::{ISSUER, Table, at, mint},
    verifier::Api,
};
use environment::Environment;
use jiff::{SignedDuration, Timestamp};
use tokens::{Keyring, Named, Settings, State, Tokens};

const NOW: &str = "2031-05-06T07:08:09Z";
const MINUTE: SignedDuration = SignedDuration::from_mins(1);

fn config() -> Settings {
    let mut environment = Environment::of([("PUBLIC_URL", ISSUER)]);
    let config = Settings::from_environment(&mut environment);
    environment.finish(config).expect("a configuration")
}

/// A table whose keys have signed for a while, an instance that mints, and the operator.
async fn scene() -> (Table, Tokens, Keyring) {
    let table = Table::new().await;
    let tokens = table.tokens(&[]);
    mint(&tokens, at(NOW) - MINUTE * 60).await.expect("a token");
    let keyring = Keyring::new(table.dynamo.clone());
    (table, tokens, keyring)
}

async fn api(table: &Table, now: Timestamp) -> Api {
    Api::new(ISSUER, "api", &table.public_keys().current(now).await.expect("the keys").keys)
}

async fn kid(tokens: &Tokens, now: Timestamp) -> String {
    let minted = mint(tokens, now).await.expect("a token");
    decoded(minted.token.expose())[0]["kid"].as_str().expect("a kid").to_owned()
}

async fn states(keyring: &Keyring, now: Timestamp) -> Vec<(String, State)> {
    let keys = keyring.list(now).await.expect("the keys");
    keys.into_iter().map(|Named { kid, state, .. }| (kid, state)).collect()
}

#[tokio::test]
async fn the_list_says_what_each_key_does_and_reads_no_secret() {
    let (table, tokens, keyring) = scene().await;
    table.calls.take_attributes();
    let keys = keyring.list(at(NOW)).await.expect("the keys");
    let read = table.calls.take_attributes();
    assert_eq!(read, ["created_at", "kid", "leaves_at", "period", "signs_from", "signs_until"]);
    assert_eq!(keys[0].kid, kid(&tokens, at(NOW)).await);
    assert_eq!([keys[0].state, keys[1].state], [State::Signing, State::Waiting]);
    let all = |now| states(&keyring, now);
    assert_eq!(all(keys[1].signs_from).await[1].1, State::Signing);
    assert_eq!(all(keys[0].signs_until).await[0].1, State::Leaving);
    assert_eq!(all(keys[0].leaves_at).await[0].1, State::Gone);
}

/// Every minute of it, considering the memory of an instance and that of a verifier.
#[tokio::test]
async fn a_rotation_takes_over_in_ten_minutes_and_no_token_is_refused() {
    let (table, tokens, keyring) = scene().await;
    let old = kid(&tokens, at(NOW)).await;
    let new = keyring.rotate(&config(), at(NOW)).await.expect("a key");
    assert_eq!((new.state, new.signs_from), (State::Waiting, at(NOW) + MINUTE * 10));
    for minute in 0..25 {
        let now = at(NOW) + MINUTE * minute;
        let minted = mint(&tokens, now).await.expect("a token");
        let token = minted.token.expose();
        let expected = if minute < 10 { &old } else { &new.kid };
        assert_eq!(decoded(token)[0]["kid"], **expected, "minute {minute}");
        if minute >= 5 {
            api(&table, now - MINUTE * 5).await.accept(token, now).expect("a JWKS of five minutes ago");
        }
        let last = now + SignedDuration::from_secs(299);
        api(&table, last).await.accept(token, last).expect("a JWKS of the token's last second");
    }
    let left = at(NOW) + MINUTE * 15;
    let of = async |now| states(&keyring, now).await.into_iter().find(|(kid, _)| *kid == old).expect("the key").1;
    assert_eq!(of(left - SignedDuration::from_millis(1)).await, State::Leaving);
    assert_eq!(of(left).await, State::Gone, "with its last token");
    assert!(table.public_keys().current(left).await.expect("the keys").keys.iter().all(|key| key.kid != old));
}

#[tokio::test]
async fn the_next_periods_key_takes_over_from_the_rotated_one() {
    let (_table, tokens, keyring) = scene().await;
    let next = keyring.list(at(NOW)).await.expect("the keys").pop().expect("a key");
    let new = keyring.rotate(&config(), at(NOW)).await.expect("a key");
    assert_eq!(kid(&tokens, next.signs_from - MINUTE).await, new.kid);
    assert_eq!(kid(&tokens, next.signs_from).await, next.kid);
}

/// Two operators, or one who repeats because the answer was lost.
#[tokio::test]
async fn a_repeated_rotation_ends_nothing_too_early() {
    let (table, tokens, keyring) = scene().await;
    let old = kid(&tokens, at(NOW)).await;
    let (one, two) = (config(), config());
    let rotated = tokio::join!(keyring.rotate(&one, at(NOW)), keyring.rotate(&two, at(NOW)));
    assert_eq!(rotated.0.expect("a key").kid, rotated.1.expect("a key").kid, "of the same moment there is one");
    let third = keyring.rotate(&config(), at(NOW) + MINUTE).await.expect("a key");
    assert_eq!(kid(&table.tokens(&[]), at(NOW) + MINUTE * 9).await, old);
    assert_eq!(kid(&table.tokens(&[]), at(NOW) + MINUTE * 11).await, third.kid);
}

#[tokio::test]
async fn where_nothing_was_minted_yet_a_rotation_makes_the_first_keys_too() {
    let table = Table::new().await;
    let keyring = Keyring::new(table.dynamo.clone());
    keyring.rotate(&config(), at(NOW)).await.expect("a key");
    assert_eq!(states(&keyring, at(NOW)).await.len(), 3);
    mint(&table.tokens(&[]), at(NOW)).await.expect("a token");
}

#[tokio::test]
async fn what_a_withdrawn_key_has_signed_verifies_no_more() {
    let (table, tokens, keyring) = scene().await;
    let minted = mint(&tokens, at(NOW)).await.expect("a token");
    let old = kid(&tokens, at(NOW)).await;
    let next = keyring.list(at(NOW)).await.expect("the keys").pop().expect("a key");
    assert_eq!(keyring.withdraw(&config(), None, at(NOW)).await.expect("an answer"), Some(old.clone()));
    assert!(api(&table, at(NOW)).await.accept(minted.token.expose(), at(NOW)).is_err());
    for minute in [0, 1, 60 * 24] {
        let now = at(NOW) + MINUTE * minute;
        let another = table.tokens(&[]);
        let minted = mint(&another, now).await.expect("a token");
        assert_eq!(kid(&another, now).await, next.kid, "verifiers know this key already");
        api(&table, now).await.accept(minted.token.expose(), now).expect("a good token");
    }
    let later = at(NOW) + MINUTE * 5;
    assert_eq!(kid(&tokens, later).await, next.kid, "an instance forgets it");
    assert_eq!(states(&keyring, later).await[0], (old, State::Gone));
}

#[tokio::test]
async fn a_key_is_withdrawn_by_its_name_and_no_other() {
    let (_table, tokens, keyring) = scene().await;
    let signing = kid(&tokens, at(NOW)).await;
    let next = keyring.list(at(NOW)).await.expect("the keys").pop().expect("a key");
    assert_eq!(keyring.withdraw(&config(), Some("unknown"), at(NOW)).await.expect("an answer"), None);
    keyring.withdraw(&config(), Some(&next.kid), at(NOW)).await.expect("an answer");
    assert_eq!(states(&keyring, at(NOW)).await, [(signing, State::Signing), (next.kid, State::Gone)]);
}

/// An attacker who has read the table has all of them.
#[tokio::test]
async fn when_every_key_is_withdrawn_a_new_one_signs_at_once() {
    let (table, _, keyring) = scene().await;
    let before = keyring.list(at(NOW)).await.expect("the keys");
    for key in &before {
        keyring.withdraw(&config(), Some(&key.kid), at(NOW)).await.expect("an answer");
    }
    let tokens = table.tokens(&[]);
    let minted = mint(&tokens, at(NOW)).await.expect("a token");
    api(&table, at(NOW)).await.accept(minted.token.expose(), at(NOW)).expect("a good token");
    let new = kid(&tokens, at(NOW)).await;
    assert!(before.iter().all(|key| key.kid != new));
}

/// The rotation read the key before it was withdrawn.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rotation_under_way_does_not_publish_a_withdrawn_key_again() {
    let (table, tokens, keyring) = scene().await;
    let old = kid(&tokens, at(NOW)).await;
    let (gate, reached, open) = Gate::before("UpdateItem");
    let slow = Keyring::new(table.behind(gate).dynamo);
    let rotation = tokio::spawn(async move { slow.rotate(&config(), at(NOW)).await });
    tokio::task::spawn_blocking(move || reached.recv()).await.expect("a thread").expect("the rotation comes so far");
    keyring.withdraw(&config(), Some(&old), at(NOW)).await.expect("an answer");
    drop(open);
    rotation.await.expect("a task").expect("a rotation");
    let state = states(&keyring, at(NOW)).await.into_iter().find(|(kid, _)| *kid == old).map(|(_, state)| state);
    assert_eq!(state, Some(State::Gone));
}
