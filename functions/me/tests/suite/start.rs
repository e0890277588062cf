use scene::{PUBLIC_URL, refuses_to_start};
use std::{
    net::TcpListener,
    process::{Command, Stdio},
    thread::sleep,
    time::Duration,
};

/// One deployment, one look at the log.
#[test]
fn the_function_names_everything_that_it_lacks_and_does_not_start() {
    let faulty =
        [("SESSION_IDLE", "a while"), ("REDIS_URL", "hunter2"), ("COOKIE_NAME", "sid"), ("SSL_CERT_FILE", "/hunter2")];
    let mut names = refuses_to_start(env!("CARGO_BIN_EXE_me"), &faulty);
    names.sort();
    assert_eq!(names, ["COOKIE_NAME", "PUBLIC_URL", "REDIS_URL", "SESSION_IDLE", "SSL_CERT_FILE"]);
}

/// Lambda starts an instance at full speed until it asks for an event. A Redis that says nothing keeps it from that only
/// for a moment.
#[test]
fn before_the_first_event_it_connects_to_redis_and_to_nothing_else() {
    let [redis, dynamodb, lambda] = [(); 3].map(|()| TcpListener::bind(("127.0.0.1", 0)).unwrap());
    let address = |listener: &TcpListener| listener.local_addr().unwrap().to_string();
    let variables = [
        ("PUBLIC_URL", PUBLIC_URL.to_owned()),
        ("REDIS_URL", format!("redis://{}", address(&redis))),
        ("AWS_ENDPOINT_URL_DYNAMODB", format!("http://{}", address(&dynamodb))),
        ("AWS_LAMBDA_RUNTIME_API", address(&lambda)),
        ("AWS_LAMBDA_FUNCTION_NAME", "me".to_owned()),
        ("AWS_LAMBDA_FUNCTION_VERSION", "1".to_owned()),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256".to_owned()),
    ];
    let mut program = Command::new(env!("CARGO_BIN_EXE_me"));
    let mut instance = program.env_clear().envs(variables).stdout(Stdio::null()).spawn().unwrap();
    let asks = is_asked(&lambda, 1000);
    let asked = [&redis, &dynamodb].map(|listener| is_asked(listener, 1));
    instance.kill().unwrap();
    instance.wait().unwrap();
    assert!(asks, "it asks for an event");
    assert_eq!(asked, [true, false]);
}

/// Whether a program has connected, looked at so often, ten milliseconds apart.
fn is_asked(listener: &TcpListener, looks: usize) -> bool {
    listener.set_nonblocking(true).unwrap();
    (0..looks).any(|look| {
        if look > 0 {
            sleep(Duration::from_millis(10));
        }
        listener.accept().is_ok()
    })
}
