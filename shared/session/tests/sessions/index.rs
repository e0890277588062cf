//! The index by user has what a later sign-in is compared by, and nothing that a renewal or a refresh writes: so neither
//! writes the index, and each costs one write.

use crate::support::{DUE, login, row};
use dynamo::{Row, text};
use jiff::SignedDuration;
use session::{Client, Login, Policy, Refresh, RefreshToken, SessionId, Sessions, Slide, Token};
use std::{collections::BTreeSet, time::Duration};
use testkit::{Stores, now};

/// The names in the index, its own keys and the table's included.
async fn indexed(stores: &Stores) -> BTreeSet<String> {
    let dynamo = stores.dynamo_itself();
    let table =
        dynamo.client().describe_table().table_name(dynamo.table("sessions")).send().await.unwrap().table.unwrap();
    let index = &table.global_secondary_indexes()[0];
    let keys = index.key_schema().iter().chain(table.key_schema()).map(|key| key.attribute_name().to_owned());
    keys.chain(index.projection().unwrap().non_key_attributes().iter().cloned()).collect()
}

/// What the index has of a user's sessions.
async fn as_indexed(stores: &Stores, user_id: &str) -> Vec<Row> {
    let dynamo = stores.dynamo_itself();
    let query = dynamo.client().query().table_name(dynamo.table("sessions")).index_name("by_user");
    let query = query.key_condition_expression("user_id = :user").expression_attribute_values(":user", text(user_id));
    query.send().await.unwrap().items.unwrap()
}

async fn row_of(stores: &Stores, id: &SessionId) -> Row {
    let dynamo = stores.dynamo_itself();
    let get = dynamo.client().get_item().table_name(dynamo.table("sessions")).consistent_read(true);
    get.key("session_id", text(id)).send().await.unwrap().item.unwrap()
}

/// The names whose values differ.
fn changed(before: &Row, after: &Row) -> BTreeSet<String> {
    let names = before.keys().chain(after.keys());
    names.filter(|name| before.get(*name) != after.get(*name)).cloned().collect()
}

async fn refreshed(sessions: &Sessions, token: &RefreshToken, at: jiff::Timestamp) -> RefreshToken {
    match sessions.refresh(token, at).await.unwrap() {
        Refresh::Granted { token, .. } => token,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_renewal_writes_nothing_that_the_index_has() {
    let stores = Stores::start().await;
    let sessions = stores.sessions(Policy::default());
    let account = stores.account("ada").await;
    let token = sessions.create(login(account), now() - DUE).await.unwrap().0;
    let before = row(&stores, &token).await.unwrap();
    assert!(sessions.authenticate(&token, Slide::Yes, now()).await.unwrap().unwrap().renewed);
    let written = changed(&before, &row(&stores, &token).await.unwrap());
    assert_eq!(written, ["idle_expires_at", "last_seen_at", "renewed_at"].map(str::to_owned).into());
    assert_eq!(written.intersection(&indexed(&stores).await).count(), 0, "{written:?}");
}

#[tokio::test]
async fn a_refresh_writes_nothing_that_the_index_has() {
    let stores = Stores::without_redis().await;
    let sessions = stores.sessions(Policy::default());
    let account = stores.account("ada").await;
    let began = now() - Duration::from_mins(9);
    let (mut token, _) = sessions.create_device(login(account), "Phone".to_owned(), began).await.unwrap();
    let before = row_of(&stores, &token.id()).await;
    for minutes in [3, 6] {
        token = refreshed(&sessions, &token, began + SignedDuration::from_mins(minutes)).await;
    }
    let written = changed(&before, &row_of(&stores, &token.id()).await);
    assert!(written.contains("device") && written.contains("renewed_at"), "{written:?}");
    assert_eq!(written.intersection(&indexed(&stores).await).count(), 0, "{written:?}");
}

/// The projection is in force: this is all that a reader gets.
#[tokio::test]
async fn the_index_has_of_a_row_what_the_schema_says_and_nothing_else() {
    let stores = Stores::without_redis().await;
    let sessions = stores.sessions(Policy::default());
    let account = stores.account("ada").await;
    let browser = Some(Token::generate().unwrap());
    let client = Client { ip: Some("203.0.113.7".to_owned()), user_agent: Some("Acme/1".to_owned()), browser };
    let (_, session) = sessions.create(Login { client, ..login(account) }, now()).await.unwrap();
    sessions.end_one("ada", &session.id, session::Why::Ended, now()).await.unwrap().unwrap();
    let (row, names) = (row_of(&stores, &session.id).await, indexed(&stores).await);
    let expected: Row = row.into_iter().filter(|(name, _)| names.contains(name)).collect();
    assert!(expected.contains_key("browser") && expected.contains_key("revoked_at"));
    assert_eq!(as_indexed(&stores, "ada").await, [expected]);
}
