//! How often a client may try. ASVS 2.4.1, 6.3.1.

use crate::support::{CONFIRM, EMAIL, NEW, PASSWORD, Scene, change, confirm, forgotten, token};
use futures_util::future::join_all;
use outbox::Outbox;
use scene::{Browser, Fault, Request, Stores, now};
use serde_json::json;
use users::Challenge;

/// A person who found a signed-in browser guesses at the password, many times at once.
#[tokio::test]
async fn a_burst_of_guesses_at_the_current_password_ends() {
    let scene = Scene::new(Stores::without_redis().await, now()).await;
    let browser = scene.browser().await;
    let guesses: Vec<_> = (0..12).map(|number| change(&browser, &format!("guess {number}"), NEW)).collect();
    let replies = join_all(guesses.iter().map(|guess| scene.ask(guess))).await;
    let looked_at = replies.iter().filter(|reply| reply.status == 401).count();
    assert!((1..=5).contains(&looked_at), "{looked_at}");
    assert!(replies.iter().all(|reply| [401, 429].contains(&reply.status)), "{replies:?}");
    let right = scene.ask(&change(&browser, PASSWORD, NEW)).await;
    assert_eq!((right.status, &*right.problem()), (429, "too-many-attempts"), "the right one is not looked at either");
    assert!(scene.opens(PASSWORD).await);
}

#[tokio::test]
async fn a_success_forgives_what_went_wrong_before() {
    let scene = Scene::new(Stores::without_redis().await, now()).await;
    let mut browser = scene.browser().await;
    for round in 0..3 {
        for _ in 0..3 {
            assert_eq!(scene.ask(&change(&browser, "another password", NEW)).await.status, 401);
        }
        let [current, new] =
            [round, round + 1].map(|n| if n == 0 { PASSWORD.to_owned() } else { format!("{NEW} {n}") });
        let reply = scene.ask(&change(&browser, &current, &new)).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        browser = Browser { token: token(&reply) };
    }
}

/// ASVS 6.3.8: a throttled address with an account gets the same answer as one without.
#[tokio::test]
async fn mails_for_a_forgotten_password_end() {
    let scene = Scene::new(Stores::without_redis().await, now()).await;
    let mut seen = Vec::new();
    for email in [EMAIL, "nobody@example.com"] {
        let mut replies = Vec::new();
        while replies.last().is_none_or(|reply: &scene::Reply| reply.status == 202) && replies.len() < 20 {
            replies.push(scene.ask(&forgotten(email)).await);
        }
        assert_eq!(replies.last().unwrap().status, 429);
        seen.push(replies);
    }
    assert_eq!(seen[0], seen[1]);
    assert_eq!(scene.letters().await.len(), 2 * (seen[0].len() - 1), "what is refused makes no letter");
}

#[tokio::test]
async fn floods_of_tokens_end() {
    let scene = Scene::new(Stores::without_redis().await, now()).await;
    let mail = scene.mailed(EMAIL).await;
    let made_up = confirm(&Challenge::generate().unwrap(), NEW);
    let mut statuses = Vec::new();
    while statuses.len() < 300 && statuses.last() != Some(&429) {
        statuses.push(scene.ask(&made_up).await.status);
    }
    assert_eq!(statuses.last(), Some(&429), "nothing stops it");
    assert!(statuses.len() > 20, "{}", statuses.len());
    assert_eq!(
        scene.ask(&confirm(&mail, NEW).source_ip("198.51.100.9")).await.status,
        204,
        "from elsewhere it goes on"
    );
}

/// A request that is refused before it is understood does not count as a try.
#[tokio::test]
async fn forged_and_malformed_requests_are_not_counted() {
    let scene = Scene::new(Stores::without_redis().await, now()).await;
    let browser = scene.browser().await;
    for request in [
        change(&browser, PASSWORD, NEW).without("x-csrf-token"),
        change(&browser, PASSWORD, ""),
        change(&browser, "", NEW),
        change(&browser, PASSWORD, NEW).without_cookies(),
        forgotten("ada"),
        forgotten(EMAIL).without("origin").header("origin", "null"),
        Request::post(CONFIRM).json(&json!({ "token": "x" })),
        Request::post(CONFIRM).json(&json!({ "token": "x", "new_password": "" })),
    ] {
        assert!([400, 401, 403, 422].contains(&scene.ask(&request).await.status));
    }
    assert_eq!(scene.count("throttle").await, 0);
}

/// A person who looks for a good password guesses at no account; but judging is work.
#[tokio::test]
async fn new_passwords_that_are_refused_count_by_address_and_not_as_guesses() {
    let scene = Scene::new(Stores::without_redis().await, now()).await;
    let browser = scene.browser().await;
    let mut asked = 0;
    while asked <= 100 && scene.ask(&change(&browser, PASSWORD, "password1234")).await.status == 422 {
        asked += 1;
    }
    assert_eq!(asked, 100);
    assert_eq!(scene.count("throttle").await, 1, "no counter of the account");
    let right = change(&browser, PASSWORD, NEW);
    assert_eq!(scene.ask(&right).await.status, 429, "none is judged any more");
    assert_eq!(scene.ask(&right.source_ip("198.51.100.9")).await.status, 200, "from elsewhere it goes on");
}

/// The stores failed, so these tries revealed nothing.
#[tokio::test]
async fn tries_that_the_stores_failed_are_taken_back() {
    let mut scene = Scene::new(Stores::without_redis().await, now()).await;
    let browser = scene.browser().await;
    for _ in 0..6 {
        scene.stores.dynamo_proxy.break_all(Some("TransactWriteItems"), Fault::Fail);
        assert_eq!(scene.ask(&change(&browser, PASSWORD, NEW)).await.status, 503);
        scene.stores.dynamo_proxy.heal();
    }
    assert_eq!(scene.ask(&change(&browser, PASSWORD, NEW)).await.status, 200);

    let away = Stores::without_redis().await;
    away.dynamo_proxy.break_all(None, Fault::Fail);
    let outbox = std::mem::replace(&mut scene.function.outbox, Outbox::new(away.dynamo()));
    for _ in 0..6 {
        assert_eq!(scene.ask(&forgotten(EMAIL)).await.status, 503);
    }
    scene.function.outbox = outbox;
    assert_eq!(scene.ask(&forgotten(EMAIL)).await.status, 202);
}
