use crate::support::{Case, Login, callback, everything, redirect_uri};
use oidc::{Attempt, Endpoint, Error, Fault, Refusal};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use testkit::{Answer, Calls, Endpoint as At, Forgery, Lie};

/// The token endpoint redirects, answers 500 or HTML, or repeats members: one call, no second, no login.
#[tokio::test]
async fn an_answer_that_is_none_is_a_failure_and_is_not_asked_for_again() {
    let login = Login::new().await;
    let cases: [Case; 12] = [
        (Answer::Redirect, |fault| matches!(fault, Fault::Status(307))),
        (Answer::Status(500), |fault| matches!(fault, Fault::Status(500))),
        (Answer::Status(403), |fault| matches!(fault, Fault::Status(403))),
        (Answer::Status(201), |fault| matches!(fault, Fault::Status(201))),
        (Answer::Status(400), |fault| matches!(fault, Fault::Status(400))),
        (Answer::Status(429), |fault| matches!(fault, Fault::Status(429))),
        (Answer::Html, |fault| matches!(fault, Fault::MediaType)),
        (Answer::OAuthAs(500, "invalid_grant"), |fault| matches!(fault, Fault::Status(500))),
        (Answer::CutShort, |fault| matches!(fault, Fault::Malformed)),
        (Answer::Repeat("id_token"), |fault| matches!(fault, Fault::Malformed)),
        (Answer::Repeat("expires_in"), |fault| matches!(fault, Fault::Malformed)),
        (Answer::PaddedInPieces(256 * 1024 + 1), |fault| matches!(fault, Fault::TooLarge)),
    ];
    for (answer, expected) in cases {
        login.provider.repent().lie(Lie::Answer(At::Token, answer.clone()));
        let before = login.provider.calls().token;
        let (endpoint, fault) = login.fault().await;
        assert!(endpoint == Endpoint::Token && expected(&fault), "{answer:?}: {fault:?}");
        assert_eq!(login.provider.calls(), Calls { token: before + 1, discovery: 1, jwks: 0 }, "{answer:?}");
    }
}

#[tokio::test]
async fn a_silent_or_endless_answer_costs_no_more_than_the_time_limit() {
    for answer in [Answer::Hang, Answer::Trickle] {
        let mut login = Login::with([Lie::Answer(At::Token, answer)]).await;
        login.hurry();
        let started = Instant::now();
        assert!(matches!(login.fault().await, (Endpoint::Token, Fault::Slow)));
        assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
        assert_eq!(login.provider.calls().token, 1);
    }
}

#[tokio::test]
async fn a_response_that_lacks_or_mistypes_what_is_needed_is_a_failure() {
    let login = Login::new().await;
    for member in ["access_token", "token_type", "id_token"] {
        for value in [Value::Null, json!(7), json!({})] {
            // If there is only one type, it may be omitted.
            if member == "token_type" && value.is_null() {
                continue;
            }
            login.provider.repent().lie(Lie::Tokens(member, value));
            assert!(matches!(login.fault().await, (Endpoint::Token, Fault::Malformed)), "{member}");
        }
    }
}

#[tokio::test]
async fn members_that_are_not_needed_may_be_anything() {
    let login = Login::with([Lie::Tokens("expires_in", json!("300")), Lie::Tokens("scope", json!(["openid"]))]).await;
    login.run().await.unwrap();
}

/// As real providers do.
#[tokio::test]
async fn an_answer_without_a_token_type_is_a_bearers() {
    Login::with([Lie::Tokens("token_type", Value::Null)]).await.run().await.unwrap();
}

/// OpenID Connect Core 3.1.3.3.
#[tokio::test]
async fn the_token_type_is_bearer_in_any_case_and_nothing_else() {
    let login = Login::new().await;
    for (kind, good) in [("bearer", true), ("BEARER", true), ("mac", false), ("DPoP", false), ("", false)] {
        login.provider.repent().lie(Lie::Tokens("token_type", json!(kind)));
        match login.run().await {
            Ok(_) => assert!(good, "{kind}"),
            Err(Error::Failed { endpoint: Endpoint::Token, source: Fault::Malformed }) => assert!(!good, "{kind}"),
            Err(other) => panic!("{kind}: {other:?}"),
        }
    }
}

