//! Passwords known from breaches. ASVS 6.2.12.

use crate::support::{GOOD, GOOD_SHA1, Range, Service, hit, judge, strength};
use reason::{Code, Reason};
use std::time::{Duration, Instant};
use testkit::Logs;

const OTHER: &str = "0018A45C4D1DEF81644B54AB7F969B88D65:3";

async fn with(range: Range) -> (Service, Result<(), Reason>) {
    let service = Service::start(range).await;
    let judged = judge(&strength(&[("PASSWORD_BREACH_URL", &service.url)]), GOOD, &[]).await;
    (service, judged)
}

#[tokio::test]
async fn a_breached_password_is_refused() {
    for lines in [
        hit(),
        format!("{OTHER}\r\n{}\r\n", hit()),
        format!("{OTHER}\n{}", hit().to_lowercase()),
        format!("{}:1", GOOD_SHA1.1),
    ] {
        let logs = Logs::capture();
        assert_eq!(with(Range::Lines(lines.clone())).await.1, Err(Code::Breached.into()), "{lines}");
        assert_eq!(logs.text(), "");
    }
    assert_eq!(Code::Breached.name(), "breached");
}

#[tokio::test]
async fn a_password_that_is_not_among_them_is_accepted() {
    for lines in [String::new(), OTHER.to_owned(), format!("{OTHER}\r\n{}:0\r\n", GOOD_SHA1.1), "\r\n".to_owned()] {
        let logs = Logs::capture();
        let (service, judged) = with(Range::Lines(lines.clone())).await;
        assert_eq!((judged, service.asked().len()), (Ok(()), 1), "{lines}");
        assert_eq!(logs.text(), "", "padding and emptiness are no faults");
    }
}

/// The data that leaves the process is the same for very many other passwords.
#[tokio::test]
async fn five_digits_are_sent_and_nothing_else() {
    let service = Service::start(Range::Lines(OTHER.to_owned())).await;
    for url in [service.url.as_str(), service.url.trim_end_matches('/')] {
        judge(&strength(&[("PASSWORD_BREACH_URL", url)]), GOOD, &["ada@example.com"]).await.unwrap();
    }
    let asked = service.asked();
    assert_eq!(asked.len(), 2);
    for (method, uri, headers) in &asked {
        assert_eq!((method.as_str(), uri.to_string()), ("GET", format!("/range/{}", GOOD_SHA1.0)));
        assert_eq!(headers["add-padding"], "true");
    }
    let text = format!("{asked:?}").to_lowercase();
    for secret in [&GOOD_SHA1.1.to_lowercase()[..8], "horse", "ada"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}

/// An outage of the service does not prevent a change of password.
#[tokio::test]
async fn a_service_that_fails_refuses_nobody_and_is_logged_once() {
    for (range, fault) in [
        (Range::Status(500), "status 500"),
        (Range::Status(404), "status 404"),
        (Range::Status(429), "status 429"),
        (Range::Redirect, "status 302"),
        (Range::Lines("<html>".to_owned()), "another form"),
        (Range::Lines(format!("{OTHER}\n\u{1f511}")), "another form"),
        (Range::Bytes(vec![0xff, 0xfe]), "another form"),
        (Range::Endless, "larger"),
        (Range::Hang, "in time"),
        (Range::Stall, "in time"),
    ] {
        let logs = Logs::capture();
        let begun = Instant::now();
        let (service, judged) = with(range).await;
        assert_eq!((judged, service.asked().len()), (Ok(()), 1), "{fault}");
        assert!(begun.elapsed() < Duration::from_secs(5), "{fault}: {:?}", begun.elapsed());
        let [line] = &logs.lines()[..] else { panic!("{fault}: {}", logs.text()) };
        assert_eq!(line["level"], "WARN");
        assert!(line["error"].as_str().unwrap().contains(fault), "{fault}: {line}");
        assert!(!line.to_string().contains(GOOD_SHA1.0) && !line.to_string().contains("127.0.0.1"), "{line}");
    }
}

#[tokio::test]
async fn a_service_that_is_not_there_refuses_nobody() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let logs = Logs::capture();
    assert_eq!(judge(&strength(&[("PASSWORD_BREACH_URL", &url)]), GOOD, &[]).await, Ok(()));
    assert_eq!(logs.lines().len(), 1, "{}", logs.text());
    assert!(!logs.text().contains(GOOD_SHA1.0), "{}", logs.text());
}

/// If a password is refused anyway, no service is asked about it.
#[tokio::test]
async fn a_weak_password_is_not_asked_about() {
    let service = Service::start(Range::Lines(hit())).await;
    let strength = strength(&[("PASSWORD_BREACH_URL", &service.url)]);
    for password in ["short", "password1234"] {
        assert!(judge(&strength, password, &[]).await.is_err());
    }
    assert!(service.asked().is_empty());
}
