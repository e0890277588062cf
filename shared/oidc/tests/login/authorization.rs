use crate::support::{Login, providers, redirect_uri};
use jiff::{SignedDuration, Timestamp};
use oidc::{Attempt, Callback, Claims, Error, Refusal};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use testkit::{Calls, Lie};

fn refused(outcome: Result<Claims, Error>) -> Refusal {
    match outcome {
        Err(Error::Refused(refusal)) => refusal,
        other => panic!("not refused: {other:?}"),
    }
}

/// `oidcc-client-test`: everything is right.
#[tokio::test]
async fn an_honest_login_tells_who_came() {
    let login = Login::new().await;
    let (attempt, callback) = login.visit().await;
    let expected = Claims {
        issuer: login.provider.issuer().to_owned(),
        subject: "ana".to_owned(),
        email: Some("ana@example.com".to_owned()),
        email_verified: true,
        name: Some("Ana".to_owned()),
        picture: Some("https://example.com/ana.png".to_owned()),
        auth_time: Some(Timestamp::from_second(login.now.as_second()).unwrap()),
    };
    assert_eq!(login.finish(&attempt, &callback).await.unwrap(), expected);
    assert_eq!(attempt.return_to, "/welcome");
    assert_eq!(login.provider.calls(), Calls { discovery: 1, jwks: 1, token: 1 });
}

