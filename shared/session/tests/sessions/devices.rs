//! Devices: refresh tokens that rotate, and how a thief is found out (OWASP ASVS 10.4.5, 10.4.8, 10.4.9; RFC 9700
//! 4.14).

use crate::support::{is_alive, is_buried, log_in, login, map_and_rows, one_session, put_account};
use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use session::{Client, Error, Kind, Login, Policy, Refresh, RefreshToken, Session, Sessions, Token};
use std::collections::HashSet;
use testkit::{Fault, Stores, now, on_both_stores};

const GRACE: SignedDuration = SignedDuration::from_secs(30);
const MOMENT: SignedDuration = SignedDuration::from_millis(1);

/// A phone of Ada's, signed in at `at`.
async fn phone_at(stores: &Stores, at: Timestamp) -> (Sessions, RefreshToken) {
    let account = stores.account("ada").await;
    let sessions = stores.sessions(Policy::default());
    let (token, _) = sessions.create_device(login(account), "Phone".to_owned(), at).await.unwrap();
    (sessions, token)
}

async fn granted(sessions: &Sessions, token: &RefreshToken, at: Timestamp) -> (RefreshToken, Session) {
    match sessions.refresh(token, at).await.unwrap() {
        Refresh::Granted { token, session, .. } => (token, *session),
        other => panic!("{other:?}"),
    }
}

async fn is_signed_out(sessions: &Sessions, token: &RefreshToken, at: Timestamp) -> bool {
    matches!(sessions.refresh(token, at).await.unwrap(), Refresh::SignedOut)
}

async fn is_reuse(sessions: &Sessions, token: &RefreshToken, at: Timestamp) -> bool {
    matches!(sessions.refresh(token, at).await.unwrap(), Refresh::Reused(_))
}

async fn row(stores: &Stores, token: &RefreshToken) -> serde_json::Value {
    stores.row("sessions", ("session_id", token.id().as_str())).await.unwrap()
}

fn same(one: &RefreshToken, other: &RefreshToken) -> bool {
    *one.expose() == *other.expose()
}

#[tokio::test]
async fn a_token_older_than_the_grace_is_replaced_and_a_younger_one_is_not() {
    let stores = Stores::without_redis().await;
    let start = now();
    let (sessions, first) = phone_at(&stores, start).await;
    for age in [SignedDuration::ZERO, GRACE - MOMENT] {
        assert!(same(&granted(&sessions, &first, start + age).await.0, &first), "{age:?}");
    }
    let (second, session) = granted(&sessions, &first, start + GRACE).await;
    assert!(!same(&second, &first) && second.id() == first.id());
    assert_eq!((session.id, session.record.kind), (first.id(), Kind::Device));
    let (third, _) = granted(&sessions, &second, start + GRACE + GRACE).await;
    assert!(!same(&third, &second));
}

#[tokio::test]
async fn the_one_before_leads_to_the_same_successor_within_the_grace() {
    let stores = Stores::without_redis().await;
    let start = now();
    let (sessions, first) = phone_at(&stores, start).await;
    let rotated = start + GRACE;
    let (second, _) = granted(&sessions, &first, rotated).await;
    for age in [SignedDuration::ZERO, GRACE - MOMENT] {
        assert!(same(&granted(&sessions, &first, rotated + age).await.0, &second), "{age:?}");
    }
}

