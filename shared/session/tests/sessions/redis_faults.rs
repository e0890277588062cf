//! A Redis that is killed, frozen, cut off or emptied, for real, while requests run.

use crate::support::{DUE, hot, is_alive, is_buried, log_in, one_session, rest};
use session::{Error, Policy, Sessions, Slide, Token};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use testkit::{RedisFault, Stores, now};

/// Far longer than a function may take: a call that exceeds it hangs.
const FOREVER: Duration = Duration::from_secs(10);

/// While Redis takes no tombstone: requests are served from the row, logins succeed, endings are committed but not
/// reported. Returns the session that a repeat must end, and the one that was made.
pub async fn without_redis_writes(stores: &Stores, sessions: &Sessions, live: &Token) -> (Token, Token) {
    let all = async {
        for slide in [Slide::Yes, Slide::No] {
            assert!(sessions.authenticate(live, slide, now()).await.unwrap().is_some());
        }
        let made = log_in(stores, sessions, "ada").await;
        assert!(is_alive(sessions, &made).await);
        let ended = log_in(stores, sessions, "ada").await;
        let answer = sessions.revoke(&ended, now()).await;
        assert!(matches!(answer, Err(Error::Unfinished(_))), "{answer:?}");
        (ended, made)
    };
    tokio::time::timeout(FOREVER, all).await.expect("answers in bounded time")
}

/// When Redis is back: the same `Sessions` use it, and the ending is finished.
pub async fn with_redis_again(stores: &Stores, sessions: &Sessions, live: &Token, (ended, made): (Token, Token)) {
    assert!(sessions.revoke(&ended, now()).await.unwrap().is_some());
    assert!(is_buried(stores, &ended).await);
    assert!(!is_alive(sessions, &ended).await);
    for token in [live, &made] {
        // A renewal is due for a restored copy: its next use asks the row.
        for _ in 0..2 {
            assert!(sessions.authenticate(token, Slide::Yes, now()).await.unwrap().is_some());
        }
        assert!(hot(stores, token).await.is_some());
    }
    let calls = stores.dynamo_proxy.calls();
    assert!(is_alive(sessions, live).await);
    assert_eq!(stores.dynamo_proxy.calls(), calls, "the hot path is back");
}

#[tokio::test]
async fn killed_while_idle_and_started_empty() {
    let mut stores = Stores::start().await;
    let (sessions, live) = one_session(&stores, Duration::ZERO).await;
    stores.redis.as_ref().unwrap().kill9().await.unwrap();
    let left = without_redis_writes(&stores, &sessions, &live).await;
    stores.redis.as_mut().unwrap().restart().await.unwrap();
    with_redis_again(&stores, &sessions, &live, left).await;
}

#[tokio::test]
async fn frozen_and_thawed() {
    let stores = Stores::start().await;
    let (sessions, live) = one_session(&stores, DUE).await;
    stores.redis.as_ref().unwrap().stop_signal().unwrap();
    let left = without_redis_writes(&stores, &sessions, &live).await;
    stores.redis.as_ref().unwrap().cont_signal().unwrap();
    with_redis_again(&stores, &sessions, &live, left).await;
}

/// Commands that a frozen Redis executes after it thaws change no session's fate.
#[tokio::test]
async fn frozen_while_a_session_that_is_due_is_used_and_then_ends() {
    let stores = Stores::start().await;
    let (sessions, token) = one_session(&stores, DUE).await;
    let redis = stores.redis.as_ref().unwrap();
    redis.stop_signal().unwrap();
    assert!(sessions.authenticate(&token, Slide::Yes, now()).await.unwrap().unwrap().renewed);
    assert!(sessions.revoke(&token, now()).await.is_err());
    assert!(sessions.authenticate(&token, Slide::Yes, now()).await.unwrap().is_none(), "the row is asked, and dead");
    redis.cont_signal().unwrap();
    assert!(sessions.revoke(&token, now()).await.unwrap().is_some());
    assert!(!is_alive(&sessions, &token).await);
}

