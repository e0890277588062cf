use scene::refuses_to_start;

/// One deployment, one look at the log.
#[test]
fn the_function_names_everything_that_it_lacks_and_does_not_start() {
    let faulty = [("SESSION_IDLE", "a while"), ("REDIS_URL", "hunter2"), ("ARGON2_TIME_COST", "none")];
    let mut names = refuses_to_start(env!("CARGO_BIN_EXE_identities"), &faulty);
    names.sort();
    assert_eq!(names, ["ARGON2_TIME_COST", "PUBLIC_URL", "REDIS_URL", "SESSION_IDLE"]);
}
