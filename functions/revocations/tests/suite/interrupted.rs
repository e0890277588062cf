//! Requests that are killed between any two of their commands, and that no client repeats.

use crate::Scene;
use scene::{now, on_both_stores};
use session::{Change, Ending, Policy, Sessions, Token, Why};

/// More commands than any request has.
const MOST: usize = 20;

/// Ada's `n`-th namesake with two sessions, whose creation is already in the stream.
async fn namesake(scene: &mut Scene, n: usize) -> (String, Token, Token) {
    let user_id = format!("ada-{n}");
    scene.stores.account(&user_id).await;
    let tokens = (scene.log_in(&user_id).await, scene.log_in(&user_id).await);
    scene.streams.events().await;
    (user_id, tokens.0, tokens.1)
}

async fn is_revoked(scene: &Scene, token: &Token) -> bool {
    let row = scene.stores.row("sessions", ("session_id", token.id().as_str())).await.unwrap();
    row.get("revoked_at").is_some()
}

/// Ends every session of the user: by a sign-out everywhere with the token, or by `ending`.
async fn end_all(sessions: &Sessions, user_id: &str, token: &Token, ending: Option<Ending>) {
    match ending {
        None => drop(sessions.revoke_all(token, now()).await.unwrap()),
        Some(ending) => drop(sessions.end_user(user_id, ending, now()).await.unwrap()),
    }
}

on_both_stores! {
    async fn a_logout_killed_anywhere_is_finished_if_its_row_is_revoked(stores) {
        let mut scene = Scene::on(stores).await;
        for commands in 0.. {
            let (_, token, other) = namesake(&mut scene, commands).await;
            let presented = token.clone();
            let instance = scene.stores.sessions(Policy::default());
            let ending = scene.stores.killed_after(commands, async {
                drop(instance.revoke(&presented, now()).await.unwrap());
            });
            let survived = ending.await.is_some();
            assert_eq!(scene.follow().await, [""; 0]);
            let revoked = is_revoked(&scene, &token).await;
            assert_eq!(scene.is_alive(&token).await, !revoked, "{commands}");
            assert!(!revoked || scene.is_buried(&token).await, "{commands}");
            assert!(scene.is_alive(&other).await, "{commands}");
            if survived {
                assert!(revoked && (2..MOST).contains(&commands), "{commands}");
                return;
            }
        }
    }

    async fn an_ending_of_all_sessions_killed_anywhere_is_finished_if_it_was_committed(stores) {
        let mut scene = Scene::on(stores).await;
        let ending = |why, change| Some(Ending { why, epoch: None, change, also: Vec::new() });
        let endings = [None, ending(Why::PasswordReset, Change::Nothing), ending(Why::Disabled, Change::Disable)];
        for (number, ending) in endings.into_iter().enumerate() {
            for commands in 0.. {
                let (user_id, token, other) = namesake(&mut scene, number * MOST + commands).await;
                let (user, presented, ending) = (user_id.clone(), token.clone(), ending.clone());
                let instance = scene.stores.sessions(Policy::default());
                let ending = scene.stores.killed_after(commands, async {
                    end_all(&instance, &user, &presented, ending).await;
                });
                let survived = ending.await.is_some();
                assert_eq!(scene.follow().await, [""; 0]);
                let account = scene.stores.stored_account(&user_id).await;
                let committed = account.security_epoch == 1;
                for token in [&token, &other] {
                    assert_eq!(scene.is_alive(token).await, !committed, "{commands}");
                    assert!(!committed || scene.is_buried(token).await, "{commands}");
                }
                assert_eq!(account.sessions.len(), if committed { 0 } else { 2 }, "{commands}");
                if survived {
                    assert!(committed && (3..MOST).contains(&commands), "{commands}");
                    break;
                }
            }
        }
    }
}
