use crate::people::{PEOPLE, Person};
use aws_sdk_dynamodb::types::AttributeValue;
use dynamo::{Row, text};
use session::{Account, Policy};
use std::fmt::Write as _;
use testkit::{Stores, now};

/// Sessions in a user's map: one, a few, the cap, and the most that fit.
const SESSIONS: [usize; 4] = [1, 3, 20, 40];

/// The size of each row, and the units that a read and a write of it are billed at: 4 KiB and 1 KiB a unit.
pub async fn table(stores: &Stores) -> String {
    let mut table = String::from("DynamoDB: bytes of a row\n");
    writeln!(table, "{:<44}{:>8}{:>8}{:>8}", "", "bytes", "reads", "writes").expect("a text grows");
    for person in PEOPLE {
        let mut rows = vec![(format!("session, {}", person.name_of_row), browser(stores, person).await)];
        rows.push((format!("device, {}", person.name_of_row), device(stores, person).await));
        for count in SESSIONS {
            rows.push((
                format!("user with {count} sessions, {}", person.name_of_row),
                user(stores, person, count).await,
            ));
        }
        for (name, row) in rows {
            let bytes = size_of_row(&row);
            let (reads, writes) = (bytes.div_ceil(4_096), bytes.div_ceil(1_024));
            writeln!(table, "{name:<44}{bytes:>8}{reads:>8}{writes:>8}").expect("a text grows");
        }
    }
    table
}

async fn browser(stores: &Stores, person: &Person) -> Row {
    let account = person.account(stores).await;
    let sessions = stores.sessions(Policy::default());
    let (token, _) = sessions.create(person.login(account), now()).await.expect("a login");
    row(stores, "sessions", "session_id", token.id().as_str()).await
}

/// The row as it is after the first refresh, when it keeps two hashes and a sealed successor.
async fn device(stores: &Stores, person: &Person) -> Row {
    let account = person.account(stores).await;
    let policy = Policy { device_grace: std::time::Duration::ZERO, ..Policy::default() };
    let sessions = stores.sessions(policy);
    let login = person.login(account);
    let (token, session) = sessions.create_device(login, "Maria's telephone".to_owned(), now()).await.expect("a login");
    sessions.refresh(&token, now()).await.expect("a refresh");
    row(stores, "sessions", "session_id", session.id.as_str()).await
}

async fn user(stores: &Stores, person: &Person, count: usize) -> Row {
    let mut account = person.account(stores).await;
    let sessions = stores.sessions(Policy { per_user: count, ..Policy::default() });
    for _ in 0..count {
        sessions.create(person.login(account), now()).await.expect("a login");
        account = stored(stores, person).await;
    }
    let row = dynamo::encode(Account::TABLE, &account).expect("a row");
    assert_eq!(account.sessions.len(), count, "every one of them is in the map");
    row
}

async fn stored(stores: &Stores, person: &Person) -> Account {
    stores.stored_account(&person.user_id()).await
}

async fn row(stores: &Stores, table: &str, key: &str, value: &str) -> Row {
    let dynamo = stores.dynamo_itself();
    let get = dynamo.client().get_item().table_name(dynamo.table(table)).consistent_read(true);
    get.key(key, text(value)).send().await.expect("a read").item.expect("the row")
}

/// By the rules of "DynamoDB item sizes and formats".
fn size_of_row(row: &Row) -> usize {
    row.iter().map(|(name, value)| name.len() + size(value)).sum()
}

fn size(value: &AttributeValue) -> usize {
    match value {
        AttributeValue::S(text) => text.len(),
        AttributeValue::N(number) => number.trim_matches('0').len().div_ceil(2) + 1,
        AttributeValue::Bool(_) | AttributeValue::Null(_) => 1,
        AttributeValue::L(list) => 3 + list.iter().map(|value| 1 + size(value)).sum::<usize>(),
        AttributeValue::M(map) => 3 + map.iter().map(|(name, value)| 1 + name.len() + size(value)).sum::<usize>(),
        other => unreachable!("no row of ours has {other:?}"),
    }
}
