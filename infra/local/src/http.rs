use std::{io, time::Duration};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    time::timeout,
};

/// The status of one request to a server on this machine; an empty body is none.
///
/// # Errors
/// When nobody listens, the answer takes longer than `limit`, or is not HTTP.
pub async fn status(port: u16, method: &str, path: &str, body: &str, limit: Duration) -> io::Result<u16> {
    timeout(limit, ask(port, method, path, body)).await?
}

async fn ask(port: u16, method: &str, path: &str, body: &str) -> io::Result<u16> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
    let length = body.len();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost:{port}\r\nUser-Agent: local\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).await?;
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).await?;
    let status = line.split_whitespace().nth(1).and_then(|word| word.parse().ok());
    status.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidData))
}
