//! What sessions take up: bytes in Redis, measured on a real server with records that `Sessions` has written, and bytes
//! of the rows in DynamoDB, counted by its rules. This is a measurement, not a test; docs/capacity.md uses the numbers.
#![expect(clippy::expect_used, reason = "a measurement that cannot be set up has to stop there")]

mod cold;
mod hot;
mod people;

use hot::Server;
use people::{LONG, PEOPLE, Person, TYPICAL};
use session::{Policy, SessionId, Token};
use std::{
    fmt::Write as _,
    io::{self, Write as _},
};
use testkit::Stores;

/// The numbers of keys that are measured; the largest takes about a gigabyte.
const COUNTS: [usize; 4] = [1_000, 10_000, 100_000, 1_000_000];

/// The largest number that is tried with every value.
const EVERY: usize = 100_000;

/// What takes a session's place when it ends.
const TOMBSTONE: &[u8] = b"!";

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let stores = Stores::start().await;
    let mut text = cold::table(&stores).await;
    let values = values(&stores).await;
    let ids: Vec<_> = (0..COUNTS[COUNTS.len() - 1]).map(|_| id()).collect();
    for cluster in [false, true] {
        text.push_str(&hot_table(&stores, cluster, &values, &ids).await);
    }
    io::stdout().write_all(text.as_bytes()).expect("somebody who reads");
}

/// What Redis holds for each kind of session, as `Sessions` wrote it; last, the values that are not a record.
async fn values(stores: &Stores) -> Vec<(String, Vec<u8>)> {
    let mut values = vec![("empty".to_owned(), Vec::new()), ("tombstone".to_owned(), TOMBSTONE.to_owned())];
    for person in PEOPLE {
        let record = record(stores, person).await;
        values.push((format!("session, {}", person.name_of_row), record));
    }
    values
}

async fn record(stores: &Stores, person: &Person) -> Vec<u8> {
    let account = person.account(stores).await;
    let (token, _) =
        stores.sessions(Policy::default()).create(person.login(account), testkit::now()).await.expect("a login");
    stores.copy(&token.id()).await.expect("a record")
}

fn id() -> SessionId {
    Token::generate().expect("random bytes").id()
}

/// Bytes per key by the server's own count, with everything that grows with the number of keys.
async fn hot_table(stores: &Stores, cluster: bool, values: &[(String, Vec<u8>)], ids: &[SessionId]) -> String {
    let server = Server::start(stores, cluster).await;
    let mode = if cluster { "cluster mode" } else { "a single server" };
    let mut table = format!("\nRedis {}, {mode}: bytes a key\n", server.version().await);
    write!(table, "{:<26}{:>8}{:>8}", "value", "value", "USAGE").expect("a text grows");
    COUNTS.iter().for_each(|count| write!(table, "{count:>10}").expect("a text grows"));
    table.push('\n');
    for (name, value) in values {
        let usage = server.usage(value).await;
        write!(table, "{name:<26}{:>8}{usage:>8}", value.len()).expect("a text grows");
        for count in COUNTS {
            let told = *name == format!("session, {}", TYPICAL.name_of_row) || count <= EVERY;
            let bytes =
                if told { format!("{:.1}", server.bytes_a_key(value, &ids[..count]).await) } else { String::new() };
            write!(table, "{bytes:>10}").expect("a text grows");
        }
        table.push('\n');
    }
    let record = &values.iter().find(|(name, _)| name.ends_with(LONG.name_of_row)).expect("the last").1;
    writeln!(table, "a connection that has asked once: {} bytes", server.bytes_a_connection(record).await)
        .expect("a text grows");
    table
}
