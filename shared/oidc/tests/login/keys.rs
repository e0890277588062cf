use crate::support::{Case, Login};
use oidc::{Endpoint, Fault, Flaw};
use serde_json::{Value, json};
use testkit::{Answer, Calls, Endpoint as At, Lie};

fn kid(value: impl Into<Value>) -> Lie {
    Lie::Header("kid", value.into())
}

/// `oidcc-client-test-kid-absent-single-jwks`.
#[tokio::test]
async fn without_a_kid_the_only_key_is_used() {
    Login::with([kid(Value::Null)]).await.run().await.unwrap();
}

/// `oidcc-client-test-kid-absent-multiple-jwks`: one suitable key among several is enough, two are ambiguous.
#[tokio::test]
async fn without_a_kid_several_suitable_keys_are_refused() {
    let mut login = Login::with([kid(Value::Null)]).await;
    login.provider.publish("ES256").publish("RS512");
    login.run().await.unwrap();
    login.provider.publish("RS256");
    login.restart();
    assert_eq!(login.flaw().await, Flaw::Key);
}

/// ASVS 9.1.3.
#[tokio::test]
async fn a_kid_picks_its_key_among_several() {
    let login = Login::new().await;
    login.provider.publish("RS256").publish("ES256");
    login.run().await.unwrap();
}

/// ASVS 9.1.3: two keys of one name are ambiguous too.
#[tokio::test]
async fn a_kid_that_two_keys_bear_is_refused() {
    let login = Login::with([Lie::Key("kid", json!("same")), kid("same")]).await;
    login.provider.publish("RS256");
    assert_eq!(login.flaw().await, Flaw::Key);
}

/// ASVS 9.1.3.
#[tokio::test]
async fn an_unknown_kid_is_refused_after_one_fetch() {
    let login = Login::with([kid("made-up")]).await;
    assert_eq!(login.flaw().await, Flaw::Key);
    assert_eq!(login.provider.calls().jwks, 1);
}

/// `oidcc-client-test-signing-key-rotation-just-before-signing` and `-signing-key-rotation`.
#[tokio::test]
async fn a_rotation_between_two_logins_or_within_one_costs_one_fetch() {
    let mut login = Login::new().await;
    login.run().await.unwrap();
    login.provider.rotate();
    login.run().await.unwrap();
    assert_eq!(login.provider.calls().jwks, 2);

    login.pass(30);
    let (attempt, callback) = login.visit().await;
    login.provider.rotate();
    login.finish(&attempt, &callback).await.unwrap();
    assert_eq!(login.provider.calls().jwks, 3);

    login.restart();
    let (attempt, callback) = login.visit().await;
    login.provider.rotate();
    login.finish(&attempt, &callback).await.unwrap();
    assert_eq!(login.provider.calls().jwks, 4);
}

#[tokio::test]
async fn a_flood_of_made_up_kids_is_no_flood_of_fetches() {
    let mut login = Login::new().await;
    login.run().await.unwrap();
    login.provider.lie(kid("made-up"));
    for (seconds, calls) in [(0, 2), (0, 2), (29, 2), (0, 2), (1, 3), (29, 3), (1, 4)] {
        login.pass(seconds);
        assert_eq!(login.flaw().await, Flaw::Key);
        assert_eq!(login.provider.calls().jwks, calls, "after {seconds} s");
    }
    // Logins with honest tokens do not have to wait.
    login.provider.repent();
    login.run().await.unwrap();
}

#[tokio::test]
async fn a_failing_key_endpoint_is_not_hammered_for_unknown_kids() {
    let mut login = Login::new().await;
    login.run().await.unwrap();
    login.provider.lie(kid("made-up")).lie(Lie::Answer(At::Jwks, Answer::Status(500)));
    assert!(matches!(login.fault().await, (Endpoint::Keys, Fault::Status(500))));
    assert_eq!(login.flaw().await, Flaw::Key);
    login.pass(30);
    assert!(matches!(login.fault().await, (Endpoint::Keys, Fault::Status(500))));
    assert_eq!(login.provider.calls().jwks, 3);
    // A key that was known before still works.
    login.provider.repent();
    login.run().await.unwrap();
    assert_eq!(login.provider.calls().jwks, 3);
}

