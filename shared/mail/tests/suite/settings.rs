//! What the settings accept.

use crate::read;

const USUAL: [(&str, &str); 4] = [
    ("SMTP_URL", "smtps://mail.example.com"),
    ("MAIL_FROM", "login@example.com"),
    ("APP_URL", "https://example.com"),
    ("PUBLIC_URL", "https://example.com/auth"),
];

/// The names of the faulty variables when one variable is changed.
fn faults(name: &str, value: &str) -> Vec<String> {
    let variables = USUAL.iter().copied().filter(|(other, _)| *other != name).chain([(name, value)]);
    let read = read(&variables.collect::<Vec<_>>());
    read.err().map(|faults| faults.0.into_iter().map(|fault| fault.name).collect()).unwrap_or_default()
}

#[test]
fn what_must_be_there_is_named_at_once() {
    let names: Vec<String> = read(&[]).err().unwrap().0.into_iter().map(|fault| fault.name).collect();
    assert_eq!(names, ["MAIL_FROM", "SMTP_URL", "PUBLIC_URL", "APP_URL"]);
}

#[test]
fn mail_is_encrypted_on_every_way_out_of_this_machine() {
    for good in [
        "smtps://mail.example.com",
        "smtps://user:secret@mail.example.com:2465",
        "smtp://user:secret@mail.example.com:587?tls=required",
        "smtp://localhost",
        "smtp://127.0.0.1:1025",
        "smtp://[::1]:1025",
    ] {
        assert!(faults("SMTP_URL", good).is_empty(), "{good}");
    }
    for bad in [
        "smtp://mail.example.com",
        "smtp://mail.example.com:587?tls=opportunistic",
        "smtp://localhost.example.com",
        "smtp://127.0.0.1.example.com",
        "smtps://mail.example.com?tls=none",
        "http://localhost",
        "smtps://",
        "mail.example.com",
        "smtps://user@mail.example.com",
        "smtps://:secret@mail.example.com",
        "smtps://user:a%00b@mail.example.com",
        "smtps://user:a%0d%0ab@mail.example.com",
        "smtps://user:%ff@mail.example.com",
        "smtps://mail.example.com?tls=required",
        "smtp://mail.example.com?tls=required&tls=required",
        "smtp://mail.example.com?tls=required&timeout=5",
        "smtps://mail.example.com/inbox",
        "smtps://mail.example.com#x",
        "smtps://mail.example.com:",
        "smtps://mail.example.com ",
        "smtps://mail.exa\tmple.com",
        "smtp://127.1",
        // The password was not encoded, so the host looks like AKIA.
        "smtps://AKIA:465#abc@mail.example.com",
        "smtps://AKIA:465/abc@mail.example.com",
        "smtps://AKIA:465?abc@mail.example.com",
        "smtps://AKIA:a@b@mail.example.com",
        "smtps://AKIA:a%b@mail.example.com",
    ] {
        assert_eq!(faults("SMTP_URL", bad), ["SMTP_URL"], "{bad}");
    }
}

#[test]
fn a_fault_does_not_show_the_password() {
    for url in ["smtp://user:hunter2@mail.example.com", "smtps://AKIA:465#hunter2@mail.example.com"] {
        let text = read(&[("SMTP_URL", url)]).err().unwrap().to_string();
        assert!(!text.contains("hunter2"), "{text}");
        assert_eq!(text.contains("percent-encoded"), url.contains('#'), "{text}");
    }
}

#[test]
fn the_sender_is_one_mailbox() {
    for good in ["login@example.com", "Example <login@example.com>", "\"Ex, Ample\" <login@example.com>"] {
        assert!(faults("MAIL_FROM", good).is_empty(), "{good}");
    }
    for bad in ["login", "a@example.com, b@example.com", "a@example.com\r\nBcc: b@example.com", "é@example.com", "<>"]
    {
        assert_eq!(faults("MAIL_FROM", bad), ["MAIL_FROM"], "{bad}");
    }
}

/// The name becomes a header, so nothing in it may begin another.
#[test]
fn a_configuration_set_is_a_name_and_nothing_else() {
    for good in ["", "login", "login-prod_1", &"x".repeat(64)] {
        assert!(faults("MAIL_CONFIGURATION_SET", good).is_empty(), "{good}");
    }
    for bad in ["a b", "a\r\nBcc: b@example.com", "a.b", "\u{e9}", &"x".repeat(65)] {
        assert_eq!(faults("MAIL_CONFIGURATION_SET", bad), ["MAIL_CONFIGURATION_SET"], "{bad:?}");
    }
}

#[test]
fn links_are_secure() {
    for name in ["APP_URL", "REGISTER_VERIFY_URL", "PASSWORD_RESET_URL"] {
        assert_eq!(faults(name, "http://app.example.com/x"), [name]);
        assert_eq!(faults(name, "javascript:alert(1)"), [name]);
    }
}
