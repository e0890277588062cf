//! A defect in a handler, in a process that starts like a function: the panic hook belongs to the whole process.

use dynamo::SdkConfig;
use edge::{Answer, Call, Function, Gate, Method, Problem, Routes};
use environment::Environment;
use scene::{Logs, Request, gate, then};

/// Panics for `/panic`, in the way that `x` names; answers 204 to everything else.
struct Fragile(Gate);

impl Function for Fragile {
    type Route = bool;

    const ROUTES: Routes<bool> = &[(Method::GET, "/panic", true), (Method::GET, "/other", false)];

    fn wire(_: &mut Environment, _: &SdkConfig) -> Option<Self> {
        None
    }

    fn gate(&self) -> &Gate {
        &self.0
    }

    async fn handle(&self, panics: bool, call: &Call<'_>) -> Result<Answer, Problem> {
        if panics {
            tokio::task::yield_now().await;
            let body: Vec<&str> = call.header("user-agent").into_iter().collect();
            assert_ne!(call.query("x")?, Some("assert"), "SECRET of {body:?}");
            return Ok(Answer::json(&body[1]));
        }
        Ok(Answer::empty())
    }
}

/// ASVS 16.5.1, 16.5.3, 16.5.4, 3.4.1–3.4.6: the message may quote the value that caused it.
#[tokio::test]
async fn a_panic_is_a_500_is_logged_without_its_message_and_the_next_request_works() {
    drop(logs::start());
    let function = Fragile(gate());
    for query in ["x=assert", "x=index"] {
        let logs = Logs::capture();
        let reply = Request::get("/panic").query(query).send(&function, then()).await;
        insta::assert_snapshot!("an_internal_problem", reply);

        let lines = logs.lines();
        let panic = lines.iter().find(|line| line["message"] == "panic").expect("a line about the panic");
        assert!(panic["place"].as_str().unwrap().contains("panics.rs:"), "{panic}");
        assert_eq!(panic["request_id"], "JKJaXmPLvHcESHA=", "{panic}");
        let request = &logs.of("request")[0];
        assert_eq!((&request["status"], &request["problem"]), (&500.into(), &"internal".into()));
        assert!(!logs.text().contains("SECRET") && !logs.text().contains("Browser/1.0"), "{}", logs.text());

        assert_eq!(Request::get("/other").send(&function, then()).await.status, 204);
    }
}
