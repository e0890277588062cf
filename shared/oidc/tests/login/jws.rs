use crate::{id_token::play, support::Login};
use oidc::Flaw;
use serde_json::{Value, json};
use testkit::Lie;

/// ASVS 9.2.2, RFC 8725 section 3.11: a token signed for another purpose is not for signing in.
#[tokio::test]
async fn a_token_of_another_type_is_refused() {
    let header = |value: Value| Lie::Header("typ", value);
    play([
        (header(json!("at+jwt")), Some(Flaw::Type)),
        (header(json!("logout+jwt")), Some(Flaw::Type)),
        (header(json!("")), Some(Flaw::Type)),
        (header(json!("jwt")), None),
        (header(Value::Null), None),
    ])
    .await;
}

/// RFC 7515 section 4.1.11.
#[tokio::test]
async fn critical_extensions_are_refused() {
    for value in [json!(["exp"]), json!([]), json!("b64")] {
        play([(Lie::Header("crit", value), Some(Flaw::Critical))]).await;
    }
}

/// RFC 7515 sections 4 and 4.1.11: a null is present, and is neither a text nor a list.
#[tokio::test]
async fn a_header_s_null_is_not_absent() {
    let login = Login::new().await;
    for (member, flaw) in
        [("crit", Flaw::Critical), ("kid", Flaw::Malformed), ("typ", Flaw::Malformed), ("alg", Flaw::Malformed)]
    {
        login.provider.repent().script(move |header, _| drop(header.insert(member.to_owned(), Value::Null)));
        assert_eq!(login.flaw().await, flaw, "{member}");
    }
}

/// ASVS 15.3.5: one token, one meaning.
#[tokio::test]
async fn repeated_members_in_header_or_payload_are_refused() {
    for member in ["alg", "kid", "sub", "nonce", "auth_time"] {
        play([(Lie::RepeatInIdToken(member), Some(Flaw::Malformed))]).await;
    }
}

#[tokio::test]
async fn what_is_no_jwt_is_refused() {
    for text in ["", "x", "..", "a.b.c", "e30.e30.", "e30.e30.e30.e30.e30", "eyJhbGciOiJSUzI1NiJ9", "\u{0}.\u{0}.\u{0}"]
    {
        play([(Lie::Tokens("id_token", json!(text)), Some(Flaw::Malformed))]).await;
    }
}
