//! The content of a token, and the cost of a mint.

use crate::{
    key::decoded,
    support::{ISSUER, Table, at, mint, subject},
};
use jiff::SignedDuration;
use serde_json::json;
use std::time::Duration;
use tokens::{Error, Subject};

const NOW: &str = "2031-05-06T07:08:09.987Z";
const NOW_SECOND: i64 = 1_935_817_689;

#[tokio::test]
async fn a_token_says_what_rfc_9068_and_the_contract_ask_for() {
    let table = Table::new().await;
    let tokens = table.tokens(&[("TOKEN_AUDIENCES", "orders,billing")]);
    let scopes = ["read".to_owned(), "write".to_owned()];
    let subject = Subject { scopes: &scopes, ..subject() };
    let minted = tokens.mint(&subject, Some("billing"), at(NOW)).await.expect("a token");

    let [header, mut claims] = decoded(minted.token.expose());
    let kids: Vec<_> =
        table.public_keys().current(at(NOW)).await.expect("keys").keys.into_iter().map(|key| key.kid).collect();
    assert_eq!(header, json!({ "alg": "ES256", "typ": "at+jwt", "kid": kids[0] }));

    let jti = claims.as_object_mut().and_then(|claims| claims.remove("jti")).expect("a jti");
    assert_eq!(jti.as_str().map(str::len), Some(22), "128 bits, base64url");
    let expected = json!({
        "iss": ISSUER, "sub": "user-1", "aud": "billing", "client_id": "browser", "iat": NOW_SECOND - 5,
        "exp": NOW_SECOND + 300, "sid": "session-1", "scope": "read write", "auth_time": 1_924_992_000,
    });
    assert_eq!(claims, expected);
    assert_eq!(minted.expires_in, Duration::from_secs(300));
}

/// OpenID Connect Core 2: according to the token, the user signed in before it was issued.
#[tokio::test]
async fn a_sign_in_of_this_moment_is_no_later_than_the_token() {
    let table = Table::new().await;
    let tokens = table.tokens(&[]);
    for (ago, expected) in [(0, NOW_SECOND - 5), (4, NOW_SECOND - 5), (5, NOW_SECOND - 5), (60, NOW_SECOND - 60)] {
        let auth_time = at(NOW) - SignedDuration::from_secs(ago);
        let minted = tokens.mint(&Subject { auth_time, ..subject() }, None, at(NOW)).await.expect("a token");
        let claims = &decoded(minted.token.expose())[1];
        assert_eq!((claims["auth_time"].as_i64(), claims["iat"].as_i64()), (Some(expected), Some(NOW_SECOND - 5)));
    }
}

#[tokio::test]
async fn no_two_tokens_have_the_same_jti() {
    let table = Table::new().await;
    let tokens = table.tokens(&[]);
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..50 {
        let minted = mint(&tokens, at(NOW)).await.expect("a token");
        seen.insert(decoded(minted.token.expose())[1]["jti"].to_string());
    }
    assert_eq!(seen.len(), 50);
}

#[tokio::test]
async fn a_token_does_not_outlive_its_session() {
    let table = Table::new().await;
    let tokens = table.tokens(&[]);
    for (left, expected) in [(10_500, 11), (299_000, 299), (301_000, 300), (0, 0), (-5_000, -5)] {
        let not_after = at(NOW) + SignedDuration::from_millis(left);
        let minted = tokens.mint(&Subject { not_after, ..subject() }, None, at(NOW)).await.expect("a token");
        let exp = decoded(minted.token.expose())[1]["exp"].as_i64().expect("exp");
        assert!(exp <= not_after.as_second());
        assert_eq!(exp - NOW_SECOND, expected, "{left} ms");
        assert_eq!(minted.expires_in.as_secs(), u64::try_from(expected).unwrap_or(0));
    }
}

#[tokio::test]
async fn a_token_does_not_outlive_its_key_even_when_the_lifetime_was_raised_after_the_key_was_made() {
    let table = Table::new().await;
    let start = at("2031-05-06T07:00:00Z");
    mint(&table.tokens(&[("SIGNING_PERIOD", "1h")]), start).await.expect("a token");
    let raised = table.tokens(&[("SIGNING_PERIOD", "1h"), ("TOKEN_LIFETIME", "24h")]);
    let minted = mint(&raised, start + SignedDuration::from_mins(1)).await.expect("a token");
    let leaves_at = at("2031-05-06T09:15:00Z");
    assert_eq!(decoded(minted.token.expose())[1]["exp"].as_i64(), Some(leaves_at.as_second()));
}

#[tokio::test]
async fn an_audience_that_is_not_ours_is_refused_before_anything_happens() {
    let table = Table::new().await;
    let tokens = table.tokens(&[("TOKEN_AUDIENCES", "orders")]);
    for audience in ["api", "", "orders,orders", "ORDERS", "orders\0"] {
        let refused = tokens.mint(&subject(), Some(audience), at(NOW)).await;
        assert!(matches!(refused, Err(Error::UnknownAudience)), "{audience:?}");
    }
    assert_eq!(table.calls.take_operations(), [""; 0]);
    assert_eq!(table.rows().await, []);
}

#[tokio::test]
async fn a_warm_mint_asks_nothing_of_dynamodb() {
    let table = Table::new().await;
    let tokens = table.tokens(&[]);
    mint(&tokens, at(NOW)).await.expect("a token");
    assert_eq!(table.calls.take_operations(), ["Scan", "PutItem", "PutItem", "Scan"]);
    for second in [0, 1, 60, 299] {
        mint(&tokens, at(NOW) + SignedDuration::from_secs(second)).await.expect("a token");
    }
    assert_eq!(table.calls.take_operations(), [""; 0]);
    mint(&tokens, at(NOW) + SignedDuration::from_secs(300)).await.expect("a token");
    assert_eq!(table.calls.take_operations(), ["Scan"], "after five minutes the table is read again");
}

#[tokio::test]
async fn a_clock_set_back_is_not_served_from_memory() {
    let table = Table::new().await;
    let tokens = table.tokens(&[]);
    mint(&tokens, at(NOW)).await.expect("a token");
    table.calls.take_operations();
    mint(&tokens, at(NOW) - SignedDuration::from_secs(1)).await.expect("a token");
    assert_eq!(table.calls.take_operations(), ["Scan"]);
}

#[tokio::test]
async fn memory_does_not_reach_past_the_start_of_another_key() {
    let table = Table::new().await;
    let tokens = table.tokens(&[("SIGNING_PERIOD", "1h")]);
    let next = at("2031-05-06T08:00:00Z");
    mint(&tokens, next - SignedDuration::from_hours(1)).await.expect("a token");
    let before = mint(&tokens, next - SignedDuration::from_secs(1)).await.expect("a token");
    let after = mint(&tokens, next).await.expect("a token");
    assert_ne!(decoded(before.token.expose())[0]["kid"], decoded(after.token.expose())[0]["kid"]);
}

#[tokio::test]
async fn without_dynamodb_memory_serves_for_five_minutes_and_then_minting_fails() {
    let table = Table::new().await;
    let tokens = table.tokens(&[]);
    mint(&tokens, at(NOW)).await.expect("a token");
    drop(table);
    mint(&tokens, at(NOW) + SignedDuration::from_secs(299)).await.expect("a token");
    let failed = mint(&tokens, at(NOW) + SignedDuration::from_secs(300)).await;
    assert!(matches!(failed, Err(Error::Store(dynamo::Error::Unavailable(_)))), "{failed:?}");
}
