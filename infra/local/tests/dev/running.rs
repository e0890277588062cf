//! Starting, running and ending.

use crate::supervised::{Place, free_port, lines_of};
use std::{
    net::TcpStream,
    time::{Duration, Instant},
};

/// Whether the gateway, and everything that the settings name, is gone.
fn nothing_is_left(place: &Place, port: u16) -> bool {
    let settings = place.settings();
    let mut addresses = vec![format!("127.0.0.1:{port}")];
    for name in ["REDIS_URL", "AWS_ENDPOINT_URL_DYNAMODB"] {
        addresses.push(settings[name].rsplit("//").next().unwrap().trim_end_matches('/').to_owned());
    }
    let deadline = Instant::now() + Duration::from_secs(8);
    while addresses.iter().any(|address| TcpStream::connect(address).is_ok()) && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(20));
    }
    addresses.iter().all(|address| TcpStream::connect(address).is_err())
}

#[test]
fn it_runs_until_its_standard_input_ends() {
    let place = Place::new();
    let port = free_port();
    let mut dev = place.dev(port, &[]);
    let greeting = dev.until_ready();
    assert!(
        greeting.contains(&format!("http://localhost:{port}")) && greeting.contains("demo@example.com"),
        "{greeting}"
    );
    assert_eq!(greeting.matches("curl -s").count(), 3, "{greeting}");
    assert!(TcpStream::connect(("127.0.0.1", port)).is_ok());
    dev.close_stdin();
    assert_eq!(dev.exit_code(), Some(0));
    assert!(nothing_is_left(&place, port));
}

#[test]
fn it_ends_in_order_when_it_is_told_to() {
    for signal in ["TERM", "HUP"] {
        let place = Place::new();
        let port = free_port();
        let mut dev = place.dev(port, &[]);
        dev.until_ready();
        dev.signal(signal);
        assert_eq!(dev.exit_code(), Some(0), "{signal}");
        assert!(nothing_is_left(&place, port), "{signal}");
    }
}

#[test]
fn an_interrupt_at_the_terminal_leaves_nothing_behind() {
    let place = Place::new();
    let port = free_port();
    let mut dev = place.dev(port, &[]);
    dev.until_ready();
    dev.signal_group("INT");
    assert_eq!(dev.exit_code(), Some(0));
    assert!(nothing_is_left(&place, port));
}

#[test]
fn nothing_outlives_it_when_it_is_killed() {
    let place = Place::new();
    let port = free_port();
    let mut dev = place.dev(port, &[]);
    dev.until_ready();
    dev.signal("KILL");
    assert_eq!(dev.exit_code(), None);
    assert!(nothing_is_left(&place, port));
}

#[test]
fn it_ends_with_a_failure_when_the_gateway_does() {
    let place = Place::new();
    let port = free_port();
    let mut dev = place.dev(port, &[]);
    dev.until_ready();
    place.end_gateway(port);
    assert_eq!(dev.exit_code(), Some(1));
    assert!(dev.errors().contains("cargo lambda watch"));
    assert!(nothing_is_left(&place, port));
}

#[test]
fn a_second_one_says_where_the_first_runs() {
    let place = Place::new();
    let port = free_port();
    let mut first = place.dev(port, &[]);
    first.until_ready();
    let mut second = place.dev(free_port(), &[]);
    assert_eq!(second.exit_code(), Some(1));
    let errors = second.errors();
    assert!(errors.contains("already runs") && errors.contains(&format!("http://localhost:{port}")), "{errors}");
}

#[test]
fn a_busy_port_is_refused_before_anything_starts() {
    let place = Place::new();
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let mut dev = place.dev(port, &[]);
    assert_eq!(dev.exit_code(), Some(1));
    let errors = dev.errors();
    assert!(errors.contains(&format!("port {port} is taken")) && errors.contains("PORT="), "{errors}");
    assert!(place.settings().is_empty());
}

