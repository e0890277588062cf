//! Rules that a code change could break without any other test failing.

use crate::support::{is_alive, key, one_session, put_account, remove_row, row};
use dynamo::text;
use jiff::SignedDuration;
use session::{Account, Change, Ending, LooseEnd, Policy, Slide, Token, Why};
use std::time::Duration;
use testkit::{Fault, Logs, RedisFault, Stores, now, on_both_stores};

const FRESH: Duration = Duration::from_mins(1);

async fn delete_user(stores: &Stores) {
    let dynamo = stores.dynamo_itself();
    let delete = dynamo.client.delete_item().table_name(dynamo.table(Account::TABLE));
    delete.key("user_id", text("ada")).send().await.unwrap();
}

on_both_stores! {
    /// Two endings of one user at once; the first could not tidy the map. The second must not commit under the first
    /// one's epoch.
    async fn an_ending_is_not_committed_under_an_epoch_that_has_moved(stores) {
        let (sessions, token) = one_session(&stores, Duration::ZERO).await;
        let rival = stores.sessions(Policy::default());
        let mut held = stores.dynamo_proxy.hold_next("TransactWriteItems");
        let first = async {
            held.arrived().await;
            stores.dynamo_proxy.break_next("UpdateItem", &[Fault::Fail; 3]);
            let ended = rival.revoke_all(&token, now()).await.unwrap().unwrap();
            held.release();
            ended
        };
        let ending = Ending { why: Why::Admin, epoch: None, change: Change::Nothing, also: Vec::new() };
        let (second, first) = tokio::join!(sessions.end_user("ada", ending, now()), first);
        assert_eq!((first.epoch, second.unwrap().epoch), (1, 2));
        assert_eq!(stores.stored_account("ada").await.security_epoch, 2);
    }

    /// If a row is gone, with its user or by its time to live, the write must not create an empty one.
    async fn an_ending_makes_no_row(stores) {
        let (sessions, token) = one_session(&stores, Duration::ZERO).await;
        let mut held = stores.dynamo_proxy.hold_next("UpdateItem");
        let meanwhile = async {
            held.arrived().await;
            remove_row(&stores, &token).await;
            held.release();
        };
        let (ended, ()) = tokio::join!(sessions.revoke(&token, now()), meanwhile);
        assert!(ended.unwrap().is_none());
        assert_eq!(row(&stores, &token).await, None);
    }

    /// Tidying after another request finds the user gone between the read and the write: there is nothing to do.
    async fn tidying_makes_no_user(stores) {
        let (sessions, _) = one_session(&stores, Duration::ZERO).await;
        let mut account = stores.stored_account("ada").await;
        account.security_epoch = 1;
        put_account(&stores, &account).await;
        let mut held = stores.dynamo_proxy.hold_next("UpdateItem");
        let meanwhile = async {
            held.arrived().await;
            delete_user(&stores).await;
            held.release();
        };
        let user = LooseEnd::User("ada".to_owned());
        let (tied, ()) = tokio::join!(sessions.tie_up(&user), meanwhile);
        tied.unwrap();
        assert!(stores.row("users", ("user_id", "ada")).await.is_none());
    }

    /// DynamoDB's time to live has deleted the row of a session that expired long ago, but the map still names it.
    async fn signing_out_everywhere_makes_no_rows_of_sessions_that_have_expired(stores) {
        let (sessions, token) = one_session(&stores, Duration::ZERO).await;
        let mut account = stores.stored_account("ada").await;
        let (expired, mut entry) = (Token::generate().unwrap(), account.sessions[&token.id()].clone());
        entry.absolute_expires_at = now() - SignedDuration::from_hours(24);
        account.sessions.insert(expired.id(), entry);
        put_account(&stores, &account).await;
        assert!(sessions.revoke_all(&token, now()).await.unwrap().is_some());
        assert_eq!(row(&stores, &expired).await, None);
        assert!(stores.stored_account("ada").await.sessions.is_empty());
    }
}

/// Less than a millisecond is left: the copy in Redis counts neither as a session nor as one whose renewal is long
/// overdue.
#[tokio::test]
async fn a_copy_with_nothing_left_is_a_miss() {
    let stores = Stores::start().await;
    let (sessions, token) = one_session(&stores, FRESH).await;
    stores.redis_proxy.as_ref().unwrap().break_next("PTTL", &[RedisFault::Zero]);
    let session = sessions.authenticate(&token, Slide::Yes, now()).await.unwrap().unwrap();
    assert!(!session.renewed);
    assert_eq!((stores.dynamo_proxy.calls_of("GetItem"), stores.dynamo_proxy.calls_of("UpdateItem")), (1, 0));
}

/// The expiry is -1: a defect, or another client has written there. The row answers, and the log says why.
#[tokio::test]
async fn a_copy_without_an_expiry_is_reported() {
    let stores = Stores::start().await;
    let (sessions, token) = one_session(&stores, FRESH).await;
    stores.redis_command::<()>(&["PERSIST", &key(&token)]).await;
    let logs = Logs::capture();
    assert!(is_alive(&sessions, &token).await);
    let told = logs.of("session");
    assert_eq!(told[0]["event"], "fallback");
    assert!(told[0]["error"].to_string().contains("without an expiry"), "{told:?}");
}

/// If a command gets no answer in time, the peer of its connection may be gone without notice.
#[tokio::test]
async fn a_connection_that_has_failed_is_not_used_again() {
    let stores = Stores::start().await;
    let (sessions, token) = one_session(&stores, FRESH).await;
    let proxy = stores.redis_proxy.as_ref().unwrap();
    let (before, held) = (proxy.connections(), proxy.hold_next("SET"));
    assert!(sessions.revoke(&token, now()).await.unwrap().is_some());
    assert!(proxy.connections() > before);
    held.release();
}
