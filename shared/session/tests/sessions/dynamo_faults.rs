//! A DynamoDB that is slow, broken, or does not say what it has done.

use crate::support::{DUE, is_alive, is_buried, log_in, login, map_and_rows, one_session, rest, why};
use futures_util::future::join_all;
use session::{Error, Login, Policy, Sessions, Slide, Token};
use std::{sync::Arc, time::Duration};
use testkit::{Fault, Stores, now, on_both_stores};

/// All attempts that the SDK makes for one call.
const EVERY_ATTEMPT: [Fault; 3] = [Fault::LoseAnswer; 3];

/// Far longer than a function may take: a call that exceeds it hangs.
const FOREVER: Duration = Duration::from_secs(10);

/// Every verb whose answer only DynamoDB knows: each fails here.
async fn nobody_can_tell(stores: &Stores, sessions: &Sessions, token: &Token) {
    let account = stores.stored_account("ada").await;
    let made_up = Token::generate().unwrap();
    let all = async {
        tokio::join!(
            sessions.authenticate(token, Slide::Yes, now()),
            sessions.authenticate(&made_up, Slide::No, now()),
            sessions.create(login(account), now()),
            sessions.revoke(token, now()),
            sessions.revoke_all(token, now()),
        )
    };
    let (seen, unseen, made, ended, all_ended) =
        tokio::time::timeout(FOREVER, all).await.expect("answers in bounded time");
    assert!(matches!(seen, Err(Error::Store(_))), "{seen:?}");
    assert!(matches!(unseen, Err(Error::Store(_))), "{unseen:?}");
    assert!(matches!(made, Err(Error::Store(_))), "{made:?}");
    assert!(matches!(ended, Err(Error::Store(_))), "{ended:?}");
    assert!(matches!(all_ended, Err(Error::Store(_))), "{all_ended:?}");
}

/// Opens this many connections at once.
async fn open_connections(stores: &Stores, sessions: &Sessions, count: usize) {
    let mut held: Vec<_> = (0..count).map(|_| stores.dynamo_proxy.hold_next("GetItem")).collect();
    let made_up = Token::generate().unwrap();
    let reads = join_all((0..count).map(|_| sessions.standing(&made_up, now())));
    let release = async {
        for held in &mut held {
            held.arrived().await;
        }
        held.into_iter().for_each(testkit::Held::release);
    };
    let (reads, ()) = tokio::join!(reads, release);
    assert!(reads.iter().all(Result::is_ok));
}

