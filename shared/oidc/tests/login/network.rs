use crate::support::{Login, providers, redirect_uri};
use oidc::{Endpoint, Error, Fault};
use std::{
    net::TcpStream,
    process::Command,
    time::{Duration, Instant},
};
use testkit::{Answer, Endpoint as At, Lie};
use tokio::net::TcpSocket;

/// A function that was frozen between two calls wakes up with dead connections, so no connection is used twice.
#[tokio::test]
async fn every_call_has_a_connection_of_its_own() {
    let login = Login::new().await;
    login.run().await.unwrap();
    assert_eq!(login.provider.connections(), 3);
}

/// Repeats the test of an honest login in a process whose environment names a proxy that does not exist.
#[test]
fn a_proxy_in_the_environment_is_not_used() {
    let outcome = Command::new(std::env::current_exe().unwrap())
        .args(["authorization::an_honest_login_tells_who_came", "--exact"])
        .envs(["http_proxy", "HTTP_PROXY", "all_proxy"].map(|name| (name, "http://127.0.0.1:9")))
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&outcome.stdout);
    assert!(outcome.status.success() && text.contains("1 passed"), "{text}");
}

/// A function can promise an answer for any number of calls: each of these alone would be in time.
#[tokio::test]
async fn the_calls_of_a_login_share_its_time() {
    let late = |at| Lie::Answer(at, Answer::Late(Duration::from_millis(800)));
    let mut login = Login::with([late(At::Token), late(At::Jwks)]).await;
    login.within(Duration::from_millis(1500));
    assert!(matches!(login.fault().await, (Endpoint::Keys, Fault::Slow)));
    login.provider.repent().lie(late(At::Token));
    login.run().await.unwrap();
}

/// One second to connect, well within the time for the whole login.
#[tokio::test]
async fn an_address_that_never_accepts_costs_a_second() {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    // Once its queue is full, the system leaves further connections unanswered.
    let fill = || TcpStream::connect_timeout(&address, Duration::from_millis(50)).ok();
    let queue: Vec<_> = std::iter::from_fn(fill).take(64).collect();
    assert!(queue.len() < 64, "the queue does not fill");

    let login = Login::new().await;
    let mut variables = login.provider.environment("acme");
    variables
        .iter_mut()
        .filter(|(name, _)| name.ends_with("ISSUER"))
        .for_each(|(_, value)| *value = format!("http://{address}"));
    let (ours, started) = (providers(variables), Instant::now());
    let outcome = ours.find("acme").unwrap().begin(&redirect_uri(), "/", login.now).await;
    assert!(
        matches!(outcome, Err(Error::Failed { endpoint: Endpoint::Discovery, source: Fault::Slow })),
        "{outcome:?}"
    );
    assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
}
