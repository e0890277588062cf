use crate::support::Login;
use oidc::Flaw;
use serde_json::json;
use testkit::{Forgery, Lie};

const ALLOWED: [&str; 9] = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"];

/// ASVS 9.1.2: each with its own `at_hash` too.
#[tokio::test]
async fn every_asymmetric_algorithm_signs_people_in() {
    let mut login = Login::new().await;
    for algorithm in ALLOWED {
        login.forget();
        login.provider.sign_with(algorithm);
        login.run().await.unwrap_or_else(|error| panic!("{algorithm}: {error:?}"));
    }
}

/// ASVS 9.1.2: our list and the provider's.
#[tokio::test]
async fn an_algorithm_that_the_provider_does_not_list_is_refused() {
    let member = "id_token_signing_alg_values_supported";
    for (listed, accepted) in [(json!(["ES256"]), false), (json!([]), false), (json!(["ES256", "RS256"]), true)] {
        let login = Login::with([Lie::Discovery(member, listed.clone())]).await;
        match accepted {
            true => drop(login.run().await.unwrap()),
            false => assert_eq!(login.flaw().await, Flaw::Algorithm, "{listed}"),
        }
        assert_eq!(login.provider.calls().jwks, u32::from(accepted));
    }
    Login::with([Lie::Discovery(member, json!(null))]).await.run().await.unwrap();
}

/// ASVS 6.8.2, 9.1.2, `oidcc-client-test-idtoken-sig-none`: even if the provider lists it, signed or not.
#[tokio::test]
async fn none_is_refused_in_every_spelling() {
    let listed =
        Lie::Discovery("id_token_signing_alg_values_supported", json!(["RS256", "none", "None", "NONE", "nOnE", ""]));
    let login = Login::new().await;
    for spelling in ["none", "None", "NONE", "nOnE", "", " none", "rs256", "RS256 "] {
        for forgery in [None, Some(Lie::Signature(Forgery::Absent))] {
            login.provider.repent().lie(listed.clone()).lie(Lie::Header("alg", json!(spelling)));
            if let Some(lie) = forgery {
                login.provider.lie(lie);
            }
            assert_eq!(login.flaw().await, Flaw::Algorithm, "{spelling:?}");
        }
    }
}

/// ASVS 6.8.2, 9.1.2, RFC 8725 section 2.1: the public key or the client secret as an HMAC key, even if the provider
/// lists it.
#[tokio::test]
async fn a_shared_secret_signs_nobody_in() {
    let login = Login::new().await;
    let mut secrets = login.provider.public_key_as_secrets();
    secrets.extend([login.provider.client_secret().as_bytes().to_vec(), Vec::new()]);
    for secret in secrets {
        for algorithm in ["HS256", "HS384", "HS512"] {
            login.provider.repent();
            login.provider.lie(Lie::Discovery("id_token_signing_alg_values_supported", json!([algorithm])));
            login.provider.lie(Lie::Header("alg", json!(algorithm))).lie(Lie::Signature(Forgery::Hmac(secret.clone())));
            assert_eq!(login.flaw().await, Flaw::Algorithm);
        }
    }
}

/// ASVS 6.8.2, 9.1.1, `oidcc-client-test-invalid-sig-rs256` and `-es256`.
#[tokio::test]
async fn a_signature_that_is_not_the_keys_is_refused() {
    let mut login = Login::new().await;
    for algorithm in ["RS256", "PS256", "ES256", "EdDSA"] {
        for forgery in [Forgery::Tampered, Forgery::Stranger, Forgery::OtherPayload, Forgery::Absent] {
            login.forget();
            login.provider.sign_with(algorithm).lie(Lie::Signature(forgery.clone()));
            assert_eq!(login.flaw().await, Flaw::Signature, "{algorithm} {forgery:?}");
        }
    }
}

/// ASVS 9.1.3: a key that the token itself names is neither fetched nor used.
#[tokio::test]
async fn keys_recommended_in_the_header_are_not_looked_at() {
    let login = Login::with([Lie::Signature(Forgery::RecommendedStranger)]).await;
    assert_eq!(login.flaw().await, Flaw::Signature);
    assert_eq!(login.provider.calls().jwks, 1);
    login.provider.lie(Lie::Header("kid", json!(null)));
    assert_eq!(login.flaw().await, Flaw::Signature);
    assert_eq!(login.provider.calls().jwks, 1);
}

/// ASVS 9.1.2: the header cannot make another RSA scheme check an RSA signature, nor use a key for another curve.
#[tokio::test]
async fn the_header_cannot_choose_how_a_key_is_used() {
    let mut login = Login::new().await;
    for (signed, claimed) in
        [("RS256", "PS256"), ("RS256", "RS512"), ("RS256", "ES256"), ("ES384", "ES256"), ("EdDSA", "ES256")]
    {
        login.forget();
        login.provider.sign_with(signed).lie(Lie::Header("alg", json!(claimed)));
        assert_eq!(login.flaw().await, Flaw::Key, "{signed} as {claimed}");
    }
}

/// The same if keys do not say what they are for: then only the kind of key and the signature refuse it.
#[tokio::test]
async fn a_key_without_alg_is_still_of_one_kind() {
    let mut login = Login::new().await;
    for (signed, claimed, flaw) in [
        ("RS256", "PS256", Flaw::Signature),
        ("RS256", "RS512", Flaw::Signature),
        ("RS256", "ES256", Flaw::Key),
        ("ES384", "ES256", Flaw::Key),
        ("ES256", "ES384", Flaw::Key),
        ("ES256", "RS256", Flaw::Key),
        ("EdDSA", "ES256", Flaw::Key),
        ("ES256", "EdDSA", Flaw::Key),
    ] {
        login.forget();
        login.provider.sign_with(signed).lie(Lie::Header("alg", json!(claimed))).lie(Lie::Key("alg", json!(null)));
        assert_eq!(login.flaw().await, flaw, "{signed} as {claimed}");
    }
}
