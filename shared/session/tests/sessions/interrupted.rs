//! Requests that are killed between any two of their commands.

use crate::support::{is_alive, is_buried, log_in, login, map_and_rows};
use session::{Login, Policy, Sessions, Token};
use testkit::{Stores, now, on_both_stores};

/// More commands than any request has.
const MOST: usize = 20;

/// Ada's `n`-th namesake with two sessions.
async fn namesake(stores: &Stores, sessions: &Sessions, n: usize) -> (String, Token, Token) {
    let user_id = format!("ada-{n}");
    stores.account(&user_id).await;
    let tokens = (log_in(stores, sessions, &user_id).await, log_in(stores, sessions, &user_id).await);
    (user_id, tokens.0, tokens.1)
}

on_both_stores! {
    async fn a_login_killed_anywhere_leaves_a_whole_session_or_none(stores) {
        let sessions = stores.sessions(Policy::default());
        for commands in 0.. {
            let (user_id, old, other) = namesake(&stores, &sessions, commands).await;
            let (account, presented) = (stores.stored_account(&user_id).await, old.clone());
            let answer = stores.killed_after(commands, async {
                let sessions = stores.sessions(Policy::default());
                let login = Login { presented: Some(&presented), ..login(account) };
                sessions.create(login, now()).await.unwrap().0
            });
            let answer = answer.await;
            assert!(is_alive(&sessions, &other).await, "{commands}");
            let token = log_in(&stores, &sessions, &user_id).await;
            assert!(is_alive(&sessions, &token).await, "{commands}");
            sessions.revoke(&old, now()).await.unwrap();
            let (map, alive) = map_and_rows(&stores, &user_id).await;
            assert_eq!(map, alive, "{commands}");
            if let Some(token) = answer {
                assert!(is_alive(&sessions, &token).await);
                assert!((2..MOST).contains(&commands), "{commands}");
                return;
            }
        }
    }

    async fn a_logout_killed_anywhere_is_finished_by_a_repeat(stores) {
        let sessions = stores.sessions(Policy::default());
        for commands in 0.. {
            let (user_id, token, other) = namesake(&stores, &sessions, commands).await;
            let presented = token.clone();
            let answer = stores.killed_after(commands, async {
                let sessions = stores.sessions(Policy::default());
                sessions.revoke(&presented, now()).await.unwrap()
            });
            let answer = answer.await;
            assert!(sessions.revoke(&token, now()).await.unwrap().is_some(), "{commands}");
            assert!(!is_alive(&sessions, &token).await && is_buried(&stores, &token).await, "{commands}");
            assert!(is_alive(&sessions, &other).await, "{commands}");
            let (map, alive) = map_and_rows(&stores, &user_id).await;
            assert_eq!((map.len(), map), (1, alive), "{commands}");
            if answer.is_some() {
                assert!((2..MOST).contains(&commands), "{commands}");
                return;
            }
        }
    }

    async fn a_sign_out_everywhere_killed_anywhere_is_finished_by_a_repeat(stores) {
        let sessions = stores.sessions(Policy::default());
        for commands in 0.. {
            let (user_id, token, other) = namesake(&stores, &sessions, commands).await;
            let presented = token.clone();
            let answer = stores.killed_after(commands, async {
                let sessions = stores.sessions(Policy::default());
                sessions.revoke_all(&presented, now()).await.unwrap()
            });
            let answer = answer.await;
            assert!(sessions.revoke_all(&token, now()).await.unwrap().is_some(), "{commands}");
            for token in [&token, &other] {
                assert!(!is_alive(&sessions, token).await && is_buried(&stores, token).await, "{commands}");
            }
            assert_eq!(map_and_rows(&stores, &user_id).await, (vec![], vec![]), "{commands}");
            if answer.is_some() {
                assert!((4..MOST).contains(&commands), "{commands}");
                return;
            }
        }
    }

    /// If no client repeats it, the next login finishes it too.
    async fn a_sign_out_everywhere_killed_anywhere_is_finished_by_a_login(stores) {
        let sessions = stores.sessions(Policy::default());
        for commands in 0.. {
            let (user_id, token, other) = namesake(&stores, &sessions, commands).await;
            let presented = token.clone();
            let answer = stores.killed_after(commands, async {
                let sessions = stores.sessions(Policy::default());
                sessions.revoke_all(&presented, now()).await.unwrap()
            });
            let answer = answer.await;
            let committed = stores.stored_account(&user_id).await.security_epoch == 1;
            let again = log_in(&stores, &sessions, &user_id).await;
            for token in [&token, &other] {
                assert_eq!(is_alive(&sessions, token).await, !committed, "{commands}");
            }
            assert!(is_alive(&sessions, &again).await, "{commands}");
            let (map, alive) = map_and_rows(&stores, &user_id).await;
            assert_eq!((map.len(), map), (if committed { 1 } else { 3 }, alive), "{commands}");
            if answer.is_some() {
                return;
            }
        }
    }
}
