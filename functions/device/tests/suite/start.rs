use scene::refuses_to_start;

/// One deployment, one look at the log.
#[test]
fn the_function_names_everything_that_it_lacks_and_does_not_start() {
    let faulty = [("DEVICE_IDLE", "a while"), ("ARGON2_TIME_COST", "none"), ("TOKEN_LIFETIME", "8d")];
    let mut names = refuses_to_start(env!("CARGO_BIN_EXE_device"), &faulty);
    names.sort();
    assert_eq!(names, ["ARGON2_TIME_COST", "DEVICE_IDLE", "PUBLIC_URL", "TOKEN_LIFETIME"]);
}
