use crate::support::{PASSWORD, Scene};
use environment::Environment;
use users::{Password, Passwords};

fn faults(pairs: &[(&str, &str)]) -> Vec<String> {
    let mut environment = Environment::of(pairs.iter().copied());
    let passwords = Passwords::from_environment(&mut environment);
    environment
        .finish(passwords)
        .map_or_else(|faults| faults.0.into_iter().map(|fault| fault.name).collect(), |_| vec![])
}

#[test]
fn costs_that_argon2_cannot_have_are_refused_by_name() {
    for (memory, time, expected) in [
        ("19456", "2", &[][..]),
        ("8", "1", &[]),
        ("7", "1", &["ARGON2_MEMORY_KIB"]),
        ("0", "2", &["ARGON2_MEMORY_KIB"]),
        ("19456", "0", &["ARGON2_TIME_COST"]),
        ("a lot", "twice", &["ARGON2_MEMORY_KIB", "ARGON2_TIME_COST"]),
        ("4294967296", "2", &["ARGON2_MEMORY_KIB"]),
    ] {
        assert_eq!(faults(&[("ARGON2_MEMORY_KIB", memory), ("ARGON2_TIME_COST", time)]), expected, "{memory} {time}");
    }
}

/// ASVS 14.2.1, 16.2.5.
#[test]
fn debug_shows_nothing_of_a_password() {
    assert_eq!(format!("{:?}", Password::parse(PASSWORD).unwrap()), "Password(…)");
}

/// The decoy hash for missing accounts matches no password.
#[tokio::test]
async fn no_password_opens_an_account_that_is_not_there() {
    let scene = Scene::new().await;
    for password in ["x", PASSWORD, &"\0".repeat(32), "nobody"] {
        assert!(scene.log_in("nobody@example.com", password).await.is_err());
    }
    assert_eq!(scene.count("users").await, 0);
}
