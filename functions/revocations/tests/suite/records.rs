//! Unreadable records: they are logged, and block no other. If they were sent again, they would still be unreadable,
//! and block their shard for a day.

use crate::Scene;
use revocations::Event;
use scene::{HOSTILE, Logs, RedisFault, now};
use serde_json::{Value, json};
use session::Token;

/// A user whose three sessions are alive according to Redis, and the event that reports their end: two of them one by
/// one, the last one together with all.
async fn missed() -> (Scene, Vec<Token>, Value) {
    let (mut scene, tokens) = Scene::with_sessions(3).await;
    let proxy = scene.stores.redis_proxy.as_ref().unwrap();
    proxy.break_all(Some("SET"), RedisFault::Close);
    for token in &tokens[..2] {
        assert!(scene.sessions.revoke(token, now()).await.is_err());
    }
    assert!(scene.sessions.revoke_all(&tokens[2], now()).await.is_err());
    proxy.heal();
    let event = scene.streams.event().await;
    (scene, tokens, event)
}

/// The position in an event of the first record of a table that needs an action.
fn place(event: &Value, table: &str) -> usize {
    let records = event["Records"].as_array().unwrap();
    let of_table = |record: &Value| record["eventSourceARN"].as_str().unwrap().contains(&format!("/test-{table}/"));
    let calls = |record: &Value| match table {
        "users" => record["dynamodb"]["NewImage"]["security_epoch"]["N"] == "1",
        _ => record["dynamodb"]["NewImage"]["revoked_at"].is_object(),
    };
    records.iter().position(|record| of_table(record) && calls(record)).unwrap()
}

type Damage = fn(&mut Value);

/// What makes a record unreadable, by its table.
const DAMAGE: [(&str, Damage); 14] = [
    ("sessions", |record| *record = json!({ "dynamodb": { "SequenceNumber": record["dynamodb"]["SequenceNumber"] } })),
    ("sessions", |record| record["eventSourceARN"] = Value::Null),
    ("sessions", |record| record["eventSourceARN"] = "planted".into()),
    ("sessions", |record| record["eventSourceARN"] = "arn:aws:dynamodb:r:1:table/test-outbox/stream/planted".into()),
    ("sessions", |record| record["eventSourceARN"] = "arn:aws:dynamodb:r:1:table/sessions/stream/planted".into()),
    ("sessions", |record| record["eventSourceARN"] = "arn:aws:dynamodb:r:1:table/test-sessions".into()),
    ("sessions", |record| record["eventName"] = "planted".into()),
    ("sessions", |record| record["dynamodb"]["NewImage"] = Value::Null),
    ("sessions", |record| record["dynamodb"]["NewImage"] = json!({ "revoked_at": { "N": "1" } })),
    ("sessions", |record| record["dynamodb"]["NewImage"]["session_id"] = json!({ "N": "7" })),
    ("sessions", |record| record["dynamodb"]["NewImage"]["planted"] = json!({ "X": "planted" })),
    ("users", |record| record["dynamodb"]["NewImage"] = Value::Null),
    ("users", |record| record["dynamodb"]["NewImage"]["security_epoch"] = json!({ "S": "planted" })),
    ("users", |record| record["dynamodb"]["NewImage"]["sessions"] = json!({ "L": [{ "S": "planted" }] })),
];

#[tokio::test]
async fn a_record_that_cannot_be_read_is_told_and_the_others_are_done() {
    let (scene, tokens, sound) = missed().await;
    for (number, (table, damage)) in DAMAGE.into_iter().enumerate() {
        let mut event = sound.clone();
        let place = place(&event, table);
        damage(&mut event["Records"][place]);
        let logs = Logs::capture();
        assert_eq!(scene.call(event).await, [""; 0], "{number}");
        let [error] = &unreadable(&logs)[..] else { panic!("{number}: one error: {}", logs.text()) };
        assert_eq!(error["sequence"], sound["Records"][place]["dynamodb"]["SequenceNumber"], "{number}");
        // Nothing of its content, which may be anything.
        assert!(!logs.text().contains("planted"), "{number}: {}", logs.text());
        assert!(scene.is_buried(&tokens[1]).await && scene.is_buried(&tokens[2]).await, "{number}");
    }
    assert_eq!(scene.call(sound).await, [""; 0]);
}

