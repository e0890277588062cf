use crate::support::Login;
use oidc::Flaw;
use serde_json::{Value, json};
use testkit::Lie;

/// Plays each lie against one login and compares the broken rule; `None`: the token is acceptable.
pub async fn play(cases: impl IntoIterator<Item = (Lie, Option<Flaw>)>) {
    let login = Login::new().await;
    for (lie, flaw) in cases {
        login.provider.repent().lie(lie.clone());
        match flaw {
            Some(flaw) => assert_eq!(login.flaw().await, flaw, "{lie:?}"),
            None => drop(login.run().await.unwrap_or_else(|error| panic!("{lie:?}: {error:?}"))),
        }
    }
}

fn claim(name: &'static str, value: impl Into<Value>) -> Lie {
    Lie::Claim(name, value.into())
}

/// ASVS 10.5.1, `oidcc-client-test-nonce-invalid`.
#[tokio::test]
async fn the_nonce_is_this_logins() {
    let cases = [Value::Null, json!("other"), json!(""), json!("A".repeat(43))];
    play(cases.map(|value| (Lie::Claim("nonce", value), Some(Flaw::Nonce)))).await;
}

/// ASVS 10.5.1: the ID token of one login, replayed in another.
#[tokio::test]
async fn the_id_token_of_another_login_is_refused() {
    let login = Login::new().await;
    let (first, _) = login.visit().await;
    login.provider.lie(Lie::Claim("nonce", json!(first.nonce)));
    assert_eq!(login.flaw().await, Flaw::Nonce);
}

/// ASVS 10.5.3, 6.8.1, `oidcc-client-test-invalid-iss`: an identity belongs to the provider that was asked, never to
/// another.
#[tokio::test]
async fn the_issuer_is_the_providers_to_the_letter() {
    let login = Login::new().await;
    let issuer = login.provider.issuer().to_owned();
    for (value, flaw) in [
        (json!("https://accounts.google.com"), Flaw::Issuer),
        (json!(format!("{issuer}//")), Flaw::Issuer),
        (json!(issuer.to_uppercase()), Flaw::Issuer),
        (json!(""), Flaw::Issuer),
        (json!([issuer]), Flaw::Malformed),
        (Value::Null, Flaw::Malformed),
    ] {
        login.provider.repent().lie(Lie::Claim("iss", value.clone()));
        assert_eq!(login.flaw().await, flaw, "{value}");
    }
}

/// ASVS 10.5.4, `oidcc-client-test-invalid-aud`.
#[tokio::test]
async fn the_audience_is_us() {
    play([
        (claim("aud", "other"), Some(Flaw::Audience)),
        (claim("aud", "client"), Some(Flaw::Audience)),
        (claim("aud", json!(["other"])), Some(Flaw::Audience)),
        (claim("aud", json!([])), Some(Flaw::Audience)),
        (claim("aud", Value::Null), Some(Flaw::Malformed)),
        (claim("aud", 7), Some(Flaw::Malformed)),
        (claim("aud", json!(["client of the tests"])), None),
    ])
    .await;
}

/// ASVS 10.5.4, OpenID Connect Core 3.1.3.7 rules 4 and 5.
#[tokio::test]
async fn a_token_for_several_audiences_was_issued_to_us() {
    let login = Login::new().await;
    let several = || json!(["client of the tests", "other"]);
    for (aud, azp, flaw) in [
        (several(), Value::Null, Some(Flaw::AuthorizedParty)),
        (several(), json!("other"), Some(Flaw::AuthorizedParty)),
        (several(), json!("client of the tests"), None),
        (json!("client of the tests"), json!("other"), Some(Flaw::AuthorizedParty)),
        (json!("client of the tests"), json!("client of the tests"), None),
        (json!(["other"]), json!("client of the tests"), Some(Flaw::Audience)),
    ] {
        login.provider.repent().lie(Lie::Claim("aud", aud.clone())).lie(Lie::Claim("azp", azp.clone()));
        match flaw {
            Some(flaw) => assert_eq!(login.flaw().await, flaw, "{aud} {azp}"),
            None => drop(login.run().await.unwrap()),
        }
    }
}

/// Every time claim around its limit, in seconds from now.
async fn play_times(name: &'static str, cases: &[(f64, Option<Flaw>)]) {
    let login = Login::new().await;
    let now = login.now.as_duration().as_secs_f64();
    for (seconds, flaw) in cases {
        login.provider.repent().lie(Lie::Claim(name, json!(now + seconds)));
        match flaw {
            Some(flaw) => assert_eq!(login.flaw().await, *flaw, "{name} {seconds}"),
            None => drop(login.run().await.unwrap_or_else(|error| panic!("{name} {seconds}: {error:?}"))),
        }
    }
}

