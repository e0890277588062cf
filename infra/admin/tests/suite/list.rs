use crate::support::{EMAIL, Scene};
use serde_json::{Value, json};

fn addresses(list: &Value) -> Vec<&str> {
    let mut addresses: Vec<_> = list.as_array().unwrap().iter().filter_map(|user| user["email"].as_str()).collect();
    addresses.sort_unstable();
    addresses
}

#[tokio::test]
async fn users_are_listed_all_or_by_status_and_age() {
    let scene = Scene::new().await;
    let bob = scene.add("bob@example.com").await;
    scene.does(&["users", "disable", "bob@example.com"]).await;
    scene.does(&["users", "set-scopes", EMAIL, "read", "write"]).await;
    // 2001-09-09T01:46:40Z.
    let long_ago = json!(1_000_000_000_000_i64);
    scene.stores.change("users", ("user_id", &bob), |row| row["created_at"] = long_ago).await;

    let all = scene.json(&["users", "list"]).await;
    assert_eq!(addresses(&all), [EMAIL, "bob@example.com"]);
    let ada = all.as_array().unwrap().iter().find(|user| user["id"] == *scene.ada).unwrap().clone();
    let account = scene.stores.stored_account(&scene.ada).await;
    let expected = json!({
        "id": scene.ada, "email": EMAIL, "email_verified": true, "name": "Ada", "status": "active",
        "scopes": ["read", "write"], "created_at": account.created_at.to_string(),
    });
    assert_eq!(ada, expected);
    for (arguments, expected) in [
        (&["--status", "active"][..], &[EMAIL][..]),
        (&["--status", "disabled"], &["bob@example.com"]),
        (&["--since", "2001-09-09T01:46:40Z"], &[EMAIL, "bob@example.com"]),
        (&["--since", "2001-09-10"], &[EMAIL]),
        (&["--since", "2001-09-10", "--status", "disabled"], &[]),
    ] {
        let listed = scene.json(&[&["users", "list"], arguments].concat()).await;
        assert_eq!(addresses(&listed), expected, "{arguments:?}");
    }
    for arguments in [&["--since", "yesterday"][..], &["--status", "asleep"]] {
        assert_eq!(scene.run(&[&["users", "list"], arguments].concat()).await.code, 2, "{arguments:?}");
    }
}

#[tokio::test]
async fn a_list_of_users_is_a_table_csv_or_json() {
    let scene = Scene::new().await;
    let csv = scene.does(&["users", "list", "--format", "csv"]).await.out;
    let lines: Vec<_> = csv.lines().collect();
    assert_eq!(lines[0], "id,email,email_verified,name,status,scopes,created_at");
    assert!(lines.len() == 2 && lines[1].starts_with(&format!("{},{EMAIL},true,Ada,active,,", scene.ada)), "{csv}");
    let table = scene.does(&["users", "list"]).await.out;
    let first = |line: &str| line.split_whitespace().next().map(str::to_owned);
    assert_eq!(table.lines().map(first).collect::<Vec<_>>(), [Some("ID".to_owned()), Some(scene.ada.clone())]);
    assert_eq!(scene.json(&["users", "list", "--status", "disabled"]).await, json!([]));
}

/// There are more rows than fit on one page of a scan: each is written once.
#[tokio::test]
async fn a_list_of_users_reads_every_page() {
    let scene = Scene::new().await;
    let row = scene.stores.row("users", ("user_id", &scene.ada)).await.unwrap();
    for number in 0..16 {
        let mut more = row.clone();
        more["user_id"] = json!(format!("more-{number}"));
        more["picture"] = json!("x".repeat(390_000));
        scene.stores.put("users", &more).await;
    }
    let scans = scene.stores.dynamo_proxy.calls_of("Scan");
    let listed = scene.json(&["users", "list"]).await;
    let ids: std::collections::BTreeSet<_> =
        listed.as_array().unwrap().iter().map(|user| user["id"].as_str().unwrap()).collect();
    assert_eq!((listed.as_array().unwrap().len(), ids.len()), (17, 17));
    assert!(scene.stores.dynamo_proxy.calls_of("Scan") - scans > 4);
}
