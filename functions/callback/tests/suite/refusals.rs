//! Logins that the provider refuses, or answers wrongly.

use crate::support::{Scene, Visit};
use scene::{Answer, Endpoint, Forgery, Lie, Reply};
use serde_json::{Value, json};

impl Scene {
    /// The answer to a visit that must not leave a session, a user or a written row.
    async fn ends_without_a_trace(&self, visit: &Visit) -> Reply {
        let kept = self.kept().await;
        let reply = self.ask(&visit.request()).await;
        assert_eq!(self.kept().await, kept, "something is written");
        let cleared = format!("{}=; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=0", visit.cookie_name());
        assert_eq!(reply.cookies, [cleared], "the attempt is spent and no session begins");
        reply
    }
}

/// ASVS 10.2.2, 6.8.1; RFC 9207: refused before the code is sent to any provider.
#[tokio::test]
async fn a_callback_without_a_yes_of_this_issuer_is_refused_without_a_call() {
    let scene = Scene::small().await;
    let visit = scene.visit().await;
    let (bare, no_code) = (visit.without("iss"), visit.without("code"));
    let with = |visit: &Visit, more: &str| visit.with(format!("{}&{more}", visit.query));
    let foreign = format!("iss={}", scene.other.issuer());
    for refused in [
        bare.clone(),
        with(&bare, "iss=https%3A%2F%2Fevil.example"),
        with(&bare, &foreign),
        with(&bare, "iss="),
        no_code.clone(),
        with(&no_code, "code="),
        with(&no_code, "error=login_required"),
        with(&no_code, "error=%3Cscript%3E"),
        with(&no_code, "error=ACCESS_DENIED"),
        with(&bare, "error=access_denied"),
        with(&no_code, "error="),
        with(&visit, "error=server_error&error_description=SECRET"),
    ] {
        let reply = scene.ends_without_a_trace(&refused).await;
        assert_eq!((reply.status, &*reply.problem()), (400, "login-refused"), "{}", refused.query);
        assert!(!reply.body.contains("script") && !reply.body.contains("SECRET"), "{reply:?}");
    }
    let calls = scene.provider.calls();
    assert_eq!((calls.token, calls.jwks), (0, 0));
}

/// RFC 6749 section 4.1.2.1: nothing is wrong, so it is told apart from what is.
#[tokio::test]
async fn whoever_cancels_at_the_provider_is_told_so() {
    let scene = Scene::small().await;
    let no_code = scene.visit().await.without("code");
    let reply = scene.ends_without_a_trace(&no_code.with(format!("{}&error=access_denied", no_code.query))).await;
    assert_eq!((reply.status, &*reply.problem()), (400, "login-cancelled"));
    assert_eq!(scene.provider.calls().token, 0);
}

/// ASVS 10.5.1–10.5.4, 9.1.1–9.2.4: one of each kind; the tests of the crate `oidc` cover all.
#[tokio::test]
async fn an_id_token_that_cannot_be_accepted_is_refused() {
    let claim = |name: &'static str, value: Value| Lie::Claim(name, value);
    for lie in [
        claim("iss", json!("https://evil.example")),
        claim("aud", json!("another client")),
        claim("sub", json!("")),
        claim("nonce", json!("of another login")),
        claim("nonce", json!(null)),
        claim("exp", json!(0)),
        claim("iat", json!(0)),
        claim("at_hash", json!("x")),
        Lie::Header("alg", json!("none")),
        Lie::Header("alg", json!("HS256")),
        Lie::Signature(Forgery::Absent),
        Lie::Signature(Forgery::Tampered),
        Lie::Signature(Forgery::Stranger),
    ] {
        let scene = Scene::small().await;
        scene.provider.lie(lie.clone());
        let reply = scene.ends_without_a_trace(&scene.visit().await).await;
        assert_eq!((reply.status, &*reply.problem()), (400, "login-refused"), "{lie:?}");
    }
}

#[tokio::test]
async fn a_provider_that_fails_is_told_apart_from_one_that_says_no() {
    for (endpoint, answer, status, problem) in [
        (Endpoint::Token, Answer::OAuth("invalid_grant"), 400, "login-refused"),
        (Endpoint::Token, Answer::OAuth("invalid_client"), 502, "provider-failed"),
        (Endpoint::Token, Answer::Status(500), 502, "provider-failed"),
        (Endpoint::Token, Answer::Redirect, 502, "provider-failed"),
        (Endpoint::Token, Answer::Html, 502, "provider-failed"),
        (Endpoint::Token, Answer::Repeat("id_token"), 502, "provider-failed"),
        (Endpoint::Jwks, Answer::Status(503), 502, "provider-failed"),
        (Endpoint::Jwks, Answer::CutShort, 502, "provider-failed"),
    ] {
        let scene = Scene::small().await;
        let visit = scene.visit().await;
        scene.provider.lie(Lie::Answer(endpoint, answer.clone()));
        let reply = scene.ends_without_a_trace(&visit).await;
        assert_eq!((reply.status, &*reply.problem()), (status, problem), "{endpoint:?} {answer:?}");
        assert_eq!(scene.provider.calls().token, 1, "a code is never sent twice");
        assert!(!reply.body.contains("127.0.0.1"), "{reply:?}");
    }
}

/// RFC 7636: an attacker who has got hold of a code cannot use it in an attempt of their own.
#[tokio::test]
async fn a_code_is_good_for_its_own_attempt_only() {
    let scene = Scene::small().await;
    let (victim, attacker) = (scene.visit().await, scene.visit().await);
    let code = victim.query.split('&').find(|pair| pair.starts_with("code=")).expect("a code").to_owned();
    let stolen = attacker.without("code");
    let reply = scene.ends_without_a_trace(&stolen.with(format!("{}&{code}", stolen.query))).await;
    assert_eq!((reply.status, &*reply.problem()), (400, "login-refused"));
}
