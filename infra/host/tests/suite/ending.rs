//! The end of the host.

use crate::support::{Running, read, rest, short};
use host::Limits;
use scene::{Fault, Request};
use std::time::{Duration, Instant};
use tokio::{io::AsyncWriteExt, net::TcpStream};

/// A host one of whose requests hangs, and the connection of that request.
async fn busy(limits: Limits) -> (Running, TcpStream) {
    let running = Running::with(&[], limits).await;
    let stream = hanging(&running).await;
    (running, stream)
}

/// The connection of a request that waits for the store, in vain.
async fn hanging(running: &Running) -> TcpStream {
    running.stores.dynamo_proxy.break_all(None, Fault::Hang);
    let before = running.stores.dynamo_proxy.calls();
    let mut stream = running.connect().await;
    stream.write_all(&Request::get("/health").over_http().unwrap()).await.unwrap();
    while running.stores.dynamo_proxy.calls() == before {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    stream
}

#[tokio::test]
async fn what_is_under_way_is_finished_and_nothing_new_is_taken() {
    let (mut running, mut stream) = busy(Limits::default()).await;
    let mut idle = running.connect().await;
    running.stop();
    assert_eq!(rest(&mut idle).await, b"", "a connection without a request is closed");
    running.stores.dynamo_proxy.heal();
    assert!(TcpStream::connect(running.address).await.is_err(), "it still listens");
    assert!([200, 503].contains(&read(&rest(&mut stream).await).status));
    assert!(running.ended().await);
}

#[tokio::test]
async fn what_hangs_is_waited_for_only_so_long() {
    let (mut running, _stream) = busy(short()).await;
    let since = Instant::now();
    running.stop();
    assert!(!running.ended().await);
    assert!((short().grace..short().grace * 3).contains(&since.elapsed()), "{:?}", since.elapsed());
}

/// As at the gateway: a client cannot stop a function halfway.
#[tokio::test]
async fn a_client_that_goes_away_does_not_stop_its_request() {
    let running = Running::start().await;
    let logs = scene::Logs::capture();
    drop(hanging(&running).await);
    running.stores.dynamo_proxy.heal();
    let since = Instant::now();
    while !logs.lines().iter().any(|line| line["target"] == "request") {
        assert!(since.elapsed() < crate::support::PATIENCE, "it was stopped");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
