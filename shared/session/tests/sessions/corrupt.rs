//! Content that no store should hold: it must cause neither a panic nor an invented answer.

use crate::support::{DUE, hot, is_alive, is_buried, key, log_in, one_session, put_account, put_row, row};
use aws_sdk_dynamodb::types::AttributeValue;
use dynamo::{number, text};
use session::{Error, Policy, Sessions, Slide, Token};
use std::time::Duration;
use testkit::{Stores, now, on_both_stores};

/// A session for which Redis holds something other than its record.
async fn in_the_place_of_the_record(words: &[&str]) -> (Stores, Sessions, Token) {
    let stores = Stores::start().await;
    let (sessions, token) = one_session(&stores, Duration::ZERO).await;
    let key = key(&token);
    let replace: Vec<_> = words.iter().map(|word| if *word == "KEY" { key.as_str() } else { word }).collect();
    stores.redis_command::<()>(&["DEL", &key]).await;
    stores.redis_command::<redis::Value>(&replace).await;
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

#[tokio::test]
async fn where_redis_holds_no_record_the_row_decides() {
    let record = r#"{"user_id":"eve","email":null,"email_verified":false,"name":null,"picture":null,"scopes":["admin"],
        "kind":"browser","auth_method":"password","auth_time":0,"created_at":0,"absolute_expires_at":9999999999999}"#;
    let without_user = record.replace(r#""user_id":"eve","#, "");
    let of_other_types = record.replace(r#"["admin"]"#, r#""admin""#).replace(":0", r#":"0""#);
    let of_another_kind = record.replace("browser", "robot");
    let out_of_time = record.replace("9999999999999", "99999999999999999999");
    for value in [
        "",
        "{",
        "null",
        "{}",
        "[]",
        "0",
        "\"!\"",
        "!!",
        " ",
        "\0",
        "nonsense",
        &without_user,
        &of_other_types,
        &of_another_kind,
        &out_of_time,
        &record[..record.len() - 1],
        &"[".repeat(10_000),
    ] {
        let (stores, sessions, token) = in_the_place_of_the_record(&["SET", "KEY", value, "PX", "43200000"]).await;
        the_row_decides(&stores, &sessions, &token, value).await;
    }
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
    let record = hot(&stores, &token).await.unwrap();
    let admin = record.replace("read", "admin");
    stores.redis_command::<()>(&["SET", &key(&token), &admin]).await;
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
