//! OWASP ASVS 5.0, 9.1.1 to 9.2.4: what an API that trusts our JWKS must refuse, each next to a token that it accepts.

use crate::{
    key::{forged, signed_by, signer},
    scene::{NOW, Scene},
    support::{ISSUER, Table, at, mint, subject},
    verifier::Api,
};
use aws_lc_rs::{
    hmac,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use aws_sdk_dynamodb::types::AttributeValue;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

fn foreign() -> EcdsaKeyPair {
    EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key")
}

#[tokio::test]
async fn asvs_9_1_2_no_spelling_of_none_is_an_algorithm() {
    let scene = Scene::new().await;
    let signature = scene.token.rsplit('.').next().expect("a signature").to_owned();
    for alg in ["none", "None", "NONE", "nOnE", "noNE", " none", "none ", "none\0", "", "null"].map(Value::from) {
        let header = scene.header_with("alg", alg);
        let unsigned = forged(&header, &scene.claims, |_| Vec::new());
        scene.refuses(&unsigned);
        scene.refuses(unsigned.trim_end_matches('.'));
        scene.refuses(&format!("{unsigned}{signature}"));
        scene.refuses(&forged(&header, &scene.claims, signed_by(&scene.row)));
    }
    for alg in [Value::Null, json!([]), json!(["ES256"]), json!(0)] {
        scene.refuses(&forged(&scene.header_with("alg", alg), &scene.claims, |_| Vec::new()));
    }
}

#[tokio::test]
async fn asvs_9_1_2_the_public_key_is_no_hmac_secret() {
    let scene = Scene::new().await;
    let key = &scene.keys[0];
    let [x, y] = [&key.x, &key.y].map(|coordinate| URL_SAFE_NO_PAD.decode(coordinate).expect("base64url"));
    let jwk = serde_json::to_vec(key).expect("JSON");
    let set = json!({ "keys": scene.keys }).to_string().into_bytes();
    let secrets =
        [[&[4], &x[..], &y].concat(), [&x[..], &y].concat(), x, key.x.clone().into(), key.kid.clone().into(), jwk, set];
    for (alg, algorithm) in [("HS256", hmac::HMAC_SHA256), ("HS384", hmac::HMAC_SHA384), ("HS512", hmac::HMAC_SHA512)] {
        for secret in &secrets {
            let sign = |message: &[u8]| hmac::sign(&hmac::Key::new(algorithm, secret), message).as_ref().to_vec();
            scene.refuses(&forged(&scene.header_with("alg", alg.into()), &scene.claims, sign));
        }
    }
}

#[tokio::test]
async fn asvs_9_1_2_no_other_algorithm_is_accepted() {
    let scene = Scene::new().await;
    for alg in ["ES384", "ES512", "ES256K", "RS256", "PS256", "EdDSA", "es256"] {
        scene.refuses(&forged(&scene.header_with("alg", alg.into()), &scene.claims, signed_by(&scene.row)));
    }
}

#[tokio::test]
async fn asvs_9_1_1_a_foreign_key_signs_nothing_whatever_its_kid_says() {
    let scene = Scene::new().await;
    let kids = [scene.keys[0].kid.as_str(), scene.keys[1].kid.as_str(), "mine", "", "../../dev/null", "' OR 1=1 --"];
    for kid in kids.map(Value::from).into_iter().chain([Value::Null, json!(["a"])]) {
        scene.refuses(&forged(&scene.header_with("kid", kid), &scene.claims, signer(foreign())));
    }
    // The genuine key under the name of another one.
    let header = scene.header_with("kid", scene.keys[1].kid.clone().into());
    scene.refuses(&forged(&header, &scene.claims, signed_by(&scene.row)));
}

#[tokio::test]
async fn asvs_9_1_3_a_key_that_a_token_brings_along_is_not_used() {
    let scene = Scene::new().await;
    let pair = foreign();
    let [x, y] = [1..33, 33..65].map(|range| URL_SAFE_NO_PAD.encode(&pair.public_key().as_ref()[range]));
    let jwk = json!({ "kty": "EC", "crv": "P-256", "x": x, "y": y, "use": "sig", "alg": "ES256", "kid": "mine" });
    let sign = signer(pair);
    let url = json!("https://attacker.example/keys");
    for (name, value) in [("jwk", jwk), ("jku", url.clone()), ("x5u", url), ("x5c", json!(["MIIB"]))] {
        let mut header = scene.header_with(name, value);
        scene.refuses(&forged(&header, &scene.claims, &sign));
        header["kid"] = "mine".into();
        scene.refuses(&forged(&header, &scene.claims, &sign));
    }
}

#[tokio::test]
async fn asvs_9_2_2_another_type_of_token_is_not_an_access_token() {
    let scene = Scene::new().await;
    for typ in ["JWT", "jwt", "id+jwt", "logout+jwt", "at+jwt ", "", "dpop+jwt"].map(Value::from) {
        scene.refuses(&forged(&scene.header_with("typ", typ), &scene.claims, signed_by(&scene.row)));
    }
    let mut header = scene.header.clone();
    header.as_object_mut().expect("an object").remove("typ");
    scene.refuses(&forged(&header, &scene.claims, signed_by(&scene.row)));
}

#[tokio::test]
async fn asvs_9_2_3_a_token_for_another_audience_or_of_another_issuer_is_refused() {
    let table = Table::new().await;
    let tokens = table.tokens(&[("TOKEN_AUDIENCES", "orders,billing")]);
    let for_billing = tokens.mint(&subject(), Some("billing"), at(NOW)).await.expect("a token");
    let elsewhere = table.tokens(&[("TOKEN_AUDIENCES", "billing"), ("PUBLIC_URL", "https://login.example.com")]);
    let of_another = mint(&elsewhere, at(NOW)).await.expect("a token");
    let keys = table.public_keys().current(at(NOW)).await.expect("the keys").keys;

    let [orders, billing] = ["orders", "billing"].map(|audience| Api::new(ISSUER, audience, &keys));
    assert!(billing.accept(for_billing.token.expose(), at(NOW)).is_ok());
    assert!(orders.accept(for_billing.token.expose(), at(NOW)).is_err());
    assert!(billing.accept(of_another.token.expose(), at(NOW)).is_err());
}

#[tokio::test]
async fn asvs_9_2_1_a_token_is_good_from_iat_until_exp_and_not_a_second_longer() {
    let scene = Scene::new().await;
    let accepted = |now: Timestamp| scene.api.accept(&scene.token, now).is_ok();
    assert!(!accepted(at(NOW) - SignedDuration::from_secs(6)));
    assert!(accepted(at(NOW) - SignedDuration::from_secs(5)), "a verifier whose clock is behind");
    assert!(accepted(at(NOW) + SignedDuration::from_secs(299)));
    assert!(!accepted(at(NOW) + SignedDuration::from_secs(300)));
}

#[tokio::test]
async fn a_token_without_a_claim_that_limits_it_is_refused() {
    let scene = Scene::new().await;
    for name in ["exp", "iat", "iss", "aud", "sub"] {
        for value in [None, Some(Value::Null), Some(json!([])), Some(json!({}))] {
            let mut claims = scene.claims.clone();
            let members = claims.as_object_mut().expect("an object");
            members.remove(name);
            members.extend(value.map(|value| (name.to_owned(), value)));
            scene.refuses(&forged(&scene.header, &claims, signed_by(&scene.row)));
        }
    }
}

#[tokio::test]
async fn asvs_9_1_1_every_character_of_a_token_counts() {
    let scene = Scene::new().await;
    for (position, character) in scene.token.char_indices() {
        for other in ['A', 'B', '-', '.', '='].into_iter().filter(|other| *other != character) {
            let mut tampered = scene.token.clone();
            tampered.replace_range(position..=position, other.encode_utf8(&mut [0; 4]));
            scene.refuses(&tampered);
        }
        scene.refuses(&scene.token[..position]);
    }
    scene.refuses(&format!("{}A", scene.token));
    scene.refuses(&format!("{}.", scene.token));
}

#[tokio::test]
async fn asvs_9_1_1_claims_and_header_of_one_token_do_not_fit_the_signature_of_another() {
    let scene = Scene::new().await;
    let parts: Vec<_> = scene.token.split('.').collect();
    let mut claims = scene.claims.clone();
    claims["sub"] = "somebody-else".into();
    let other = forged(&scene.header, &claims, signed_by(&scene.row));
    let others: Vec<_> = other.split('.').collect();
    scene.api.accept(&other, at(NOW)).expect("both are whole");
    scene.refuses(&[parts[0], others[1], parts[2]].join("."));
    scene.refuses(&[parts[0], parts[1], others[2]].join("."));
}

#[tokio::test]
async fn asvs_9_1_1_degenerate_signatures_are_refused() {
    let scene = Scene::new().await;
    for bytes in [vec![0; 64], vec![255; 64], vec![0; 63], vec![1]] {
        scene.refuses(&forged(&scene.header, &scene.claims, |_| bytes));
    }
    let AttributeValue::B(pkcs8) = &scene.row["private_key"] else { panic!("no private key") };
    let der = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8.as_ref()).expect("a key");
    scene.refuses(&forged(&scene.header, &scene.claims, signer(der)));
}
