//! Until when an answer with a new cookie is held back. The answer that renewed the old session may be under way for
//! three seconds: if it arrived after the new cookie, it would put the old one back.

use crate::support::{DUE, login, one_session};
use session::{Login, Policy, Slide, Token};
use std::time::Duration;
use testkit::{now, on_both_stores};

const THREE: Duration = Duration::from_secs(3);

on_both_stores! {
    async fn a_login_in_the_place_of_a_session_that_was_just_renewed_is_held_back(stores) {
        let (sessions, old) = one_session(&stores, DUE).await;
        let renewed = now();
        assert!(sessions.authenticate(&old, Slide::Yes, renewed).await.unwrap().unwrap().renewed);
        let account = stores.stored_account("ada").await;
        let over = async |old: &Token, at| {
            let login = Login { presented: Some(old), ..login(account.clone()) };
            sessions.create(login, at).await.unwrap().1.held_until
        };
        assert_eq!(over(&old, renewed + Duration::from_secs(1)).await, Some(renewed + THREE));
        // Ended already: the row still says when it was renewed.
        assert_eq!(over(&old, renewed + THREE - Duration::from_millis(1)).await, Some(renewed + THREE));
        assert_eq!(over(&old, renewed + THREE).await, None);
        let behind = renewed - Duration::from_mins(1);
        assert_eq!(over(&old, behind).await, Some(behind + THREE), "clocks differ");
    }

    async fn where_no_renewal_can_be_under_way_nothing_is_held_back(stores) {
        let (sessions, made) = one_session(&stores, Duration::ZERO).await;
        let account = stores.stored_account("ada").await;
        for presented in [None, Some(&made), Some(&Token::generate().unwrap())] {
            let login = Login { presented, ..login(account.clone()) };
            assert_eq!(sessions.create(login, now()).await.unwrap().1.held_until, None, "{presented:?}");
        }
    }

    /// The row is read, renewed, and only then ended.
    async fn a_renewal_between_the_look_and_the_end_counts(stores) {
        let (sessions, old) = one_session(&stores, DUE).await;
        let (other, renewed) = (stores.sessions(Policy::default()), now());
        let login = Login { presented: Some(&old), ..login(stores.stored_account("ada").await) };
        let mut held = stores.dynamo_proxy.hold_next("UpdateItem");
        let renew = async {
            held.arrived().await;
            assert!(other.authenticate(&old, Slide::Yes, renewed).await.unwrap().unwrap().renewed);
            held.release();
        };
        let (made, ()) = tokio::join!(sessions.create(login, renewed), renew);
        assert_eq!(made.unwrap().1.held_until, Some(renewed + THREE));
    }
}
