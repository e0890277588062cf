//! Content that no store should hold: it must cause neither a panic nor an invented answer.

use crate::support::{DUE, hot, hot_expiry, is_alive, is_buried, key, log_in, one_session, put_account, put_row, row};
use aws_sdk_dynamodb::types::AttributeValue;
use dynamo::{number, text};
use session::{Error, Policy, Sessions, Slide, Token};
use std::time::Duration;
use testkit::{Logs, Stores, now, on_both_stores};

/// A session for which Redis holds something other than its record.
async fn in_the_place_of_the_record(words: &[&str]) -> (Stores, Sessions, Token) {
    let (stores, sessions, token) = a_session().await;
    let key = key(&token);
    let replace: Vec<_> = words.iter().map(|word| if *word == "KEY" { key.as_str() } else { word }).collect();
    stores.redis_command::<()>(&["DEL", &key]).await;
    stores.redis_command::<redis::Value>(&replace).await;
    (stores, sessions, token)
}

async fn a_session() -> (Stores, Sessions, Token) {
    let stores = Stores::start().await;
    let (sessions, token) = one_session(&stores, Duration::ZERO).await;
    (stores, sessions, token)
}

/// The session is served from the row, and can be ended.
async fn the_row_decides(stores: &Stores, sessions: &Sessions, token: &Token, what: &str) {
    for slide in [Slide::Yes, Slide::No] {
        let session = sessions.authenticate(token, slide, now()).await.unwrap();
        assert_eq!(session.unwrap_or_else(|| panic!("{what}: live")).record.user_id, "ada");
    }
    assert!(sessions.revoke(token, now()).await.unwrap().is_some(), "{what}");
    assert_eq!(hot(stores, token).await.as_deref(), Some("!"), "{what}");
    assert!(!is_alive(sessions, token).await, "{what}");
}

/// The copy of one session with these bytes changed: `at`, and what is written there.
fn changed(copy: &[u8], at: &[u8], with: &[u8]) -> Vec<u8> {
    let start = copy.windows(at.len()).position(|window| window == at).expect("in the copy");
    [&copy[..start], with, &copy[start + at.len()..]].concat()
}

#[tokio::test]
async fn where_redis_holds_no_record_the_row_decides() {
    let (stores, sessions, token) = a_session().await;
    let sound = stores.copy(&token.id()).await.unwrap();
    let admin = changed(&sound, b"read", b"root");
    stores.put_copy(&token.id(), &admin).await;
    let session = sessions.authenticate(&token, Slide::No, now()).await.unwrap().unwrap();
    assert_eq!(session.record.scopes, ["root"], "a sound copy is taken at its word");
    let json = br#"{"user_id":"eve","scopes":["admin"],"kind":"browser","absolute_expires_at":9999999999999}"#;
    for value in [
        &b""[..],
        b"!!",
        b" ",
        b"\0",
        b"nonsense",
        json,
        &admin[1..],
        &admin[..1],
        &admin[..admin.len() - 1],
        // Another version.
        &changed(&admin, &admin[..2], &[2, admin[1]]),
        &changed(&admin, &admin[..2], &[b'{', admin[1]]),
        // RFC 8949: a list of scopes that is a text, and one that never ends.
        &changed(&admin, b"\x81\x64root", b"\x64root"),
        &changed(&admin, b"\x81\x64root", b"\x9f\x64root"),
        // A text that is not UTF-8, and one of two gigabytes.
        &changed(&admin, b"root", b"ro\xff\xfe"),
        &changed(&admin, b"\x64root", b"\x7a\x7f\xff\xff\xffroot"),
        &[&[1], &[0x81; 10_000][..]].concat(),
    ] {
        let (stores, sessions, token) = a_session().await;
        stores.put_copy(&token.id(), value).await;
        the_row_decides(&stores, &sessions, &token, &format!("{value:02x?}")).await;
    }
}

/// While one version takes the other's place, each leaves the other's copies alone, and no session ends for it.
#[tokio::test]
async fn a_copy_of_another_version_is_a_miss_that_stores_nothing_and_moves_nothing() {
    let stores = Stores::start().await;
    let (sessions, token) = one_session(&stores, DUE).await;
    let copy = stores.copy(&token.id()).await.unwrap();
    let foreign = [&[2], &copy[1..]].concat();
    stores.put_copy(&token.id(), &foreign).await;
    let expiry = hot_expiry(&stores, &token).await;
    let logs = Logs::capture();
    for slide in [Slide::No, Slide::Yes] {
        let session = sessions.authenticate(&token, slide, now()).await.unwrap().unwrap();
        assert_eq!((session.record.scopes, session.renewed), (vec!["read".to_owned()], slide == Slide::Yes));
        assert_eq!(stores.copy(&token.id()).await.unwrap(), foreign);
        assert_eq!(hot_expiry(&stores, &token).await, expiry, "it makes room in time");
    }
    assert!(logs.text().is_empty(), "nothing is wrong: {}", logs.text());
    sessions.revoke(&token, now()).await.unwrap().unwrap();
    assert!(is_buried(&stores, &token).await && !is_alive(&sessions, &token).await);
}

#[tokio::test]
async fn where_redis_holds_another_type_the_row_decides() {
    for words in
        [&["RPUSH", "KEY", "a"][..], &["HSET", "KEY", "a", "b"], &["SADD", "KEY", "a"], &["XADD", "KEY", "*", "a", "b"]]
    {
        let (stores, sessions, token) = in_the_place_of_the_record(words).await;
        the_row_decides(&stores, &sessions, &token, words[0]).await;
    }
}

