use super::{
    Inner,
    key::Key,
    lie::{Lie, set},
};
use serde_json::{Value, json};

impl Inner {
    pub fn discovery(&self) -> Value {
        let endpoint = |path| format!("{}/{path}", self.issuer);
        let mut document = json!({
            "issuer": self.issuer,
            "authorization_endpoint": endpoint("authorize"),
            "token_endpoint": endpoint("token"),
            "jwks_uri": endpoint("jwks"),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported":
                ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": true,
        });
        for lie in &self.book().lies {
            if let Lie::Discovery(member, value) = lie {
                set(&mut document, member, value);
            }
        }
        document
    }

    pub fn jwks(&self) -> Value {
        let book = self.book();
        let mut keys: Vec<_> = book.keys.iter().map(Key::jwk).collect();
        for lie in &book.lies {
            match lie {
                Lie::Key(member, value) => keys.iter_mut().for_each(|key| set(key, member, value)),
                Lie::MoreKey(key) => keys.push(key.clone()),
                _ => {}
            }
        }
        json!({ "keys": keys })
    }

    pub fn strange_jwks(&self) -> Value {
        json!({ "keys": self.book().stranger.iter().map(Key::jwk).collect::<Vec<_>>() })
    }
}