/// Whether thief or owner shows a spent token, the other one holds a live one.
#[tokio::test]
async fn a_spent_token_ends_the_family_and_nothing_else() {
    let stores = Stores::start().await;
    let start = now();
    let (sessions, first) = phone_at(&stores, start).await;
    let browser = log_in(&stores, &sessions, "ada").await;
    let (tablet, _) =
        sessions.create_device(login(stores.stored_account("ada").await), "Tablet".to_owned(), start).await.unwrap();
    let (second, _) = granted(&sessions, &first, start + GRACE).await;
    let (third, _) = granted(&sessions, &second, start + 2 * GRACE).await;
    // Within the grace of the third: the first was spent long ago.
    let Refresh::Reused(record) = sessions.refresh(&first, start + 2 * GRACE + MOMENT).await.unwrap() else { panic!() };
    assert_eq!(record.user_id, "ada");
    for token in [&first, &second, &third] {
        assert!(is_signed_out(&sessions, token, start + 2 * GRACE + MOMENT).await);
    }
    assert_eq!(row(&stores, &first).await["revoked_why"], "reused");
    assert!(is_alive(&sessions, &browser).await);
    granted(&sessions, &tablet, start + 2 * GRACE).await;
    let (map, alive) = map_and_rows(&stores, "ada").await;
    assert_eq!((map.len(), map), (2, alive));
}

#[tokio::test]
async fn a_made_up_half_ends_the_family_and_a_made_up_family_is_nobody() {
    let stores = Stores::without_redis().await;
    let (sessions, token) = phone_at(&stores, now()).await;
    assert!(is_signed_out(&sessions, &RefreshToken::generate().unwrap(), now()).await);
    granted(&sessions, &token, now()).await;
    let family = token.expose().split_once('.').unwrap().0.to_owned();
    let forged = RefreshToken::parse(&format!("{family}.{}", *Token::generate().unwrap().expose())).unwrap();
    assert!(is_reuse(&sessions, &forged, now()).await);
    assert!(is_signed_out(&sessions, &token, now()).await);
}

/// A person who reads the row gets no token from it, not even with the previous token.
#[tokio::test]
async fn the_row_holds_no_half() {
    let stores = Stores::start().await;
    let start = now();
    stores.dynamo_proxy.record();
    stores.redis_proxy.as_ref().unwrap().record();
    let (sessions, first) = phone_at(&stores, start).await;
    let (second, _) = granted(&sessions, &first, start + GRACE).await;
    sessions.revoke_device(&second, start + GRACE).await.unwrap().unwrap();
    let contents = format!("{:?}", stores.contents().await);
    let sent = [stores.dynamo_proxy.recorded(), stores.redis_proxy.as_ref().unwrap().recorded()].concat();
    let sent = String::from_utf8_lossy(&sent).into_owned();
    assert!(sent.contains(first.id().as_str()));
    for token in [&first, &second] {
        for half in token.expose().split('.') {
            assert!(!contents.contains(half) && !sent.contains(half));
        }
    }
}

/// ASVS 10.4.8: it ends even if it is refreshed.
#[tokio::test]
async fn a_device_ends_after_its_idle_time_and_after_its_absolute_time() {
    let stores = Stores::without_redis().await;
    let policy = Policy::default();
    let [idle, absolute] =
        [policy.device_idle, policy.device_absolute].map(|time| SignedDuration::try_from(time).unwrap());
    let start = now();
    let (sessions, token) = phone_at(&stores, start).await;
    assert!(is_signed_out(&sessions, &token, start + idle).await);
    let (mut token, session) = granted(&sessions, &token, start + idle - MOMENT).await;
    assert_eq!(session.expires_at, start + idle - MOMENT + idle);
    let mut at = start + idle - MOMENT;
    while at + idle < start + absolute {
        at += idle - MOMENT;
        token = granted(&sessions, &token, at).await.0;
    }
    let (token, session) = granted(&sessions, &token, start + absolute - MOMENT).await;
    assert_eq!(session.expires_at, start + absolute);
    assert!(is_signed_out(&sessions, &token, start + absolute).await);
}

/// ASVS 2.3.3, 15.4.1: two tabs of an app refresh at once, fifty times over.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_refreshes_at_once_are_one_lineage() {
    let stores = Stores::without_redis().await;
    let start = now();
    let (sessions, mut token) = phone_at(&stores, start).await;
    for round in 1..=3 {
        let at = start + round * GRACE;
        let all = join_all((0..50).map(|_| granted(&sessions, &token, at))).await;
        let distinct: HashSet<_> = all.iter().map(|(token, _)| token.expose().to_string()).collect();
        assert_eq!(distinct.len(), 1);
        assert!(!same(&all[0].0, &token));
        token = all[0].0.clone();
    }
}

