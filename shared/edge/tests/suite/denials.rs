//! What is logged about calls that are refused.

use crate::support::{Probe, guarded};
use edge::{Cause, Method, Problem};
use reason::Code;
use scene::{Browser, COOKIE, Logs, Request};
use serde_json::{Value, json};
use session::Token;
use std::{io, time::Duration};

/// The events of a call, with their reasons.
async fn told(probe: &Probe, request: &Request) -> Vec<(Value, Value)> {
    let logs = Logs::capture();
    probe.ask(request).await;
    logs.of("audit").into_iter().map(|line| (line["event"].clone(), line["reason"].clone())).collect()
}

/// ASVS 16.3.3: what refused the request, and where the request came from.
#[tokio::test]
async fn every_denial_is_an_event() {
    let browser = Browser { token: Token::generate().unwrap() };
    for (request, reason) in [
        (Request::post("/probe").without("origin").header("origin", "https://evil.example"), "foreign-origin"),
        (browser.post("/probe").without("x-csrf-token"), "csrf"),
        (browser.post("/probe").cookie(COOKIE, "planted"), "duplicate-cookie"),
    ] {
        let logs = Logs::capture();
        guarded().ask(&request).await;
        let [event] = &logs.of("audit")[..] else { panic!("one event: {}", logs.text()) };
        assert_eq!((&event["event"], &event["reason"]), (&json!("denied"), &json!(reason)));
        assert_eq!((&event["ip"], &event["request_id"]), (&json!("203.0.113.7"), &json!("JKJaXmPLvHcESHA=")));
    }
}

/// ASVS 16.3.2: another user's id is answered like an unknown one, but is logged all the same.
#[tokio::test]
async fn whatever_is_refused_is_told_once() {
    type Refused = (fn() -> Problem, &'static str, &'static str);
    const REFUSED: [Refused; 9] = [
        (|| Problem::DuplicateCookie, "denied", "duplicate-cookie"),
        (|| Problem::ForeignOrigin, "denied", "foreign-origin"),
        (|| Problem::Csrf, "denied", "csrf"),
        (|| Problem::Reauthenticate, "denied", "reauthenticate"),
        (|| Problem::UnsupportedMediaType, "denied", "unsupported-media-type"),
        (|| Problem::NotFound, "denied", "not-found"),
        (|| Problem::MethodNotAllowed(vec![Method::GET]), "denied", "method-not-allowed"),
        (|| Problem::IdentityNeeded, "denied", "identity-needed"),
        (|| Problem::TooManyAttempts(Duration::from_secs(1)), "throttled", "too-many-attempts"),
    ];
    for (problem, event, reason) in REFUSED {
        let probe = Probe { problem: Some(problem), ..guarded() };
        assert_eq!(told(&probe, &Request::get("/probe")).await, [(json!(event), json!(reason))], "{reason}");
    }
}

/// Handlers log these with what they know; the others refuse nothing.
#[tokio::test]
async fn what_handlers_tell_and_what_refuses_nothing_is_not_told_here() {
    const SILENT: [fn() -> Problem; 11] = [
        || Problem::InvalidCredentials,
        || Problem::LinkExpired,
        || Problem::LoginExpired,
        || Problem::LoginRefused(Cause::of(&io::Error::other("x"))),
        || Problem::AccountExists,
        || Problem::BadRequest("x".to_owned()),
        || Problem::BodyTooLarge,
        || Problem::unusable("x", Code::Empty),
        || Problem::ProviderFailed(Cause::of(&io::Error::other("x"))),
        || Problem::Unavailable(Cause::of(&io::Error::other("x"))),
        || Problem::Internal,
    ];
    for problem in SILENT {
        let probe = Probe { problem: Some(problem), ..guarded() };
        assert_eq!(told(&probe, &Request::get("/probe")).await, [], "{:?}", problem());
    }
}

/// ASVS 16.3.2: a token that opens nothing is spent or made up. A caller without a token is simply not signed in.
#[tokio::test]
async fn a_token_that_opens_nothing_is_told() {
    let probe = Probe::new(|_, _| Err(Problem::SignedOut));
    assert_eq!(told(&probe, &Request::get("/probe")).await, []);
    let browser = Browser { token: Token::generate().unwrap() };
    assert_eq!(told(&probe, &browser.get("/probe")).await, [(json!("denied"), json!("signed-out"))]);
}
