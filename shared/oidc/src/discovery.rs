use crate::{Fault, Slash, settings::Settings};
use oauth2::AuthType;
use serde::Deserialize;
use url::Url;

/// The part of a provider's published metadata that we use (OpenID Connect Discovery 3).
#[derive(Debug, Deserialize)]
pub struct Discovery {
    issuer: String,
    pub authorization_endpoint: Url,
    pub token_endpoint: Url,
    pub jwks_uri: Url,
    /// The algorithms of its ID tokens; absent: the provider does not say.
    pub id_token_signing_alg_values_supported: Option<Vec<String>>,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    authorization_response_iss_parameter_supported: Option<bool>,
}

impl Discovery {
    /// The address of an issuer's document (OpenID Connect Discovery 4.1).
    ///
    /// # Errors
    /// Never for an issuer that the settings accept.
    pub fn address(issuer: &str) -> Result<Url, Fault> {
        let issuer = issuer.strip_suffix('/').unwrap_or(issuer);
        Url::parse(&format!("{issuer}/.well-known/openid-configuration")).map_err(|_| Fault::UnsafeEndpoint)
    }

    /// The document, if it belongs to the provider with these settings.
    ///
    /// # Errors
    /// [`Fault`] when it is another issuer's (OpenID Connect Discovery 4.3), or names an endpoint where secrets would
    /// travel unencrypted.
    pub fn accept(self, settings: &Settings) -> Result<Self, Fault> {
        if self.issuer != settings.issuer {
            return Err(Slash::between(&self.issuer, settings.issuer).map_or(Fault::ForeignIssuer, Fault::IssuerSlash));
        }
        let endpoints = [&self.authorization_endpoint, &self.token_endpoint, &self.jwks_uri];
        if !endpoints.iter().all(|url| is_safe(url, settings.local)) {
            return Err(Fault::UnsafeEndpoint);
        }
        Ok(self)
    }

    /// Whether each of its callbacks carries `iss` (RFC 9207 section 3).
    pub fn names_itself(&self) -> bool {
        self.authorization_response_iss_parameter_supported == Some(true)
    }

    /// How the token endpoint wants us to authenticate: in the header, unless it lists only the body (OpenID Connect
    /// Discovery 3, `token_endpoint_auth_methods_supported`).
    pub fn auth_type(&self) -> AuthType {
        let lists = |method: &str| {
            self.token_endpoint_auth_methods_supported
                .as_ref()
                .is_some_and(|methods| methods.iter().any(|m| m == method))
        };
        if lists("client_secret_post") && !lists("client_secret_basic") {
            AuthType::RequestBody
        } else {
            AuthType::BasicAuth
        }
    }
}

/// `https`; or plain `http` on this machine if the issuer is there too. No user, no fragment (RFC 6749 section 3.1).
fn is_safe(url: &Url, local: bool) -> bool {
    let secure = url.scheme() == "https" || (local && url.scheme() == "http" && environment::is_loopback(url));
    secure && url.username().is_empty() && url.password().is_none() && url.fragment().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use oauth2::{ClientId, ClientSecret};
    use serde_json::{Value, json};

    fn parse(issuer: &'static str, local: bool, member: &str, value: Value) -> Result<Discovery, Fault> {
        let mut document = json!({
            "issuer": issuer,
            "authorization_endpoint": "https://id.example/authorize",
            "token_endpoint": "https://id.example/token",
            "jwks_uri": "https://keys.example/jwks",
        });
        document[member] = value;
        let settings = Settings {
            name: "acme".to_owned(),
            issuer,
            local,
            client_id: ClientId::new("client".to_owned()),
            client_secret: ClientSecret::new("secret".to_owned()),
            scopes: Vec::new(),
        };
        serde_json::from_value::<Discovery>(document).map_err(|_| Fault::Malformed)?.accept(&settings)
    }

    /// ASVS 12.2.1: an https issuer's document cannot lead to plain http, not even on this machine.
    #[test]
    fn endpoints_are_https_and_carry_no_user_or_fragment() {
        for member in ["authorization_endpoint", "token_endpoint", "jwks_uri"] {
            for (url, good) in [
                ("https://other.example/x?tenant=1", true),
                ("http://id.example/x", false),
                ("http://localhost/x", false),
                ("https://user@id.example/x", false),
                ("https://:word@id.example/x", false),
                ("https://id.example/x#part", false),
                ("javascript:alert(1)", false),
            ] {
                let parsed = parse("https://id.example", false, member, json!(url));
                assert_eq!(parsed.is_ok(), good, "{member} {url}");
            }
        }
    }

    #[test]
    fn a_local_issuer_may_use_plain_http_on_this_machine_only() {
        for (url, good) in
            [("http://127.0.0.1:1/x", true), ("https://id.example/x", true), ("http://id.example/x", false)]
        {
            assert_eq!(parse("http://localhost:1", true, "token_endpoint", json!(url)).is_ok(), good, "{url}");
        }
    }

    #[test]
    fn the_document_is_found_beside_the_issuer_with_or_without_a_slash() {
        for issuer in ["https://id.example/realm", "https://id.example/realm/"] {
            let address = Discovery::address(issuer).unwrap();
            assert_eq!(address.as_str(), "https://id.example/realm/.well-known/openid-configuration");
        }
    }

    /// Some providers write null for absent members.
    #[test]
    fn a_null_says_nothing() {
        let member = "authorization_response_iss_parameter_supported";
        let names_itself =
            |value: Value| parse("https://id.example", false, member, value).map(|document| document.names_itself());
        assert!(
            !names_itself(json!(null)).unwrap()
                && !names_itself(json!(false)).unwrap()
                && names_itself(json!(true)).unwrap()
        );
        assert!(names_itself(json!("true")).is_err(), "a rule is not guessed");
    }

    #[test]
    fn the_secret_goes_into_the_body_only_where_the_header_is_not_listed() {
        for (methods, body) in [
            (json!(null), false),
            (json!(["client_secret_post"]), true),
            (json!(["private_key_jwt", "client_secret_post"]), true),
            (json!(["client_secret_post", "client_secret_basic"]), false),
            (json!(["client_secret_basic"]), false),
            (json!([]), false),
        ] {
            let member = "token_endpoint_auth_methods_supported";
            let document = parse("https://id.example", false, member, methods.clone()).unwrap();
            assert_eq!(matches!(document.auth_type(), AuthType::RequestBody), body, "{methods}");
        }
    }
}
