use crate::support::{Probe, guarded};
use edge::{Answer, Audit, Event};
use scene::{Browser, Logs, Request};
use serde_json::json;
use session::{SessionId, Token};

const ID: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Every event.
const EVENTS: [Event; 20] = [
    Event::Login,
    Event::LoginFailed,
    Event::Logout,
    Event::LogoutAll,
    Event::RegisterRequested,
    Event::Registered,
    Event::PasswordChanged,
    Event::PasswordRefused,
    Event::ResetRequested,
    Event::PasswordReset,
    Event::LinkRefused,
    Event::IdentityLinked,
    Event::IdentityUnlinked,
    Event::SessionEnded,
    Event::TokenMinted,
    Event::TokenRefreshed,
    Event::RefreshReused,
    Event::RefreshRefused,
    Event::Denied,
    Event::Throttled,
];

/// ASVS 16.2.1, 16.3.1: who, what, when and from where, on one line.
#[tokio::test]
async fn an_event_says_who_what_when_and_from_where() {
    let logs = Logs::capture();
    let probe = Probe::new(|gate, call| {
        let id = SessionId::parse(ID).unwrap();
        for event in EVENTS {
            let audit = Audit::of("user-1").session(&id).method("password").reason("why").detail("more");
            gate.audit(call, event, audit);
        }
        Ok(Answer::empty())
    });
    probe.ask(&Request::get("/probe").query("code=SECRET")).await;
    let lines = logs.of("audit");
    let events: Vec<_> = lines.iter().map(|line| line["event"].as_str().unwrap()).collect();
    insta::assert_snapshot!(events.join("\n"));
    assert_eq!(events.len(), EVENTS.len());
    for mut line in lines {
        assert!(line["timestamp"].as_str().is_some_and(|time| time.ends_with('Z')), "{line}");
        for once in ["timestamp", "event"] {
            line.as_object_mut().unwrap().remove(once);
        }
        let whole = json!({
            "level": "INFO", "target": "audit", "request_id": "JKJaXmPLvHcESHA=", "user_id": "user-1",
            "session_id": ID, "auth_method": "password", "reason": "why", "detail": "more",
            "ip": "203.0.113.7", "user_agent": "Browser/1.0 (of the tests)",
            "trace_id": "69f8f7a91234567890abcdef01234567",
            "xray_trace_id": "1-69f8f7a9-1234567890abcdef01234567",
        });
        assert_eq!(line, whole);
    }
}

/// ASVS 16.3.3: the event names the attacked session's user.
#[tokio::test]
async fn a_forged_request_is_told_with_the_session_it_was_for() {
    let browser = Browser { token: Token::generate().unwrap() };
    let logs = Logs::capture();
    guarded().ask(&browser.post("/probe").without("x-csrf-token")).await;
    assert_eq!(logs.of("audit")[0]["session_id"], browser.token.id().as_str());
    assert!(!logs.text().contains(&**browser.token.expose()));
}

/// ASVS 16.2.1: the query is left out, since it carries codes and states.
#[tokio::test]
async fn every_request_is_one_line() {
    let logs = Logs::capture();
    guarded().ask(&Request::post("/probe").query("code=SECRET&state=SECRET")).await;
    let [line] = &logs.lines()[..] else { panic!("one line: {}", logs.text()) };
    let expected = [
        ("level", json!("INFO")),
        ("target", json!("request")),
        ("request_id", json!("JKJaXmPLvHcESHA=")),
        ("method", json!("POST")),
        ("path", json!("/probe")),
        ("status", json!(204)),
    ];
    for (member, value) in expected {
        assert_eq!(line[member], value, "{line}");
    }
    assert!(line["duration"].is_f64() && !logs.text().contains("SECRET"), "{line}");
}

/// ASVS 16.4.1: nothing that a client sends can begin a line or end a value.
#[tokio::test]
async fn no_text_makes_a_second_line() {
    for text in scene::HOSTILE.iter().chain(&["\r\n{\"target\":\"audit\"}", "\",\"event\":\"login"]) {
        let logs = Logs::capture();
        let request = Request::new("POST", "/{x}").fill(text).header("origin", text).id(text).source_ip(text);
        guarded().ask(&request.without("user-agent").header("user-agent", text)).await;
        let lines = logs.lines();
        assert_eq!(lines.len(), 2, "the denial and the request: {lines:?}");
        assert!(lines.iter().all(|line| line["event"] != "login"), "{lines:?}");
        assert!(lines.iter().all(|line| line["request_id"] == **text), "{lines:?}");
    }
}

/// ASVS 16.2.5: libraries write requests into their debug lines.
#[test]
fn libraries_are_heard_from_warnings_on() {
    let logs = Logs::capture();
    tracing::info!(target: "aws_smithy_runtime", "SECRET");
    tracing::debug!(target: "session", "SECRET");
    tracing::warn!(target: "aws_smithy_runtime", "heard");
    tracing::info!(target: "session", "heard");
    assert_eq!((logs.lines().len(), logs.text().contains("SECRET")), (2, false));
}

/// A client chooses how long its path is, and the length of everything else it sends.
#[tokio::test]
async fn no_client_makes_a_line_as_long_as_it_likes() {
    let long = "a/".repeat(3000);
    let logs = Logs::capture();
    let request = Request::new("POST", "/{x}").fill(&long).id(&long).method(&"M".repeat(3000)).header("origin", "null");
    guarded().ask(&request.without("user-agent").header("user-agent", &long)).await;
    let lines = logs.lines();
    assert_eq!(lines.len(), 2, "the denial and the request: {lines:?}");
    for line in lines {
        for (name, value) in line.as_object().unwrap() {
            assert!(value.as_str().is_none_or(|text| text.len() <= 512), "{name}: {line}");
        }
    }
    assert_eq!(logs.of("request")[0]["path"].as_str().unwrap().len(), 512);
}

/// Any text of a line, such as a library's error.
#[test]
fn no_text_of_a_line_is_longer_than_eight_kibibytes() {
    let logs = Logs::capture();
    let long = "\u{e9}".repeat(100_000);
    tracing::warn!(error = %long, text = long.as_str(), "{long}");
    for name in ["error", "text", "message"] {
        assert_eq!(logs.lines()[0][name].as_str().unwrap().chars().count(), 8192, "{name}");
    }
}