/// RFC 6749 section 5.2: only `invalid_grant` is about this login; the others are about us.
#[tokio::test]
async fn an_oauth_error_is_a_failure_unless_it_is_about_the_code() {
    let login = Login::new().await;
    for status in [400, 401, 403, 422] {
        login.provider.repent().lie(Lie::Answer(At::Token, Answer::OAuthAs(status, "invalid_grant")));
        assert!(matches!(login.run().await, Err(Error::Refused(Refusal::Code))), "{status}");
    }
    for (error, told) in [
        ("invalid_client", "invalid_client"),
        ("invalid_request", "invalid_request"),
        ("invalid_scope", "invalid_scope"),
        ("unauthorized_client", "unauthorized_client"),
        ("unsupported_grant_type", "unsupported_grant_type"),
        ("made_up", "an error of its own"),
    ] {
        for status in [400, 401, 403] {
            login.provider.lie(Lie::Answer(At::Token, Answer::OAuthAs(status, error)));
            assert!(matches!(login.fault().await, (Endpoint::Token, Fault::Client(name)) if name == told), "{error}");
        }
    }
}

/// The provider accepts only one method of authentication, so a login proves which one was used.
#[tokio::test]
async fn the_client_authenticates_as_the_provider_lists() {
    for methods in [json!(null), json!(["client_secret_basic"]), json!(["client_secret_post"])] {
        let login = Login::with([Lie::Discovery("token_endpoint_auth_methods_supported", methods)]).await;
        login.run().await.unwrap();
    }
}

/// ASVS 10.1.2, 10.2.1: the provider compares the verifier with the challenge it was sent.
#[tokio::test]
async fn another_verifier_or_redirect_uri_redeems_no_code() {
    let login = Login::new().await;
    let (attempt, callback_) = login.visit().await;
    let forged = Attempt { verifier: "x".repeat(43), ..attempt };
    assert!(matches!(login.finish(&forged, &callback_).await, Err(Error::Refused(Refusal::Code))));
    let (url, attempt) = login.begin().await.unwrap();
    let callback = callback(&login.provider.authorize(url.as_str()));
    let other = redirect_uri().join("elsewhere").unwrap();
    let outcome = login.ours().finish(&attempt, &callback, &other, login.now).await;
    assert!(matches!(outcome, Err(Error::Refused(Refusal::Code))), "{outcome:?}");
}

/// ASVS 16.2.5: after any failure, no error can be made to print a code, verifier, token or client secret.
#[tokio::test]
async fn no_error_tells_a_secret() {
    let lies = [
        Lie::Answer(At::Token, Answer::Status(500)),
        Lie::Answer(At::Token, Answer::Status(400)),
        Lie::Answer(At::Token, Answer::CutShort),
        Lie::Answer(At::Token, Answer::Repeat("id_token")),
        Lie::Answer(At::Token, Answer::OAuth("invalid_client")),
        Lie::Answer(At::Token, Answer::OAuthAs(403, "invalid_grant")),
        Lie::Answer(At::Token, Answer::Hang),
        Lie::Answer(At::Jwks, Answer::Html),
        Lie::Tokens("id_token", json!(7)),
        Lie::Tokens("token_type", json!("mac")),
        Lie::Signature(Forgery::Tampered),
        Lie::Claim("exp", json!("never")),
        Lie::Claim("nonce", json!("other")),
    ];
    let mut login = Login::new().await;
    login.hurry();
    for lie in lies {
        login.provider.repent().lie(lie.clone());
        let (attempt, callback) = login.visit().await;
        let text = everything(&login.finish(&attempt, &callback).await.unwrap_err());
        let secrets = [login.provider.secrets(), vec![attempt.state, attempt.nonce, attempt.verifier]].concat();
        for secret in secrets {
            assert!(!text.contains(&secret), "{lie:?}: {text}");
        }
    }
    assert!(login.provider.secrets().len() > 20);
}
