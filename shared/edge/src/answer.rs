use crate::{Call, Problem, cookies::SetCookie};
use askama::Template;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use jiff::Timestamp;
use lambda_http::aws_lambda_events::{apigw::ApiGatewayV2httpResponse, encodings::Body};
use serde::Serialize;

/// For answers other than pages, a browser needs nothing but the JSON. If it shows one all the same, then in a sandbox.
const API: &str = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; sandbox";

/// The same for a page, but without the sandbox: a browser does not show a sandboxed document that has a
/// `Cross-Origin-Opener-Policy` (HTML, "navigate-fetch").
const PAGE: &str = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// On every answer (OWASP ASVS 3.4.1–3.4.6, 14.3.2).
const SECURITY: [(&str, &str); 6] = [
    ("strict-transport-security", "max-age=63072000; includeSubDomains"),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("content-security-policy", API),
    ("cross-origin-resource-policy", "same-origin"),
    ("cache-control", "no-store"),
];

/// A response under construction.
#[derive(Debug)]
pub struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    cookies: Vec<String>,
    body: Option<String>,
    /// It must not go out before this moment, if there is one.
    held_until: Option<Timestamp>,
}

impl Answer {
    /// No content.
    pub fn empty() -> Self {
        Self::with(StatusCode::NO_CONTENT, None)
    }

    /// 200 with a JSON body.
    pub fn json(body: &impl Serialize) -> Self {
        match serde_json::to_string(body) {
            Ok(text) => Self::with(StatusCode::OK, Some(text)).header("content-type", "application/json"),
            Err(_) => Self::with(StatusCode::INTERNAL_SERVER_ERROR, None),
        }
    }

    /// 201 with a JSON body: the requested resource now exists.
    pub fn created(body: &impl Serialize) -> Self {
        let answer = Self::json(body);
        let status = if answer.status == StatusCode::OK { StatusCode::CREATED } else { answer.status };
        Self { status, ..answer }
    }

    /// 503 with a JSON body, for a health check; [`Problem::Unavailable`] is for every other request.
    pub fn unavailable(body: &impl Serialize) -> Self {
        let answer = Self::json(body).header("retry-after", "1");
        let status = if answer.status == StatusCode::OK { StatusCode::SERVICE_UNAVAILABLE } else { answer.status };
        Self { status, ..answer }
    }

    /// 202 without content: the result is reported elsewhere.
    pub fn accepted() -> Self {
        Self::with(StatusCode::ACCEPTED, None)
    }

    /// 302 to another page.
    pub fn redirect(location: &url::Url) -> Self {
        Self::with(StatusCode::FOUND, None).header("location", location.as_str())
    }

    /// Sets a header; it replaces one of the same name.
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(HeaderName::from_static(name), value);
        }
        self
    }

    /// Adds a `Set-Cookie`, if there is one. A cookie that must not arrive yet holds the whole answer back.
    pub fn cookie(mut self, cookie: impl SetCookie) -> Self {
        self.held_until = self.held_until.max(cookie.held_until());
        self.cookies.extend(cookie.line());
        self
    }

    pub(crate) fn held_until(&self) -> Option<Timestamp> {
        self.held_until
    }

    pub(crate) fn status(&self) -> StatusCode {
        self.status
    }

    /// The answer to a failed call: a problem document, or a page for a person.
    pub(crate) fn to(call: &Call, problem: &Problem, as_page: bool) -> Self {
        let page = if as_page { problem.page().render().ok() } else { None };
        let mut answer = match page {
            // OWASP ASVS 3.4.8: the site that opened the page gets no reference to its window.
            Some(page) => Self::with(problem.status(), Some(page))
                .header("content-type", "text/html; charset=utf-8")
                .header("content-security-policy", PAGE)
                .header("cross-origin-opener-policy", "same-origin"),
            None => Self { status: problem.status(), ..Self::json(&problem.body(&call.id)) }
                .header("content-type", "application/problem+json"),
        };
        let headers = problem.headers().into_iter();
        answer.headers.extend(headers.filter_map(|(name, value)| Some((name, value.parse().ok()?))));
        answer
    }

    pub(crate) fn into_response(self) -> ApiGatewayV2httpResponse {
        let mut headers = HeaderMap::new();
        for (name, value) in SECURITY {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        // They replace headers of the same name, because maps of optional names are added that way.
        headers.extend(self.headers);
        if self.body.is_none() {
            headers.remove(header::CONTENT_TYPE);
        }
        let mut response = ApiGatewayV2httpResponse::default();
        response.status_code = i64::from(self.status.as_u16());
        response.headers = headers;
        response.cookies = self.cookies;
        response.body = self.body.map(Body::Text);
        response
    }

    fn with(status: StatusCode, body: Option<String>) -> Self {
        Self { status, headers: HeaderMap::new(), cookies: Vec::new(), body, held_until: None }
    }
}
