//! Requests that are killed between any two of their commands, and that no client repeats.

use crate::Scene;
use scene::{Stores, now, on_both_stores};
use session::{Change, Ending, Policy, Sessions, Token, Why};
use std::sync::Arc;

/// More commands than any request has.
const MOST: usize = 20;

/// Runs `request` in its own instance, which is gone after `commands` commands. `true`: it was completed.
async fn survives<F: Future<Output = ()> + Send + 'static>(
    stores: &Stores,
    commands: usize,
    request: impl FnOnce(Arc<Sessions>) -> F,
) -> bool {
    let running = tokio::spawn(request(Arc::new(stores.sessions(Policy::default()))));
    stores.cut_after(commands);
    let abort = running.abort_handle();
    let survived = tokio::select! {
        ended = running => ended.is_ok(),
        () = stores.cut() => false,
    };
    abort.abort();
    stores.mend();
    survived
}

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
            let survived = survives(&scene.stores, commands, move |sessions| async move {
                drop(sessions.revoke(&presented, now()).await.unwrap());
            });
            let survived = survived.await;
            assert_eq!(scene.follow().await, [""; 0]);
            let revoked = is_revoked(&scene, &token).await;
            assert_eq!(scene.is_alive(&token).await, !revoked, "{commands}");
            assert!(!revoked || scene.is_buried(&token).await, "{commands}");
            assert!(scene.is_alive(&other).await, "{commands}");
            if survived {
                assert!(revoked && (3..MOST).contains(&commands), "{commands}");
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
                let survived = survives(&scene.stores, commands, move |sessions| async move {
                    end_all(&sessions, &user, &presented, ending).await;
                });
                let survived = survived.await;
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
