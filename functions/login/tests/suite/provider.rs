//! `GET /login/{provider}`: the start of a login at a provider.

use crate::support::{Scene, attempts, start};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as BASE64URL};
use oidc::{Attempt, Receipt};
use scene::{APP_URL, HOSTILE, Stores, now};
use std::collections::HashMap;
use url::Url;

/// The names of the cookies that an answer removes.
fn cleared(reply: &scene::Reply) -> Vec<&str> {
    let pairs = reply.cookies.iter().filter_map(|cookie| cookie.split_once('='));
    pairs.filter(|(_, rest)| rest.starts_with(';')).map(|(name, _)| name).collect()
}

/// ASVS 10.1.2, 10.2.1: the request that is sent and the attempt that is kept belong together.
#[tokio::test]
async fn the_browser_leaves_with_a_state_a_nonce_and_a_challenge_of_its_attempt() {
    let scene = Scene::new(Stores::without_redis().await, now()).await;
    let (reply, attempt) = scene.begin().await;
    let location = Url::parse(reply.header("location").unwrap()).unwrap();
    let query: HashMap<_, _> = location.query_pairs().into_owned().collect();
    assert_eq!((&query["state"], &query["nonce"]), (&attempt.state, &attempt.nonce));
    assert_eq!((&*query["response_type"], &*query["code_challenge_method"]), ("code", "S256"));
    assert_eq!(query["redirect_uri"], "https://api.example.com/auth/callback/acme");
    let challenge = BASE64URL.encode(<sha2::Sha256 as sha2::Digest>::digest(&attempt.verifier));
    assert_eq!(query["code_challenge"], challenge);
    assert!(!location.as_str().contains(&attempt.verifier));
    // The provider accepts it too.
    scene.provider.authorize(location.as_str());
}

/// ASVS 11.5.1, 7.2.3: two tabs do not conflict, and no value repeats.
#[tokio::test]
async fn every_attempt_has_secrets_and_a_cookie_of_its_own() {
    let scene = Scene::new(Stores::without_redis().await, now()).await;
    let ((_, one), (_, two)) = (scene.begin().await, scene.begin().await);
    let secrets = [&one.state, &one.nonce, &one.verifier, &two.state, &two.nonce, &two.verifier];
    assert_eq!(secrets.iter().collect::<std::collections::HashSet<_>>().len(), 6);
    assert!(secrets.iter().all(|secret| secret.len() == 43));
    assert_ne!(Attempt::cookie_name(&one.state), Attempt::cookie_name(&two.state));
}

#[tokio::test]
async fn the_start_of_a_login_touches_no_store() {
    let scene = Scene::new(Stores::start().await, now()).await;
    let (calls, contents) = (scene.stores.dynamo_proxy.calls(), scene.stores.contents().await);
    let trips = scene.stores.redis_proxy.as_ref().unwrap().round_trips();
    scene.begin().await;
    assert_eq!(scene.stores.dynamo_proxy.calls(), calls);
    assert_eq!(scene.stores.redis_proxy.as_ref().unwrap().round_trips(), trips);
    assert_eq!(scene.stores.contents().await, contents);
}

/// ASVS 3.7.2.
#[tokio::test]
async fn a_place_elsewhere_is_refused_before_anything_happens() {
    let scene = Scene::new(Stores::without_redis().await, now()).await;
    for place in [
        "//evil.example",
        "/\\evil.example",
        "/\tevil.example",
        "https://app.example.com@evil.example",
        "https://app.example.com.evil.example",
        "https://app.example.com:8443",
        "http://app.example.com",
        "javascript:alert(1)",
        "%2f%2fevil.example",
        "",
    ] {
        let escaped: String = url::form_urlencoded::byte_serialize(place.as_bytes()).collect();
        let reply = scene.ask(&start().query(&format!("return_to={escaped}"))).await;
        assert_eq!((reply.status, &*reply.problem(), reply.cookies.len()), (400, "bad-request", 0), "{place:?}");
    }
    assert_eq!(scene.provider.calls(), scene::Calls::default());
}

/// ASVS 3.3.5: browsers drop a cookie of more than 4096 bytes, and the login with it. The length is checked in every
/// answer.
#[tokio::test]
async fn the_longest_return_to_still_fits_a_cookie() {
    let scene = Scene::new(Stores::without_redis().await, now()).await;
    let app = Url::parse(APP_URL).unwrap();
    let mut longest = 0;
    // The last ones become longer as part of a URL.
    for filler in ["a", "'", "%22", "\"", "\u{e9}", "\u{1f511}"] {
        for length in [80, 250, 330, 1000, 1001, 1002, 1024] {
            let path = format!("/{}", filler.repeat(length)).chars().take(length).collect::<String>();
            let escaped: String = url::form_urlencoded::byte_serialize(path.as_bytes()).collect();
            let reply = scene.ask(&start().query(&format!("return_to={escaped}"))).await;
            let fits = app.join(&path).unwrap().as_str().len() <= 1024;
            assert_eq!(reply.status, if fits { 302 } else { 400 }, "{length} times {filler}: {reply:?}");
            longest = longest.max(reply.cookies.iter().map(String::len).max().unwrap_or_default());
        }
    }
    assert!(longest > 1700, "a long one was there: {longest}");
}

