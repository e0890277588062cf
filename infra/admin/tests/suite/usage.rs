//! What the program says after wrong arguments, or if no store answers.

use crate::support::{EMAIL, Scene};
use testkit::Fault;

#[tokio::test]
async fn a_wrong_command_is_2_and_does_nothing() {
    let scene = Scene::new().await;
    let contents = scene.stores.contents().await;
    for arguments in [
        &[][..],
        &["users"],
        &["users", "show"],
        &["users", "destroy", EMAIL],
        &["users", "list", EMAIL],
        &["sessions", "end", EMAIL],
        &["sessions", "end", EMAIL, "id", "--all"],
        &["keys", "rotate", "--kid", "x"],
        &["report", "sign-ins", "--days", "0"],
        &["users", "show", EMAIL, "--format", "xml"],
    ] {
        let run = scene.run(arguments).await;
        assert_eq!((run.code, &*run.out), (2, ""), "{arguments:?}: {run:?}");
    }
    assert_eq!(scene.stores.contents().await, contents);
    assert_eq!(scene.run(&["--help"]).await.code, 0);
}

#[tokio::test]
async fn a_setting_that_cannot_be_used_is_named_without_its_value() {
    let scene = Scene::new().await;
    let run = scene.run_with(&["users", "show", EMAIL], &[("REDIS_URL", "hunter2"), ("SESSION_IDLE", "soon")]).await;
    assert_eq!(run.code, 1);
    assert!(run.err.contains("REDIS_URL") && run.err.contains("SESSION_IDLE") && !run.err.contains("hunter2"));
}

/// `make dev` was ended, and its settings are still there.
#[tokio::test]
async fn where_nothing_runs_on_this_machine_it_is_said_how_to_start_it() {
    let scene = Scene::new().await;
    for name in ["AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL"] {
        let variables = [("AWS_ENDPOINT_URL_DYNAMODB", ""), (name, "http://127.0.0.1:1")];
        let run = scene.run_with(&["users", "show", EMAIL], &variables).await;
        assert_eq!((run.code, &*run.out), (1, ""));
        assert!(run.err.contains("nothing runs at http://127.0.0.1:1") && run.err.contains("make dev"), "{run:?}");
    }
}

/// ASVS 12.3.1: the SDK would accept either, from the operator's environment.
#[tokio::test]
async fn no_store_is_asked_over_the_network_in_clear() {
    let scene = Scene::new().await;
    for name in ["AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL"] {
        let run = scene.run_with(&["users", "show", EMAIL], &[(name, "http://192.0.2.1:8000")]).await;
        assert!(run.code == 1 && run.err.contains(&format!("{name}: must be an https URL")), "{run:?}");
    }
}

#[tokio::test]
async fn a_store_that_fails_is_1_and_no_empty_list() {
    let scene = Scene::new().await;
    scene.stores.dynamo_proxy.break_all(None, Fault::Fail);
    for arguments in [
        &["users", "show", EMAIL][..],
        &["users", "list"],
        &["users", "list", "--format", "json"],
        &["sessions", "list", EMAIL],
        &["keys", "list"],
        &["report", "sessions"],
    ] {
        let run = scene.run(arguments).await;
        assert_eq!((run.code, &*run.out), (1, ""), "{arguments:?}: {run:?}");
        assert!(run.err.contains("DynamoDB"), "{run:?}");
    }
}
