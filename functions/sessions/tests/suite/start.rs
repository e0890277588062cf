use scene::refuses_to_start;

/// One deployment, one look at the log.
#[test]
fn the_function_names_everything_that_it_lacks_and_does_not_start() {
    let faulty = [("SESSION_IDLE", "a while"), ("REDIS_URL", "hunter2"), ("DEVICE_GRACE", "an hour")];
    let mut names = refuses_to_start(env!("CARGO_BIN_EXE_sessions"), &faulty);
    names.sort();
    assert_eq!(names, ["DEVICE_GRACE", "PUBLIC_URL", "REDIS_URL", "SESSION_IDLE"]);
}