#[tokio::test]
async fn keys_are_asked_for_once_an_hour() {
    let mut login = Login::new().await;
    for (seconds, calls) in [(0, 1), (3599, 1), (1, 2), (0, 2)] {
        login.pass(seconds);
        login.run().await.unwrap();
        assert_eq!(login.provider.calls().jwks, calls);
    }
}

/// A withdrawn key signs people in for at most an hour.
#[tokio::test]
async fn a_withdrawn_key_is_forgotten_within_the_hour() {
    let mut login = Login::new().await;
    login.run().await.unwrap();
    login.pass(3600);
    login.provider.lie(Lie::Key("kid", json!("successor")));
    assert_eq!(login.flaw().await, Flaw::Key);
}

#[tokio::test]
async fn logins_at_the_same_time_share_one_fetch() {
    let login = Login::new().await;
    let (one, other) = tokio::join!(login.run(), login.run());
    assert!(one.is_ok() && other.is_ok());
    assert_eq!(login.provider.calls(), Calls { discovery: 1, jwks: 1, token: 2 });
}

/// RFC 7517 sections 4.2 to 4.4.
#[tokio::test]
async fn a_key_is_used_only_for_what_it_is_meant_for() {
    let mut login = Login::new().await;
    let signs = json!(["sign", "verify"]);
    for (member, value, good) in [
        ("use", json!("enc"), false),
        ("use", json!("other"), false),
        ("use", Value::Null, true),
        ("key_ops", json!(["encrypt"]), false),
        ("key_ops", json!([]), false),
        ("key_ops", signs, true),
        ("alg", json!("RS512"), false),
        ("alg", json!("RSA-OAEP"), false),
        ("alg", Value::Null, true),
        ("kty", json!("EC"), false),
        ("kty", json!("oct"), false),
        ("kty", Value::Null, false),
        ("n", Value::Null, false),
        ("n", json!("%"), false),
    ] {
        for lie in [Lie::Header("typ", json!("JWT")), kid(Value::Null)] {
            login.forget();
            login.provider.lie(lie).lie(Lie::Key(member, value.clone()));
            match good {
                true => drop(login.run().await.unwrap()),
                false => assert_eq!(login.flaw().await, Flaw::Key, "{member} {value}"),
            }
        }
    }
}

/// RFC 7517 section 5: a provider may publish keys of kinds that we do not know.
#[tokio::test]
async fn strange_keys_in_the_set_do_no_harm() {
    let strange = [
        json!({ "kty": "AKP", "alg": "ML-DSA-44", "pub": "x", "kid": "1" }),
        json!({ "kty": "EC", "crv": "P-521", "x": "x", "y": "y", "kid": "2" }),
        json!({ "kty": "oct", "k": "x", "kid": 7 }),
        json!("not a key"),
        json!(null),
    ];
    Login::with(strange.map(Lie::MoreKey)).await.run().await.unwrap();
}

#[tokio::test]
async fn a_key_set_that_is_no_answer_is_a_failure() {
    let cases: [Case; 8] = [
        (Answer::Redirect, |fault| matches!(fault, Fault::Status(307))),
        (Answer::Status(500), |fault| matches!(fault, Fault::Status(500))),
        (Answer::Html, |fault| matches!(fault, Fault::MediaType)),
        (Answer::CutShort, |fault| matches!(fault, Fault::Malformed)),
        (Answer::Repeat("keys"), |fault| matches!(fault, Fault::Malformed)),
        (Answer::Repeat("kid"), |fault| matches!(fault, Fault::Malformed)),
        (Answer::PaddedInPieces(256 * 1024 + 1), |fault| matches!(fault, Fault::TooLarge)),
        (Answer::Hang, |fault| matches!(fault, Fault::Slow)),
    ];
    let mut login = Login::new().await;
    login.hurry();
    for (answer, expected) in cases {
        login.provider.repent().lie(Lie::Answer(At::Jwks, answer.clone()));
        let before = login.provider.calls().jwks;
        let (endpoint, fault) = login.fault().await;
        assert!(endpoint == Endpoint::Keys && expected(&fault), "{answer:?}: {fault:?}");
        assert_eq!(login.provider.calls().jwks, before + 1, "{answer:?}");
    }
}

#[tokio::test]
async fn a_key_set_has_its_own_content_type() {
    Login::with([Lie::Answer(At::Jwks, Answer::Type("application/jwk-set+json"))]).await.run().await.unwrap();
}
