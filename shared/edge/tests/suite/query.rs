use crate::support::Probe;
use edge::Answer;
use scene::Request;
use serde_json::json;

/// ASVS 15.3.7.
#[tokio::test]
async fn a_query_parameter_is_there_once() {
    let probe = Probe::new(|_, call| call.query("x").map(|x| Answer::json(&x)));
    for (query, value) in [
        ("", json!(null)),
        ("y=1&y=2", json!(null)),
        ("X=1", json!(null)),
        ("x[]=1", json!(null)),
        ("x", json!("")),
        ("x=", json!("")),
        ("y=1&x=a%20b+c%2b", json!("a b c+")),
        ("x=%ff%00", json!("\u{fffd}\0")),
        ("x=%zz", json!("%zz")),
    ] {
        assert_eq!(probe.ask(&Request::get("/probe").query(query)).await.json(), value, "{query}");
    }
    for query in ["x=1&x=1", "x=1&x=2", "x&x", "x=1&y=2&%78=3", "x=&x="] {
        let reply = probe.ask(&Request::get("/probe").query(query)).await;
        assert_eq!((reply.status, &*reply.problem()), (400, "bad-request"), "{query}");
    }
}
