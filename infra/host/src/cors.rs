use bytes::Bytes;
use edge::Answer;
use environment::Environment;
use http::{HeaderValue, Method, Response, header, request::Parts};

/// What the gateway is told in `template.yaml`; a test compares.
const METHODS: &str = "GET,POST,DELETE";
const HEADERS: &str = "content-type,x-csrf-token";
const EXPOSED: &str = "retry-after";
const MAX_AGE: &str = "7200";

/// Which pages of other origins may read the answers (Fetch, "HTTP extensions"). The gateway sees to it on Lambda, this in
/// the host and in front of `make dev`; the functions decide who may write.
#[derive(Clone, Debug)]
pub struct Cors {
    /// Empty: no page of another origin.
    origins: Vec<String>,
}

impl Cors {
    /// Reads `ALLOWED_ORIGINS`.
    pub fn from_environment(environment: &mut Environment) -> Self {
        Self { origins: edge::allowed_origins(environment) }
    }

    /// The answer to a browser that asks before it sends a request, for every path; `None`: the request is no such
    /// question, or no origin is allowed.
    pub fn preflight(&self, head: &Parts) -> Option<Response<Bytes>> {
        let asks = head.method == Method::OPTIONS
            && head.headers.contains_key(header::ORIGIN)
            && head.headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
        if self.origins.is_empty() || !asks {
            return None;
        }
        let answer = Answer::empty();
        let answer = match self.allowed(head) {
            Some(_) => answer
                .header("access-control-allow-methods", METHODS)
                .header("access-control-allow-headers", HEADERS)
                .header("access-control-max-age", MAX_AGE),
            None => answer,
        };
        Some(self.dress(head, answer.into_response().into()))
    }

    /// An answer with the headers that let the page read it, if it may.
    pub fn dress<B>(&self, head: &Parts, mut answer: Response<B>) -> Response<B> {
        if self.origins.is_empty() {
            return answer;
        }
        let headers = answer.headers_mut();
        // The answer is another one for another origin, also to a cache.
        headers.append(header::VARY, HeaderValue::from_static("origin"));
        if let Some(origin) = self.allowed(head) {
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
            headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
            headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
        }
        answer
    }

    /// The origin of the request, if it is there once and may read answers.
    fn allowed<'a>(&self, head: &'a Parts) -> Option<&'a HeaderValue> {
        let mut origins = head.headers.get_all(header::ORIGIN).iter();
        let (Some(origin), None) = (origins.next(), origins.next()) else { return None };
        self.origins.iter().any(|allowed| allowed.as_bytes() == origin.as_bytes()).then_some(origin)
    }
}
