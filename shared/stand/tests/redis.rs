//! A private Redis does what the fault tests need, and never outlives the process that started it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use stand::Redis;
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

/// Tells [`a_server_held_by_another_process`] that the test beside it started it.
const HOLD: &str = "LOCAL_TEST_HOLD_REDIS_IN";

fn ask(port: u16, command: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_millis(200)))?;
    stream.write_all(format!("{command}\r\nQUIT\r\n").as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

fn exists(pid: u32) -> bool {
    Command::new("/bin/sh").args(["-c", "kill -0 $0 2>/dev/null", &pid.to_string()]).status().unwrap().success()
}

fn is_gone_soon(pid: u32) -> bool {
    let deadline = Instant::now() + Duration::from_secs(5);
    while exists(pid) && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(10));
    }
    !exists(pid)
}

#[tokio::test]
async fn a_started_server_answers_and_a_dropped_one_is_gone() {
    let directory = tempfile::tempdir().unwrap();
    let redis = Redis::start(directory.path(), None).await.unwrap();
    assert_eq!(redis.url(), format!("redis://127.0.0.1:{}/", redis.port()));
    assert_eq!(ask(redis.port(), "SET a b").unwrap(), "+OK\r\n+OK\r\n");
    let (port, pid) = (redis.port(), redis.pid());
    drop(redis);
    assert!(ask(port, "PING").is_err());
    assert!(!exists(pid));
}

#[tokio::test]
async fn many_servers_run_side_by_side() {
    let directory = tempfile::tempdir().unwrap();
    let mut servers = Vec::new();
    for _ in 0..5 {
        servers.push(Redis::start(directory.path(), None).await.unwrap());
    }
    for redis in &servers {
        assert!(ask(redis.port(), "INFO server").unwrap().contains(&format!("process_id:{}\r\n", redis.pid())));
    }
}

#[tokio::test]
async fn a_killed_server_comes_back_empty_on_its_port() {
    let directory = tempfile::tempdir().unwrap();
    let mut redis = Redis::start(directory.path(), None).await.unwrap();
    let (port, pid) = (redis.port(), redis.pid());
    ask(port, "SET a b").unwrap();
    redis.kill9().await.unwrap();
    assert!(ask(port, "PING").is_err());
    assert!(redis.kill9().await.is_err(), "there is nothing left to kill");
    redis.restart().await.unwrap();
    assert_ne!(redis.pid(), pid);
    assert_eq!(redis.port(), port);
    assert_eq!(ask(port, "EXISTS a").unwrap(), ":0\r\n+OK\r\n");
}

#[tokio::test]
async fn a_running_server_is_emptied_by_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let mut redis = Redis::start(directory.path(), None).await.unwrap();
    ask(redis.port(), "SET a b").unwrap();
    redis.restart().await.unwrap();
    assert_eq!(ask(redis.port(), "EXISTS a").unwrap(), ":0\r\n+OK\r\n");
}

#[tokio::test]
async fn a_stopped_server_is_silent_until_it_continues() {
    let directory = tempfile::tempdir().unwrap();
    let redis = Redis::start(directory.path(), None).await.unwrap();
    redis.stop_signal().unwrap();
    assert!(ask(redis.port(), "PING").is_err());
    redis.cont_signal().unwrap();
    assert_eq!(ask(redis.port(), "PING").unwrap(), "+PONG\r\n+OK\r\n");
}

#[tokio::test]
async fn a_stopped_server_can_be_ended() {
    let directory = tempfile::tempdir().unwrap();
    let redis = Redis::start(directory.path(), None).await.unwrap();
    redis.stop_signal().unwrap();
    let pid = redis.pid();
    drop(redis);
    assert!(!exists(pid));
}

#[tokio::test]
async fn a_port_that_is_taken_is_an_error_that_names_the_log() {
    let directory = tempfile::tempdir().unwrap();
    let redis = Redis::start(directory.path(), None).await.unwrap();
    let error = Redis::start(directory.path(), Some(redis.port())).await.err().unwrap();
    assert!(error.to_string().contains(&format!("redis-{}.log", redis.port())), "{error}");
}

#[tokio::test]
async fn options_reach_the_server() {
    let directory = tempfile::tempdir().unwrap();
    let redis = Redis::start_with(directory.path(), None, &["--maxmemory", "3mb"]).await.unwrap();
    assert!(ask(redis.port(), "CONFIG GET maxmemory").unwrap().contains("3145728"));
}

#[test]
fn a_missing_or_outdated_server_is_an_error_that_says_how_to_install_one() {
    let directory = tempfile::tempdir().unwrap();
    let refused = || {
        let mut holder = Command::new(std::env::current_exe().unwrap());
        holder.args(["--exact", "a_server_held_by_another_process", "--nocapture"]);
        let output = holder.env(HOLD, directory.path()).env("PATH", directory.path()).output().unwrap();
        assert!(!output.status.success());
        String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
    };
    let text = refused();
    assert!(text.contains("none is installed") && text.contains("apt-get install redis-server"), "{text}");
    let old = directory.path().join("redis-server");
    std::fs::write(&old, "#!/bin/sh\necho Redis server v=6.2.14 sha=00000000:0\n").unwrap();
    Command::new("chmod").arg("+x").arg(old).status().unwrap();
    let text = refused();
    assert!(text.contains("v=6.2.14") && text.contains("7 or later"), "{text}");
}

#[test]
fn a_server_dies_with_a_process_that_is_killed() {
    let directory = tempfile::tempdir().unwrap();
    let mut holder = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "a_server_held_by_another_process", "--nocapture"])
        .env(HOLD, directory.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(holder.stdout.take().unwrap()).lines();
    let pid = lines.map_while(Result::ok).find_map(|line| line.split("redis pid ").nth(1)?.parse().ok()).unwrap();
    assert!(exists(pid));
    holder.kill().unwrap();
    holder.wait().unwrap();
    assert!(is_gone_soon(pid));
}

/// The other half of the test above: holds a server until it is killed. Run on its own, it does nothing.
#[tokio::test]
async fn a_server_held_by_another_process() {
    let Some(directory) = std::env::var_os(HOLD) else { return };
    let redis = Redis::start(directory.as_ref(), None).await.unwrap_or_else(|error| panic!("{error}"));
    println!("\nredis pid {}", redis.pid());
    // The process ends with the pipe if the other half is killed before it can kill this one.
    std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
}