on_both_stores! {
    async fn while_dynamodb_fails_nobody_can_tell_and_afterwards_all_is_as_before(stores) {
        let (sessions, token) = one_session(&stores, Duration::ZERO).await;
        for fault in [Fault::Fail, Fault::Throttle] {
            stores.flush_redis().await;
            stores.dynamo_proxy.break_all(None, fault);
            nobody_can_tell(&stores, &sessions, &token).await;
            stores.dynamo_proxy.heal();
            assert!(is_alive(&sessions, &token).await, "{fault:?}");
            let (map, alive) = map_and_rows(&stores, "ada").await;
            assert_eq!((map.len(), map), (1, alive), "{fault:?}");
        }
    }

    async fn while_dynamodb_hangs_answers_come_in_bounded_time(stores) {
        let (sessions, token) = one_session(&stores, Duration::ZERO).await;
        stores.flush_redis().await;
        stores.dynamo_proxy.break_all(None, Fault::Hang);
        nobody_can_tell(&stores, &sessions, &token).await;
        stores.dynamo_proxy.heal();
        assert!(is_alive(&sessions, &token).await);
        assert!(sessions.revoke_all(&token, now()).await.unwrap().is_some());
    }

    async fn one_lost_answer_shows_nowhere(stores) {
        let (sessions, due) = one_session(&stores, DUE).await;
        stores.dynamo_proxy.break_next("UpdateItem", &[Fault::LoseAnswer]);
        assert!(sessions.authenticate(&due, Slide::Yes, now()).await.unwrap().unwrap().renewed);
        stores.dynamo_proxy.break_next("TransactWriteItems", &[Fault::LoseAnswer]);
        let token = log_in(&stores, &sessions, "ada").await;
        assert_eq!(map_and_rows(&stores, "ada").await.0.len(), 2, "committed once");
        stores.dynamo_proxy.break_next("UpdateItem", &[Fault::LoseAnswer, Fault::Pass, Fault::LoseAnswer]);
        assert!(sessions.revoke(&token, now()).await.unwrap().is_some());
        stores.dynamo_proxy.break_next("TransactWriteItems", &[Fault::LoseAnswer]);
        assert_eq!(sessions.revoke_all(&due, now()).await.unwrap().unwrap().sessions, 1);
        let account = stores.stored_account("ada").await;
        assert_eq!((account.security_epoch, account.sessions.len()), (1, 0), "committed once");
    }

    /// No client has the token of the session that was made, and it can be ended like any other.
    async fn a_login_whose_answer_is_lost_fails_and_a_repeat_succeeds(stores) {
        let (sessions, _) = one_session(&stores, Duration::ZERO).await;
        stores.dynamo_proxy.break_next("TransactWriteItems", &EVERY_ATTEMPT);
        let answer = sessions.create(login(stores.stored_account("ada").await), now()).await;
        assert!(matches!(answer, Err(Error::Store(_))), "{answer:?}");
        let token = log_in(&stores, &sessions, "ada").await;
        assert!(is_alive(&sessions, &token).await);
        let (map, alive) = map_and_rows(&stores, "ada").await;
        assert_eq!((map.len(), map), (3, alive));
        assert_eq!(sessions.revoke_all(&token, now()).await.unwrap().unwrap().sessions, 3);
        assert_eq!(map_and_rows(&stores, "ada").await, (vec![], vec![]));
    }

    async fn a_logout_whose_answer_is_lost_is_finished_by_a_repeat(stores) {
        let (sessions, token) = one_session(&stores, Duration::ZERO).await;
        stores.dynamo_proxy.break_next("UpdateItem", &EVERY_ATTEMPT);
        let answer = sessions.revoke(&token, now()).await;
        assert!(matches!(answer, Err(Error::Store(_))), "{answer:?}");
        assert_eq!(map_and_rows(&stores, "ada").await.1, [""; 0], "committed");
        assert!(sessions.revoke(&token, now()).await.unwrap().is_some());
        assert!(!is_alive(&sessions, &token).await);
        assert!(is_buried(&stores, &token).await);
        assert!(stores.stored_account("ada").await.sessions.is_empty());
    }

    async fn a_sign_out_everywhere_whose_answer_is_lost_is_finished_by_a_repeat(stores) {
        let (sessions, one) = one_session(&stores, Duration::ZERO).await;
        let two = log_in(&stores, &sessions, "ada").await;
        stores.dynamo_proxy.break_next("TransactWriteItems", &EVERY_ATTEMPT);
        let answer = sessions.revoke_all(&one, now()).await;
        assert!(matches!(answer, Err(Error::Store(_))), "{answer:?}");
        assert_eq!(stores.stored_account("ada").await.security_epoch, 1, "committed");
        assert_eq!(sessions.revoke_all(&one, now()).await.unwrap().unwrap().sessions, 2);
        for token in [&one, &two] {
            assert!(!is_alive(&sessions, token).await);
            assert!(is_buried(&stores, token).await);
        }
        assert!(stores.stored_account("ada").await.sessions.is_empty());
    }

    async fn a_renewal_whose_answer_is_lost_costs_nothing(stores) {
        let (sessions, token) = one_session(&stores, DUE).await;
        stores.dynamo_proxy.break_next("UpdateItem", &EVERY_ATTEMPT);
        assert!(!sessions.authenticate(&token, Slide::Yes, now()).await.unwrap().unwrap().renewed);
        assert!(is_alive(&sessions, &token).await);
    }

    /// A login waits once for a session that it should end, and then does not try the others.
    async fn a_login_does_not_wait_for_each_session_that_it_should_end(stores) {
        let sessions = stores.sessions(Policy { per_user: 2, ..Policy::default() });
        stores.account("ada").await;
        let (old, _) = (log_in(&stores, &sessions, "ada").await, log_in(&stores, &sessions, "ada").await);
        let login = Login { presented: Some(&old), ..login(stores.stored_account("ada").await) };
        stores.dynamo_proxy.break_all(Some("UpdateItem"), Fault::Hang);
        let before = stores.dynamo_proxy.calls_of("UpdateItem");
        let (token, _) = sessions.create(login, now()).await.unwrap();
        assert_eq!(stores.dynamo_proxy.calls_of("UpdateItem") - before, 1);
        stores.dynamo_proxy.heal();
        rest().await;
        assert!(is_alive(&sessions, &token).await && is_alive(&sessions, &old).await);
        log_in(&stores, &sessions, "ada").await;
        assert_eq!(why(&stores, &old).await.as_deref(), Some("cap"), "the next login finds room");
    }

    /// The function was frozen between two requests, and all its sockets died meanwhile without notice.
    async fn a_login_and_a_logout_after_a_freeze_notice_nothing(stores) {
        let (sessions, _) = one_session(&stores, Duration::ZERO).await;
        stores.flush_redis().await;
        for _ in 0..2 {
            open_connections(&stores, &sessions, 5).await;
            stores.dynamo_proxy.silence_open_connections();
            let token = log_in(&stores, &sessions, "ada").await;
            open_connections(&stores, &sessions, 5).await;
            stores.dynamo_proxy.silence_open_connections();
            assert!(sessions.revoke(&token, now()).await.unwrap().is_some());
        }
        assert_eq!(map_and_rows(&stores, "ada").await.0.len(), 1);
    }

    /// The same event may be delivered twice, to two instances at once.
    async fn a_request_that_is_delivered_twice_does_no_more_than_one(stores) {
        let (sessions, old) = one_session(&stores, Duration::ZERO).await;
        let twin = stores.sessions(Policy::default());
        let account = stores.stored_account("ada").await;
        let login = || session::Login { presented: Some(&old), ..login(account.clone()) };
        let (one, two) = tokio::join!(sessions.create(login(), now()), twin.create(login(), now()));
        let ((one, _), (two, _)) = (one.unwrap(), two.unwrap());
        assert!(is_alive(&sessions, &one).await && is_alive(&twin, &two).await && !is_alive(&twin, &old).await);
        let answers = tokio::join!(sessions.revoke(&one, now()), twin.revoke(&one, now()));
        assert!(answers.0.unwrap().is_some() && answers.1.unwrap().is_some());
        let answers = tokio::join!(sessions.revoke_all(&two, now()), twin.revoke_all(&two, now()));
        assert!(answers.0.unwrap().is_some() || answers.1.unwrap().is_some());
        assert!(!is_alive(&sessions, &one).await && !is_alive(&sessions, &two).await);
        assert_eq!(map_and_rows(&stores, "ada").await, (vec![], vec![]));
    }
}

