use std::io;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
};

/// The status of one request to a server on this machine.
///
/// # Errors
/// When no server listens, or it closes the connection, or its answer is not HTTP.
pub async fn status(port: u16, method: &str, path: &str) -> io::Result<u16> {
    ask(port, method, path, "").await.map(|(status, _)| status)
}

/// The answer of a server on this machine to a post, with any status.
///
/// # Errors
/// As [`status`], and when the answer is not text.
pub async fn post(port: u16, path: &str, body: &str) -> io::Result<String> {
    let (_, mut rest) = ask(port, "POST", path, body).await?;
    let mut answer = String::new();
    rest.read_to_string(&mut answer).await?;
    let body = answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned());
    body.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidData))
}

/// HTTP/1.0, so that the answer comes in one piece and ends with the connection.
async fn ask(port: u16, method: &str, path: &str, body: &str) -> io::Result<(u16, BufReader<TcpStream>)> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
    let length = body.len();
    let request = format!(
        "{method} {path} HTTP/1.0\r\nHost: localhost:{port}\r\nUser-Agent: local\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).await?;
    let (mut stream, mut line) = (BufReader::new(stream), String::new());
    stream.read_line(&mut line).await?;
    let status = line.split_whitespace().nth(1).and_then(|word| word.parse().ok());
    status.map(|status| (status, stream)).ok_or_else(|| io::Error::from(io::ErrorKind::InvalidData))
}
