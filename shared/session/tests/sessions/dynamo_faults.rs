//! A DynamoDB that is slow, broken, or says nothing of what it has done.

use crate::support::{DUE, is_alive, is_buried, log_in, login, map_and_rows, one_session};
use session::{Error, Policy, Sessions, Slide, Token};
use std::{sync::Arc, time::Duration};
use testkit::{Fault, Stores, now, on_both_stores};

/// All attempts that the SDK makes for one call.
const EVERY_ATTEMPT: [Fault; 3] = [Fault::LoseAnswer; 3];

/// Far longer than a function may take: whoever exceeds it hangs.
const FOREVER: Duration = Duration::from_secs(10);

/// Every verb whose answer only DynamoDB knows; none gives one.
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

    /// Nobody has the token of the session that was made, and it can be ended like any other.
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

/// The hot path needs Redis alone.
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

/// A renewal that was held up on its way, and is executed twice: by the attempt given up on and by its repeat.
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
