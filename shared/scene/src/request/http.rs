//! The same request over HTTP, for a front other than the gateway.

use super::{Body, Request};

/// Headers that are about the connection: another value would make another request.
const OF_THE_CONNECTION: [&str; 2] = ["content-length", "transfer-encoding"];

impl Request {
    /// The bytes of the request (RFC 9112), after which the connection is to be closed. `None`: HTTP cannot carry it as it
    /// is.
    pub fn over_http(&self) -> Option<Vec<u8>> {
        let query = if self.query.is_empty() { String::new() } else { format!("?{}", self.query) };
        let target = format!("{}{query}", self.path());
        let cookies = (!self.cookies.is_empty()).then(|| ("cookie".to_owned(), self.cookies.join("; ")));
        let headers: Vec<_> = self.headers.iter().cloned().chain(cookies).collect();
        let carried = headers.iter().all(|(name, value)| {
            let is_whole = value.trim_matches([' ', '\t']) == value && !value.contains(|c: char| c.is_control());
            is_whole && !OF_THE_CONNECTION.contains(&name.as_str())
        });
        if !carried || target.contains('#') || target.parse::<http::Uri>().is_err() {
            return None;
        }
        let mut bytes = format!("{} {target} HTTP/1.1\r\nconnection: close\r\n", self.method);
        bytes.extend(headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")));
        let body = match &self.body {
            Some(Body::Text(text)) => text.as_bytes(),
            Some(Body::Bytes(bytes)) => bytes,
            None => b"",
        };
        if !body.is_empty() {
            bytes.push_str(&format!("content-length: {}\r\n", body.len()));
        }
        bytes.push_str("\r\n");
        Some([bytes.as_bytes(), body].concat())
    }
}
