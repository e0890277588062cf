use scene::refuses_to_start;

/// One deployment, one look at the log.
#[test]
fn the_function_names_everything_that_it_lacks_and_does_not_start() {
    let faulty = [
        ("SESSION_IDLE", "a while"),
        ("ARGON2_TIME_COST", "none"),
        ("REDIS_URL", "hunter2"),
        ("PASSWORD_MIN_LENGTH", "short"),
        ("PASSWORD_BREACH_URL", "hunter2"),
    ];
    let mut names = refuses_to_start(env!("CARGO_BIN_EXE_register"), &faulty);
    names.sort();
    let expected = [
        "APP_URL",
        "ARGON2_TIME_COST",
        "PASSWORD_BREACH_URL",
        "PASSWORD_MIN_LENGTH",
        "PUBLIC_URL",
        "REDIS_URL",
        "SESSION_IDLE",
    ];
    assert_eq!(names, expected);
}
