//! An operator's actions are logged (OWASP ASVS 16.3.1 to 16.3.3).

use crate::support::{EMAIL, Scene};
use serde_json::Value;

/// Runs a command that must succeed, and returns its only event without the members of every line.
async fn event(scene: &Scene, arguments: &[&str]) -> Value {
    let run = scene.does(arguments).await;
    let [event] = &Scene::events(&run)[..] else { panic!("{run:?}") };
    let mut event = event.clone();
    for member in ["timestamp", "level", "target", "operator"] {
        assert!(event.as_object_mut().unwrap().remove(member).is_some(), "{event}");
    }
    event
}

#[tokio::test]
async fn what_an_operator_changes_is_one_event_that_says_who_did_it_to_whom() {
    let scene = Scene::new().await;
    let (one, _) = (scene.sign_in(&scene.ada).await, scene.sign_in(&scene.ada).await);
    let id = one.id().as_str().to_owned();
    let told = async |arguments: &[&str], expected: Value| assert_eq!(event(&scene, arguments).await, expected);
    let of_ada = |event: &str| serde_json::json!({ "event": event, "user_id": scene.ada });
    let with = |event: &str, member: &str, value: &str| {
        let mut of_ada = of_ada(event);
        of_ada[member] = value.into();
        of_ada
    };
    told(&["sessions", "end", EMAIL, &id], with("session_ended", "session_id", &id)).await;
    told(&["sessions", "end", EMAIL, "--all"], with("sessions_ended", "detail", "1")).await;
    told(&["users", "set-scopes", EMAIL, "read", "write"], with("scopes_set", "detail", "read write")).await;
    told(&["users", "disable", EMAIL], of_ada("user_disabled")).await;
    told(&["users", "enable", EMAIL], of_ada("user_enabled")).await;
    told(&["users", "delete", EMAIL, "--yes"], of_ada("user_deleted")).await;
    let added = event(&scene, &["users", "add", EMAIL]).await;
    assert_eq!(added["event"], "user_added");
    assert!(scene.rows_about(added["user_id"].as_str().unwrap()).await.len() > 1);
    let made = event(&scene, &["keys", "rotate"]).await;
    let withdrawn = event(&scene, &["keys", "rotate", "--now"]).await;
    assert_eq!((&made["event"], &withdrawn["event"]), (&"key_made".into(), &"key_withdrawn".into()));
    assert!(made["detail"].is_string() && withdrawn["detail"].is_string() && made != withdrawn);
}

/// Neither a command that only reads, nor one that failed.
#[tokio::test]
async fn what_changes_nothing_is_no_event() {
    let scene = Scene::new().await;
    for arguments in [
        &["users", "show", EMAIL][..],
        &["users", "list"],
        &["users", "disable", "nobody@example.com"],
        &["users", "add", EMAIL],
        &["users", "delete", EMAIL],
        &["users", "set-scopes", EMAIL, "a b"],
        &["sessions", "list", EMAIL],
        &["sessions", "end", EMAIL, "unknown"],
        &["keys", "list"],
        &["keys", "rotate", "--now", "--kid", "unknown"],
        &["report", "failures"],
    ] {
        let run = scene.run(arguments).await;
        assert!(Scene::events(&run).is_empty(), "{run:?}");
    }
}
