use crate::support::{EMAIL, PASSWORD, Scene, somebody};
use testkit::{Fault, now};
use users::{Email, Joined};

#[tokio::test]
async fn nothing_of_a_deleted_user_is_left_and_everybody_else_is() {
    let scene = Scene::new().await;
    let bob = scene.add("bob@example.com").await;
    let theirs = scene.sign_in(&bob).await;
    scene.link(&scene.ada, "ada").await;
    let tokens = [scene.sign_in(&scene.ada).await, scene.sign_in(&scene.ada).await];
    let email = Email::parse(EMAIL).unwrap();
    scene.users.begin_reset(&email, now()).await.unwrap().expect("a challenge");
    assert_eq!(scene.rows_about(&scene.ada).await.len(), 6);

    let run = scene.does(&["users", "delete", EMAIL, "--yes"]).await;
    assert!(!run.err.contains('\u{1b}'), "no progress where nobody looks: {run:?}");
    for text in [&scene.ada, EMAIL, "oidc#https://id.example#ada"] {
        assert!(scene.rows_about(text).await.is_empty(), "{text}");
    }
    for token in &tokens {
        assert!(!scene.lives(token).await);
        scene.stores.flush_redis().await;
        assert!(!scene.lives(token).await, "nor without the tombstone");
    }
    assert!(scene.lives(&theirs).await && scene.opens("bob@example.com", PASSWORD).await);
    assert_eq!(
        scene.users.with_identity(&somebody("ada"), |_| unreachable!("nobody is joined"), now()).await.unwrap().joined,
        Joined::Created
    );
    scene.add(EMAIL).await;
}

#[tokio::test]
async fn nobody_is_deleted_without_a_yes() {
    let scene = Scene::new().await;
    let token = scene.sign_in(&scene.ada).await;
    let run = scene.run(&["users", "delete", EMAIL]).await;
    assert_eq!(run.code, 1);
    assert!(run.err.contains("--yes"), "{run:?}");
    assert!(scene.lives(&token).await && scene.opens(EMAIL, PASSWORD).await);
}

/// After any failure, the address still finds the account, and the user cannot sign in with what is left.
#[tokio::test]
async fn a_deletion_that_failed_is_finished_by_a_repeat() {
    for operation in ["Query", "Scan", "DeleteItem", "TransactWriteItems"] {
        let scene = Scene::new().await;
        scene.link(&scene.ada, "ada").await;
        let token = scene.sign_in(&scene.ada).await;
        if operation == "TransactWriteItems" {
            scene.stores.dynamo_proxy.break_next(operation, &[Fault::Pass]);
        }
        let failing = [Fault::Fail; 3];
        scene.stores.dynamo_proxy.break_next(operation, &failing);
        assert_eq!(scene.run(&["users", "delete", EMAIL, "--yes"]).await.code, 1, "{operation}");
        assert!(!scene.lives(&token).await && !scene.opens(EMAIL, PASSWORD).await, "{operation}");
        scene.stores.dynamo_proxy.heal();
        scene.does(&["users", "delete", EMAIL, "--yes"]).await;
        assert!(scene.rows_about(&scene.ada).await.is_empty(), "{operation}");
    }
}
