use scene::refuses_to_start;

/// One deployment, one look at the log.
#[test]
fn the_function_names_everything_that_it_lacks_and_does_not_start() {
    let faulty = [("OIDC_PROVIDERS", "acme"), ("SESSION_IDLE", "a while"), ("REDIS_URL", "hunter2")];
    let mut names = refuses_to_start(env!("CARGO_BIN_EXE_callback"), &faulty);
    names.sort();
    assert_eq!(
        names,
        [
            "APP_URL",
            "OIDC_ACME_CLIENT_ID",
            "OIDC_ACME_CLIENT_SECRET",
            "OIDC_ACME_ISSUER",
            "PUBLIC_URL",
            "REDIS_URL",
            "SESSION_IDLE",
        ]
    );
}
