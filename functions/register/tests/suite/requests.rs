//! `POST /register`: what it answers, and to whom mail goes.

use crate::support::{EMAIL, PASSWORD, REGISTER, REGISTRATION, Scene, registrant, wanted};
use outbox::{Locale, Matter};
use scene::{Request, Stores, now, on_both_stores};
use serde_json::{Value, json};

on_both_stores! {
    /// The client learns nothing; the reader of the mail does.
    async fn a_registration_makes_a_letter_and_no_account(stores) {
        let scene = Scene::new(stores, now());
        let request = wanted("Ada@Example.COM", PASSWORD).header("accept-language", "pt-BR,pt;q=0.9");
        let reply = scene.ask(&request).await;
        assert_eq!((reply.status, &*reply.body, reply.cookies.len()), (202, "", 1));
        let [letter] = &scene.letters().await[..] else { panic!("one letter") };
        assert_eq!((&*letter.to, letter.locale), (EMAIL, Locale::Pt));
        let Matter::Register { password_hash, name, browser } = &letter.matter else { panic!("another letter") };
        assert!(password_hash.starts_with("$argon2id$") && name.as_deref() == Some("Ada"));
        assert_eq!(browser.as_deref(), Some(registrant().id().as_str()));
        for table in ["users", "user_identities", "challenges", "sessions"] {
            assert_eq!(scene.count(table).await, 0, "{table}");
        }
    }
}

/// ASVS 6.3.8, 6.2: the answer and its cost are the same whether or not there is an account.
#[tokio::test]
async fn known_and_unknown_addresses_cost_the_same_calls() {
    let scene = Scene::new(Stores::start().await, now());
    scene.add("known@example.com", Some(PASSWORD)).await;
    scene.add("oidc@example.com", None).await;
    let disabled = scene.add("disabled@example.com", Some(PASSWORD)).await;
    scene.stores.change("users", ("user_id", &disabled), |row| row["status"] = json!("disabled")).await;
    let operations = ["BatchGetItem", "GetItem", "PutItem", "Query", "Scan", "TransactGetItems", "UpdateItem"];
    let proxy = &scene.stores.dynamo_proxy;
    let calls = || operations.map(|name| proxy.calls_of(name)).into_iter().chain([proxy.calls()]).collect::<Vec<_>>();
    // The browser's own counters exist already.
    scene.ask(&wanted("somebody@example.com", PASSWORD)).await;
    let mut seen = Vec::new();
    for email in ["nobody@example.com", "known@example.com", "oidc@example.com", "disabled@example.com"] {
        let before = calls();
        let reply = scene.ask(&wanted(email, PASSWORD)).await;
        assert_eq!(reply.status, 202, "{email}");
        let cost: Vec<_> = calls().iter().zip(before).map(|(after, before)| after - before).collect();
        seen.push((email, reply, cost));
    }
    for (email, reply, cost) in &seen {
        assert_eq!((reply, cost), (&seen[0].1, &seen[0].2), "{email}");
    }
    assert_eq!(seen[0].2[1..2], [0], "the account is not looked at");
    assert_eq!(scene.letters().await.len(), 5);
}

/// ASVS 6.2.1, 6.2.4, 6.2.8, 6.2.9, 6.2.11: the refusal gives the reason, and no store was asked.
#[tokio::test]
async fn a_password_that_is_not_good_enough_makes_no_letter() {
    let scene = Scene::new(Stores::without_redis().await, now());
    for (number, password) in ["eleven char", "password1234", "example.com ada", "aaaaaaaaaaaaaaaa"].iter().enumerate()
    {
        let reply = scene.ask(&wanted(&format!("ada{number}@example.com"), password)).await;
        assert_eq!((reply.status, &*reply.problem()), (422, "unusable-value"), "{password}");
        let detail = reply.json()["detail"].as_str().unwrap().to_owned();
        assert!(detail.starts_with("password: ") && !detail.contains(password), "{detail}");
    }
    assert!(scene.letters().await.is_empty());
}

