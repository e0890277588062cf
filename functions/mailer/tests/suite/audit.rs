//! What the log says about mails, and what it never says.

use crate::{ADA, Scene, registration};
use outbox::Matter;
use scene::{Logs, MailFault, MailStep, now};

#[tokio::test]
async fn a_mail_that_left_is_told_with_its_kind_and_nothing_of_its_content() {
    let scene = Scene::new().await;
    let logs = Logs::capture();
    scene.put(ADA, registration(&scene).await).await;
    scene.deliver_after(0).await;
    let [line] = &logs.of("audit")[..] else { panic!("one event: {}", logs.text()) };
    assert_eq!((&line["event"], &line["detail"]), (&"mail_sent".into(), &"verify".into()));
    assert_eq!(line["attempts"], 1);
    assert!(line["mail_id"].is_string());
    let token = scene.server.mails()[0].token().unwrap();
    for secret in [token.as_str(), ADA, "argon2", "Ada"] {
        assert!(!logs.text().contains(secret), "{secret} in {}", logs.text());
    }
}

#[tokio::test]
async fn a_mail_that_is_given_up_is_told_with_the_reason() {
    let scene = Scene::new().await;
    let logs = Logs::capture();
    scene.put("jos\u{e9}@example.com", registration(&scene).await).await;
    scene.deliver_after(0).await;
    scene.put(ADA, Matter::PasswordChanged { at: now() }).await;
    scene.deliver_after(24 * 60 * 60).await;
    let [refused, stale] = &logs.of("audit")[..] else { panic!("two events: {}", logs.text()) };
    assert_eq!((&refused["event"], &refused["detail"]), (&"mail_lost".into(), &"register".into()));
    assert_eq!(refused["reason"], "the address cannot be used");
    assert_eq!((&stale["event"], &stale["detail"]), (&"mail_lost".into(), &"password_changed".into()));
    assert_eq!(stale["reason"], "stale");
    assert!(!logs.text().contains("@example.com"), "{}", logs.text());
}

#[tokio::test]
async fn a_mail_that_has_to_wait_is_a_warning_and_no_event() {
    let mut scene = Scene::new().await;
    let logs = Logs::capture();
    scene.put(ADA, registration(&scene).await).await;
    scene.server.break_next(MailStep::End, MailFault::Refuse(451));
    scene.deliver_after(0).await;
    scene.server.stop().await;
    scene.deliver_after(30).await;
    assert!(logs.of("audit").is_empty(), "{}", logs.text());
    let warnings = logs.lines().into_iter().filter(|line| line["message"] == "a mail is postponed").count();
    assert_eq!(warnings, 2, "{}", logs.text());
    assert!(!logs.text().contains(ADA) && !logs.text().contains("argon2"), "{}", logs.text());
}
