//! How many requests a second the host answers to a crowd, and how long they wait, beside axum with tower-sessions.

use crate::{
    program::{Profile, Program},
    subject::{Subject, World},
};
use comfy_table::{Table, presets::NOTHING};
use std::{
    net::SocketAddr,
    process::Stdio,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    process::{Child, Command},
    task::JoinSet,
    time::timeout,
};

/// Connections that ask without a pause, each after its last answer.
const CONNECTIONS: usize = 64;

/// How often each program is measured, and for how long. They take turns.
const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_secs(4);

/// The longest wait for a start or an answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// What is compared: `GET /me` with a warm session.
const SUBJECTS: [(&str, Subject); 2] = [("host", Subject::Me), ("floor-axum", Subject::Axum)];

/// What one round gave.
struct Round {
    per_second: u64,
    p50: Duration,
    p99: Duration,
}

/// Throughput and waiting times: medians over the rounds.
pub async fn table(world: &World) -> String {
    let mut rounds = SUBJECTS.map(|_| Vec::new());
    for _ in 0..ROUNDS {
        for (rounds, (name, subject)) in rounds.iter_mut().zip(SUBJECTS) {
            rounds.push(round(world, name, subject).await);
        }
    }
    let mut table = Table::new();
    table.load_style(NOTHING).set_header(["LOAD", "requests a second", "p50", "p99"]);
    for (rounds, (name, _)) in rounds.iter().zip(SUBJECTS) {
        table.add_row([
            name.to_owned(),
            median(rounds.iter().map(|round| round.per_second)).to_string(),
            format!("{} µs", median(rounds.iter().map(|round| round.p50)).as_micros()),
            format!("{} µs", median(rounds.iter().map(|round| round.p99)).as_micros()),
        ]);
    }
    format!(
        "\nGET /me over {CONNECTIONS} connections, medians of {ROUNDS} rounds; the stores and the clients share the machine\n{}\n",
        table.trim_fmt()
    )
}

async fn round(world: &World, name: &str, subject: Subject) -> Round {
    let request = world.over_http(subject).await;
    let Program { path, mut variables } =
        Program::named(name, Profile::Release, world.program(Profile::Release, subject).variables);
    let port = free_port().await;
    let more = [("PORT", &*port.to_string()), ("SMTP_URL", "smtp://localhost"), ("MAIL_FROM", "login@example.com")];
    variables.extend(more.map(|(name, value)| (name.to_owned(), value.to_owned())));
    let mut command = Command::new(path);
    command.env_clear().envs(variables).stdin(Stdio::null()).stdout(Stdio::null()).kill_on_drop(true);
    let mut server = command.spawn().expect("a program that starts");
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    listens(address, &mut server).await;
    // Connections are open and buffers have grown by then.
    crowd(address, &request, ROUND / 8).await;
    let round = crowd(address, &request, ROUND).await;
    server.kill().await.expect("an end");
    round
}

/// All connections at once.
async fn crowd(address: SocketAddr, request: &[u8], time: Duration) -> Round {
    let (begun, mut clients) = (Instant::now(), JoinSet::new());
    for _ in 0..CONNECTIONS {
        let request = request.to_owned();
        clients.spawn(async move {
            let mut stream = TcpStream::connect(address).await.expect("a connection");
            stream.set_nodelay(true).expect("a socket");
            let (mut times, mut buffer) = (Vec::new(), Vec::new());
            while begun.elapsed() < time {
                let since = Instant::now();
                timeout(PATIENCE, ask(&mut stream, &request, &mut buffer)).await.expect("an answer in time");
                times.push(since.elapsed());
            }
            times
        });
    }
    let mut times: Vec<_> = clients.join_all().await.into_iter().flatten().collect();
    let took = begun.elapsed().as_millis().max(1);
    times.sort();
    let per_second = u128::try_from(times.len()).expect("a number") * 1000 / took;
    Round {
        per_second: per_second.try_into().expect("a number"),
        p50: times[times.len() / 2],
        p99: times[times.len() * 99 / 100],
    }
}

/// Sends a request and reads its whole answer, which must be 200.
async fn ask(stream: &mut TcpStream, request: &[u8], buffer: &mut Vec<u8>) {
    buffer.clear();
    stream.write_all(request).await.expect("an open connection");
    loop {
        assert!(stream.read_buf(buffer).await.expect("an open connection") > 0, "the connection was closed");
        if let Some(length) = length(buffer)
            && buffer.len() >= length
        {
            assert!(buffer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(buffer));
            return;
        }
    }
}

/// How long an answer is whose head has come.
fn length(answer: &[u8]) -> Option<usize> {
    let head = answer.windows(4).position(|end| end == b"\r\n\r\n")?;
    let text = std::str::from_utf8(&answer[..head]).ok()?;
    let mut lines = text.split("\r\n").filter_map(|line| line.split_once(": "));
    let (_, body) = lines.find(|(name, _)| name.eq_ignore_ascii_case("content-length"))?;
    Some(head + 4 + body.parse::<usize>().ok()?)
}

async fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    listener.local_addr().expect("its address").port()
}

async fn listens(address: SocketAddr, server: &mut Child) {
    let begun = Instant::now();
    while TcpStream::connect(address).await.is_err() {
        assert!(server.try_wait().expect("a process").is_none(), "the server has ended");
        assert!(begun.elapsed() < PATIENCE, "the server does not listen");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

fn median<T: Ord>(values: impl Iterator<Item = T>) -> T {
    let mut values: Vec<_> = values.collect();
    values.sort();
    values.swap_remove(values.len() / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_as_long_as_its_head_says() {
        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nx: 1\r\n\r\n{}";
        assert_eq!(length(answer), Some(answer.len()));
        assert_eq!(length(&answer[..20]), None);
        assert_eq!(length(b"HTTP/1.1 204 No Content\r\n\r\n"), None);
    }
}
