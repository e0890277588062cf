use crate::support::{EMAIL, PASSWORD, Scene};
use serde_json::json;
use session::Status;
use testkit::RedisFault;

#[tokio::test]
async fn a_user_is_added_with_the_password_of_the_environment_or_without() {
    let scene = Scene::new().await;
    let run = scene.run_with(&["users", "add", "bob@example.com", "--name", "Bob"], &[("PASSWORD", PASSWORD)]).await;
    assert_eq!((run.code, &*run.out), (0, ""), "{run:?}");
    assert!(scene.opens("bob@example.com", PASSWORD).await && !run.err.contains(PASSWORD));
    scene.does(&["users", "add", "Eve@Example.com"]).await;
    let row = scene.stores.row("user_identities", ("identity", "email#eve@example.com")).await.unwrap();
    assert_eq!((row.get("password_hash"), &row["verified"]), (None, &json!(true)));
    for (email, reason) in [(EMAIL, "has an account"), ("eve", "is not an email address")] {
        let run = scene.run(&["users", "add", email]).await;
        assert_eq!(run.code, 1);
        assert!(run.err.starts_with("error: ") && run.err.contains(reason), "{run:?}");
    }
}

/// ASVS 6.2.1, 6.2.4, 6.2.11: as the functions judge a new one.
#[tokio::test]
async fn a_password_that_is_not_good_enough_adds_nobody() {
    let scene = Scene::new().await;
    for (password, reason) in [
        ("abc", "shorter than 12 characters"),
        ("password1234", "passwords that most people use"),
        ("bob@example.com", "made of your name"),
    ] {
        let run = scene.run_with(&["users", "add", "bob@example.com"], &[("PASSWORD", password)]).await;
        assert_eq!(run.code, 1, "{run:?}");
        assert!(run.err.starts_with("error: the password is ") && run.err.contains(reason), "{run:?}");
        assert!(!run.err.contains(password) || password.contains('@'), "{run:?}");
    }
    let run = scene.run_with(&["users", "add", "bob@example.com"], &[("PASSWORD", PASSWORD), ("APP_URL", "")]).await;
    assert!(run.code == 1 && run.err.contains("APP_URL"), "{run:?}");
    assert!(scene.rows_about("bob@example.com").await.is_empty());
}

#[tokio::test]
async fn a_user_is_shown_by_address_and_by_id_without_a_secret() {
    let scene = Scene::new().await;
    scene.link(&scene.ada, "ada").await;
    scene.sign_in(&scene.ada).await;
    let shown = scene.json(&["users", "show", EMAIL]).await;
    assert_eq!(shown, scene.json(&["users", "show", &scene.ada]).await);
    for row in [
        json!({ "member": "id", "value": scene.ada }),
        json!({ "member": "status", "value": "active" }),
        json!({ "member": "sessions", "value": 1 }),
    ] {
        assert!(shown.as_array().unwrap().contains(&row), "{row} in {shown}");
    }
    assert_eq!(shown.to_string().matches("identity").count(), 2);
    assert!(!shown.to_string().contains("argon2"));
}

#[tokio::test]
async fn a_disabled_user_is_out_and_stays_out_until_enabled() {
    let scene = Scene::new().await;
    let token = scene.sign_in(&scene.ada).await;
    scene.does(&["users", "disable", EMAIL]).await;
    assert!(!scene.lives(&token).await && !scene.opens(EMAIL, PASSWORD).await);
    assert_eq!(scene.stores.stored_account(&scene.ada).await.status, Status::Disabled);
    let row = scene.stores.row("sessions", ("session_id", token.id().as_str())).await.unwrap();
    assert_eq!(row["revoked_why"], "disabled");
    scene.does(&["users", "enable", EMAIL]).await;
    assert!(!scene.lives(&token).await && scene.opens(EMAIL, PASSWORD).await);
}

#[tokio::test]
async fn new_scopes_end_the_sessions_that_know_the_old_ones() {
    let scene = Scene::new().await;
    let token = scene.sign_in(&scene.ada).await;
    scene.does(&["users", "set-scopes", EMAIL, "read", "write:all"]).await;
    assert!(!scene.lives(&token).await && scene.opens(EMAIL, PASSWORD).await);
    assert_eq!(scene.stores.stored_account(&scene.ada).await.scopes, ["read", "write:all"]);
    for scope in ["a b", "", "a\nb", "\"", "ä"] {
        assert_eq!(scene.run(&["users", "set-scopes", EMAIL, scope]).await.code, 1, "{scope:?}");
    }
    assert_eq!(scene.stores.stored_account(&scene.ada).await.scopes.len(), 2, "nothing of a bad list is taken");
    scene.does(&["users", "set-scopes", EMAIL]).await;
    assert!(scene.stores.stored_account(&scene.ada).await.scopes.is_empty());
}

/// It is reported as done only when it is done everywhere.
#[tokio::test]
async fn without_redis_an_ending_is_not_reported_and_a_repeat_finishes_it() {
    let scene = Scene::new().await;
    let token = scene.sign_in(&scene.ada).await;
    let redis = scene.stores.redis_proxy.as_ref().unwrap();
    redis.break_all(None, RedisFault::Close);
    let run = scene.run(&["users", "disable", EMAIL]).await;
    assert_eq!(run.code, 1);
    assert!(run.err.contains("a repeat finishes"), "{run:?}");
    redis.heal();
    scene.does(&["users", "disable", EMAIL]).await;
    assert!(!scene.lives(&token).await);
}

#[tokio::test]
async fn whoever_is_not_there_is_named() {
    let scene = Scene::new().await;
    for who in ["nobody@example.com", "nobody"] {
        for command in [&["users", "show"][..], &["users", "enable"], &["users", "disable"], &["sessions", "list"]] {
            let run = scene.run(&[command, &[who]].concat()).await;
            assert_eq!((run.code, &*run.err), (1, &*format!("error: there is no user {who}\n")));
        }
    }
}
