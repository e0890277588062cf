use scene::refuses_to_start;

/// One deployment, one look at the log.
#[test]
fn the_function_names_everything_that_it_lacks_and_does_not_start() {
    let faulty = [("REDIS_URL", "hunter2"), ("TABLE_PREFIX", "auth/"), ("METRICS_NAMESPACE", ":")];
    let mut names = refuses_to_start(env!("CARGO_BIN_EXE_health"), &faulty);
    names.sort();
    assert_eq!(names, ["METRICS_NAMESPACE", "PUBLIC_URL", "REDIS_URL", "TABLE_PREFIX"]);
}
