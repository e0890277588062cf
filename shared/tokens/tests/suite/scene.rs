//! The setting for every attack: what an attacker may know, and more.

use crate::{
    key::{decoded, forged, signed_by},
    support::{ISSUER, Table, at, mint},
    verifier::Api,
};
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::Value;
use tokens::Jwk;

pub const NOW: &str = "2031-05-06T07:08:09Z";

/// A genuine token, the JWKS, an API that accepts the token by the JWKS, and the row of the key.
pub struct Scene {
    pub token: String,
    pub header: Value,
    pub claims: Value,
    pub keys: Vec<Jwk>,
    pub api: Api,
    pub row: dynamo::Row,
}

impl Scene {
    pub async fn new() -> Self {
        let table = Table::new().await;
        let token = mint(&table.tokens(&[]), at(NOW)).await.expect("a token").token.expose().to_owned();
        let keys = table.public_keys().current(at(NOW)).await.expect("the keys").keys;
        let kid = AttributeValue::S(keys[0].kid.clone());
        let row = table.rows().await.into_iter().find(|row| row["kid"] == kid);
        let [header, claims] = decoded(&token);
        let scene =
            Self { token, header, claims, api: Api::new(ISSUER, "api", &keys), keys, row: row.expect("the row") };
        scene.api.accept(&scene.token, at(NOW)).expect("a genuine token is accepted");
        let copy = forged(&scene.header, &scene.claims, signed_by(&scene.row));
        scene.api.accept(&copy, at(NOW)).expect("what our key signs is accepted");
        scene
    }

    /// The header with one member changed.
    pub fn header_with(&self, name: &str, value: Value) -> Value {
        let mut header = self.header.clone();
        header[name] = value;
        header
    }

    /// Shows the API a token that it must not accept.
    pub fn refuses(&self, token: &str) {
        let claims = self.api.accept(token, at(NOW));
        assert!(claims.is_err(), "accepted: {token}");
    }
}
