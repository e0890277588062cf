use crate::support::Probe;
use dynamo::SdkConfig;
use edge::{Answer, Call, Cause, Function, Gate, Method, Problem, Routes};
use environment::Environment;
use reason::Code;
use scene::{Request, gate, then};
use std::{fmt::Write, io, time::Duration};

/// A function that fails in one way.
struct Failing(Gate, fn() -> Problem);

impl Function for Failing {
    type Route = ();

    const ROUTES: Routes<()> = &[(Method::GET, "/probe", ())];

    fn wire(_: &mut Environment, _: &SdkConfig) -> Option<Self> {
        None
    }

    fn gate(&self) -> &Gate {
        &self.0
    }

    async fn handle(&self, (): (), _: &Call<'_>) -> Result<Answer, Problem> {
        Err((self.1)())
    }
}

fn cause() -> Cause {
    Cause::of(&io::Error::other("INTERNAL"))
}

/// Every problem.
pub const PROBLEMS: [fn() -> Problem; 24] = [
    || Problem::BadRequest("The text says how.".to_owned()),
    || Problem::DuplicateCookie,
    || Problem::ForeignOrigin,
    || Problem::Csrf,
    || Problem::SignedOut,
    || Problem::InvalidCredentials,
    || Problem::Overtaken,
    || Problem::Reauthenticate,
    || Problem::TooManyAttempts(Duration::from_secs(30)),
    || Problem::LinkExpired,
    || Problem::AlreadyVerified,
    || Problem::IdentityNeeded,
    || Problem::NotFound,
    || Problem::MethodNotAllowed(vec![Method::GET, Method::POST]),
    || Problem::BodyTooLarge,
    || Problem::UnsupportedMediaType,
    || Problem::unusable("email", Code::NotAnAddress),
    || Problem::LoginExpired,
    || Problem::LoginCancelled,
    || Problem::LoginRefused(cause()),
    || Problem::AccountExists,
    || Problem::ProviderFailed(cause()),
    || Problem::Unavailable(cause()),
    || Problem::Internal,
];

/// ASVS 3.4.1–3.4.6, 14.3.2, 16.5.1; RFC 9457.
#[tokio::test]
async fn every_problem_is_a_document_with_all_headers() {
    let mut shown = String::new();
    for problem in PROBLEMS {
        let reply = Request::get("/probe").send(&Failing(gate(), problem), then()).await;
        assert!(!reply.body.contains("INTERNAL"), "{reply:?}");
        writeln!(shown, "{reply}\n").unwrap();
    }
    insta::assert_snapshot!(shown);
}

/// ASVS 16.5.1: the log gets a cause with all its sources; the client gets nothing of it.
#[tokio::test]
async fn a_cause_is_in_the_log_once_and_in_no_answer() {
    let logs = scene::Logs::capture();
    let reply = Probe::new(|_, _| Err(Problem::Unavailable(cause()))).ask(&Request::get("/probe")).await;
    assert_eq!((reply.status, reply.header("retry-after")), (503, Some("1")));
    assert!(!reply.body.contains("INTERNAL"));
    let lines = logs.lines();
    assert_eq!(lines.iter().filter(|line| line.to_string().contains("INTERNAL")).count(), 1, "{lines:?}");
    let line = &logs.of("request")[0];
    assert_eq!(
        (&line["level"], &line["problem"], &line["status"]),
        (&"ERROR".into(), &"unavailable".into(), &503.into())
    );
    assert_eq!(line["cause"], "INTERNAL");
}

/// Whole seconds, never too few: a client that waits this long succeeds (RFC 9110, section 10.2.3).
#[tokio::test]
async fn too_many_attempts_say_when_to_come_back() {
    const WAITS: [fn() -> Problem; 4] = [
        || Problem::TooManyAttempts(Duration::from_millis(1)),
        || Problem::TooManyAttempts(Duration::from_millis(29_001)),
        || Problem::TooManyAttempts(Duration::from_secs(30)),
        || throttle::Error::TooMany(Duration::from_secs(900)).into(),
    ];
    for (problem, expected) in WAITS.into_iter().zip(["1", "30", "30", "900"]) {
        let reply = Request::get("/probe").send(&Failing(gate(), problem), then()).await;
        assert_eq!((reply.status, reply.header("retry-after")), (429, Some(expected)));
    }
    let store: fn() -> Problem = || throttle::Error::Store(dynamo::Error::Conflict).into();
    let reply = Request::get("/probe").send(&Failing(gate(), store), then()).await;
    assert_eq!((reply.status, &*reply.problem()), (503, "unavailable"));
}
