//! The life of a phone (OWASP ASVS 10.4.5, 10.4.8, 10.4.9).

use crate::support::{EMAIL, PASSWORD, Scene, credentials, logout, member, refresh};
use futures_util::future::join_all;
use scene::{COOKIE, Stores, now, on_both_stores};
use session::RefreshToken;
use std::collections::HashSet;

on_both_stores! {
    async fn ten_refreshes_and_then_the_third_token_again(stores) {
        let mut scene = Scene::new(stores, now()).await;
        let mut lineage = vec![scene.phone().await];
        for _ in 0..10 {
            scene.pass(30);
            let reply = scene.ask(&refresh(lineage.last().unwrap())).await;
            assert_eq!(reply.status, 200, "{reply:?}");
            lineage.push(member(&reply, "refresh_token"));
        }
        assert_eq!(lineage.iter().collect::<HashSet<_>>().len(), 11);
        assert_eq!(scene.ask(&refresh(&lineage[2])).await.status, 401);
        assert_eq!(scene.ask(&refresh(&lineage[10])).await.status, 401, "the family is over");
        assert!(scene.sessions().list(&scene.user_id, scene.now).await.unwrap().is_empty());
    }

    /// For instance in a tunnel: an answer that is lost for longer than the grace signs no phone out.
    async fn a_phone_whose_answer_was_lost_asks_again_much_later(stores) {
        let mut scene = Scene::new(stores, now()).await;
        let first = scene.phone().await;
        scene.pass(30);
        let lost = member(&scene.ask(&refresh(&first)).await, "refresh_token");
        scene.pass(24 * 3600);
        let second = member(&scene.ask(&refresh(&first)).await, "refresh_token");
        assert_ne!(second, lost);
        scene.pass(30);
        let third = member(&scene.ask(&refresh(&second)).await, "refresh_token");
        assert_eq!(scene.ask(&refresh(&lost)).await.status, 401, "whoever has that one is found out");
        assert_eq!(scene.ask(&refresh(&third)).await.status, 401);
    }

    /// Browsers have their own cap.
    async fn beyond_the_cap_the_device_that_was_used_least_recently_ends(stores) {
        let mut scene = Scene::new(stores, now()).await;
        let (used, unused) = (scene.phone().await, scene.phone().await);
        scene.pass(30);
        let used = member(&scene.ask(&refresh(&used)).await, "refresh_token");
        for _ in 0..19 {
            scene.phone().await;
        }
        assert_eq!(scene.ask(&refresh(&unused)).await.status, 401);
        assert_eq!(scene.ask(&refresh(&used)).await.status, 200);
    }

    async fn a_phone_that_signs_out_is_signed_out(stores) {
        let scene = Scene::new(stores, now()).await;
        let (token, tablet) = (scene.phone().await, scene.phone().await);
        assert_eq!(scene.ask(&logout(&token)).await.status, 204);
        assert_eq!(scene.ask(&refresh(&token)).await.status, 401);
        assert_eq!(scene.ask(&refresh(&tablet)).await.status, 200);
    }
}

/// ASVS 2.3.3, 15.4.1.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_refreshes_at_once_are_one_lineage() {
    let mut scene = Scene::new(Stores::without_redis().await, now()).await;
    let token = scene.phone().await;
    scene.pass(30);
    let request = refresh(&token);
    let replies = join_all((0..20).map(|_| scene.ask(&request))).await;
    let successors: HashSet<_> = replies.iter().map(|reply| member(reply, "refresh_token")).collect();
    assert_eq!(successors.len(), 1);
    assert!(!successors.contains(&token));
}

/// The JWT names the session it came from, ends with it at the latest, and other services verify it.
#[tokio::test]
async fn the_access_token_is_of_this_session() {
    let mut scene = Scene::new(Stores::without_redis().await, now()).await;
    let reply = scene.ask(&credentials(EMAIL, PASSWORD)).await;
    let token = RefreshToken::parse(&member(&reply, "refresh_token")).unwrap();
    scene.pass(30);
    for reply in [reply, scene.ask(&refresh(&token.expose())).await] {
        let claims = claims(&member(&reply, "access_token"));
        assert_eq!(claims["sid"], token.id().as_str());
        assert_eq!((claims["sub"].as_str(), claims["client_id"].as_str()), (Some(&*scene.user_id), Some("device")));
        assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 305, "five for slow clocks");
        assert_eq!(reply.json()["expires_in"], 300);
    }
}

fn claims(token: &str) -> serde_json::Value {
    use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

/// The function's answers never change the session of a browser that sends the request.
#[tokio::test]
async fn cookies_are_neither_read_nor_written() {
    let scene = Scene::new(Stores::without_redis().await, now()).await;
    let token = scene.phone().await;
    for request in [credentials(EMAIL, PASSWORD), refresh(&token), refresh("dead"), logout(&token)] {
        let with_cookie = request.cookie(COOKIE, &"A".repeat(43)).cookie(COOKIE, "another");
        let reply = scene.ask(&with_cookie).await;
        assert!(reply.cookies.is_empty() && reply.status != 400, "{reply:?}");
    }
}
