//! Whether a user has signed in from a place before.

use crate::support::{login, one_session};
use jiff::{SignedDuration, Timestamp};
use session::{Client, Login, Policy, Seen, SessionId, Sessions, Token};
use testkit::{Fault, Stores, now};

const DAY: SignedDuration = SignedDuration::from_hours(24);

async fn from(stores: &Stores, sessions: &Sessions, ip: &str, at: Timestamp) -> SessionId {
    let account = stores.stored_account("ada").await;
    let client = Client { ip: Some(ip.to_owned()), user_agent: None, browser: None };
    sessions.create(Login { client, ..login(account) }, at).await.unwrap().1.id
}

async fn seen(sessions: &Sessions, id: &SessionId, ip: &str) -> Seen {
    let since = now() - 90 * DAY;
    let earlier = sessions.earlier("ada", since).await.unwrap();
    sessions.seen(earlier, id, None, |client| client.ip.as_deref() == Some(ip)).await.unwrap()
}

#[tokio::test]
async fn the_first_session_of_all_is_never_and_then_it_is_here_or_elsewhere() {
    let stores = Stores::without_redis().await;
    stores.account("ada").await;
    stores.account("bob").await;
    let sessions = stores.sessions(Policy::default());
    let bob = stores.stored_account("bob").await;
    sessions.create(login(bob), now()).await.unwrap();
    let first = from(&stores, &sessions, "203.0.113.7", now()).await;
    assert_eq!(seen(&sessions, &first, "203.0.113.7").await, Seen::Never);
    let second = from(&stores, &sessions, "203.0.113.7", now()).await;
    assert_eq!(seen(&sessions, &second, "203.0.113.7").await, Seen::Here);
    let third = from(&stores, &sessions, "198.51.100.1", now()).await;
    assert_eq!(seen(&sessions, &third, "198.51.100.1").await, Seen::Elsewhere);
}

#[tokio::test]
async fn ended_sessions_count_and_those_not_used_for_90_days_do_not() {
    let stores = Stores::without_redis().await;
    stores.account("ada").await;
    let sessions = stores.sessions(Policy::default());
    let new = from(&stores, &sessions, "203.0.113.7", now()).await;
    from(&stores, &sessions, "203.0.113.7", now() - 90 * DAY - DAY).await;
    assert_eq!(seen(&sessions, &new, "203.0.113.7").await, Seen::Never);
    let ended = from(&stores, &sessions, "203.0.113.7", now() - 89 * DAY).await;
    sessions.end_one("ada", &ended, session::Why::Ended, now()).await.unwrap().unwrap();
    assert_eq!(seen(&sessions, &new, "203.0.113.7").await, Seen::Here);
}

/// The session was already signed in ninety days ago, and was used since.
#[tokio::test]
async fn a_long_session_counts_by_its_last_use() {
    let stores = Stores::without_redis().await;
    let account = stores.account("ada").await;
    let sessions = stores.sessions(Policy::default());
    let client = Client { ip: Some("203.0.113.7".to_owned()), user_agent: None, browser: None };
    let began = now() - 110 * DAY;
    let (token, _) =
        sessions.create_device(Login { client, ..login(account) }, "Phone".to_owned(), began).await.unwrap();
    let new = from(&stores, &sessions, "203.0.113.7", now()).await;
    assert_eq!(seen(&sessions, &new, "203.0.113.7").await, Seen::Never);
    sessions.refresh(&token, began + 25 * DAY).await.unwrap();
    assert_eq!(seen(&sessions, &new, "203.0.113.7").await, Seen::Here);
    let before = stores.dynamo_proxy.calls_of("GetItem");
    assert_eq!(seen(&sessions, &new, "198.51.100.1").await, Seen::Never);
    assert_eq!(stores.dynamo_proxy.calls_of("GetItem"), before, "the row of another place does not matter");
}

#[tokio::test]
async fn a_store_that_fails_is_told() {
    let stores = Stores::without_redis().await;
    let (sessions, _) = one_session(&stores, std::time::Duration::ZERO).await;
    stores.dynamo_proxy.break_all(Some("Query"), Fault::Fail);
    assert!(sessions.earlier("ada", now()).await.is_err());
}

/// People wait for their sign-in meanwhile.
#[tokio::test]
async fn of_somebody_who_signs_in_all_the_time_only_the_latest_are_looked_at() {
    let stores = Stores::without_redis().await;
    stores.account("ada").await;
    let sessions = stores.sessions(Policy::default());
    let first = from(&stores, &sessions, "203.0.113.7", now() - DAY).await;
    let template = stores.row("sessions", ("session_id", first.as_str())).await.unwrap();
    for number in 0..450 {
        let mut row = template.clone();
        row["session_id"] = format!("other-{number}").into();
        row["ip"] = "198.51.100.1".into();
        row["created_at"] = now().as_millisecond().into();
        stores.put("sessions", &row).await;
    }
    let new = from(&stores, &sessions, "203.0.113.7", now()).await;
    let before = stores.dynamo_proxy.calls_of("Query");
    assert_eq!(seen(&sessions, &new, "203.0.113.7").await, Seen::Elsewhere);
    assert_eq!(stores.dynamo_proxy.calls_of("Query") - before, 4);
    assert_eq!(seen(&sessions, &new, "198.51.100.1").await, Seen::Here);
    assert_eq!(stores.dynamo_proxy.calls_of("Query") - before, 5, "on the first page");
}

/// Ten rows are read for that, and not one more.
#[tokio::test]
async fn the_first_page_has_ten_sessions_and_the_second_is_read_only_if_none_of_them_is_the_one() {
    let stores = Stores::without_redis().await;
    stores.account("ada").await;
    let sessions = stores.sessions(Policy::default());
    for days in 1..=11 {
        from(&stores, &sessions, if days == 11 { "198.51.100.1" } else { "203.0.113.7" }, now() - days * DAY).await;
    }
    let earlier = async || sessions.earlier("ada", now() - 90 * DAY).await.unwrap();
    let new = Token::generate().unwrap().id();
    for (ip, queries) in [("203.0.113.7", 1), ("198.51.100.1", 2), ("192.0.2.1", 2)] {
        let before = stores.dynamo_proxy.calls_of("Query");
        stores.dynamo_proxy.record();
        sessions.seen(earlier().await, &new, None, |client| client.ip.as_deref() == Some(ip)).await.unwrap();
        assert_eq!(stores.dynamo_proxy.calls_of("Query") - before, queries, "{ip}");
        let asked = String::from_utf8(stores.dynamo_proxy.recorded()).unwrap();
        assert!(asked.matches(r#""Limit":10,"#).count() == 1 && asked.matches("Limit").count() == queries, "{asked}");
    }
}
