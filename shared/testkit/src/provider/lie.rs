use serde_json::Value;
use std::time::Duration;

/// One way in which a [`Provider`](crate::Provider) deviates from correct behaviour.
#[derive(Clone, Debug)]
pub enum Lie {
    /// A member of the discovery document; null removes it.
    Discovery(&'static str, Value),
    /// A parameter of the callback; `None` removes it.
    Callback(&'static str, Option<String>),
    /// A member of the token response; null removes it.
    Tokens(&'static str, Value),
    /// A member of the ID token's header; null removes it.
    Header(&'static str, Value),
    /// A claim of the ID token; null removes it.
    Claim(&'static str, Value),
    /// A member of every published key; null removes it.
    Key(&'static str, Value),
    /// One more key in the set, exactly as given.
    MoreKey(Value),
    /// A signature of the ID token that is not the signing key's.
    Signature(Forgery),
    /// This member of the ID token's header or payload twice, the first time with null.
    RepeatInIdToken(&'static str),
    /// Replaces the honest answer of this endpoint.
    Answer(Endpoint, Answer),
}

/// What takes the place of an ID token's signature.
#[derive(Clone, Debug)]
pub enum Forgery {
    /// Nothing at all.
    Absent,
    /// The right one with one bit flipped.
    Tampered,
    /// One by another key for the same algorithm.
    Stranger,
    /// The same, and the header names that key: as `jwk`, and by `jku` and `x5u` at an address that serves it.
    RecommendedStranger,
    /// HMAC-SHA256 with this secret.
    Hmac(Vec<u8>),
    /// The right one, for a payload other than the one sent.
    OtherPayload,
}

/// The endpoints that may misbehave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// The discovery document.
    Discovery,
    /// The key set.
    Jwks,
    /// The token endpoint.
    Token,
}

/// How an endpoint misbehaves.
#[derive(Clone, Debug)]
pub enum Answer {
    /// Redirects to itself, with a query that gets the honest answer.
    Redirect,
    /// Sends nothing and keeps the connection.
    Hang,
    /// Starts at once, continues byte by byte, never ends.
    Trickle,
    /// The honest answer, this much later.
    Late(Duration),
    /// The honest answer with this status.
    Status(u16),
    /// A page for people, with status 200.
    Html,
    /// The honest answer under this content type.
    Type(&'static str),
    /// The honest answer, padded with blanks to this many bytes, with its length declared.
    Padded(usize),
    /// The same without a declared length.
    PaddedInPieces(usize),
    /// The honest answer with this member twice, the first time with null.
    Repeat(&'static str),
    /// The honest answer without its last byte.
    CutShort,
    /// An OAuth error with status 400 (RFC 6749 section 5.2).
    OAuth(&'static str),
    /// The same with this status.
    OAuthAs(u16, &'static str),
}

/// Sets a member of an object; null removes it.
pub fn set(object: &mut Value, member: &str, value: &Value) {
    let Some(object) = object.as_object_mut() else { return };
    if value.is_null() {
        object.remove(member);
    } else {
        object.insert(member.to_owned(), value.clone());
    }
}

/// The same JSON with one member twice, at its first occurrence.
pub fn repeat(json: &str, member: &str) -> String {
    let once = format!("\"{member}\":");
    json.replacen(&once, &format!("{once}null,{once}"), 1)
}