/// They are sent with every request, and a server refuses headers above a certain size.
#[tokio::test]
async fn a_browser_keeps_four_attempts_and_loses_the_oldest() {
    let scene = Scene::new(Stores::without_redis().await, now()).await;
    let mut request = start();
    let mut names = Vec::new();
    for count in 0_usize..6 {
        let reply = scene.ask(&request).await;
        assert_eq!(cleared(&reply), names[..count.saturating_sub(3)], "{count}");
        let [attempt] = &attempts(&reply)[..] else { panic!("one attempt: {reply:?}") };
        let name = Attempt::cookie_name(&attempt.state);
        request = request.cookie(&name, &attempt.encode());
        names.push(name);
    }
}

/// What is left of an attempt that succeeded is dropped before one that is under way.
#[tokio::test]
async fn a_receipt_costs_no_attempt_its_place() {
    let scene = Scene::new(Stores::without_redis().await, now()).await;
    let receipt = Receipt { return_to: APP_URL.to_owned(), finished_at: scene.now }.encode();
    let named = |name: &str| format!("{}{name}", Attempt::COOKIE_PREFIX);
    let kept = |names: &[&str]| {
        let value = |name: &str| if name.starts_with('R') { receipt.clone() } else { "x".to_owned() };
        names.iter().fold(start(), |request, name| request.cookie(&named(name), &value(name)))
    };
    for (names, dropped) in [
        (&["A", "R"][..], &[][..]),
        (&["A", "R", "B"], &[]),
        (&["A", "B", "C", "R"], &["R"]),
        (&["A", "R1", "B", "R2", "C", "D"], &["R1", "R2", "A"]),
    ] {
        let dropped: Vec<_> = dropped.iter().map(|name| named(name)).collect();
        assert_eq!(cleared(&scene.ask(&kept(names)).await), dropped, "{names:?}");
    }
}

/// ASVS 1.2.1.
#[tokio::test]
async fn no_name_is_written_back_that_could_not_be_ours() {
    let scene = Scene::new(Stores::without_redis().await, now()).await;
    for text in HOSTILE {
        let names = (0..6).map(|number| format!("__Host-login_{text}{number}"));
        let request = names.fold(start(), |request, name| request.cookie(&name, "x"));
        let reply = scene.ask(&request).await;
        assert_eq!(reply.status, 302, "{text:?}");
        let plain = |name: &&str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
        assert!(cleared(&reply).iter().all(plain), "{text:?}: {reply:?}");
    }
}

/// RFC 9110: a name in a route is compared as sent, and is found or not.
#[tokio::test]
async fn only_the_names_of_configured_providers_are_found() {
    let scene = Scene::new(Stores::without_redis().await, now()).await;
    for name in ["ACME", "acme ", "acm", "acme2", "", "google", "../acme", "acme%00"] {
        let reply = scene.ask(&scene::Request::get("/login/{provider}").parameter("provider", name)).await;
        assert_eq!((reply.status, &*reply.problem()), (404, "not-found"), "{name}");
    }
    assert_eq!(scene.provider.calls(), scene::Calls::default());
}

/// While four attempts are under way, each with the longest address, their cookies go with every request. The gateway
/// takes 10,240 bytes of headers.
#[tokio::test]
async fn four_of_the_longest_attempts_fit_a_request() {
    let scene = Scene::new(Stores::without_redis().await, now()).await;
    let browser = scene.sign_in().await;
    let place = format!("%2F{}", "a".repeat(1024 - "https://app.example.com/".len()));
    let reply = scene.ask(&browser.with_cookie(start()).query(&format!("prompt=login&return_to={place}"))).await;
    assert_eq!(reply.status, 302, "{reply:?}");
    let length = reply.cookies[0].split(';').next().unwrap().len();
    assert!((1800..2400).contains(&length), "{length}");
    assert_eq!(scene.ask(&start().query(&format!("return_to={place}a"))).await.status, 400);
}

/// OpenID Connect Core 3.1.2.1, 5.5.1.1.
#[tokio::test]
async fn a_provider_is_told_to_ask_the_person_if_that_is_wanted() {
    let scene = Scene::new(Stores::without_redis().await, now()).await;
    for (query, wanted) in [("", false), ("prompt=login", true)] {
        let reply = scene.ask(&start().query(query)).await;
        let location = Url::parse(reply.header("location").unwrap()).unwrap();
        let sent: HashMap<_, _> = location.query_pairs().into_owned().collect();
        let claims = r#"{"id_token":{"auth_time":{"essential":true}}}"#;
        let asked = [("prompt", "login"), ("max_age", "0"), ("claims", claims)];
        for (name, value) in asked {
            assert_eq!(sent.get(name).map(String::as_str), wanted.then_some(value), "{name}");
        }
        assert_eq!(attempts(&reply)[0].prompt, wanted);
    }
}

#[tokio::test]
async fn another_prompt_is_400() {
    let scene = Scene::new(Stores::without_redis().await, now()).await;
    for query in ["prompt=none", "prompt=", "prompt=login%20consent", "prompt=LOGIN", "prompt=login&prompt=login"] {
        let reply = scene.ask(&start().query(query)).await;
        assert_eq!((reply.status, &*reply.problem(), reply.cookies.len()), (400, "bad-request", 0), "{query}");
    }
}