/// ASVS 9.2.1, OpenID Connect Core 3.1.3.7 rule 9.
#[tokio::test]
async fn a_token_has_not_expired_but_for_a_minute() {
    let expired = Some(Flaw::Expired);
    play_times("exp", &[(-3600.0, expired), (-60.5, expired), (-59.5, None), (0.0, None), (86_400.0, None)]).await;
    let missing = Some(Flaw::Malformed);
    play([(claim("exp", Value::Null), missing), (claim("exp", "4000000000"), missing)]).await;
}

/// ASVS 9.2.1, 10.5.1, OpenID Connect Core 3.1.3.7 rule 10, `oidcc-client-test-missing-iat`.
#[tokio::test]
async fn a_token_was_issued_in_the_last_ten_minutes() {
    let wrong = Some(Flaw::IssuedAt);
    play_times("iat", &[(-600.5, wrong), (-599.5, None), (0.0, None), (59.5, None), (60.5, wrong)]).await;
    let missing = Some(Flaw::Malformed);
    play([(claim("iat", Value::Null), missing), (claim("iat", true), missing)]).await;
}

/// ASVS 9.2.1, RFC 7519 section 4.1.5.
#[tokio::test]
async fn a_token_is_valid_already_but_for_a_minute() {
    play_times("nbf", &[(-86_400.0, None), (59.5, None), (60.5, Some(Flaw::NotYet))]).await;
    play([(claim("nbf", "tomorrow"), Some(Flaw::Malformed))]).await;
}

/// OpenID Connect Core 3.1.3.8: absent is fine, wrong is not.
#[tokio::test]
async fn the_access_token_is_the_one_that_the_id_token_names() {
    let wrong = Some(Flaw::AccessToken);
    play([
        (claim("at_hash", Value::Null), None),
        (claim("at_hash", ""), wrong),
        (claim("at_hash", "A".repeat(22)), wrong),
        (claim("at_hash", 7), Some(Flaw::Malformed)),
        (Lie::Tokens("access_token", json!("another")), wrong),
    ])
    .await;
}

/// ASVS 10.5.2, 6.8.1: OpenID Connect Core 2, `sub`; `oidcc-client-test-missing-sub`.
#[tokio::test]
async fn a_subject_is_1_to_255_ascii_characters() {
    let wrong = Some(Flaw::Subject);
    play([
        (claim("sub", Value::Null), Some(Flaw::Malformed)),
        (claim("sub", 12345), Some(Flaw::Malformed)),
        (claim("sub", ""), wrong),
        (claim("sub", "é"), wrong),
        (claim("sub", "x".repeat(256)), wrong),
        (claim("sub", "x".repeat(255)), None),
    ])
    .await;
}

/// ASVS 10.5.2: the subject is kept exactly.
#[tokio::test]
async fn the_identity_is_issuer_and_subject_as_sent() {
    let login = Login::new().await;
    login.provider.script(|_, claims| {
        claims.insert("sub".to_owned(), json!(" Ana#1 "));
        claims.retain(|name, _| !matches!(name.as_str(), "email" | "name" | "picture"));
    });
    let claims = login.run().await.unwrap();
    assert_eq!((&*claims.issuer, &*claims.subject), (login.provider.issuer(), " Ana#1 "));
    assert_eq!((claims.email, claims.name, claims.picture), (None, None, None));
}

/// These claims do not decide who signed in.
#[tokio::test]
async fn an_optional_claim_of_another_type_is_not_made() {
    let login = Login::new().await;
    for name in ["email", "name", "picture"] {
        for value in [json!(7), json!(["a@example.com"]), json!({ "given": "Ana" }), json!(true), Value::Null] {
            login.provider.repent().lie(Lie::Claim(name, value.clone()));
            let claims = login.run().await.unwrap_or_else(|error| panic!("{name} {value}: {error:?}"));
            let made = [("email", claims.email), ("name", claims.name), ("picture", claims.picture)];
            assert!(made.iter().all(|(other, claim)| *other != name || claim.is_none()), "{name} {value}: {made:?}");
        }
    }
}

/// Only a clear yes verifies an address.
#[tokio::test]
async fn an_email_is_verified_by_true_alone() {
    let login = Login::new().await;
    for (value, verified) in [
        (json!(true), true),
        (json!("true"), true),
        (json!("True"), false),
        (json!("yes"), false),
        (json!(1), false),
        (json!([true]), false),
        (json!(false), false),
        (json!("false"), false),
        (Value::Null, false),
    ] {
        login.provider.repent().lie(Lie::Claim("email_verified", value.clone()));
        assert_eq!(login.run().await.unwrap().email_verified, verified, "{value}");
    }
}
