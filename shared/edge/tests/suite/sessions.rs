//! The guards that check a session.

use dynamo::SdkConfig;
use edge::{Answer, Call, Function, Gate, Method, Problem, Routes};
use environment::Environment;
use jiff::SignedDuration;
use scene::{Browser, COOKIE, Fault, Reply, Request, Stores, gate, now};
use session::{Policy, Sessions, Slide};

/// Answers 204 to every call that may come from a signed-out page.
struct Open {
    gate: Gate,
    sessions: Sessions,
}

impl Function for Open {
    type Route = ();

    const ROUTES: Routes<()> = &[(Method::POST, "/open", ())];

    fn wire(_: &mut Environment, _: &SdkConfig) -> Option<Self> {
        None
    }

    fn gate(&self) -> &Gate {
        &self.gate
    }

    async fn handle(&self, (): (), call: &Call<'_>) -> Result<Answer, Problem> {
        self.gate.open_call(call, &self.sessions).await?;
        Ok(Answer::empty())
    }
}

async fn scene() -> (Stores, Open, Browser) {
    let stores = Stores::without_redis().await;
    stores.account("ada").await;
    let sessions = stores.sessions(Policy::default());
    let browser = Browser::sign_in(&stores, &sessions, "ada", now()).await;
    (stores, Open { gate: gate(), sessions }, browser)
}

async fn ask(function: &impl Function, request: &Request) -> Reply {
    request.send(function, now()).await
}

/// ASVS 3.5.1.
#[tokio::test]
async fn a_live_session_shows_its_csrf_token_and_a_dead_one_need_not() {
    let (_stores, open, browser) = scene().await;
    let bare = Request::post("/open");
    assert_eq!(ask(&open, &bare).await.status, 204);
    assert_eq!(ask(&open, &bare.clone().without("origin").header("origin", "null")).await.problem(), "foreign-origin");
    assert_eq!(ask(&open, &browser.post("/open")).await.status, 204);
    let unproven = browser.post("/open").without("x-csrf-token");
    assert_eq!(ask(&open, &unproven).await.problem(), "csrf");
    assert_eq!(ask(&open, &unproven.clone().cookie(COOKIE, "planted")).await.problem(), "duplicate-cookie");
    open.sessions.revoke(&browser.token, now()).await.unwrap();
    assert_eq!(ask(&open, &unproven).await.status, 204);
    assert_eq!(ask(&open, &bare.cookie(COOKIE, "no-token")).await.status, 204);
}

#[tokio::test]
async fn where_it_cannot_be_told_whether_the_session_lives_nobody_passes() {
    let (stores, open, browser) = scene().await;
    stores.dynamo_proxy.break_all(None, Fault::Fail);
    assert_eq!(ask(&open, &browser.post("/open").without("x-csrf-token")).await.status, 503);
}

/// ASVS 7.5.1: to the millisecond.
#[tokio::test]
async fn a_credential_is_recent_for_15_minutes() {
    let (_stores, open, browser) = scene().await;
    let session = open.sessions.authenticate(&browser.token, Slide::No, now()).await.unwrap().unwrap();
    let after = |age| open.gate.recent(&session, session.record.auth_time + age);
    assert!(after(SignedDuration::from_mins(15) - SignedDuration::from_millis(1)).is_ok());
    assert!(matches!(after(SignedDuration::from_mins(15)), Err(Problem::Reauthenticate)));
    // The clock of the party that signed the user in may be ahead.
    assert!(after(-SignedDuration::from_secs(2)).is_ok());
}