#[tokio::test]
async fn where_redis_holds_bytes_that_are_no_text_the_row_decides() {
    let (stores, sessions, token) = in_the_place_of_the_record(&["SETBIT", "KEY", "0", "1"]).await;
    the_row_decides(&stores, &sessions, &token, "one byte, 0x80").await;
}

/// Its idle expiry is lost, so it would live for ever.
#[tokio::test]
async fn a_record_that_never_expires_is_not_served_from_redis() {
    let stores = Stores::start().await;
    let (sessions, token) = one_session(&stores, Duration::ZERO).await;
    let admin = changed(&stores.copy(&token.id()).await.unwrap(), b"read", b"root");
    stores.put_copy(&token.id(), &admin).await;
    stores.redis_command::<()>(&["PERSIST", &key(&token)]).await;
    let session = sessions.authenticate(&token, Slide::Yes, now()).await.unwrap().unwrap();
    assert_eq!(session.record.scopes, ["read"]);
    the_row_decides(&stores, &sessions, &token, "a record without an expiry").await;
}

on_both_stores! {
    async fn a_row_that_cannot_be_read_is_no_answer(stores) {
        let stores = &stores;
        let (sessions, token) = one_session(stores, DUE).await;
        let sound = row(stores, &token).await.unwrap();
        stores.flush_redis().await;
        for (attribute, value) in [
            ("user_id", None), ("kind", None), ("idle_expires_at", None), ("created_at", None), ("absolute_expires_at", None),
            ("name", Some(number(7))), ("scopes", Some(text("read"))), ("kind", Some(text("robot"))),
            ("idle_expires_at", Some(text("soon"))), ("absolute_expires_at", Some(number("99999999999999999999"))),
            ("created_at", Some(number("1.5"))), ("revoked_at", Some(text("never"))), ("email_verified", Some(text("yes"))), ("purge_at", Some(text("later"))),
        ] {
            let mut broken = sound.clone();
            match &value {
                Some(value) => broken.insert(attribute.to_owned(), value.clone()),
                None => broken.remove(attribute),
            };
            put_row(stores, broken).await;
            for slide in [Slide::Yes, Slide::No] {
                let answer = sessions.authenticate(&token, slide, now()).await;
                assert!(matches!(answer, Err(Error::Store(_))), "{attribute} {value:?}: {answer:?}");
            }
            for answer in [sessions.revoke(&token, now()).await.map(drop), sessions.revoke_all(&token, now()).await.map(drop)] {
                assert!(matches!(answer, Err(Error::Store(_))), "{attribute} {value:?}: {answer:?}");
            }
        }
        put_row(stores, sound).await;
        assert!(is_alive(&sessions, &token).await);
    }

    async fn an_account_that_cannot_be_read_ends_nothing(stores) {
        let (sessions, token) = one_session(&stores, Duration::ZERO).await;
        let account = stores.stored_account("ada").await;
        let dynamo = stores.dynamo_itself();
        for (attribute, value) in [("security_epoch", text("one")), ("sessions", text("none")), ("status", number(1))] {
            let mut broken = dynamo::encode("users", &account).unwrap();
            broken.insert(attribute.to_owned(), value);
            dynamo.client().put_item().table_name(dynamo.table("users")).set_item(Some(broken)).send().await.unwrap();
            let answer = sessions.revoke_all(&token, now()).await;
            assert!(matches!(answer, Err(Error::Store(_))), "{attribute}: {answer:?}");
            assert!(is_alive(&sessions, &token).await, "{attribute}");
        }
        put_account(&stores, &account).await;
        assert!(sessions.revoke_all(&token, now()).await.unwrap().is_some());
    }
}

/// When a renewal is due, a request that does not slide asks the row for proof; an unreadable row proves nothing.
#[tokio::test]
async fn a_row_that_cannot_be_read_proves_nothing() {
    let stores = Stores::start().await;
    let (sessions, token) = one_session(&stores, DUE).await;
    let mut broken = row(&stores, &token).await.unwrap();
    broken.remove("user_id");
    put_row(&stores, broken).await;
    let answer = sessions.authenticate(&token, Slide::No, now()).await;
    assert!(matches!(answer, Err(Error::Store(_))), "{answer:?}");
}

/// A key in the map that is not a session id.
#[tokio::test]
async fn a_strange_key_in_the_map_ends_with_the_others() {
    let stores = Stores::start().await;
    let (sessions, token) = one_session(&stores, Duration::ZERO).await;
    let mut row = dynamo::encode("users", &stores.stored_account("ada").await).unwrap();
    if let Some(AttributeValue::M(map)) = row.get_mut("sessions") {
        let entry = map.values().next().unwrap().clone();
        map.insert("\u{1F511} a.b[0] #s0".to_owned(), entry);
    }
    let dynamo = stores.dynamo_itself();
    dynamo.client().put_item().table_name(dynamo.table("users")).set_item(Some(row)).send().await.unwrap();
    assert_eq!(sessions.revoke_all(&token, now()).await.unwrap().unwrap().sessions, 2);
    assert!(is_buried(&stores, &token).await);
    assert!(stores.stored_account("ada").await.sessions.is_empty());
    let again = log_in(&stores, &stores.sessions(Policy::default()), "ada").await;
    assert!(is_alive(&sessions, &again).await);
}
