//! How keys are made, published and hidden.

use crate::{
    intercept::Gate,
    key::decoded,
    support::{Table, at, mint},
};
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;
use tokens::{Error, Jwk, Minted};

const NOW: &str = "2031-05-06T07:08:09Z";

fn kid(minted: &Minted) -> String {
    decoded(minted.token.expose())[0]["kid"].as_str().expect("a kid").to_owned()
}

async fn published(table: &Table, now: Timestamp) -> Vec<Jwk> {
    table.public_keys().current(now).await.expect("the keys").keys
}

#[tokio::test]
async fn whoever_loses_the_race_for_a_period_signs_with_the_key_of_the_winner() {
    let table = Table::new().await;
    let (gate, reached, open) = Gate::before("PutItem");
    let late = table.behind(gate).tokens(&[]);
    let loser = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(mint(&late, at(NOW)))
    });
    reached.recv().expect("the loser has read the empty table and is about to write");
    let winner = mint(&table.tokens(&[]), at(NOW)).await.expect("a token");
    let keys = published(&table, at(NOW)).await;
    drop(open);
    let loser = loser.join().expect("no panic").expect("a token");

    assert_eq!(kid(&loser), kid(&winner));
    assert_eq!(published(&table, at(NOW)).await, keys, "nothing was written over");
}

#[tokio::test]
async fn instances_that_mint_for_the_first_time_together_sign_with_one_key() {
    let table = Table::new().await;
    let instances: [_; 8] = std::array::from_fn(|_| table.tokens(&[]));
    let [a, b, c, d, e, f, g, h] = instances.each_ref().map(|tokens| mint(tokens, at(NOW)));
    let minted = tokio::join!(a, b, c, d, e, f, g, h);
    let minted: [_; 8] = minted.into();
    let kids: BTreeSet<_> = minted.into_iter().map(|minted| kid(&minted.expect("a token"))).collect();
    assert_eq!(kids.into_iter().collect::<Vec<_>>(), [published(&table, at(NOW)).await[0].kid.clone()]);
    assert_eq!(table.rows().await.len(), 2);
}

#[tokio::test]
async fn the_next_key_is_published_before_it_signs_and_the_old_one_while_its_tokens_are_good() {
    let table = Table::new().await;
    assert_eq!(published(&table, at(NOW)).await, [], "before the first mint");
    let tokens = table.tokens(&[("SIGNING_PERIOD", "1h")]);
    let first = kid(&mint(&tokens, at(NOW)).await.expect("a token"));
    let before: Vec<_> = published(&table, at(NOW)).await.into_iter().map(|key| key.kid).collect();
    let second = kid(&mint(&tokens, at("2031-05-06T08:00:00Z")).await.expect("a token"));
    assert_eq!(before, [first.clone(), second]);

    let leaves = at("2031-05-06T09:15:00Z");
    assert!(published(&table, leaves - SignedDuration::from_millis(1)).await.iter().any(|key| key.kid == first));
    assert!(published(&table, leaves).await.iter().all(|key| key.kid != first));
}

#[tokio::test]
async fn a_row_expires_some_days_after_its_key_has_left_the_jwks() {
    let table = Table::new().await;
    mint(&table.tokens(&[]), at(NOW)).await.expect("a token");
    for row in table.rows().await {
        let number = |name: &str| row[name].as_n().ok().and_then(|text| text.parse::<i64>().ok()).expect("a number");
        assert_eq!(number("purge_at"), number("leaves_at") / 1000 + 3 * 24 * 60 * 60);
        assert_eq!(number("created_at"), at(NOW).as_millisecond());
    }
}

#[tokio::test]
async fn the_jwks_is_made_without_reading_a_private_key() {
    let table = Table::new().await;
    mint(&table.tokens(&[]), at(NOW)).await.expect("a token");
    assert!(table.calls.take_attributes().contains(&"private_key".to_owned()), "a mint needs it");
    table.calls.take_operations();
    published(&table, at(NOW)).await;
    assert_eq!(table.calls.take_attributes(), ["leaves_at", "period", "public_jwk"]);
    assert_eq!(table.calls.take_operations(), ["Scan"]);
}

