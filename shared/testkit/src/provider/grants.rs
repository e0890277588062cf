use super::{
    Book, CLIENT_ID, CLIENT_SECRET, Inner,
    key::hmac_sha256,
    lie::{Forgery, Lie, repeat, set},
};
use aws_lc_rs::digest::{SHA256, SHA384, SHA512, digest};
use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD as BASE64URL},
};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::HashMap;
use url::{Url, form_urlencoded};

type Parameters = HashMap<String, String>;

/// The login that a code stands for until it is spent.
pub struct Grant {
    challenge: String,
    nonce: Option<String>,
    redirect_uri: String,
}

impl Book {
    /// A new code for a correct authorization request (OpenID Connect Core 3.1.2.1, RFC 7636 section 4.3), and its
    /// target.
    pub fn grant(&mut self, request: &Parameters) -> Result<(String, Url), String> {
        let get = |name: &str| request.get(name).cloned().unwrap_or_default();
        let demand = |holds: bool, what: &str| if holds { Ok(()) } else { Err(format!("{what} in {request:?}")) };
        demand(get("response_type") == "code", "response_type is not code")?;
        demand(get("client_id") == CLIENT_ID, "client_id is unknown")?;
        demand(get("code_challenge_method") == "S256", "code_challenge_method is not S256")?;
        demand(get("code_challenge").len() == 43, "code_challenge is no SHA-256")?;
        demand(get("scope").split(' ').any(|scope| scope == "openid"), "openid is not in scope")?;
        let redirect = Url::parse(&get("redirect_uri")).map_err(|error| format!("redirect_uri: {error}"))?;
        let code = format!("code-{}", random());
        let (challenge, redirect_uri) = (get("code_challenge"), get("redirect_uri"));
        self.grants.insert(code.clone(), Grant { challenge, nonce: request.get("nonce").cloned(), redirect_uri });
        Ok((code, redirect))
    }

    /// The grant of a correct token request, spent by it; otherwise the OAuth error (RFC 6749 section 5.2).
    fn redeem(&mut self, request: &Parameters) -> Result<Grant, &'static str> {
        let get = |name: &str| request.get(name).cloned().unwrap_or_default();
        if get("grant_type") != "authorization_code" {
            return Err("unsupported_grant_type");
        }
        let grant = self.grants.remove(&get("code")).ok_or("invalid_grant")?;
        let challenge = BASE64URL.encode(digest(&SHA256, get("code_verifier").as_bytes()));
        let same = grant.challenge == challenge && grant.redirect_uri == get("redirect_uri");
        if same { Ok(grant) } else { Err("invalid_grant") }
    }

    /// The ID token for a grant, with all lies and the script applied.
    fn id_token(&mut self, issuer: &str, grant: &Grant, access_token: &str) -> String {
        let now = self.clock.unwrap_or_else(Timestamp::now).as_second();
        let key = &self.keys[0];
        let mut header = json!({ "typ": "JWT", "alg": key.algorithm, "kid": key.kid });
        let mut claims = json!({
            "iss": issuer, "sub": "ana", "aud": CLIENT_ID, "exp": now + 300, "iat": now, "auth_time": now,
            "nonce": grant.nonce, "at_hash": half_hash(key.algorithm, access_token), "email": "ana@example.com",
            "email_verified": true, "name": "Ana", "picture": "https://example.com/ana.png",
        });
        let mut repeated = Vec::new();
        for lie in &self.lies {
            match lie {
                Lie::Header(member, value) => set(&mut header, member, value),
                Lie::Claim(member, value) => set(&mut claims, member, value),
                Lie::RepeatInIdToken(member) => repeated.push(member),
                _ => {}
            }
        }
        if let (Some(script), Some(header), Some(claims)) =
            (&mut self.script, header.as_object_mut(), claims.as_object_mut())
        {
            script(header, claims);
        }
        if self.lies.iter().any(|lie| matches!(lie, Lie::Signature(Forgery::RecommendedStranger))) {
            let stranger = self.stranger.insert(self.keys[0].stranger());
            header["jwk"] = stranger.jwk();
            (header["jku"], header["x5u"]) =
                (format!("{issuer}/jwks?stranger").into(), format!("{issuer}/jwks?stranger").into());
        }
        let twice = |json: Value| repeated.iter().fold(json.to_string(), |json, member| repeat(&json, member));
        self.signed(&twice(header), &twice(claims))
    }

    fn signed(&self, header: &str, claims: &str) -> String {
        let forgery = self.lies.iter().rev().find_map(|lie| match lie {
            Lie::Signature(forgery) => Some(forgery),
            _ => None,
        });
        let key = &self.keys[0];
        let mut message = format!("{}.{}", BASE64URL.encode(header), BASE64URL.encode(claims));
        let signature = match forgery {
            None => key.sign(message.as_bytes()),
            Some(Forgery::Absent) => Vec::new(),
            Some(Forgery::Hmac(secret)) => hmac_sha256(secret, message.as_bytes()),
            Some(Forgery::Stranger) => key.stranger().sign(message.as_bytes()),
            Some(Forgery::RecommendedStranger) => self.stranger.as_ref().unwrap_or(key).sign(message.as_bytes()),
            Some(Forgery::Tampered) => {
                let mut signature = key.sign(message.as_bytes());
                signature[7] ^= 1;
                signature
            }
            Some(Forgery::OtherPayload) => {
                let signature = key.sign(message.as_bytes());
                let claims = claims.replace("\"sub\":\"ana\"", "\"sub\":\"eve\"");
                message = format!("{}.{}", BASE64URL.encode(header), BASE64URL.encode(claims));
                signature
            }
        };
        format!("{message}.{}", BASE64URL.encode(signature))
    }
}

