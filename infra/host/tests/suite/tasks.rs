use crate::support::Running;
use scene::{Logs, Request};
use serde_json::json;

const SECRET: &str = "abcdefghijklmnopqrstuv";

fn tasks(secret: &str) -> Request {
    Request::new("POST", "/tasks").header("x-tasks-secret", secret)
}

async fn status(variables: &[(&str, &str)], request: &Request) -> (u16, String) {
    let running = Running::with(variables, Default::default()).await;
    let reply = running.over_http(request).await.unwrap();
    (reply.status, reply.body)
}

#[tokio::test]
async fn without_a_secret_there_is_no_such_route() {
    for request in [tasks(""), tasks(SECRET), Request::new("POST", "/tasks")] {
        assert_eq!(status(&[], &request).await.0, 404);
    }
}

#[tokio::test]
async fn with_another_secret_it_is_like_any_path_that_does_not_exist() {
    let variables = [("TASKS_SECRET", SECRET)];
    let begun = &SECRET[..SECRET.len() - 1];
    let longer = format!("{SECRET}w");
    for request in [
        tasks(""),
        tasks(begun),
        tasks(&longer),
        tasks(SECRET).header("x-tasks-secret", SECRET),
        Request::new("POST", "/tasks"),
    ] {
        let (status, body) = status(&variables, &request).await;
        assert!(status == 404 && body.contains("/problems/not-found"), "{request:?}: {body}");
    }
}

#[tokio::test]
async fn with_the_secret_the_work_is_done_and_no_line_holds_it() {
    let logs = Logs::capture();
    let (status, body) = status(&[("TASKS_SECRET", SECRET)], &tasks(SECRET)).await;
    let nothing = json!({ "busy": false, "mails": { "sent": 0, "postponed": 0, "lost": 0 }, "records": 2 });
    let body: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!((status, body), (200, nothing), "the accounts of ada and bob are records");
    assert!(!logs.text().contains(SECRET));
}
