//! Private keys that AWS KMS has wrapped.

use crate::{
    support::{ISSUER, Table, at, mint},
    verifier::Api,
};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use serde_json::json;
use std::error::Error as _;
use testkit::{KeyService, KmsFault};
use tokens::{Error, Keyring, Kms, Settings, Tokens, WrapError};

const NOW: &str = "2031-05-06T07:08:09Z";
const LATER: &str = "2031-05-06T07:14:09Z";

/// A table, and a KMS with the key that wraps new ones.
struct Scene {
    table: Table,
    kms: KeyService,
    arn: String,
}

impl Scene {
    async fn new() -> Self {
        let kms = KeyService::start().await;
        Self { table: Table::new().await, arn: kms.key(), kms }
    }

    fn kms(&self) -> Kms {
        Kms::with(&self.kms.sdk_config())
    }

    /// An instance with the setting.
    fn wrapping(&self) -> Tokens {
        self.table.tokens(&[("SIGNING_KEY_WRAP", &self.arn)]).with(self.kms())
    }

    /// An instance without it, which can reach KMS.
    fn plain(&self) -> Tokens {
        self.table.tokens(&[]).with(self.kms())
    }

    /// The published keys verify a new token of this instance.
    async fn verifies(&self, tokens: &Tokens, now: &str) {
        let minted = mint(tokens, at(now)).await.expect("a token");
        let keys = self.table.public_keys().current(at(now)).await.expect("the keys").keys;
        Api::new(ISSUER, "api", &keys).accept(minted.token.expose(), at(now)).expect("a token of ours");
    }

    /// The row of the key that signs first.
    async fn first(&self) -> dynamo::Row {
        let mut rows = self.table.rows().await;
        rows.sort_by_key(|row| row["period"].as_s().expect("text").clone());
        rows.remove(0)
    }

    async fn put(&self, row: dynamo::Row) {
        let put = self.table.dynamo.client().put_item().table_name(self.table.name()).set_item(Some(row));
        put.send().await.expect("a write");
    }
}

fn bytes(row: &dynamo::Row) -> Vec<u8> {
    row["private_key"].as_b().expect("binary").clone().into_inner()
}

fn is_pkcs8(bytes: &[u8]) -> bool {
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, bytes).is_ok()
}

#[tokio::test]
async fn no_row_holds_a_private_key_in_clear_and_tokens_verify() {
    let scene = Scene::new().await;
    scene.verifies(&scene.wrapping(), NOW).await;
    let rows = scene.table.rows().await;
    assert_eq!(rows.len(), 2);
    for row in &rows {
        assert_eq!(row["wrapped_by"], AttributeValue::S(scene.arn.clone()));
        let wrapped = bytes(row);
        assert!(!is_pkcs8(&wrapped));
        // KMS takes at most 4 KiB, and a row costs one unit per kibibyte.
        assert!((138..512).contains(&wrapped.len()), "{} bytes", wrapped.len());
    }
}

/// What each key is bound to; and an instance asks once for each key.
#[tokio::test]
async fn a_key_is_unwrapped_once_in_an_instance() {
    let scene = Scene::new().await;
    scene.verifies(&scene.wrapping(), NOW).await;
    let row = scene.first().await;
    let bound = |row: &dynamo::Row| {
        let [period, kid] = ["period", "kid"].map(|name| row[name].as_s().expect("text").clone());
        json!({ "table": scene.table.name(), "period": period, "kid": kid })
    };
    let calls = scene.kms.take_calls();
    let operations: Vec<_> = calls.iter().map(|(operation, _)| operation.as_str()).collect();
    assert_eq!(operations, ["Encrypt", "Encrypt", "Decrypt"]);
    assert_eq!(calls[2].1, bound(&row));

    let other = scene.wrapping();
    for now in [NOW, NOW, LATER, "2031-05-06T07:20:09Z"] {
        scene.verifies(&other, now).await;
    }
    assert_eq!(scene.kms.take_calls(), [("Decrypt".to_owned(), bound(&row))]);
}

