//! Settings that cannot be used.

use scene::refuses_to_start;

#[test]
fn settings_that_are_missing_or_malformed_are_named_at_once() {
    let variables = [
        ("SMTP_URL", "smtp://user:hunter2@mail.example.com"),
        ("MAIL_FROM", "nobody"),
        ("BRAND_NAME", "a\nb"),
        ("PASSWORD_RESET_URL", "http://example.com"),
    ];
    let mut faults = refuses_to_start(env!("CARGO_BIN_EXE_mailer"), &variables);
    faults.sort();
    assert_eq!(faults, ["APP_URL", "BRAND_NAME", "MAIL_FROM", "PASSWORD_RESET_URL", "PUBLIC_URL", "SMTP_URL"]);
}
