use crate::support::{EMAIL, Scene};
use serde_json::json;
use testkit::now;

/// The day of the tests, unless midnight passes while they run.
fn today() -> String {
    now().to_string().split('T').next().unwrap().to_owned()
}

#[tokio::test]
async fn sign_ins_are_counted_by_day_kind_and_way() {
    let scene = Scene::new().await;
    let tokens = [scene.sign_in(&scene.ada).await, scene.sign_in(&scene.ada).await, scene.sign_in(&scene.ada).await];
    let id = |index: usize| tokens[index].id();
    scene
        .stores
        .change("sessions", ("session_id", id(0).as_str()), |row| row["auth_method"] = json!("oidc:acme"))
        .await;
    // 2001-09-09, long before the reported days.
    let long_ago = json!(1_000_000_000_000_i64);
    scene.stores.change("sessions", ("session_id", id(1).as_str()), |row| row["created_at"] = long_ago).await;
    let reported = scene.json(&["report", "sign-ins", "--days", "2"]).await;
    let row = |method: &str| json!({ "day": today(), "kind": "browser", "auth_method": method, "sign_ins": 1 });
    assert_eq!(reported, json!([row("oidc:acme"), row("password")]));
}

#[tokio::test]
async fn only_sessions_that_live_are_counted() {
    let scene = Scene::new().await;
    let (revoked, idle) = (scene.sign_in(&scene.ada).await, scene.sign_in(&scene.ada).await);
    let old = scene.sign_in(&scene.ada).await;
    scene.sign_in(&scene.ada).await;
    scene.does(&["sessions", "end", EMAIL, revoked.id().as_str()]).await;
    for (token, member) in [(idle, "idle_expires_at"), (old, "absolute_expires_at")] {
        let id = token.id();
        scene.stores.change("sessions", ("session_id", id.as_str()), |row| row[member] = json!(1)).await;
    }
    let reported = scene.json(&["report", "sessions"]).await;
    assert_eq!(reported, json!([{ "kind": "browser", "auth_method": "password", "sessions": 1 }]));
}

#[tokio::test]
async fn failures_are_counted_once_each() {
    let scene = Scene::new().await;
    let now = now().as_millisecond();
    for (key, tries, at) in [
        ("sign-in#address#a", 3, now),
        ("sign-in#pair#a", 3, now),
        ("sign-in#account#a", 3, now),
        ("token#address#a", 2, now),
        ("refresh#address#a", 1, now),
        // Requested mails, each of which was sent.
        ("register#address#a", 5, now),
        ("reset#address#a", 5, now),
        ("sign-in#address#b", 4, now),
        ("sign-in#address#taken-back", 0, now),
        ("sign-in#address#old", 9, 1),
        ("choice#address#a", 5, now),
    ] {
        let row = json!({ "key": key, "tries": tries, "began_at": at, "last_at": at, "purge_at": at });
        scene.stores.put("throttle", &row).await;
    }
    let token = scene.sign_in(&scene.ada).await;
    let reused = |row: &mut serde_json::Value| (row["revoked_at"], row["revoked_why"]) = (json!(now), json!("reused"));
    scene.stores.change("sessions", ("session_id", token.id().as_str()), reused).await;
    let row = |what: &str, failures: i64| json!({ "day": today(), "what": what, "failures": failures });
    let expected = json!([row("refresh", 1), row("refresh_token_reused", 1), row("sign-in", 7), row("token", 2)]);
    assert_eq!(scene.json(&["report", "failures"]).await, expected);
}

/// There are more rows than fit on one page of a scan.
#[tokio::test]
async fn a_report_reads_every_page_of_every_part() {
    let scene = Scene::new().await;
    let token = scene.sign_in(&scene.ada).await;
    let row = scene.stores.row("sessions", ("session_id", token.id().as_str())).await.unwrap();
    for number in 0..16 {
        let mut more = row.clone();
        more["session_id"] = json!(format!("more-{number}"));
        more["user_agent"] = json!("x".repeat(390_000));
        scene.stores.put("sessions", &more).await;
    }
    let scans = scene.stores.dynamo_proxy.calls_of("Scan");
    assert_eq!(scene.json(&["report", "sessions"]).await[0]["sessions"], 17);
    assert!(scene.stores.dynamo_proxy.calls_of("Scan") - scans > 4);
}

#[tokio::test]
async fn a_list_is_a_table_for_people_and_csv_for_spreadsheets() {
    let scene = Scene::new().await;
    scene.sign_in(&scene.ada).await;
    let csv = scene.does(&["report", "sessions", "--format", "csv"]).await;
    assert_eq!(csv.out, "kind,auth_method,sessions\nbrowser,password,1\n");
    let table = scene.does(&["report", "sessions"]).await.out;
    let lines: Vec<Vec<_>> = table.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(lines, [["KIND", "AUTH_METHOD", "SESSIONS"], ["browser", "password", "1"]]);
}