#[tokio::test]
async fn the_setting_wraps_new_keys_alone_and_a_mixed_table_signs() {
    let scene = Scene::new().await;
    scene.verifies(&scene.plain(), NOW).await;
    assert!(scene.table.rows().await.iter().all(|row| !row.contains_key("wrapped_by") && is_pkcs8(&bytes(row))));

    let tokens = scene.wrapping();
    scene.verifies(&tokens, LATER).await;
    assert!(scene.kms.take_calls().is_empty(), "those that are there are left as they are");
    for now in ["2031-06-20T00:00:00Z", "2031-07-20T00:00:00Z", "2031-08-19T00:00:00Z"] {
        scene.verifies(&tokens, now).await;
    }
    let wrapped = scene.table.rows().await.iter().filter(|row| row.contains_key("wrapped_by")).count();
    assert!(wrapped >= 2, "{wrapped} rows");
    // If the setting is turned off again, wrapped keys still sign.
    scene.verifies(&scene.plain(), "2031-08-19T00:00:00Z").await;
}

/// If KMS is away there is no token, and never an unwrapped key.
#[tokio::test]
async fn without_kms_nothing_is_minted_and_nothing_is_stored_unwrapped() {
    let scene = Scene::new().await;
    for fault in [KmsFault::Fail, KmsFault::Hang, KmsFault::Deny, KmsFault::Omit] {
        scene.kms.fault(Some(fault));
        let error = mint(&scene.wrapping(), at(NOW)).await.expect_err("no token");
        assert!(matches!(error, Error::Wrap(WrapError::Kms(_) | WrapError::Incomplete)), "{fault:?}: {error:?}");
        assert!(scene.table.rows().await.is_empty(), "{fault:?}");
    }
    scene.kms.fault(None);
    let known = scene.wrapping();
    scene.verifies(&known, NOW).await;
    for fault in [KmsFault::Fail, KmsFault::Hang, KmsFault::Deny, KmsFault::Omit] {
        scene.kms.fault(Some(fault));
        mint(&scene.wrapping(), at(NOW)).await.expect_err("a new instance");
        scene.verifies(&known, LATER).await;
    }
    scene.kms.fault(None);
    scene.verifies(&scene.wrapping(), NOW).await;
    let lost = scene.table.tokens(&[("SIGNING_KEY_WRAP", &scene.arn)]);
    assert!(matches!(mint(&lost, at(NOW)).await, Err(Error::Wrap(WrapError::NoKms))));
}

#[tokio::test]
async fn what_is_wrapped_opens_in_its_own_row_by_its_own_key_and_whole() {
    let scene = Scene::new().await;
    scene.verifies(&scene.wrapping(), NOW).await;
    let row = scene.first().await;
    let changed = |change: &dyn Fn(&mut dynamo::Row)| {
        let mut row = row.clone();
        change(&mut row);
        row
    };
    let flipped = |at: usize| {
        let mut wrapped = bytes(&row);
        let at = if at == usize::MAX { wrapped.len() - 1 } else { at };
        wrapped[at] ^= 1;
        AttributeValue::B(Blob::new(wrapped))
    };
    let mut rows = scene.table.rows().await;
    let other = rows.pop().filter(|other| other["kid"] != row["kid"]).unwrap_or_else(|| rows.remove(0));
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let cases: [(&str, dynamo::Row); 6] = [
        ("the tag", changed(&|row| drop(row.insert("private_key".into(), flipped(usize::MAX))))),
        ("the nonce", changed(&|row| drop(row.insert("private_key".into(), flipped(1 + scene.arn.len()))))),
        ("nothing", changed(&|row| drop(row.insert("private_key".into(), AttributeValue::B(Blob::new([])))))),
        ("another row's", changed(&|row| drop(row.insert("private_key".into(), other["private_key"].clone())))),
        ("another key", changed(&|row| drop(row.insert("wrapped_by".into(), text(&scene.kms.key()))))),
        ("another name", changed(&|row| drop(row.insert("kid".into(), text("another"))))),
    ];
    for (what, row) in cases {
        scene.put(row).await;
        let error = mint(&scene.wrapping(), at(NOW)).await.expect_err(what);
        assert!(matches!(error, Error::Wrap(WrapError::Kms(_))), "{what}: {error:?}");
    }
    scene.put(row).await;
    scene.verifies(&scene.wrapping(), NOW).await;
}