#[tokio::test]
async fn an_answer_that_was_lost_can_be_asked_for_again() {
    let stores = Stores::without_redis().await;
    let start = now();
    let (sessions, first) = phone_at(&stores, start).await;
    // The SDK repeats the call. When the repeat arrives, the half it compares with is no longer the current one.
    stores.dynamo_proxy.break_next("UpdateItem", &[Fault::LoseAnswer]);
    let (second, _) = granted(&sessions, &first, start + GRACE).await;
    assert!(same(&granted(&sessions, &first, start + GRACE).await.0, &second));
    stores.dynamo_proxy.break_next("UpdateItem", &[Fault::LoseAnswer, Fault::Fail, Fault::Fail, Fault::Fail]);
    assert!(matches!(sessions.refresh(&second, start + 2 * GRACE).await, Err(Error::Store(_))));
    stores.dynamo_proxy.heal();
    let (third, _) = granted(&sessions, &second, start + 2 * GRACE + MOMENT).await;
    assert!(!same(&third, &second));
    granted(&sessions, &third, start + 3 * GRACE).await;
}

/// If a session ends between the read and the write, the write does not revive it.
#[tokio::test]
async fn an_ended_session_is_not_rotated() {
    let stores = Stores::without_redis().await;
    let start = now();
    let (sessions, token) = phone_at(&stores, start).await;
    let other = stores.sessions(Policy::default());
    let mut held = stores.dynamo_proxy.hold_next("UpdateItem");
    let end = async {
        held.arrived().await;
        other.revoke_device(&token, start).await.unwrap().unwrap();
        held.release();
    };
    let (refreshed, ()) = tokio::join!(sessions.refresh(&token, start + GRACE), end);
    assert!(matches!(refreshed.unwrap(), Refresh::SignedOut));
    assert_eq!(row(&stores, &token).await["device"]["previous"], serde_json::Value::Null);
}

#[tokio::test]
async fn a_device_signs_out_with_any_token_of_its_family_and_once_more() {
    let stores = Stores::without_redis().await;
    let start = now();
    let (sessions, first) = phone_at(&stores, start).await;
    let (second, _) = granted(&sessions, &first, start + GRACE).await;
    for token in [&first, &second] {
        assert_eq!(sessions.revoke_device(token, start + GRACE).await.unwrap().unwrap().user_id, "ada");
    }
    assert!(sessions.revoke_device(&RefreshToken::generate().unwrap(), start).await.unwrap().is_none());
    assert!(is_signed_out(&sessions, &second, start + GRACE).await);
    assert_eq!(row(&stores, &first).await["revoked_why"], "logout");
    assert_eq!(map_and_rows(&stores, "ada").await, (vec![], vec![]));
}

