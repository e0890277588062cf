use scene::{reads, refuses_to_start};

/// One deployment, one look at the log.
#[test]
fn the_function_names_everything_that_it_lacks_and_does_not_start() {
    let program = env!("CARGO_BIN_EXE_login");
    let everything = [
        ("OIDC_PROVIDERS", "acme"),
        ("SESSION_IDLE", "a while"),
        ("ARGON2_TIME_COST", "none"),
        ("REDIS_URL", "hunter2"),
        ("COOKIE_SAMESITE", "Sometimes"),
        ("SIGN_IN_NOTICE", "perhaps"),
    ];
    let mut names = refuses_to_start(program, &everything);
    names.sort();
    assert_eq!(
        names,
        [
            "APP_URL",
            "ARGON2_TIME_COST",
            "COOKIE_SAMESITE",
            "OIDC_ACME_CLIENT_ID",
            "OIDC_ACME_CLIENT_SECRET",
            "OIDC_ACME_ISSUER",
            "PUBLIC_URL",
            "REDIS_URL",
            "SESSION_IDLE",
            "SIGN_IN_NOTICE",
        ]
    );
}

#[test]
fn the_variables_of_each_provider_are_among_those_that_are_read() {
    let of_providers = |variables: &[_]| {
        let mut read = reads(env!("CARGO_BIN_EXE_login"), variables);
        read.retain(|name| name.starts_with("OIDC_"));
        read
    };
    assert_eq!(of_providers(&[]), ["OIDC_PROVIDERS"]);
    let google = ["CLIENT_ID", "CLIENT_SECRET", "ISSUER", "SCOPES"].map(|name| format!("OIDC_GOOGLE_{name}"));
    let read = of_providers(&[("OIDC_PROVIDERS", "google"), ("OIDC_GOOGLE_CLIENT_SECRET", "hunter2")]);
    assert_eq!(read, [&google[..], &["OIDC_PROVIDERS", "OIDC_TIMEOUT"].map(str::to_owned)].concat());
}