#[tokio::test]
async fn a_record_without_a_number_is_told_as_well() {
    let (scene, tokens, sound) = missed().await;
    let whole: [Value; 6] = [
        Value::Null,
        5.into(),
        "planted".into(),
        json!([]),
        json!({}),
        json!({ "dynamodb": { "SequenceNumber": 7, "NewImage": {} } }),
    ];
    for record in whole {
        let mut event = sound.clone();
        event["Records"].as_array_mut().unwrap().insert(0, record);
        let logs = Logs::capture();
        assert_eq!(scene.report(event).await, json!({ "batchItemFailures": [] }));
        assert_eq!(unreadable(&logs).len(), 1, "{}", logs.text());
        assert!(scene.is_buried(&tokens[0]).await);
    }
}

/// For example one of the next version, while that is being deployed.
#[tokio::test]
async fn a_session_of_an_unknown_kind_ends_too() {
    let (scene, tokens, mut event) = missed().await;
    let place = place(&event, "sessions");
    event["Records"][place]["dynamodb"]["NewImage"]["kind"] = json!({ "S": "of tomorrow" });
    let records = json!({ "Records": [event["Records"][place].clone()] });
    assert_eq!(scene.call(records).await, [""; 0]);
    let mut buried = 0;
    for token in &tokens {
        buried += usize::from(scene.is_buried(token).await);
    }
    assert_eq!(buried, 1);
}

/// What was logged about unreadable records.
fn unreadable(logs: &Logs) -> Vec<Value> {
    logs.lines().into_iter().filter(|line| line["level"] == "ERROR" && line["event"] == "unreadable").collect()
}

/// Records as in the Developer Guide; their table is not ours.
#[tokio::test]
async fn records_of_another_table_are_told() {
    let (scene, _) = Scene::with_sessions(0).await;
    let record = |name: &str, number: &str| {
        json!({
            "eventID": number, "eventVersion": "1.0", "eventName": name, "eventSource": "aws:dynamodb",
            "awsRegion": "us-west-2", "eventSourceARN": "arn:aws:dynamodb:us-west-2:111122223333:table/TestTable/stream/2024",
            "dynamodb": {
                "Keys": { "Id": { "N": "101" } }, "SequenceNumber": number, "SizeBytes": 26,
                "NewImage": { "Id": { "N": "101" } }, "StreamViewType": "NEW_AND_OLD_IMAGES",
            },
        })
    };
    let event = json!({ "Records": [record("INSERT", "111"), record("MODIFY", "222"), record("REMOVE", "333")] });
    let logs = Logs::capture();
    assert_eq!(scene.call(event).await, [""; 0]);
    let told: Vec<_> = unreadable(&logs).into_iter().map(|line| line["sequence"].clone()).collect();
    assert_eq!(told, ["111", "222", "333"]);
}

#[tokio::test]
async fn an_event_that_is_none_is_refused_as_a_whole() {
    for event in [Value::Null, 5.into(), "x".into(), json!({ "Records": 5 }), json!({ "Records": {} })] {
        assert!(serde_json::from_value::<Event>(event.clone()).is_err(), "{event}");
    }
}

/// ASVS 1.2.4, 2.2.1: whatever a row holds, only the key of a session is written.
#[tokio::test]
async fn hostile_texts_in_every_place_of_a_record_write_no_foreign_key() {
    let (scene, tokens, sound) = missed().await;
    let known: Vec<String> = tokens.iter().map(|token| format!("session:{}", token.id())).collect();
    for table in ["sessions", "users"] {
        let record = &sound["Records"][place(&sound, table)];
        for pointer in leaves(record, "") {
            let hostile = |text: &&str| {
                let mut record = record.clone();
                *record.pointer_mut(&pointer).unwrap() = (*text).into();
                record
            };
            scene.report(json!({ "Records": HOSTILE.iter().map(hostile).collect::<Vec<_>>() })).await;
        }
    }
    let keys: Vec<String> = scene.stores.redis_command(&["KEYS", "*"]).await;
    let foreign =
        |key: &&String| !known.contains(key) && !HOSTILE.iter().any(|text| **key == format!("session:{text}"));
    assert_eq!(keys.iter().filter(foreign).collect::<Vec<_>>(), [""; 0]);
}

/// The JSON pointers of all values that contain no others.
fn leaves(value: &Value, at: &str) -> Vec<String> {
    match value {
        Value::Object(members) => {
            members.iter().flat_map(|(name, value)| leaves(value, &format!("{at}/{name}"))).collect()
        }
        _ => vec![at.to_owned()],
    }
}