on_both_stores! {
    /// Both have the form of a token, and the same hash names the session.
    async fn the_family_half_is_no_cookie_and_a_cookie_is_no_family_half(stores) {
        let (sessions, browser) = one_session(&stores, std::time::Duration::ZERO).await;
        let account = stores.stored_account("ada").await;
        let (token, _) = sessions.create_device(login(account), "Phone".to_owned(), now()).await.unwrap();
        let family = Token::parse(token.expose().split_once('.').unwrap().0).unwrap();
        assert!(!is_alive(&sessions, &family).await);
        assert!(sessions.revoke(&family, now()).await.unwrap().is_none());
        assert!(sessions.revoke_all(&family, now()).await.unwrap().is_none());
        assert!(sessions.prove(&family, session::Slide::Yes, now()).await.unwrap().is_none());
        assert!(matches!(sessions.standing(&family, now()).await.unwrap(), session::Standing::Absent));
        let presented = Login { presented: Some(&family), ..login(stores.stored_account("ada").await) };
        sessions.create(presented, now()).await.unwrap();
        let forged = RefreshToken::parse(&format!("{}.{}", *browser.expose(), *browser.expose())).unwrap();
        assert!(is_signed_out(&sessions, &forged, now()).await);
        assert!(sessions.revoke_device(&forged, now()).await.unwrap().is_none());
        granted(&sessions, &token, now()).await;
        assert!(is_alive(&sessions, &browser).await);
    }

    async fn signing_out_everywhere_ends_devices_too(stores) {
        let (sessions, browser) = one_session(&stores, std::time::Duration::ZERO).await;
        let account = stores.stored_account("ada").await;
        let (token, _) = sessions.create_device(login(account), "Phone".to_owned(), now()).await.unwrap();
        assert_eq!(sessions.revoke_all(&browser, now()).await.unwrap().unwrap().sessions, 2);
        assert!(is_signed_out(&sessions, &token, now()).await && is_buried(&stores, &browser).await);
    }

}

/// A device needs no hot copy and no tombstone: it signs in, refreshes and signs out while Redis is away.
#[tokio::test]
async fn redis_takes_no_part() {
    let stores = Stores::start().await;
    let start = now();
    let (sessions, token) = phone_at(&stores, start).await;
    assert_eq!(crate::support::keys(&stores).await, 0);
    stores.redis.as_ref().unwrap().kill9().await.unwrap();
    let (token, _) = granted(&sessions, &token, start + GRACE).await;
    sessions.revoke_device(&token, start + GRACE).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_login_that_was_overtaken_gives_a_device_nothing() {
    let stores = Stores::without_redis().await;
    let account = stores.account("ada").await;
    let mut moved = account.clone();
    moved.security_epoch = 1;
    put_account(&stores, &moved).await;
    let sessions = stores.sessions(Policy::default());
    let created = sessions.create_device(login(account), "Phone".to_owned(), now()).await;
    assert!(matches!(created, Err(Error::Superseded)));
}

#[tokio::test]
async fn what_the_device_is_called_and_where_it_came_from_is_listed() {
    let stores = Stores::without_redis().await;
    let account = stores.account("ada").await;
    let sessions = stores.sessions(Policy::default());
    let client = Client { ip: Some("203.0.113.7".to_owned()), user_agent: Some("App/1".to_owned()), browser: None };
    let login = Login { client, ..login(account) };
    sessions.create_device(login, "Ada's phone".to_owned(), now()).await.unwrap();
    let listed = sessions.list("ada", now()).await.unwrap();
    assert_eq!(listed[0].device_name.as_deref(), Some("Ada's phone"));
    assert_eq!((listed[0].ip.as_deref(), listed[0].user_agent.as_deref()), (Some("203.0.113.7"), Some("App/1")));
}

/// ASVS 2.2.1: a broken row gives no token and no panic.
#[tokio::test]
async fn a_corrupt_row_is_an_error_or_signed_out() {
    for (member, value) in [
        ("device", serde_json::json!("odd")),
        ("device", serde_json::json!({ "name": "Phone" })),
        ("idle_expires_at", serde_json::json!("never")),
        ("kind", serde_json::json!("toaster")),
    ] {
        let stores = Stores::without_redis().await;
        let (sessions, token) = phone_at(&stores, now()).await;
        let id = token.id();
        stores.change("sessions", ("session_id", id.as_str()), |row| row[member] = value).await;
        assert!(matches!(sessions.refresh(&token, now()).await, Err(Error::Store(_))), "{member}");
    }
    let stores = Stores::without_redis().await;
    let (sessions, token) = phone_at(&stores, now()).await;
    let id = token.id();
    stores.change("sessions", ("session_id", id.as_str()), |row| row["device"] = serde_json::Value::Null).await;
    assert!(is_signed_out(&sessions, &token, now()).await);
}
