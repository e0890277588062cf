use crate::support::{Case, Login, everything};
use oidc::{Endpoint, Error, Fault};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use testkit::{Answer, Endpoint as At, Lie};

/// ASVS 10.5.3, `oidcc-client-test-discovery-issuer-mismatch`: the document's issuer is exactly the configured one.
#[tokio::test]
async fn a_document_of_another_issuer_is_refused() {
    let login = Login::new().await;
    let issuer = login.provider.issuer().to_owned();
    for other in ["https://evil.example", &format!("{issuer}//"), &issuer.replace("http", "HTTP"), ""] {
        login.provider.repent().lie(Lie::Discovery("issuer", json!(other)));
        let fault = login.begin().await.unwrap_err();
        assert!(
            matches!(fault, Error::Failed { endpoint: Endpoint::Discovery, source: Fault::ForeignIssuer }),
            "{other}"
        );
    }
    assert_eq!(login.provider.calls().token, 0);
}

/// The usual mistake in a configured issuer: the log names both, so that the operator sees it.
#[tokio::test]
async fn an_issuer_that_differs_by_a_slash_is_named_on_both_sides() {
    let login = Login::new().await;
    let issuer = login.provider.issuer().to_owned();
    let named = format!("received {issuer}/, configured {issuer}, which differs by a trailing slash");
    login.provider.lie(Lie::Discovery("issuer", json!(format!("{issuer}/"))));
    assert!(everything(&login.begin().await.unwrap_err()).contains(&named));
    login.provider.repent().lie(Lie::Claim("iss", json!(format!("{issuer}/"))));
    assert!(everything(&login.run().await.unwrap_err()).contains(&named));
    login.provider.repent().lie(Lie::Callback("iss", Some(format!("{issuer}/"))));
    assert!(everything(&login.run().await.unwrap_err()).contains(&named));
    login.provider.repent().lie(Lie::Claim("iss", json!("https://evil.example/SECRET")));
    assert!(!everything(&login.run().await.unwrap_err()).contains("SECRET"));
}

/// Networks in front of a provider declare its documents as `text/plain`, or not at all.
#[tokio::test]
async fn what_is_json_is_read_whatever_it_is_called() {
    for kind in ["text/plain; charset=utf-8", "text/javascript", "application/octet-stream", "text/html", ""] {
        let lie = |at| Lie::Answer(at, Answer::Type(kind));
        Login::with([At::Discovery, At::Token, At::Jwks].map(lie)).await.run().await.unwrap();
    }
}

#[tokio::test]
async fn a_document_that_lacks_or_mistypes_what_is_needed_is_refused() {
    let login = Login::new().await;
    for member in ["issuer", "authorization_endpoint", "token_endpoint", "jwks_uri"] {
        for value in [Value::Null, json!(7), json!([])] {
            login.provider.repent().lie(Lie::Discovery(member, value));
            assert!(matches!(login.fault().await, (Endpoint::Discovery, Fault::Malformed)), "{member}");
        }
    }
}

/// ASVS 12.2.1: codes and secrets never travel unencrypted, wherever the document points.
#[tokio::test]
async fn an_endpoint_on_plain_http_elsewhere_is_not_used() {
    for member in ["authorization_endpoint", "token_endpoint", "jwks_uri"] {
        let login = Login::with([Lie::Discovery(member, json!("http://id.example/x"))]).await;
        assert!(matches!(login.fault().await, (Endpoint::Discovery, Fault::UnsafeEndpoint)), "{member}");
    }
}

#[tokio::test]
async fn a_document_that_is_no_answer_is_refused() {
    let login = Login::new().await;
    let cases: [Case; 8] = [
        (Answer::Redirect, |fault| matches!(fault, Fault::Status(307))),
        (Answer::Status(500), |fault| matches!(fault, Fault::Status(500))),
        (Answer::Status(400), |fault| matches!(fault, Fault::Status(400))),
        (Answer::Html, |fault| matches!(fault, Fault::MediaType)),
        (Answer::CutShort, |fault| matches!(fault, Fault::Malformed)),
        (Answer::Repeat("issuer"), |fault| matches!(fault, Fault::Malformed)),
        // A member that we do not read counts too.
        (Answer::Repeat("subject_types_supported"), |fault| matches!(fault, Fault::Malformed)),
        (Answer::Padded(256 * 1024 + 1), |fault| matches!(fault, Fault::TooLarge)),
    ];
    for (answer, expected) in cases {
        login.provider.repent().lie(Lie::Answer(At::Discovery, answer.clone()));
        let before = login.provider.calls().discovery;
        let Err(Error::Failed { endpoint: Endpoint::Discovery, source }) = login.begin().await else {
            panic!("{answer:?}")
        };
        assert!(expected(&source), "{answer:?}: {source:?}");
        assert_eq!(login.provider.calls().discovery, before + 1, "{answer:?}");
    }
}

#[tokio::test]
async fn a_body_of_256_kib_is_read_and_not_a_byte_more_declared_or_not() {
    for padded in [Answer::Padded, Answer::PaddedInPieces] {
        let mut login = Login::with([Lie::Answer(At::Discovery, padded(256 * 1024))]).await;
        login.begin().await.unwrap();
        login.restart();
        login.provider.lie(Lie::Answer(At::Discovery, padded(256 * 1024 + 1)));
        assert!(matches!(login.fault().await, (Endpoint::Discovery, Fault::TooLarge)));
    }
}

#[tokio::test]
async fn a_silent_or_endless_provider_costs_no_more_than_the_time_limit() {
    for answer in [Answer::Hang, Answer::Trickle] {
        let mut login = Login::with([Lie::Answer(At::Discovery, answer)]).await;
        login.hurry();
        let started = Instant::now();
        assert!(matches!(login.fault().await, (Endpoint::Discovery, Fault::Slow)));
        assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
    }
}

#[tokio::test]
async fn nobody_at_the_address_is_a_failure() {
    let mut login = Login::new().await;
    // The port is free again once the provider is gone.
    let gone = std::mem::replace(&mut login.provider, testkit::Provider::start().await);
    drop(gone);
    tokio::task::yield_now().await;
    let error = login.begin().await.unwrap_err();
    assert!(
        matches!(error, Error::Failed { endpoint: Endpoint::Discovery, source: Fault::Unreachable(_) }),
        "{error:?}"
    );
    assert!(!everything(&error).contains("openid-configuration"), "{}", everything(&error));
}

#[tokio::test]
async fn the_document_is_asked_for_once_an_hour() {
    let mut login = Login::new().await;
    for (seconds, calls) in [(0, 1), (3599, 1), (1, 2), (0, 2)] {
        login.pass(seconds);
        login.run().await.unwrap();
        assert_eq!(login.provider.calls().discovery, calls);
    }
}

#[tokio::test]
async fn a_failure_is_not_remembered() {
    let login = Login::with([Lie::Answer(At::Discovery, Answer::Status(503))]).await;
    assert!(matches!(login.fault().await, (Endpoint::Discovery, Fault::Status(503))));
    login.provider.repent();
    login.run().await.unwrap();
}