#[test]
fn the_callers_variables_reach_the_functions_and_so_do_the_stores() {
    let place = Place::new();
    let port = free_port();
    let mut dev = place.dev(port, &[("SESSION_IDLE", "1h"), ("AWS_PROFILE", "work"), ("AWS_ACCESS_KEY_ID", "theirs")]);
    dev.until_ready();
    assert_eq!(place.settings()["SESSION_IDLE"], "1h");
    let seen = lines_of(&place.path(".gateway-environment"));
    assert_eq!(seen["SESSION_IDLE"], "1h");
    assert_eq!(seen["AWS_ACCESS_KEY_ID"], "local");
    assert!(!seen.contains_key("AWS_PROFILE"));
    assert!(seen["REDIS_URL"].starts_with("redis://127.0.0.1:"));
}

#[test]
fn a_store_of_the_callers_that_is_gone_is_named() {
    let place = Place::new();
    let gone = format!("redis://127.0.0.1:{}/", free_port());
    let mut dev = place.dev(free_port(), &[("REDIS_URL", &gone)]);
    assert_eq!(dev.exit_code(), Some(1));
    assert!(dev.errors().contains("REDIS_URL leads to nobody"));
}

#[test]
fn a_user_can_be_added_while_it_runs_and_while_it_does_not() {
    let place = Place::new();
    let mut dev = place.dev(free_port(), &[]);
    dev.until_ready();
    let (code, output) = place.user(&["--email", "ada@example.com"]);
    assert!(code == Some(0) && output.contains("with the password "), "{output}");
    dev.close_stdin();
    dev.exit_code();
    let (code, output) = place.user(&["--email", "ADA@example.com"]);
    assert!(code == Some(1) && output.contains("has an account already"), "{output}");
    let (code, output) = place.user(&["--email", "bea@example.com", "--password", "her own secret"]);
    assert!(code == Some(0) && !output.contains("her own secret"), "{output}");
}

#[test]
fn a_function_that_does_not_compile_is_a_failure() {
    let place = Place::new();
    std::fs::write(place.path("src/main.rs"), "fn main() { nonsense }").unwrap();
    let mut dev = place.dev(free_port(), &[]);
    assert_eq!(dev.exit_code(), Some(1));
    let errors = dev.errors();
    assert!(errors.contains("nonsense") && errors.contains("`cargo build` failed"), "{errors}");
}

/// Cargo's own lines are there only if there is something to build.
#[test]
fn the_greeting_is_the_first_that_a_person_reads() {
    let place = Place::new();
    let mut first = place.dev(free_port(), &[]);
    first.until_ready();
    first.close_stdin();
    assert_eq!(first.exit_code(), Some(0));
    let mut dev = place.dev(free_port(), &[]);
    let greeting = dev.until_ready();
    assert!(greeting.starts_with("\nThe login API runs at"), "{greeting}");
    dev.signal("KILL");
    assert_eq!(dev.errors(), "");
}

#[test]
fn what_the_gateway_printed_is_shown_when_it_fails() {
    let place = Place::new();
    let text = std::fs::read_to_string(place.path("gateway")).unwrap();
    let failing = text.replace("port = int", "sys.exit('it cannot go on')\nport = int");
    std::fs::write(place.path("gateway"), failing).unwrap();
    let mut dev = place.dev(free_port(), &[]);
    assert_eq!(dev.exit_code(), Some(1));
    let errors = dev.errors();
    let said = errors.find("it cannot go on").zip(errors.find("(cargo lambda watch) has ended; its output is above"));
    assert!(said.is_some_and(|(cause, failure)| cause < failure), "{errors}");
}

#[test]
fn after_the_greeting_everything_is_shown() {
    let place = Place::new();
    let port = free_port();
    let mut dev = place.dev(port, &[]);
    dev.until_ready();
    drop(crate::front::exchange(port, "GET", "/it/later", ""));
    dev.signal("KILL");
    let errors = dev.errors();
    assert!(errors.contains("GET /it/later") && !errors.contains("GET /it/local"), "{errors}");
}
