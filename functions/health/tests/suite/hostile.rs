use crate::{ROUTE, Scene};
use scene::{Browser, COOKIE, Request, Stores, each_hostile, then};
use session::Token;

/// No session is needed, none is looked at, and none is taken away.
#[tokio::test]
async fn cookies_make_no_difference() {
    let scene = Scene::on(Stores::without_redis().await);
    let plain = scene.ask().await;
    let browser = Browser { token: Token::generate().unwrap() };
    for request in [
        browser.get(ROUTE),
        Request::get(ROUTE).cookie(COOKIE, "no-token"),
        browser.get(ROUTE).cookie(COOKIE, "planted"),
        browser.get(ROUTE).header("origin", "https://evil.example"),
    ] {
        assert_eq!(scene.send(&request, then()).await, plain, "{request:?}");
    }
}

/// ASVS 1.2.1, 2.2.1, 15.3.7: the answer is the same whatever else is sent.
#[tokio::test]
async fn no_hostile_text_anywhere_makes_a_difference() {
    let scene = Scene::on(Stores::without_redis().await);
    let plain = scene.ask().await;
    for request in each_hostile(&Request::get(ROUTE)) {
        assert_eq!(scene.send(&request, then()).await, plain, "{request:?}");
    }
    assert_eq!(scene.stores.dynamo_proxy.calls(), 1);
}