/// One request waits briefly for DynamoDB; the next ones do without it until its rest is over.
#[tokio::test]
async fn sessions_that_are_due_are_served_without_a_call_once_one_was_kept_waiting() {
    let stores = Stores::start().await;
    let (sessions, token) = one_session(&stores, DUE).await;
    stores.dynamo_proxy.break_all(None, Fault::Hang);
    let before = stores.dynamo_proxy.calls();
    for slide in [Slide::Yes, Slide::Yes, Slide::No] {
        let session = sessions.authenticate(&token, slide, now()).await.unwrap().unwrap();
        assert!(!session.renewed);
        assert_eq!(stores.dynamo_proxy.calls() - before, 1);
    }
    stores.dynamo_proxy.heal();
    rest().await;
    assert!(sessions.authenticate(&token, Slide::Yes, now()).await.unwrap().unwrap().renewed);
}

/// The hot path needs only Redis.
#[tokio::test]
async fn a_warm_session_is_served_while_dynamodb_hangs() {
    let stores = Stores::start().await;
    let (sessions, token) = one_session(&stores, Duration::ZERO).await;
    stores.dynamo_proxy.break_all(None, Fault::Hang);
    assert!(sessions.authenticate(&token, Slide::Yes, now()).await.unwrap().is_some());
}

#[tokio::test]
async fn a_session_that_is_due_is_served_while_dynamodb_hangs() {
    let stores = Stores::start().await;
    let (sessions, token) = one_session(&stores, DUE).await;
    stores.dynamo_proxy.break_all(None, Fault::Hang);
    let both = async {
        tokio::join!(sessions.authenticate(&token, Slide::Yes, now()), sessions.authenticate(&token, Slide::No, now()))
    };
    let (sliding, still) = tokio::time::timeout(FOREVER, both).await.expect("answers in bounded time");
    assert!(sliding.unwrap().is_some() && still.unwrap().is_some());
}

#[tokio::test]
async fn with_both_stores_away_nobody_can_tell_and_afterwards_all_is_as_before() {
    let mut stores = Stores::start().await;
    let (sessions, token) = one_session(&stores, Duration::ZERO).await;
    stores.redis.as_ref().unwrap().kill9().await.unwrap();
    stores.dynamo_proxy.break_all(None, Fault::Fail);
    nobody_can_tell(&stores, &sessions, &token).await;
    stores.dynamo_proxy.heal();
    stores.redis.as_mut().unwrap().restart().await.unwrap();
    assert!(is_alive(&sessions, &token).await);
}

/// A renewal is delayed on its way and then executed twice: by the attempt that was given up and by its repeat.
#[tokio::test]
async fn a_write_that_is_executed_twice_does_no_more_than_once() {
    let stores = Stores::start().await;
    let (sessions, token) = one_session(&stores, DUE).await;
    let sessions = Arc::new(sessions);
    let mut held = stores.dynamo_proxy.hold_next("UpdateItem");
    let (end, token_) = (Arc::clone(&sessions), token.clone());
    let end = tokio::spawn(async move { end.revoke(&token_, now()).await });
    held.arrived().await;
    // The attempt times out while it is held, and the SDK's next one passes.
    assert!(end.await.unwrap().unwrap().is_some());
    let row = crate::support::row(&stores, &token).await;
    held.release();
    assert!(sessions.revoke(&token, now()).await.unwrap().is_some());
    assert_eq!(crate::support::row(&stores, &token).await, row);
}
