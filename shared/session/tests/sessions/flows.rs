//! What a session does from login to logout, on real stores.

use crate::support::log_in;
use session::{Policy, Slide};
use testkit::{now, on_both_stores};

on_both_stores! {
    async fn a_session_lives_from_login_to_logout(stores) {
        stores.account("ada").await;
        let sessions = stores.sessions(Policy::default());
        let token = log_in(&stores, &sessions, "ada").await;
        let session = sessions.authenticate(&token, Slide::Yes, now()).await.unwrap().unwrap();
        assert_eq!(session.record.user_id, "ada");
        assert!(sessions.revoke(&token, now()).await.unwrap().is_some());
        assert!(sessions.authenticate(&token, Slide::Yes, now()).await.unwrap().is_none());
        stores.flush_redis().await;
        assert!(sessions.authenticate(&token, Slide::Yes, now()).await.unwrap().is_none());
        assert!(stores.stored_account("ada").await.sessions.is_empty());
    }

    async fn signing_out_everywhere_ends_every_session(stores) {
        stores.account("ada").await;
        let sessions = stores.sessions(Policy::default());
        let (one, two) = (log_in(&stores, &sessions, "ada").await, log_in(&stores, &sessions, "ada").await);
        assert_eq!(sessions.revoke_all(&one, now()).await.unwrap().unwrap().sessions, 2);
        for token in [&one, &two] {
            assert!(sessions.authenticate(token, Slide::Yes, now()).await.unwrap().is_none());
        }
        let account = stores.stored_account("ada").await;
        assert_eq!((account.security_epoch, account.sessions.len()), (1, 0));
    }
}
