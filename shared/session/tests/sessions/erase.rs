//! Deleting what is left of a user's sessions.

use crate::support::{is_alive, log_in};
use session::{Change, Ending, Policy, Why};
use testkit::{Fault, Stores, now};

#[tokio::test]
async fn every_row_of_a_user_goes_and_of_nobody_else() {
    let stores = Stores::start().await;
    stores.account("ada").await;
    stores.account("bob").await;
    let sessions = stores.sessions(Policy::default());
    let tokens = [log_in(&stores, &sessions, "ada").await, log_in(&stores, &sessions, "ada").await];
    let theirs = log_in(&stores, &sessions, "bob").await;
    let ending = Ending { why: Why::Deleted, epoch: None, change: Change::Disable, also: Vec::new() };
    sessions.end_user("ada", ending, now()).await.unwrap();

    stores.dynamo_proxy.break_next("DeleteItem", &[Fault::Pass, Fault::Fail, Fault::Fail, Fault::Fail]);
    assert!(sessions.erase("ada", || ()).await.is_err());
    let mut deleted = 0;
    sessions.erase("ada", || deleted += 1).await.unwrap();
    assert_eq!(deleted, 1, "a repeat deletes the rest");
    for token in &tokens {
        assert!(stores.row("sessions", ("session_id", token.id().as_str())).await.is_none());
        assert!(!is_alive(&sessions, token).await);
        stores.flush_redis().await;
        assert!(!is_alive(&sessions, token).await, "nor without the tombstone");
    }
    assert!(is_alive(&sessions, &theirs).await);
}
