use reqwest::{Client, Method, Request, Response, header::HeaderValue, redirect};
use sha1::{Digest, Sha1};
use std::{sync::OnceLock, time::Duration};
use trust::Roots;
use url::Url;

/// For a whole call: a person is waiting.
const LIMIT: Duration = Duration::from_secs(1);
/// Ten times what the service answers today.
const LARGEST: usize = 512 * 1024;
/// The number of hexadecimal digits that are sent: a million prefixes, each with hundreds of passwords.
const SENT: usize = 5;

/// Asks a service for the breached passwords whose SHA-1 begins like this one's (the range search of Have I Been
/// Pwned's API v3, "Pwned Passwords").
#[derive(Debug)]
pub(crate) struct Breach {
    url: Url,
    roots: Roots,
    /// Made for the first password.
    client: OnceLock<Client>,
}

/// Why a password could not be compared.
#[derive(Debug, thiserror::Error)]
enum Fault {
    #[error("no answer in time")]
    Slow,
    #[error("cannot be reached")]
    Unreachable(#[source] reqwest::Error),
    #[error("the URL cannot be extended")]
    Address,
    #[error("status {0}")]
    Status(u16),
    #[error("a larger answer than is read")]
    TooLarge,
    #[error("an answer of another form")]
    Garbage,
}

impl Breach {
    /// The service at `url`, which `roots` vouch for.
    pub fn new(url: Url, roots: Roots) -> Self {
        Self { url, roots, client: OnceLock::new() }
    }

    fn client(&self) -> reqwest::Result<&Client> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let client = Client::builder()
            .tls_backend_preconfigured(self.roots.https())
            // A redirect would carry the prefix to a host that is not configured.
            .redirect(redirect::Policy::none())
            .no_proxy()
            // A frozen function wakes up with dead connections in its pool.
            .pool_max_idle_per_host(0)
            .build()?;
        Ok(self.client.get_or_init(|| client))
    }

    /// Whether the password is known from a breach. If that is unknown, it is logged and the password passes: an outage
    /// of the service must not prevent a change of password.
    pub async fn knows(&self, password: &str) -> bool {
        self.ask(password).await.unwrap_or_else(|fault| {
            tracing::warn!(
                error = &fault as &dyn std::error::Error,
                "a password was not compared with those of known breaches"
            );
            false
        })
    }

    async fn ask(&self, password: &str) -> Result<bool, Fault> {
        let digest: String = Sha1::digest(password).iter().map(|byte| format!("{byte:02X}")).collect();
        let (prefix, suffix) = digest.split_at(SENT);
        let mut url = self.url.clone();
        url.path_segments_mut().map_err(|()| Fault::Address)?.pop_if_empty().push(prefix);
        let mut request = Request::new(Method::GET, url);
        // Otherwise the length of the answer would reveal the prefix to an eavesdropper on the connection.
        request.headers_mut().insert("add-padding", HeaderValue::from_static("true"));
        *request.timeout_mut() = Some(LIMIT);
        let response = self.client().map_err(unreachable)?.execute(request).await.map_err(unreachable)?;
        match response.status().as_u16() {
            200 => find(&read(response).await?, suffix),
            other => Err(Fault::Status(other)),
        }
    }
}

/// Reads the body piece by piece: a declared length proves nothing.
async fn read(mut response: Response) -> Result<String, Fault> {
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await.map_err(unreachable)? {
        if body.len() + piece.len() > LARGEST {
            return Err(Fault::TooLarge);
        }
        body.extend_from_slice(&piece);
    }
    String::from_utf8(body).map_err(|_| Fault::Garbage)
}

/// Looks for a suffix among lines of `SUFFIX:COUNT`. A count of zero is padding.
fn find(body: &str, suffix: &str) -> Result<bool, Fault> {
    let mut found = false;
    for line in body.lines().filter(|line| !line.is_empty()) {
        let (other, count) = line.split_once(':').ok_or(Fault::Garbage)?;
        let count: u64 = count.trim().parse().map_err(|_| Fault::Garbage)?;
        found |= count > 0 && other.eq_ignore_ascii_case(suffix);
    }
    Ok(found)
}

/// The URL is left out: it holds the prefix.
fn unreachable(error: reqwest::Error) -> Fault {
    if error.is_timeout() { Fault::Slow } else { Fault::Unreachable(error.without_url()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_suffix_is_found_if_it_was_counted() {
        let body = "0018A45C4D1DEF81644B54AB7F969B88D65:10\r\n00D4F6E8FA6EECAD2A3AA415EEC418D38EC:0\r\n\r\n";
        for (suffix, known) in [
            ("0018A45C4D1DEF81644B54AB7F969B88D65", true),
            ("0018a45c4d1def81644b54ab7f969b88d65", true),
            ("00D4F6E8FA6EECAD2A3AA415EEC418D38EC", false),
            ("0018A45C4D1DEF81644B54AB7F969B88D6", false),
        ] {
            assert_eq!(find(body, suffix).unwrap(), known, "{suffix}");
        }
        assert!(!find("", "00").unwrap());
    }

    #[test]
    fn an_answer_of_another_form_is_none() {
        for body in ["<html>", "0018A45C4D1DEF81644B54AB7F969B88D65", "AB:many", "AB:-1", "AB:1\n{}", "AB:"] {
            assert!(matches!(find(body, "AB"), Err(Fault::Garbage)), "{body}");
        }
    }

    proptest! {
        #[test]
        fn no_answer_breaks_it(body in "\\PC*|([0-9A-F]{35}:[0-9]{1,30}\r\n){0,4}") {
            drop(find(&body, "0018A45C4D1DEF81644B54AB7F969B88D65"));
        }
    }
}
