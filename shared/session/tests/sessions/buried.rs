//! A dead session is buried everywhere: any request that finds a presented session over removes its hot copy. Otherwise
//! the copy would be served as soon as DynamoDB failed.

use crate::support::{DUE, hot_expiry, is_buried, keys, log_in, login, lose_the_tombstone, one_session, remove_row};
use session::{Error, Login, Policy, Sessions, Slide, Standing, Token};
use std::time::Duration;
use testkit::{Fault, RedisFault, Stores, now};

/// Ada's session has ended, and Redis holds its copy again.
async fn a_copy_of_a_dead_session(age: Duration) -> (Stores, Sessions, Token) {
    let stores = Stores::start().await;
    let (sessions, token) = one_session(&stores, age).await;
    lose_the_tombstone(&stores, &sessions, &token).await;
    (stores, sessions, token)
}

#[tokio::test]
async fn by_a_request_that_asks_the_row_because_redis_fails() {
    for slide in [Slide::Yes, Slide::No] {
        let (stores, sessions, token) = a_copy_of_a_dead_session(Duration::ZERO).await;
        stores.redis_proxy.as_ref().unwrap().break_all(Some("GET"), RedisFault::Close);
        assert!(sessions.authenticate(&token, slide, now()).await.unwrap().is_none());
        assert!(is_buried(&stores, &token).await, "{slide:?}");
    }
}

#[tokio::test]
async fn by_a_proof_and_by_a_request_that_decides_from_the_row() {
    let (stores, sessions, token) = a_copy_of_a_dead_session(Duration::ZERO).await;
    assert!(sessions.prove(&token, Slide::Yes, now()).await.unwrap().is_none());
    assert!(is_buried(&stores, &token).await);
    let (stores, sessions, token) = a_copy_of_a_dead_session(Duration::ZERO).await;
    assert!(matches!(sessions.standing(&token, now()).await.unwrap(), Standing::Ended { .. }));
    assert!(is_buried(&stores, &token).await);
}

/// The row was read as live, and ended before it was renewed; Redis has lost the tombstone.
#[tokio::test]
async fn by_a_refused_renewal_of_a_restored_session() {
    let stores = Stores::start().await;
    let (sessions, token) = one_session(&stores, DUE).await;
    let other = stores.sessions(Policy::default());
    let copy = stores.copy(&token.id()).await.unwrap();
    stores.flush_redis().await;
    let mut held = stores.dynamo_proxy.hold_next("UpdateItem");
    let end = async {
        held.arrived().await;
        other.revoke(&token, now()).await.unwrap().unwrap();
        stores.put_copy(&token.id(), &copy).await;
        held.release();
    };
    let (session, ()) = tokio::join!(sessions.authenticate(&token, Slide::Yes, now()), end);
    assert!(session.unwrap().is_none());
    assert!(is_buried(&stores, &token).await);
}

#[tokio::test]
async fn by_a_dead_token_that_would_sign_out_everywhere() {
    let (stores, sessions, token) = a_copy_of_a_dead_session(Duration::ZERO).await;
    let other = log_in(&stores, &sessions, "ada").await;
    assert_eq!(sessions.revoke_all(&token, now()).await.unwrap(), None);
    assert!(is_buried(&stores, &token).await && !is_buried(&stores, &other).await);
}

/// The answer 204 says that the session is dead everywhere.
#[tokio::test]
async fn by_a_repeated_sign_out_everywhere_before_that_is_reported() {
    let stores = Stores::start().await;
    let (sessions, token) = one_session(&stores, Duration::ZERO).await;
    let copy = stores.copy(&token.id()).await.unwrap();
    sessions.revoke_all(&token, now()).await.unwrap().unwrap();
    stores.put_copy(&token.id(), &copy).await;
    let proxy = stores.redis_proxy.as_ref().unwrap();
    proxy.break_all(Some("SET"), RedisFault::Close);
    let answer = sessions.revoke_all(&token, now()).await;
    assert!(matches!(answer, Err(Error::Unfinished(_))), "{answer:?}");
    proxy.heal();
    assert_eq!(sessions.revoke_all(&token, now()).await.unwrap().unwrap().sessions, 0);
    assert!(is_buried(&stores, &token).await);
}

/// An operator has removed the row, and Redis still has the copy.
#[tokio::test]
async fn where_there_is_no_row_by_every_verb() {
    for verb in 0..6 {
        let stores = Stores::start().await;
        let (sessions, token) = one_session(&stores, DUE).await;
        remove_row(&stores, &token).await;
        match verb {
            0 => drop(sessions.revoke(&token, now()).await.unwrap()),
            1 => drop(sessions.revoke_all(&token, now()).await.unwrap()),
            2 => drop(sessions.standing(&token, now()).await.unwrap()),
            3 => drop(sessions.prove(&token, Slide::No, now()).await.unwrap()),
            4 => drop(sessions.authenticate(&token, Slide::No, now()).await.unwrap()),
            _ => {
                let login = Login { presented: Some(&token), ..login(stores.stored_account("ada").await) };
                sessions.create(login, now()).await.unwrap();
            }
        }
        assert!(is_buried(&stores, &token).await, "{verb}");
        assert!(hot_expiry(&stores, &token).await > 0, "{verb}");
    }
}

/// A tombstone for every presented token would fill Redis.
#[tokio::test]
async fn a_made_up_token_leaves_nothing_whatever_is_asked_with_it() {
    let stores = Stores::start().await;
    let (sessions, _) = one_session(&stores, Duration::ZERO).await;
    let made_up = Token::generate().unwrap();
    assert!(sessions.revoke(&made_up, now()).await.unwrap().is_none());
    assert!(sessions.revoke_all(&made_up, now()).await.unwrap().is_none());
    assert!(matches!(sessions.standing(&made_up, now()).await.unwrap(), Standing::Absent));
    assert!(sessions.prove(&made_up, Slide::Yes, now()).await.unwrap().is_none());
    assert!(sessions.authenticate(&made_up, Slide::Yes, now()).await.unwrap().is_none());
    assert_eq!(keys(&stores).await, 1);
}

/// A proof outlives the request, so the row decides, though Redis would serve the session.
#[tokio::test]
async fn a_proof_fails_closed() {
    let stores = Stores::start().await;
    let (sessions, token) = one_session(&stores, Duration::ZERO).await;
    assert!(!sessions.prove(&token, Slide::Yes, now()).await.unwrap().unwrap().renewed);
    let (_, due) = one_session(&stores, DUE).await;
    assert!(sessions.prove(&due, Slide::Yes, now()).await.unwrap().unwrap().renewed, "it slides as other uses do");
    stores.dynamo_proxy.break_all(None, Fault::Fail);
    let answer = sessions.prove(&token, Slide::Yes, now()).await;
    assert!(matches!(answer, Err(Error::Store(_))), "{answer:?}");
    assert!(sessions.authenticate(&token, Slide::Yes, now()).await.unwrap().is_some());
}
