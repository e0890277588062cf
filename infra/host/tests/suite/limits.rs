//! Clients that send too much, too slowly, or nothing.

use crate::support::{PATIENCE, Running, read, rest, short};
use host::Limits;
use scene::Request;
use std::time::{Duration, Instant};
use tokio::{io::AsyncWriteExt, time::timeout};

const HEALTH: &[u8] = b"GET /health HTTP/1.1\r\nhost: x\r\n\r\n";

fn begun(length: usize) -> String {
    format!("POST /login HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{{")
}

#[tokio::test]
async fn a_client_that_does_not_finish_is_not_waited_for() {
    let running = Running::with(&[], short()).await;
    for sent in ["", "GET /hea", "GET /health HTTP/1.1\r\nhost: x\r\n", &begun(10)] {
        let mut stream = running.connect().await;
        let since = Instant::now();
        stream.write_all(sent.as_bytes()).await.unwrap();
        assert_eq!(rest(&mut stream).await, b"", "{sent:?}");
        assert!((short().head / 2..PATIENCE / 2).contains(&since.elapsed()), "{sent:?}: {:?}", since.elapsed());
    }
}

/// One byte now and then does not keep a connection open.
#[tokio::test]
async fn a_client_that_sends_a_byte_now_and_then_is_not_waited_for_either() {
    let running = Running::with(&[], short()).await;
    for start in ["GET /health HTTP/1.1\r\nx-name: ".to_owned(), begun(1000)] {
        let mut stream = running.connect().await;
        let since = Instant::now();
        stream.write_all(start.as_bytes()).await.unwrap();
        while stream.write_all(b"x").await.is_ok() {
            assert!(since.elapsed() < PATIENCE, "it is still waited for");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

#[tokio::test]
async fn a_connection_is_used_again_and_waits_longer_between_two_requests() {
    let running = Running::with(&[], short()).await;
    let mut stream = running.connect().await;
    for _ in 0..3 {
        stream.write_all(HEALTH).await.unwrap();
        let mut answer = Vec::new();
        let mut buffer = [0; 4096];
        while !answer.ends_with(b"}") {
            let count =
                timeout(PATIENCE, tokio::io::AsyncReadExt::read(&mut stream, &mut buffer)).await.unwrap().unwrap();
            assert!(count > 0, "closed after {answer:?}");
            answer.extend_from_slice(&buffer[..count]);
        }
        assert!(answer.starts_with(b"HTTP/1.1 200"));
        tokio::time::sleep(2 * short().head).await;
    }
    assert_eq!(rest(&mut stream).await, b"");
}

/// Such a head is refused before a function sees it, or by the function. None of them is carried out.
#[tokio::test]
async fn a_head_that_is_too_long_is_refused() {
    let running = Running::start().await;
    let with = |length: usize| Request::get("/health").header("x-long", &"x".repeat(length)).over_http().unwrap();
    for (length, status) in
        [(1024, "200"), (edge::LARGEST_HEAD, "400"), (2 * edge::LARGEST_HEAD, "431"), (1 << 20, "431")]
    {
        let mut stream = running.connect().await;
        // The host may answer before all of it is sent.
        drop(stream.write_all(&with(length)).await);
        let mut answer = [0; 12];
        let came = timeout(PATIENCE, tokio::io::AsyncReadExt::read_exact(&mut stream, &mut answer)).await.unwrap();
        // After bytes that were never read the system may reset the connection, and the answer is lost.
        let text = String::from_utf8_lossy(&answer);
        assert!(came.is_err() && status == "431" || text == format!("HTTP/1.1 {status}"), "{length}: {text:?}");
    }
    let many = (0..200).fold(Request::get("/health"), |request, number| request.header(&format!("x-{number}"), "1"));
    let answer = running.exchange(&many.over_http().unwrap()).await;
    assert!(answer.starts_with(b"HTTP/1.1 431"), "{}", String::from_utf8_lossy(&answer));
}

#[tokio::test]
async fn what_is_no_http_is_refused_and_others_are_served() {
    let running = Running::start().await;
    for nonsense in
        ["\r\n\r\n\r\n", "\0\x01\x02\r\n\r\n", "GET\r\n\r\n", "GET /me HTTP/9.9\r\n\r\n", "\x16\x03\x01\x02\0\x01"]
    {
        let mut stream = running.connect().await;
        stream.write_all(nonsense.as_bytes()).await.unwrap();
        stream.shutdown().await.unwrap();
        let answer = rest(&mut stream).await;
        assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 400"), "{nonsense:?}: {answer:?}");
    }
    assert_eq!(read(&running.exchange(&Request::get("/health").over_http().unwrap()).await).status, 200);
}

#[tokio::test]
async fn further_connections_wait_until_there_is_room() {
    let running = Running::with(&[], Limits { connections: 1, ..short() }).await;
    let first = running.connect().await;
    let request = Request::get("/health").over_http().unwrap();
    let mut second = running.connect().await;
    second.write_all(&request).await.unwrap();
    let early = timeout(short().head / 3, rest(&mut second)).await;
    assert!(early.is_err(), "it is served beside the first");
    drop(first);
    assert_eq!(read(&rest(&mut second).await).status, 200);
}