/// ASVS 6.2.11: mail goes to the domain's DNS name, but a person uses the other spelling in a password.
#[tokio::test]
async fn the_address_as_it_is_written_is_a_word_that_is_guessed() {
    let scene = Scene::new(Stores::without_redis().await, now());
    let (written, word) = ("ada@w\u{f6}rqplomv\u{ea}ktz.example", "w\u{f6}rqplomv\u{ea}ktz");
    assert_eq!(scene.ask(&wanted(EMAIL, word)).await.status, 202, "for anybody else it is a good one");
    assert_eq!(scene.ask(&wanted(written, word)).await.status, 422);
    assert_eq!(scene.ask(&wanted(written, PASSWORD)).await.status, 202);
    let recipients: Vec<_> = scene.letters().await.into_iter().map(|letter| letter.to).collect();
    assert!(recipients.contains(&"ada@xn--wrqplomvktz-ubb2m.example".to_owned()), "{recipients:?}");
}

/// ASVS 6.2.9.
#[tokio::test]
async fn a_password_of_256_code_points_is_taken_whole() {
    let scene = Scene::new(Stores::without_redis().await, now());
    let long: String = (0..256_u32).map(|n| char::from_u32(0x4e00 + n * 7919 % 20_000).unwrap()).collect();
    assert_eq!(scene.ask(&wanted(EMAIL, &long)).await.status, 202);
}

#[tokio::test]
async fn a_name_has_one_to_100_characters_that_can_be_shown() {
    let scene = Scene::new(Stores::without_redis().await, now());
    let longest = "\u{e9}".repeat(100);
    let too_long = "x".repeat(101);
    for (number, (name, kept)) in [
        (json!("Ada"), Some(json!("Ada"))),
        (json!("  Ada Lovelace "), Some(json!("Ada Lovelace"))),
        (json!(longest), Some(json!(longest))),
        (json!("<b>Ada</b>"), Some(json!("<b>Ada</b>"))),
        (Value::Null, Some(Value::Null)),
        (json!(""), None),
        (json!(" \u{2003} "), None),
        (json!(too_long), None),
        (json!("Ada\nBcc: eve@example.com"), None),
        (json!("Ada\0"), None),
        (json!("Ada\u{85}b"), None),
        (json!("\u{202e}"), None),
        (json!("\u{200b}"), None),
        (json!("Ada\u{202e}evE"), None),
    ]
    .into_iter()
    .enumerate()
    {
        let email = format!("ada{number}@example.com");
        let body = json!({ "email": email, "password": PASSWORD, "name": name });
        let reply = scene.ask(&Request::post(REGISTER).json(&body)).await;
        assert_eq!(reply.status, if kept.is_some() { 202 } else { 422 }, "{name}: {reply:?}");
        let letter = scene.letters().await.into_iter().find(|letter| letter.to == email);
        let stored = letter.map(|letter| match letter.matter {
            Matter::Register { name, .. } => json!(name),
            other => panic!("{other:?}"),
        });
        assert_eq!(stored, kept, "{name}");
    }
}

#[tokio::test]
async fn a_name_may_be_left_out() {
    let scene = Scene::new(Stores::without_redis().await, now());
    let body = json!({ "email": EMAIL, "password": PASSWORD });
    assert_eq!(scene.ask(&Request::post(REGISTER).json(&body)).await.status, 202);
}

/// It is set for every address, so that it reveals nothing; and it stays the same, so that the links of earlier mails
/// still work.
#[tokio::test]
async fn every_registration_marks_its_browser() {
    let scene = Scene::new(Stores::without_redis().await, now());
    scene.add("known@example.com", Some(PASSWORD)).await;
    let mut values = Vec::new();
    for email in ["known@example.com", EMAIL] {
        let unmarked = wanted(email, PASSWORD).without_cookies();
        let reply = scene.ask(&unmarked).await;
        values.push(reply.cookie(REGISTRATION).unwrap().to_owned());
        let [cookie] = &reply.cookies[..] else { panic!("one cookie: {reply:?}") };
        assert!(cookie.ends_with("; HttpOnly; SameSite=None; Secure; Path=/; Max-Age=90000"), "{cookie}");
    }
    assert!(values.iter().all(|value| value.len() == 43) && values[0] != values[1], "{values:?}");
    for (kept, again) in [(values[0].as_str(), true), ("short", false), ("", false)] {
        let reply = scene.ask(&wanted(EMAIL, PASSWORD).without_cookies().cookie(REGISTRATION, kept)).await;
        assert_eq!(reply.cookie(REGISTRATION) == Some(kept), again, "{kept}");
    }
    let stored = format!("{:?}", scene.stores.contents().await);
    assert!(!stored.contains(&values[0]) && !stored.contains(&values[1]));
}
