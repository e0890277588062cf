use scene::reads;

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
