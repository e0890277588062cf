//! The same request many times at once. A store may be too slow for a few of them: then a repeat must succeed.

use crate::support::{DUE, is_alive, log_in, login, map_and_rows, one_session};
use backon::{ConstantBuilder, Retryable};
use futures_util::future::join_all;
use session::{Policy, Slide};
use std::time::Duration;
use testkit::{now, on_both_stores};

on_both_stores! {
    /// Both kinds together: the transaction that commits a login counts the whole map.
    async fn fifty_logins_stay_within_twice_the_caps_and_the_next_ones_within_the_cap(stores) {
        let account = stores.account("ada").await;
        let policy = Policy { per_user: 10, devices_per_user: 5, ..Policy::default() };
        let instances: Vec<_> = (0..4).map(|_| stores.sessions(policy.clone())).collect();
        let logins = (0..50).map(|number| instances[number % 4].create(login(account.clone()), now()));
        let made: Vec<_> = join_all(logins).await.into_iter().filter_map(Result::ok).collect();
        let (map, alive) = map_and_rows(&stores, "ada").await;
        assert_eq!(map, alive);
        assert!((made.len()..=30).contains(&map.len()), "{} of {}", made.len(), map.len());
        for (token, _) in &made {
            assert!(is_alive(&instances[0], token).await);
        }
        // The first may be refused, and makes room.
        let account = stores.stored_account("ada").await;
        drop(instances[0].create(login(account), now()).await);
        log_in(&stores, &instances[0], "ada").await;
        assert_eq!(map_and_rows(&stores, "ada").await.0.len(), policy.per_user);
    }

    async fn fifty_logouts_of_one_session_end_it(stores) {
        let (sessions, token) = one_session(&stores, DUE).await;
        let twin = stores.sessions(Policy::default());
        let logouts = (0..50).map(|number| if number % 2 == 0 { &sessions } else { &twin }.revoke(&token, now()));
        for ended in join_all(logouts).await.into_iter().flatten() {
            assert!(ended.is_some());
        }
        assert!(sessions.revoke(&token, now()).await.unwrap().is_some());
        assert!(!is_alive(&sessions, &token).await && !is_alive(&twin, &token).await);
        assert_eq!(map_and_rows(&stores, "ada").await, (vec![], vec![]));
    }

    async fn sign_outs_everywhere_from_every_session_end_every_session(stores) {
        let (sessions, first) = one_session(&stores, Duration::ZERO).await;
        let mut tokens = vec![first];
        for _ in 1..10 {
            tokens.push(log_in(&stores, &sessions, "ada").await);
        }
        let twin = stores.sessions(Policy::default());
        let ends = (0..20).map(|number| {
            let instance = if number % 2 == 0 { &sessions } else { &twin };
            instance.revoke_all(&tokens[number / 2], now())
        });
        join_all(ends).await;
        for token in &tokens {
            // The store may take a while to work off what the abandoned requests left in its queue.
            let patience = ConstantBuilder::default().with_delay(Duration::from_millis(100)).with_max_times(20);
            let repeat = async || sessions.revoke_all(token, now()).await;
            repeat.retry(patience).await.unwrap();
        }
        for token in &tokens {
            assert!(!is_alive(&sessions, token).await && !is_alive(&twin, token).await);
        }
        assert_eq!(map_and_rows(&stores, "ada").await, (vec![], vec![]));
    }

    async fn fifty_renewals_and_a_logout_leave_no_session(stores) {
        let (sessions, token) = one_session(&stores, DUE).await;
        let twin = stores.sessions(Policy::default());
        let renewals = join_all((0..50).map(|_| sessions.authenticate(&token, Slide::Yes, now())));
        let (_, ended) = tokio::join!(renewals, twin.revoke(&token, now()));
        assert!(ended.is_ok() || twin.revoke(&token, now()).await.is_ok());
        assert!(!is_alive(&sessions, &token).await);
    }

    async fn fifty_restores_and_a_logout_leave_no_session(stores) {
        let (sessions, token) = one_session(&stores, Duration::ZERO).await;
        let twin = stores.sessions(Policy::default());
        stores.flush_redis().await;
        let restores = join_all((0..50).map(|_| sessions.authenticate(&token, Slide::Yes, now())));
        let (_, ended) = tokio::join!(restores, twin.revoke(&token, now()));
        assert!(ended.is_ok() || twin.revoke(&token, now()).await.is_ok());
        assert!(!is_alive(&sessions, &token).await);
    }
}
