//! After the first failed check neither the provider nor a store is asked again. ASVS 10.5.1, 10.2.2.

use crate::support::{Scene, Visit, environment};
use jiff::SignedDuration;
use oidc::Providers;
use scene::settings;
use scene::{Answer, Calls, Endpoint, Forgery, Lie};
use serde_json::json;

const NONE: Calls = Calls { discovery: 0, jwks: 0, token: 0 };
const DISCOVERY: Calls = Calls { discovery: 1, ..NONE };
const TOKEN: Calls = Calls { token: 1, ..DISCOVERY };
const KEYS: Calls = Calls { jwks: 1, ..TOKEN };

/// Finishes a visit in an instance that knows nothing of the provider yet; returns what it asked.
async fn asked(scene: &mut Scene, visit: &Visit) -> (Calls, usize) {
    scene.function.providers = settings(environment(&scene.provider, &scene.other), |environment| {
        Some(Providers::from_environment(environment))
    });
    let (before, stored) = (scene.provider.calls(), scene.stores.dynamo_proxy.calls());
    assert!(scene.ask(&visit.request()).await.status >= 400, "{}", visit.query);
    let after = scene.provider.calls();
    let calls = Calls {
        discovery: after.discovery - before.discovery,
        jwks: after.jwks - before.jwks,
        token: after.token - before.token,
    };
    (calls, scene.stores.dynamo_proxy.calls() - stored)
}

#[tokio::test]
async fn what_the_callback_shows_is_judged_before_the_provider_is_asked() {
    let mut scene = Scene::small().await;
    let visit = scene.visit().await;
    let (no_iss, no_code) = (visit.without("iss"), visit.without("code"));
    let with = |visit: &Visit, more: &str| visit.with(format!("{}&{more}", visit.query));
    for (visit, expected) in [
        (visit.without("state"), NONE),
        (visit.with(visit.query.replace("state=", "state=x")), NONE),
        (with(&visit, "code=again"), NONE),
        (with(&no_iss, "iss=https%3A%2F%2Fevil.example"), NONE),
        // Only its discovery document says whether a provider always names itself.
        (no_iss, DISCOVERY),
        (with(&no_code, "error=access_denied"), DISCOVERY),
        (no_code, DISCOVERY),
    ] {
        assert_eq!(asked(&mut scene, &visit).await, (expected, 0), "{}", visit.query);
    }
    let mut elsewhere = visit.clone();
    elsewhere.attempt.return_to = "https://evil.example".to_owned();
    assert_eq!(asked(&mut scene, &elsewhere).await, (NONE, 0));
    let mut of_another = visit.clone();
    of_another.attempt.provider = "other".to_owned();
    assert_eq!(asked(&mut scene, &of_another).await, (NONE, 0));
    scene.now += SignedDuration::from_secs(601);
    assert_eq!(asked(&mut scene, &visit).await, (NONE, 0));
}

#[tokio::test]
async fn what_the_provider_says_is_judged_before_more_is_asked() {
    // Each exchange is counted, and a refused one stays counted.
    let (untold, refused) = (1, 2);
    for (lie, expected, stored) in [
        (Lie::Answer(Endpoint::Discovery, Answer::Status(500)), DISCOVERY, 0),
        (Lie::Discovery("issuer", json!("https://evil.example")), DISCOVERY, 0),
        (Lie::Answer(Endpoint::Token, Answer::OAuth("invalid_grant")), TOKEN, refused),
        (Lie::Answer(Endpoint::Token, Answer::Status(500)), TOKEN, untold),
        (Lie::Tokens("id_token", json!(null)), TOKEN, untold),
        (Lie::Tokens("token_type", json!("DPoP")), TOKEN, untold),
        (Lie::Header("alg", json!("none")), TOKEN, refused),
        (Lie::Header("alg", json!("HS256")), TOKEN, refused),
        (Lie::Signature(Forgery::Tampered), KEYS, refused),
        (Lie::Claim("nonce", json!("of another login")), KEYS, refused),
        (Lie::Claim("aud", json!("another client")), KEYS, refused),
    ] {
        let mut scene = Scene::small().await;
        let visit = scene.visit().await;
        scene.provider.lie(lie.clone());
        assert_eq!(asked(&mut scene, &visit).await, (expected, stored), "{lie:?}");
    }
}