#[tokio::test]
async fn what_is_not_the_key_of_its_row_signs_nothing() {
    let scene = Scene::new().await;
    scene.verifies(&scene.wrapping(), NOW).await;
    // KMS answers with the first key when the second is asked for.
    scene.kms.fault(Some(KmsFault::Swap));
    let error = mint(&scene.wrapping(), at("2031-06-20T00:00:00Z")).await.expect_err("another's key");
    assert!(matches!(error, Error::Wrap(WrapError::Foreign)), "{error:?}");
}

#[tokio::test]
async fn no_error_shows_a_private_key() {
    let scene = Scene::new().await;
    let mut row = {
        scene.verifies(&scene.plain(), NOW).await;
        scene.first().await
    };
    let secret = bytes(&row);
    // Sooner or later a row is wrong in this way: the key is unwrapped, but marked as wrapped.
    row.insert("wrapped_by".to_owned(), AttributeValue::S(scene.arn.clone()));
    scene.put(row).await;
    let error = mint(&scene.wrapping(), at(NOW)).await.expect_err("no ciphertext");
    let chain = std::iter::successors(Some(&error as &dyn std::error::Error), |error| (*error).source());
    let told = chain.map(|error| format!("{error} {error:?}")).collect::<String>();
    let piece = format!("{:?}", &secret[40..60]);
    assert!(!told.contains(piece.trim_matches(['[', ']'])), "{told}");
    assert!(error.source().is_some(), "the cause is kept");
}

#[tokio::test]
async fn an_operator_rotates_wrapped_keys() {
    let scene = Scene::new().await;
    let tokens = scene.wrapping();
    scene.verifies(&tokens, NOW).await;
    let keyring = Keyring::new(scene.table.dynamo.clone());
    let mut environment =
        environment::Environment::of([("PUBLIC_URL", ISSUER), ("SIGNING_KEY_WRAP", scene.arn.as_str())]);
    let config = Settings::from_environment(&mut environment);
    let config = environment.finish(config).expect("a configuration");
    let refused = keyring.rotate(&config, at(NOW)).await;
    assert!(matches!(refused, Err(Error::Wrap(WrapError::NoKms))), "no key in clear without KMS");

    let keyring = keyring.with(scene.kms());
    let made = keyring.rotate(&config, at(NOW)).await.expect("a key");
    let rows = scene.table.rows().await;
    let row = rows.iter().find(|row| row["kid"] == AttributeValue::S(made.kid.clone())).expect("its row");
    assert_eq!(row["wrapped_by"], AttributeValue::S(scene.arn.clone()));
    scene.verifies(&scene.wrapping(), "2031-05-06T07:20:09Z").await;
    let withdrawn = keyring.withdraw(&config, None, at("2031-05-06T07:21:00Z")).await.expect("done");
    assert_eq!(withdrawn, Some(made.kid));
    scene.verifies(&scene.wrapping(), "2031-05-06T07:27:00Z").await;
    assert!(scene.table.rows().await.iter().all(|row| row.contains_key("wrapped_by")));
}

/// The function that publishes reads nothing of it and does not ask KMS.
#[tokio::test]
async fn the_jwks_is_made_without_kms() {
    let scene = Scene::new().await;
    scene.verifies(&scene.wrapping(), NOW).await;
    scene.kms.take_calls();
    scene.table.calls.take_attributes();
    assert_eq!(scene.table.public_keys().current(at(NOW)).await.expect("the keys").keys.len(), 2);
    assert_eq!(scene.table.calls.take_attributes(), ["leaves_at", "period", "public_jwk"]);
    assert!(scene.kms.take_calls().is_empty());
}
