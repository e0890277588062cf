use crate::support::{EMAIL, Scene};

#[tokio::test]
async fn live_sessions_are_listed_and_one_or_all_of_them_ended() {
    let scene = Scene::new().await;
    let (one, two, three) =
        (scene.sign_in(&scene.ada).await, scene.sign_in(&scene.ada).await, scene.sign_in(&scene.ada).await);
    let listed = scene.json(&["sessions", "list", EMAIL]).await;
    assert_eq!(listed.as_array().unwrap().len(), 3);
    assert!(!listed.to_string().contains(&**one.expose()));
    scene.does(&["sessions", "end", EMAIL, one.id().as_str()]).await;
    assert!(!scene.lives(&one).await && scene.lives(&two).await);
    assert_eq!(scene.json(&["sessions", "list", EMAIL]).await.as_array().unwrap().len(), 2);
    scene.does(&["sessions", "end", EMAIL, "--all"]).await;
    assert!(!scene.lives(&two).await && !scene.lives(&three).await);
    assert_eq!(scene.json(&["sessions", "list", EMAIL]).await.as_array().unwrap().len(), 0);
    let row = scene.stores.row("sessions", ("session_id", two.id().as_str())).await.unwrap();
    assert_eq!(row["revoked_why"], "admin");
}

#[tokio::test]
async fn a_session_of_somebody_else_is_not_ended() {
    let scene = Scene::new().await;
    let bob = scene.add("bob@example.com").await;
    let token = scene.sign_in(&bob).await;
    for id in [token.id().as_str(), "unknown", &"A".repeat(43), &"-F".repeat(20)] {
        let run = scene.run(&["sessions", "end", EMAIL, id]).await;
        assert_eq!(run.code, 1);
        assert!(run.err.contains("has no session"), "{run:?}");
    }
    assert!(scene.lives(&token).await);
}