#[tokio::test]
async fn a_private_member_in_a_public_key_is_not_published() {
    let table = Table::new().await;
    mint(&table.tokens(&[]), at(NOW)).await.expect("a token");
    for mut row in table.rows().await {
        if let Some(AttributeValue::M(jwk)) = row.get_mut("public_jwk") {
            jwk.insert("d".to_owned(), AttributeValue::S("secret".to_owned()));
        }
        replace(&table, row).await;
    }
    let jwks = serde_json::to_string(&published(&table, at(NOW)).await).expect("JSON");
    assert!(jwks.contains("P-256") && !jwks.contains("secret") && !jwks.contains("\"d\""), "{jwks}");
}

#[tokio::test]
async fn a_kid_is_the_thumbprint_that_others_compute() {
    let table = Table::new().await;
    mint(&table.tokens(&[]), at(NOW)).await.expect("a token");
    for key in published(&table, at(NOW)).await {
        let theirs: jsonwebtoken::jwk::Jwk =
            serde_json::from_value(serde_json::to_value(&key).expect("JSON")).expect("a JWK");
        let thumbprint = theirs.thumbprint(jsonwebtoken::jwk::ThumbprintHash::SHA256).expect("a thumbprint");
        assert_eq!(key.kid, thumbprint);
    }
}

#[tokio::test]
async fn a_leaked_key_is_retired_by_deleting_its_row() {
    let table = Table::new().await;
    mint(&table.tokens(&[]), at(NOW)).await.expect("a token");
    let keys = published(&table, at(NOW)).await;
    let [leaked, next] = keys.as_slice() else { panic!("two keys") };
    let row = table.rows().await.into_iter().find(|row| row["kid"] == AttributeValue::S(leaked.kid.clone()));
    let period = row.expect("the row")["period"].clone();
    let delete = table.dynamo.client().delete_item().table_name(table.name()).key("period", period);
    delete.send().await.expect("deleted");

    let later = at(NOW) + SignedDuration::from_mins(1);
    let token = mint(&table.tokens(&[]), later).await.expect("a token");
    assert_eq!(kid(&token), next.kid, "verifiers know this key already");
    assert!(published(&table, later).await.iter().all(|key| key.kid != leaked.kid));
}

#[tokio::test]
async fn a_corrupt_row_is_a_store_error_and_no_panic() {
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let corruptions = [
        ("private_key", text("c2VjcmV0")),
        ("leaves_at", text("soon")),
        ("leaves_at", AttributeValue::N("99999999999999999999".to_owned())),
        ("public_jwk", text("{}")),
    ];
    for (name, value) in corruptions {
        let table = Table::new().await;
        mint(&table.tokens(&[]), at(NOW)).await.expect("a token");
        for mut row in table.rows().await {
            row.insert(name.to_owned(), value.clone());
            replace(&table, row).await;
        }
        let failed = mint(&table.tokens(&[]), at(NOW)).await;
        assert!(matches!(failed, Err(Error::Store(dynamo::Error::Corrupt { .. }))), "{name}: {failed:?}");
        let jwks = table.public_keys().current(at(NOW)).await;
        assert_eq!(jwks.is_err(), name != "private_key", "{name}");
    }
}

#[tokio::test]
async fn a_private_key_that_is_none_is_a_signing_error_and_no_panic() {
    let table = Table::new().await;
    mint(&table.tokens(&[]), at(NOW)).await.expect("a token");
    for mut row in table.rows().await {
        row.insert("private_key".to_owned(), AttributeValue::B(aws_sdk_dynamodb::primitives::Blob::new([1, 2, 3])));
        replace(&table, row).await;
    }
    let failed = mint(&table.tokens(&[]), at(NOW)).await;
    assert!(matches!(failed, Err(Error::Signing(_))), "{failed:?}");
}

async fn replace(table: &Table, row: dynamo::Row) {
    let put = table.dynamo.client().put_item().table_name(table.name()).set_item(Some(row));
    put.send().await.expect("written");
}