/// ASVS 10.1.2, 10.2.1, 10.5.1, 11.5.1: code flow, PKCE S256, state and nonce, all new each time.
#[tokio::test]
async fn the_authorization_request_has_all_it_needs_and_nothing_twice() {
    let login = Login::new().await;
    let (url, attempt) = login.begin().await.unwrap();
    let pairs: BTreeMap<_, _> = url.query_pairs().into_owned().collect();
    assert_eq!(pairs.len(), url.query_pairs().count());
    let (challenge, redirect_uri) = (pairs["code_challenge"].clone(), redirect_uri());
    let expected = [
        ("response_type", "code"),
        ("client_id", "client of the tests"),
        ("redirect_uri", redirect_uri.as_str()),
        ("scope", "openid email profile"),
        ("state", &attempt.state),
        ("nonce", &attempt.nonce),
        ("code_challenge_method", "S256"),
        ("code_challenge", &challenge),
    ];
    assert_eq!(pairs, expected.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
    assert!(!url.as_str().contains(&attempt.verifier));
}

/// ASVS 10.1.2, 11.5.1.
#[tokio::test]
async fn state_nonce_and_verifier_are_new_each_time_and_256_bits_long() {
    let login = Login::new().await;
    let mut seen = BTreeSet::new();
    for _ in 0..20 {
        let (_, attempt) = login.begin().await.unwrap();
        for secret in [attempt.state, attempt.nonce, attempt.verifier] {
            assert_eq!(secret.len(), 43);
            assert!(seen.insert(secret));
        }
    }
}

#[tokio::test]
async fn an_authorization_endpoint_keeps_its_own_query() {
    let login = Login::new().await;
    let endpoint = format!("{}/authorize?tenant=1", login.provider.issuer());
    login.provider.lie(Lie::Discovery("authorization_endpoint", json!(endpoint)));
    let (url, attempt) = login.begin().await.unwrap();
    assert!(url.as_str().starts_with(&format!("{endpoint}&")) && url.as_str().contains(&attempt.state), "{url}");
}

/// ASVS 10.2.1: the state of another browser, a truncated one, a longer one, none.
#[tokio::test]
async fn a_callback_with_another_state_is_expired_and_asks_the_provider_nothing() {
    let login = Login::new().await;
    let (attempt, callback) = login.visit().await;
    let (other, _) = login.visit().await;
    let before = login.provider.calls();
    let half = attempt.state[..20].to_owned();
    for state in [other.state.clone(), half, format!("{}x", attempt.state), attempt.state.to_lowercase(), String::new()]
    {
        let callback = Callback { state, ..callback.clone() };
        assert!(matches!(login.finish(&attempt, &callback).await, Err(Error::Expired)));
    }
    assert!(matches!(login.finish(&other, &callback).await, Err(Error::Expired)));
    assert_eq!(login.provider.calls(), before);
}

/// ASVS 10.2.1: ten minutes to the second.
#[tokio::test]
async fn an_attempt_lives_ten_minutes() {
    let mut login = Login::new().await;
    for (seconds, alive) in [(-61, false), (-60, true), (0, true), (600, true), (601, false)] {
        let (attempt, callback) = login.visit().await;
        let started_at = login.now - SignedDuration::from_secs(seconds);
        let before = login.provider.calls();
        let outcome = login.finish(&Attempt { started_at, ..attempt }, &callback).await;
        assert_eq!(outcome.is_ok(), alive, "{seconds}");
        if !alive {
            assert!(matches!(outcome, Err(Error::Expired)), "{outcome:?}");
            assert_eq!(login.provider.calls(), before);
        }
        login.pass(1);
    }
}

/// ASVS 10.2.2, RFC 9700 section 4.4: an answer to provider A's attempt that arrives at provider B is refused.
#[tokio::test]
async fn an_attempt_with_one_provider_is_nothing_at_another() {
    let (login, other) = (Login::new().await, testkit::Provider::start().await);
    let both =
        [login.provider.environment("acme"), other.environment("other"), vec![pair("OIDC_PROVIDERS", "acme,other")]];
    let both = providers(both.concat());
    let (attempt, callback) = login.visit().await;
    let other_provider = both.find("other").unwrap();
    let outcome = other_provider.finish(&attempt, &callback, &redirect_uri(), login.now).await;
    assert!(matches!(outcome, Err(Error::Expired)), "{outcome:?}");
    assert_eq!(other.calls(), Calls::default());
    login.finish(&attempt, &callback).await.unwrap();
}

fn pair(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

/// ASVS 10.2.2, RFC 9207 section 2.4: the answer names its issuer, and it is the one we asked.
#[tokio::test]
async fn a_callback_of_another_issuer_is_refused_before_its_code_is_used() {
    let login = Login::new().await;
    let issuer = login.provider.issuer().to_owned();
    for iss in [None, Some("https://evil.example".to_owned()), Some(format!("{issuer}//")), Some(String::new())] {
        login.provider.repent().lie(Lie::Callback("iss", iss.clone()));
        assert_eq!(refused(login.run().await), Refusal::ForeignCallback, "{iss:?}");
    }
    assert_eq!(login.provider.calls().token, 0);
}

/// ASVS 10.2.2.
#[tokio::test]
async fn a_provider_that_never_names_itself_need_not_but_must_not_be_another() {
    for announced in [json!(null), json!(false)] {
        let member = "authorization_response_iss_parameter_supported";
        let login = Login::with([Lie::Discovery(member, announced), Lie::Callback("iss", None)]).await;
        login.run().await.unwrap();
        login.provider.lie(Lie::Callback("iss", Some("https://evil.example".to_owned())));
        assert_eq!(refused(login.run().await), Refusal::ForeignCallback);
    }
}

#[tokio::test]
async fn the_provider_saying_no_is_a_refusal_that_costs_no_call() {
    let login = Login::new().await;
    for (error, refusal) in [
        ("access_denied", Refusal::Cancelled),
        ("login_required", Refusal::Answer("login_required")),
        ("<b>made up</b>", Refusal::Answer("an error of its own")),
    ] {
        login.provider.lie(Lie::Callback("error", Some(error.to_owned())));
        assert_eq!(refused(login.run().await), refusal);
    }
    assert_eq!(login.provider.calls().token, 0);
}

/// RFC 9207 section 2.4: the issuer is checked in error responses too.
#[tokio::test]
async fn an_error_of_another_issuer_is_not_the_providers() {
    let error = Lie::Callback("error", Some("access_denied".to_owned()));
    let login = Login::with([error, Lie::Callback("iss", None)]).await;
    assert_eq!(refused(login.run().await), Refusal::ForeignCallback);
}

#[tokio::test]
async fn a_callback_without_a_code_is_refused() {
    for code in [None, Some(String::new())] {
        let login = Login::with([Lie::Callback("code", code)]).await;
        assert_eq!(refused(login.run().await), Refusal::NoCode);
        assert_eq!(login.provider.calls().token, 0);
    }
}

/// ASVS 10.2.1: code and state replayed together.
#[tokio::test]
async fn a_callback_works_once() {
    let login = Login::new().await;
    let (attempt, callback) = login.visit().await;
    login.finish(&attempt, &callback).await.unwrap();
    assert_eq!(refused(login.finish(&attempt, &callback).await), Refusal::Code);
}

/// ASVS 10.1.2, 10.2.1: a code injected into another browser's login with the same provider (RFC 9700 section 4.5).
#[tokio::test]
async fn a_code_of_another_attempt_is_refused() {
    let login = Login::new().await;
    let (_, stolen) = login.visit().await;
    let (attempt, callback) = login.visit().await;
    let injected = Callback { code: stolen.code, ..callback };
    assert_eq!(refused(login.finish(&attempt, &injected).await), Refusal::Code);
}

#[tokio::test]
async fn a_login_begun_in_one_instance_is_finished_in_another() {
    let mut login = Login::new().await;
    let (attempt, callback) = login.visit().await;
    let attempt = Attempt::decode(&attempt.encode()).unwrap();
    login.restart();
    login.finish(&attempt, &callback).await.unwrap();
}

/// A handler's runtime may move a login from one thread to another.
#[tokio::test]
async fn a_login_can_be_run_on_any_thread() {
    let login = std::sync::Arc::new(Login::new().await);
    let here = std::sync::Arc::clone(&login);
    tokio::spawn(async move { here.run().await }).await.unwrap().unwrap();
}
