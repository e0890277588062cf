//! How often a provider is asked in vain. ASVS 2.4.1.

use crate::support::{Scene, Visit};
use jiff::SignedDuration;

/// A visit with a code that the provider does not know.
async fn made_up(scene: &Scene) -> Visit {
    let visit = scene.visit().await;
    let made_up = format!("{}&code=made-up", visit.without("code").query);
    visit.with(made_up)
}

#[tokio::test]
async fn a_provider_is_not_asked_for_an_address_that_had_too_many_codes_refused() {
    let mut scene = Scene::small().await;
    let visit = made_up(&scene).await;
    for n in 0..100 {
        let reply = scene.ask(&visit.request()).await;
        assert_eq!((reply.status, &*reply.problem()), (400, "login-refused"), "code {n}");
    }
    assert_eq!(scene.provider.calls().token, 100);
    let good = scene.visit().await;
    for request in [visit.request(), good.request()] {
        let reply = scene.ask(&request).await;
        assert_eq!((reply.status, reply.header("retry-after")), (429, Some("30")), "{reply:?}");
    }
    assert_eq!(scene.provider.calls().token, 100);
    let elsewhere = scene.ask(&scene.visit().await.request().source_ip("198.51.100.9")).await;
    assert_eq!(elsewhere.status, 302, "from elsewhere it goes on");
    scene.now += SignedDuration::from_secs(30);
    assert_eq!(scene.ask(&scene.visit().await.request()).await.status, 302);
}

/// An office full of people signs in.
#[tokio::test]
async fn a_code_that_is_taken_costs_nothing() {
    let scene = Scene::small().await;
    for _ in 0..3 {
        assert_eq!(scene.log_in().await.status, 302);
    }
    let counters = scene.stores.contents().await["test-throttle"].clone();
    assert_eq!(counters[0]["tries"], 0, "{counters}");
}

/// It has two counters, of its /64 and of its /48, which are read together before they are written.
#[tokio::test]
async fn an_ipv6_client_is_counted_by_its_address_and_its_block() {
    let scene = Scene::small().await;
    let reads = scene.stores.dynamo_proxy.calls_of("BatchGetItem");
    let reply = scene.ask(&scene.visit().await.request().source_ip("2001:db8:1:2::3")).await;
    assert_eq!((reply.status, scene.count("throttle").await), (302, 2));
    assert_eq!(scene.stores.dynamo_proxy.calls_of("BatchGetItem") - reads, 1);
}