/// Requests run on every core while Redis is killed, is away, and comes back empty.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_while_requests_run() {
    let mut stores = Stores::start().await;
    let (sessions, first) = one_session(&stores, DUE).await;
    let (sessions, ended) = (Arc::new(sessions), log_in(&stores, &stores.sessions(Policy::default()), "ada").await);
    sessions.revoke(&ended, now()).await.unwrap().unwrap();
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let users: Vec<_> = (0..4)
        .map(|number| {
            let (sessions, stopped, live, ended) =
                (Arc::clone(&sessions), stopped.clone(), first.clone(), ended.clone());
            tokio::spawn(async move {
                let slide = if number % 2 == 0 { Slide::Yes } else { Slide::No };
                let mut served = 0;
                while !*stopped.borrow() {
                    assert!(sessions.authenticate(&live, slide, now()).await.unwrap().is_some(), "a live session");
                    assert!(sessions.authenticate(&ended, slide, now()).await.unwrap().is_none(), "an ended session");
                    served += 1;
                }
                served
            })
        })
        .collect();
    for _ in 0..2 {
        tokio::time::sleep(Duration::from_millis(150)).await;
        stores.redis.as_ref().unwrap().kill9().await.unwrap();
        tokio::time::sleep(Duration::from_millis(150)).await;
        stores.redis.as_mut().unwrap().restart().await.unwrap();
    }
    tokio::time::sleep(Duration::from_millis(150)).await;
    stop.send_replace(true);
    for user in users {
        assert!(user.await.unwrap() > 0);
    }
    // An ending asks Redis even during its rest, and finds that it is back.
    assert!(sessions.revoke(&ended, now()).await.unwrap().is_some());
    assert!(is_alive(&sessions, &first).await);
    assert!(hot(&stores, &first).await.is_some(), "restored");
}

#[tokio::test]
async fn every_connection_killed_by_the_server() {
    let stores = Stores::start().await;
    let (sessions, token) = one_session(&stores, Duration::ZERO).await;
    for _ in 0..3 {
        stores.redis_command::<usize>(&["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"]).await;
        assert!(sessions.authenticate(&token, Slide::Yes, now()).await.unwrap().is_some());
    }
    assert_eq!(stores.dynamo_proxy.calls_of("GetItem"), 0, "nothing shows");
    stores.redis_command::<usize>(&["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"]).await;
    assert!(sessions.revoke(&token, now()).await.unwrap().is_some());
}

/// A server that closes every connection, new ones too: commands are repeated for as long as their time allows.
#[tokio::test]
async fn connections_that_are_killed_one_after_the_other() {
    let stores = Stores::start().await;
    let (sessions, token) = one_session(&stores, DUE).await;
    let proxy = stores.redis_proxy.as_ref().unwrap();
    let killed = [RedisFault::Close, RedisFault::LoseAnswer, RedisFault::Close];
    for command in ["GET", "PEXPIREAT"] {
        proxy.break_next(command, &killed);
    }
    assert!(sessions.authenticate(&token, Slide::Yes, now()).await.unwrap().unwrap().renewed);
    assert_eq!(stores.dynamo_proxy.calls_of("GetItem"), 0, "answered from Redis");
    proxy.break_next("SET", &killed);
    assert!(sessions.revoke(&token, now()).await.unwrap().is_some());
    assert!(is_buried(&stores, &token).await);
}

/// One request waits for Redis; those after it read the row until Redis has had its rest. Endings still ask Redis.
#[tokio::test]
async fn while_it_hangs_one_request_waits_and_the_next_ones_do_not() {
    let stores = Stores::start().await;
    let (sessions, token) = one_session(&stores, Duration::ZERO).await;
    let proxy = stores.redis_proxy.as_ref().unwrap();
    proxy.break_all(None, RedisFault::Late);
    assert!(is_alive(&sessions, &token).await);
    let asked = proxy.round_trips();
    for rows in 2..6 {
        assert!(is_alive(&sessions, &token).await);
        assert_eq!(stores.dynamo_proxy.calls_of("GetItem"), rows);
    }
    let other = log_in(&stores, &sessions, "ada").await;
    assert_eq!(proxy.round_trips(), asked, "nothing was asked of Redis, nor written to it");
    assert!(matches!(sessions.revoke(&other, now()).await, Err(Error::Unfinished(_))));
    assert!(proxy.round_trips() > asked, "a tombstone was tried");
    proxy.heal();
    rest().await;
    let rows = stores.dynamo_proxy.calls_of("GetItem");
    assert!(is_alive(&sessions, &token).await && is_alive(&sessions, &token).await);
    assert_eq!(stores.dynamo_proxy.calls_of("GetItem"), rows, "the hot path is back");
}

