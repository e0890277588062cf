//! Several logins of one browser at a time.

use crate::support::{Scene, Visit, receipt, token};
use futures_util::join;
use scene::{COOKIE, Request, now, on_both_stores};
use session::Slide;

/// The request that the browser sends for one tab: it has the attempts of both.
fn request(visit: &Visit, other: &Visit) -> Request {
    other.with(visit.query.clone()).request().cookie(&visit.cookie_name(), &visit.attempt.encode())
}

on_both_stores! {
    /// Neither tab spends the other's attempt, and each goes to its own target.
    async fn two_tabs_at_once_both_sign_in(stores) {
        let scene = Scene::new(stores, now()).await;
        let (mut one, mut two) = (scene.visit().await, scene.visit().await);
        one.attempt.return_to = "https://app.example.com/one".to_owned();
        two.attempt.return_to = "https://app.example.com/two".to_owned();
        let requests = (request(&one, &two), request(&two, &one));
        let (first, second) = join!(scene.ask(&requests.0), scene.ask(&requests.1));
        for (reply, visit, other) in [(&first, &one, &two), (&second, &two, &one)] {
            assert_eq!((reply.status, reply.header("location")), (302, Some(&*visit.attempt.return_to)));
            assert_eq!(receipt(reply, visit).map(|receipt| receipt.return_to), Some(visit.attempt.return_to.clone()));
            assert_eq!(reply.cookie(&other.cookie_name()), None);
            assert!(scene.sessions().authenticate(&token(reply), Slide::No, scene.now).await.unwrap().is_some());
        }
        assert_eq!(scene.user_of(&first).await, scene.user_of(&second).await);
    }

    /// One after the other: the later session takes the place of the earlier.
    async fn the_second_tab_replaces_the_session_of_the_first(stores) {
        let scene = Scene::new(stores, now()).await;
        let (one, two) = (scene.visit().await, scene.visit().await);
        let first = token(&scene.ask(&request(&one, &two)).await);
        let reply = scene.ask(&two.request().cookie(COOKIE, &first.expose())).await;
        assert_eq!(reply.status, 302);
        assert!(scene.sessions().authenticate(&first, Slide::No, scene.now).await.unwrap().is_none());
        assert!(scene.sessions().authenticate(&token(&reply), Slide::No, scene.now).await.unwrap().is_some());
    }
}
