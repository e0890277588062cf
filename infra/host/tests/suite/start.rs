use scene::{reads, refuses_to_start};

const HOST: &str = env!("CARGO_BIN_EXE_host");

#[test]
fn every_fault_of_every_function_is_named_at_once() {
    let variables =
        [("PORT", "http"), ("TOKEN_LIFETIME", "hunter2"), ("SESSION_IDLE", "hunter2"), ("TASKS_SECRET", "hunter2")];
    let mut faults = refuses_to_start(HOST, &variables);
    faults.sort();
    let expected = [
        "APP_URL",
        "AWS_REGION",
        "MAIL_FROM",
        "PORT",
        "PUBLIC_URL",
        "SESSION_IDLE",
        "SMTP_URL",
        "TASKS_SECRET",
        "TOKEN_LIFETIME",
    ];
    assert_eq!(faults, expected);
}

#[test]
fn a_dynamo_db_that_is_not_amazons_needs_no_region() {
    let faults = refuses_to_start(HOST, &[("AWS_ENDPOINT_URL_DYNAMODB", "https://rows.example.com")]);
    assert!(!faults.contains(&"AWS_REGION".to_owned()), "{faults:?}");
}

#[test]
fn it_tells_what_it_reads() {
    let read = reads(HOST, &[]);
    for name in [
        "HOST",
        "PORT",
        "PUBLIC_URL",
        "ALLOWED_ORIGINS",
        "REDIS_URL",
        "TABLE_PREFIX",
        "TOKEN_AUDIENCES",
        "LOG_SAMPLE",
        "TASKS_SECRET",
        "SMTP_URL",
    ] {
        assert!(read.contains(&name.to_owned()), "{name}: {read:?}");
    }
}
