use crate::{Fault, json};
use oauth2::{HttpRequest, HttpResponse};
use reqwest::{
    Client, Method, Request, Response,
    header::{CONTENT_TYPE, HeaderMap},
    redirect,
};
use serde::{
    Deserialize,
    de::{DeserializeOwned, IgnoredAny},
};
use std::{
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};
use trust::Roots;
use url::Url;

const CONNECT: Duration = Duration::from_secs(1);
const LARGEST: usize = 256 * 1024;

/// The only connection to a provider: no redirects, no proxy, one second to connect, 256 KiB of JSON.
#[derive(Clone, Debug)]
pub struct Http {
    roots: Roots,
    /// Made for the first call of any login.
    client: Arc<OnceLock<Client>>,
    limit: Duration,
}

/// The calls of one login, which share its time limit.
pub struct Calls {
    http: Http,
    until: Instant,
}

/// What came back.
struct Answer {
    status: u16,
    is_json: bool,
    body: Vec<u8>,
}

impl Http {
    /// Calls whose time for one login is `limit` together, to providers that `roots` vouch for.
    pub fn new(roots: Roots, limit: Duration) -> Self {
        Self { roots, client: Arc::default(), limit }
    }

    /// Sets another limit for the calls of one login.
    pub fn set_limit(&mut self, limit: Duration) {
        self.limit = limit;
    }

    /// Begins the calls of one login.
    pub fn calls(&self) -> Calls {
        Calls { http: self.clone(), until: Instant::now() + self.limit }
    }

    fn client(&self) -> reqwest::Result<&Client> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let client = Client::builder()
            .tls_backend_preconfigured(self.roots.https())
            .connect_timeout(CONNECT)
            // A redirect would carry the code, or the trust in an issuer, to a host that is not configured.
            .redirect(redirect::Policy::none())
            .no_proxy()
            // A frozen function wakes up with dead connections in its pool.
            .pool_max_idle_per_host(0)
            .build()?;
        Ok(self.client.get_or_init(|| client))
    }
}

impl Calls {
    /// The document at `url`.
    ///
    /// # Errors
    /// [`Fault`] when no answer comes in time, its status is not 200, or it is not JSON or too large.
    pub async fn document<T: DeserializeOwned>(&self, url: &Url) -> Result<T, Fault> {
        self.send(Request::new(Method::GET, url.clone()), |status| status == 200).await?.parse()
    }

    /// A call to the token endpoint. It reports an error by status 400 or 401 (RFC 6749 section 5.2); some providers
    /// use other 4xx statuses.
    ///
    /// # Errors
    /// As [`document`](Self::document), except for an error of that form.
    pub async fn post(&self, request: HttpRequest) -> Result<HttpResponse, Fault> {
        #[derive(Deserialize)]
        struct Refused {
            #[serde(rename = "error")]
            _error: String,
        }
        let request = Request::try_from(request).map_err(unreachable)?;
        let answer = self.send(request, |status| matches!(status, 200 | 400..=499)).await?;
        if answer.status == 200 {
            answer.parse::<IgnoredAny>()?;
        } else {
            json::parse::<Refused>(&answer.body).ok_or(Fault::Status(answer.status))?;
        }
        let status = answer.status.try_into().map_err(|_| Fault::Status(answer.status))?;
        // Without its content type, which was checked here.
        let mut response = HttpResponse::new(answer.body);
        *response.status_mut() = status;
        Ok(response)
    }

    async fn send(&self, mut request: Request, wanted: fn(u16) -> bool) -> Result<Answer, Fault> {
        let left = self.until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(Fault::Slow);
        }
        *request.timeout_mut() = Some(left);
        let response = self.http.client().map_err(unreachable)?.execute(request).await.map_err(unreachable)?;
        let (status, is_json) = (response.status().as_u16(), is_json(response.headers()));
        if !wanted(status) {
            return Err(Fault::Status(status));
        }
        Ok(Answer { status, is_json, body: read(response).await? })
    }
}

impl Answer {
    /// The content. Providers, and the networks in front of them, declare their JSON as `text/plain` or not at all. So
    /// the declared type only explains an unreadable answer.
    fn parse<T: DeserializeOwned>(&self) -> Result<T, Fault> {
        let fault = if self.is_json { Fault::Malformed } else { Fault::MediaType };
        json::parse(&self.body).ok_or(fault)
    }
}

/// Reads the body piece by piece: a declared length proves nothing.
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

/// The URL is left out: the endpoint's name is enough, and a URL may hold more than an address.
fn unreachable(error: reqwest::Error) -> Fault {
    if error.is_timeout() { Fault::Slow } else { Fault::Unreachable(error.without_url()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::HeaderValue;

    #[tokio::test]
    async fn calls_after_the_time_of_a_login_are_not_made() {
        let http = Http::new(Roots::default(), Duration::ZERO);
        let nowhere = Url::parse("http://127.0.0.1:1").unwrap();
        assert!(matches!(http.calls().document::<IgnoredAny>(&nowhere).await, Err(Fault::Slow)));
        assert!(http.client.get().is_none(), "nothing is made before a call is");
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
