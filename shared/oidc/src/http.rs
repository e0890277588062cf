use crate::Fault;
use oauth2::{HttpRequest, HttpResponse};
use reqwest::{
    Method, Request, Response,
    header::{CONTENT_TYPE, HeaderMap},
    redirect,
};
use std::time::Duration;
use url::Url;

const CONNECT: Duration = Duration::from_secs(1);
const TOTAL: Duration = Duration::from_secs(3);
const LARGEST: usize = 256 * 1024;

/// The one way to a provider: no redirects, no proxy, one second to connect, three seconds in all,
/// 256 KiB of JSON.
#[derive(Clone, Debug)]
pub struct Http {
    client: reqwest::Client,
    limit: Duration,
}

impl Http {
    /// # Errors
    /// When TLS cannot be set up, for want of trusted roots say.
    pub fn new() -> reqwest::Result<Self> {
        let client = reqwest::Client::builder()
            .connect_timeout(CONNECT)
            // A redirect would carry the code, or the trust in an issuer, to a host that nobody configured.
            .redirect(redirect::Policy::none())
            .no_proxy()
            // A frozen function wakes up with dead connections in its pool.
            .pool_max_idle_per_host(0)
            .build()?;
        Ok(Self { client, limit: TOTAL })
    }

    /// Sets another limit for a whole call.
    pub fn set_limit(&mut self, limit: Duration) {
        self.limit = limit;
    }

    /// The body of a document at `url`.
    ///
    /// # Errors
    /// As [`send`](Self::send), and when the answer is not 200.
    pub async fn get(&self, url: &Url) -> Result<Vec<u8>, Fault> {
        let answer = self.send(Request::new(Method::GET, url.clone())).await?;
        match answer.status().as_u16() {
            200 => Ok(answer.into_body()),
            other => Err(Fault::Status(other)),
        }
    }

    /// A call to the token endpoint, which answers 400 and 401 with JSON too (RFC 6749 section 5.2).
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub async fn post(&self, request: HttpRequest) -> Result<HttpResponse, Fault> {
        self.send(Request::try_from(request).map_err(unreachable)?).await
    }

    /// # Errors
    /// [`Fault`] when there is no answer in time, or one with another status than 200, 400 or 401, or no JSON, or too much.
    async fn send(&self, mut request: Request) -> Result<HttpResponse, Fault> {
        *request.timeout_mut() = Some(self.limit);
        let mut response = self.client.execute(request).await.map_err(unreachable)?;
        let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
        if !matches!(status.as_u16(), 200 | 400 | 401) {
            return Err(Fault::Status(status.as_u16()));
        }
        if !is_json(&headers) {
            return Err(Fault::MediaType);
        }
        let mut answer = HttpResponse::new(read(response).await?);
        (*answer.status_mut(), *answer.headers_mut()) = (status, headers);
        Ok(answer)
    }
}

/// The body, piece by piece: a declared length proves nothing.
async fn read(mut response: Response) -> Result<Vec<u8>, Fault> {
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await.map_err(unreachable)? {
        if body.len() + piece.len() > LARGEST {
            return Err(Fault::TooLarge);
        }
        body.extend_from_slice(&piece);
    }
    Ok(body)
}

/// `application/json` or another JSON type (RFC 6839 section 3.1), such as `application/jwk-set+json`.
fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence.strip_prefix("application/").is_some_and(|subtype| subtype == "json" || subtype.ends_with("+json"))
}

/// The URL is left out: the endpoint's name says as much, and addresses may carry more than an address.
fn unreachable(error: reqwest::Error) -> Fault {
    if error.is_timeout() { Fault::Slow } else { Fault::Unreachable(error.without_url()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::HeaderValue;

    #[test]
    fn a_call_takes_three_seconds_at_most() {
        assert_eq!(Http::new().unwrap().limit, Duration::from_secs(3));
    }

    #[test]
    fn only_json_types_are_json() {
        for (value, json) in [
            ("application/json", true),
            ("Application/JSON; charset=utf-8", true),
            ("application/jwk-set+json", true),
            ("text/html", false),
            ("text/json", false),
            ("application/jsonp", false),
            ("application/x; application/json", false),
            ("", false),
        ] {
            let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(value))]);
            assert_eq!(is_json(&headers), json, "{value}");
        }
        assert!(!is_json(&HeaderMap::new()));
    }
}