/// If Redis takes an ending, it is back, and its rest is over early.
#[tokio::test]
async fn after_an_ending_that_redis_took_requests_ask_it_again() {
    let stores = Stores::start().await;
    let (sessions, token) = one_session(&stores, Duration::ZERO).await;
    let other = log_in(&stores, &sessions, "ada").await;
    let proxy = stores.redis_proxy.as_ref().unwrap();
    proxy.break_all(None, RedisFault::Late);
    assert!(is_alive(&sessions, &token).await);
    proxy.heal();
    assert!(sessions.revoke(&other, now()).await.unwrap().is_some());
    let rows = stores.dynamo_proxy.calls_of("GetItem");
    assert!(is_alive(&sessions, &token).await);
    assert_eq!(stores.dynamo_proxy.calls_of("GetItem"), rows);
}

/// The command is executed, but the connection is lost before the answer: first the existing connection, then a new
/// one.
#[tokio::test]
async fn killed_between_a_command_and_its_answer() {
    let stores = Stores::start().await;
    let (sessions, token) = one_session(&stores, DUE).await;
    let proxy = stores.redis_proxy.as_ref().unwrap();
    for command in ["GET", "PEXPIREAT"] {
        proxy.break_next(command, &[RedisFault::LoseAnswer]);
        assert!(sessions.authenticate(&token, Slide::Yes, now()).await.unwrap().is_some(), "{command}");
    }
    stores.flush_redis().await;
    proxy.break_next("SET", &[RedisFault::LoseAnswer]);
    assert!(is_alive(&sessions, &token).await && hot(&stores, &token).await.is_some());
    proxy.break_all(Some("SET"), RedisFault::LoseAnswer);
    let answer = sessions.revoke(&token, now()).await;
    proxy.heal();
    assert!(matches!(answer, Err(Error::Unfinished(_))), "{answer:?}");
    assert!(is_buried(&stores, &token).await, "nobody knows, and a repeat may say it");
    assert!(sessions.revoke(&token, now()).await.unwrap().is_some());
}

/// The function was frozen between two requests, and its socket died meanwhile without notice.
#[tokio::test]
async fn a_socket_that_died_in_a_freeze() {
    let stores = Stores::start().await;
    let (sessions, token) = one_session(&stores, Duration::ZERO).await;
    assert!(is_alive(&sessions, &token).await);
    let proxy = stores.redis_proxy.as_ref().unwrap();
    proxy.silence_open_connections();
    let started = Instant::now();
    assert!(sessions.authenticate(&token, Slide::Yes, now()).await.unwrap().is_some());
    assert!(started.elapsed() < FOREVER / 2, "{:?}", started.elapsed());
    assert_eq!(stores.dynamo_proxy.calls_of("GetItem"), 0, "answered from Redis");
    proxy.silence_open_connections();
    assert!(sessions.revoke(&token, now()).await.unwrap().is_some(), "nothing shows");
    assert!(is_buried(&stores, &token).await);
}

#[tokio::test]
async fn with_writes_paused() {
    let stores = Stores::start().await;
    let (sessions, live) = one_session(&stores, DUE).await;
    stores.redis_command::<()>(&["CLIENT", "PAUSE", "60000", "WRITE"]).await;
    let left = without_redis_writes(&stores, &sessions, &live).await;
    stores.redis_command::<()>(&["CLIENT", "UNPAUSE"]).await;
    with_redis_again(&stores, &sessions, &live, left).await;
}

#[tokio::test]
async fn paused_for_a_moment() {
    let stores = Stores::start().await;
    let (sessions, token) = one_session(&stores, Duration::ZERO).await;
    stores.redis_command::<()>(&["CLIENT", "PAUSE", "900", "ALL"]).await;
    assert!(is_alive(&sessions, &token).await);
    assert_eq!(stores.dynamo_proxy.calls_of("GetItem"), 1, "the row was asked");
    assert!(hot(&stores, &token).await.is_some(), "when the pause is over");
    rest().await;
    assert!(is_alive(&sessions, &token).await);
    assert_eq!(stores.dynamo_proxy.calls_of("GetItem"), 1);
}

#[tokio::test]
async fn emptied() {
    let mut stores = Stores::start().await;
    let (sessions, live) = one_session(&stores, Duration::ZERO).await;
    let ended = log_in(&stores, &sessions, "ada").await;
    sessions.revoke(&ended, now()).await.unwrap().unwrap();
    for restart in [false, true] {
        if restart {
            stores.redis.as_mut().unwrap().restart().await.unwrap();
        }
        stores.flush_redis().await;
        assert!(is_alive(&sessions, &live).await && hot(&stores, &live).await.is_some());
        assert!(!is_alive(&sessions, &ended).await && is_buried(&stores, &ended).await);
    }
}
