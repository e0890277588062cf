//! Settings that cannot be used.

use scene::refuses_to_start;

#[test]
fn settings_that_are_malformed_are_named_at_once() {
    let variables = [("REDIS_URL", "http://:hunter2@cache"), ("SESSION_IDLE", "soon"), ("SESSIONS_PER_USER", "many")];
    let mut faults = refuses_to_start(env!("CARGO_BIN_EXE_revocations"), &variables);
    faults.sort();
    assert_eq!(faults, ["REDIS_URL", "SESSIONS_PER_USER", "SESSION_IDLE"]);
}