impl Inner {
    /// The redirect back to the client, or the fault in the request.
    pub fn authorize(&self, query: &str) -> Result<String, String> {
        let request: Parameters = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let mut book = self.book();
        let (code, mut redirect) = book.grant(&request)?;
        let mut answer = vec![("code", Some(code)), ("state", request.get("state").cloned())];
        answer.push(("iss", Some(self.issuer.clone())));
        for lie in &book.lies {
            if let Lie::Callback(member, value) = lie {
                answer.retain(|(name, _)| name != member);
                answer.push((member, value.clone()));
            }
        }
        let pairs = answer.iter().filter_map(|(name, value)| Some((*name, value.as_ref()?)));
        redirect.query_pairs_mut().extend_pairs(pairs);
        Ok(redirect.into())
    }

    /// The status and body of a token response.
    pub fn tokens(&self, authorization: Option<&str>, form: &str) -> (u16, Value) {
        let request: Parameters = form_urlencoded::parse(form.as_bytes()).into_owned().collect();
        let by_body = self.discovery()["token_endpoint_auth_methods_supported"] == json!(["client_secret_post"]);
        let mut book = self.book();
        book.secrets.extend(["code", "code_verifier"].iter().filter_map(|name| request.get(*name).cloned()));
        if !is_the_client(authorization, &request, by_body) {
            return (401, json!({ "error": "invalid_client" }));
        }
        let grant = match book.redeem(&request) {
            Ok(grant) => grant,
            Err(error) => return (400, json!({ "error": error })),
        };
        let access_token = format!("access-{}", random());
        let id_token = book.id_token(&self.issuer, &grant, &access_token);
        book.secrets.extend([access_token.clone(), id_token.clone()]);
        let mut answer = json!({
            "access_token": access_token, "token_type": "Bearer", "expires_in": 300, "id_token": id_token,
        });
        for lie in &book.lies {
            if let Lie::Tokens(member, value) = lie {
                set(&mut answer, member, value);
            }
        }
        (200, answer)
    }
}

/// Whether the client authenticated by the one listed method, and no other (RFC 6749 section 2.3.1).
fn is_the_client(authorization: Option<&str>, request: &Parameters, by_body: bool) -> bool {
    let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let header =
        format!("Basic {}", BASE64_STANDARD.encode(format!("{}:{}", encoded(CLIENT_ID), encoded(CLIENT_SECRET))));
    let body = (request.get("client_id").map(String::as_str), request.get("client_secret").map(String::as_str));
    match by_body {
        true => authorization.is_none() && body == (Some(CLIENT_ID), Some(CLIENT_SECRET)),
        false => authorization == Some(&*header) && body == (None, None),
    }
}

fn half_hash(algorithm: &str, text: &str) -> String {
    let hash = match &algorithm[2..] {
        "256" => &SHA256,
        "384" => &SHA384,
        _ => &SHA512,
    };
    let hash = digest(hash, text.as_bytes());
    BASE64URL.encode(&hash.as_ref()[..hash.as_ref().len() / 2])
}

fn random() -> String {
    let mut bytes = [0; 16];
    aws_lc_rs::rand::fill(&mut bytes).expect("random bytes");
    BASE64URL.encode(bytes)
}
