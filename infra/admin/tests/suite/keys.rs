use crate::support::Scene;
use serde_json::Value;
use testkit::now;
use tokens::PublicKeys;

async fn states(scene: &Scene) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let keys = scene.json(&["keys", "list"]).await;
    keys.as_array().unwrap().iter().map(|key| (text(&key["kid"]), text(&key["state"]))).collect()
}

async fn published(scene: &Scene) -> Vec<String> {
    let keys = PublicKeys::new(scene.stores.dynamo()).current(now()).await.unwrap().keys;
    keys.into_iter().map(|key| key.kid).collect()
}

#[tokio::test]
async fn keys_are_listed_rotated_and_withdrawn() {
    let scene = Scene::new().await;
    assert_eq!(states(&scene).await, []);
    scene.does(&["keys", "rotate"]).await;
    let keys = states(&scene).await;
    let words: Vec<_> = keys.iter().map(|(_, state)| state.as_str()).collect();
    assert_eq!(words, ["signing", "waiting", "waiting"], "the regular two, and the new one");
    let leaked = &keys[0].0;
    assert!(published(&scene).await.contains(leaked));

    let run = scene.does(&["keys", "rotate", "--now"]).await;
    assert!(run.err.contains(leaked.as_str()), "{run:?}");
    assert!(!published(&scene).await.contains(leaked));
    let (waiting, _) = states(&scene).await.into_iter().find(|(_, state)| state == "waiting").unwrap();
    scene.does(&["keys", "rotate", "--now", "--kid", &waiting]).await;
    assert!(!published(&scene).await.contains(&waiting));
    assert_eq!(states(&scene).await.iter().filter(|(_, state)| state == "signing").count(), 1);
    assert_eq!(scene.run(&["keys", "rotate", "--now", "--kid", "unknown"]).await.code, 1);
}

/// How long old keys are published depends on the functions' settings.
#[tokio::test]
async fn a_rotation_needs_the_settings_of_the_functions() {
    let scene = Scene::new().await;
    let run = scene.run_with(&["keys", "rotate"], &[("PUBLIC_URL", ""), ("TOKEN_LIFETIME", "soon")]).await;
    assert_eq!(run.code, 1);
    assert!(run.err.contains("PUBLIC_URL") && run.err.contains("TOKEN_LIFETIME"), "{run:?}");
    assert_eq!(states(&scene).await, []);
}
