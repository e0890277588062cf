//! Verifiers with a current JWKS and one of five minutes ago, through rotation, inactivity and changed settings.

use crate::{
    key::decoded,
    support::{ISSUER, Table, at, mint},
    verifier::Api,
};
use jiff::{SignedDuration, Timestamp};
use tokens::Tokens;

const MAX_AGE: SignedDuration = SignedDuration::from_secs(300);
const MINUTE: SignedDuration = SignedDuration::from_mins(1);
const HOUR: SignedDuration = SignedDuration::from_hours(1);

async fn api(table: &Table, now: Timestamp) -> Api {
    Api::new(ISSUER, "api", &table.public_keys().current(now).await.expect("the keys").keys)
}

/// Mints at `now`, and shows the token to an API with an old JWKS, a current one, and one of the token's last second.
/// If `known` is false, no verifier can have known the key five minutes ago. Returns the `kid`.
async fn check(table: &Table, tokens: &Tokens, now: Timestamp, known: bool) -> String {
    let old = api(table, now - MAX_AGE).await;
    let minted = mint(tokens, now).await.expect("a token");
    let token = minted.token.expose();
    assert_eq!(old.accept(token, now).is_ok(), known, "a JWKS from before {now}");
    api(table, now).await.accept(token, now).expect("a JWKS of now");
    let last = Timestamp::from_second(now.as_second()).expect("a moment") + SignedDuration::from_secs(299);
    api(table, last).await.accept(token, last).expect("a JWKS of the last second");
    assert!(api(table, last).await.accept(token, last + SignedDuration::from_secs(1)).is_err(), "it is over");
    decoded(token)[0]["kid"].to_string()
}

#[tokio::test]
async fn every_token_verifies_through_many_periods() {
    let table = Table::new().await;
    let tokens = table.tokens(&[("SIGNING_PERIOD", "1h")]);
    let start = at("2031-05-06T07:30:00Z");
    let mut kids = vec![check(&table, &tokens, start, false).await];
    for step in 1..60 {
        kids.push(check(&table, &tokens, start + MINUTE * 7 * step, true).await);
    }
    kids.dedup();
    assert_eq!(kids.len(), 8, "one key an hour, and none comes back");
}

#[tokio::test]
async fn a_key_made_late_is_bridged_and_after_a_silence_a_new_one_signs_at_once() {
    let table = Table::new().await;
    let tokens = table.tokens(&[("SIGNING_PERIOD", "1h")]);
    let start = at("2031-05-06T07:00:00Z");
    check(&table, &tokens, start, false).await;

    let late = start + HOUR * 2 + MINUTE * 20;
    let bridge = check(&table, &tokens, late, true).await;
    assert_eq!(check(&table, &tokens, late + MINUTE * 9, true).await, bridge);
    assert_ne!(check(&table, &tokens, late + MINUTE * 10, true).await, bridge);

    check(&table, &tokens, start + HOUR * 24, false).await;
}

#[tokio::test]
async fn a_changed_period_strands_and_forks_nothing() {
    let table = Table::new().await;
    let mut now = at("2031-05-06T07:00:00Z");
    check(&table, &table.tokens(&[("SIGNING_PERIOD", "30d")]), now, false).await;
    for period in ["7d", "30d", "7d", "1h", "30d"] {
        // During a deployment, instances with both settings run at once, each with its own memory.
        let (old, new) = (table.tokens(&[("SIGNING_PERIOD", "30d")]), table.tokens(&[("SIGNING_PERIOD", period)]));
        for wait in [MINUTE, MINUTE * 8, MINUTE * 3, HOUR, HOUR * 24 * 5, HOUR * 24 * 4] {
            now += wait;
            let kid = check(&table, &new, now, true).await;
            assert_eq!(check(&table, &old, now, true).await, kid, "{period} at {now}");
        }
    }
}
