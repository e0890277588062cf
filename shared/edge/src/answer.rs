use crate::{Call, Problem, content::Content, cookies::SetCookie, event::text};
use bytes::Bytes;
use http::{HeaderValue, StatusCode};
use jiff::Timestamp;
use serde::{Serialize, Serializer};
use std::borrow::Cow;
use url::Url;

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

/// The length of most bodies, in bytes, so that writing one does not move it.
const USUAL: usize = 1024;

type Headers = Vec<(&'static str, Cow<'static, str>)>;

/// What the runtime sends to the gateway (payload format 2.0).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Response {
    status_code: u16,
    #[serde(serialize_with = "as_object")]
    headers: Headers,
    cookies: Vec<String>,
    body: Option<Content>,
    is_base64_encoded: bool,
}

impl From<Response> for http::Response<Bytes> {
    /// The same over HTTP: each cookie is a header of its own. A header that HTTP cannot carry is left out, which holds for
    /// none: [`Answer`] takes no other.
    fn from(response: Response) -> Self {
        let mut http = Self::new(response.body.map(Bytes::from).unwrap_or_default());
        *http.status_mut() = StatusCode::from_u16(response.status_code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers.iter().map(|(name, value)| (*name, &**value));
        let cookies = response.cookies.iter().map(|cookie| ("set-cookie", &**cookie));
        for (name, value) in headers.chain(cookies) {
            if let Ok(value) = value.parse::<HeaderValue>() {
                http.headers_mut().append(name, value);
            }
        }
        http
    }
}

fn as_object<S: Serializer>(headers: &Headers, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(headers.iter().map(|(name, value)| (name, value)))
}

/// A response under construction.
#[derive(Debug)]
pub struct Answer {
    status: StatusCode,
    headers: Headers,
    cookies: Vec<String>,
    body: Option<Content>,
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
        let mut text = Vec::with_capacity(USUAL);
        let written = serde_json::to_writer(&mut text, body);
        match written.ok().and_then(|()| String::from_utf8(text).ok()) {
            Some(text) => {
                Self::with(StatusCode::OK, Some(Content::Text(text))).header("content-type", "application/json")
            }
            None => Self::with(StatusCode::INTERNAL_SERVER_ERROR, None),
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

    /// 200 with a page for a person, which may do what this content security policy says.
    pub fn page(html: impl Into<String>, policy: impl Into<Cow<'static, str>>) -> Self {
        Self::with(StatusCode::OK, Some(Content::Text(html.into())))
            .header("content-type", "text/html; charset=utf-8")
            .header("content-security-policy", policy)
            // OWASP ASVS 3.4.8: the site that opened the page gets no reference to its window.
            .header("cross-origin-opener-policy", "same-origin")
    }

    /// The same for a page that needs no exception in the policy.
    pub fn plain_page(html: impl Into<String>) -> Self {
        Self::page(html, PAGE)
    }

    /// 200 with a text of this media type.
    pub fn text(text: impl Into<Cow<'static, str>>, media_type: &'static str) -> Self {
        Self::with(StatusCode::OK, Some(Content::Text(text.into().into_owned()))).header("content-type", media_type)
    }

    /// The same with a body that is compressed (RFC 9110, section 8.4), if `encode` makes one of it.
    #[must_use]
    pub fn encoded(mut self, coding: &'static str, encode: impl FnOnce(&[u8]) -> Option<Vec<u8>>) -> Self {
        match self.body.as_ref().and_then(|body| encode(body.as_bytes())) {
            Some(bytes) => {
                self.body = Some(Content::Bytes(bytes));
                self.header("content-encoding", coding)
            }
            None => self,
        }
    }

    /// 302 to another page: what was asked for goes on there.
    pub fn redirect(location: &Url) -> Self {
        Self::with(StatusCode::FOUND, None).header("location", location.to_string())
    }

    /// 303 to another page: it says what came of the request.
    pub fn see_other(location: &Url) -> Self {
        Self::with(StatusCode::SEE_OTHER, None).header("location", location.to_string())
    }

    /// Sets a header, whose name is in lower case; it replaces one of the same name. A value that no header can have
    /// (RFC 9110, section 5.5) is left out.
    pub fn header(mut self, name: &'static str, value: impl Into<Cow<'static, str>>) -> Self {
        let value = value.into();
        if text(&value).is_some() {
            self.headers.retain(|(other, _)| *other != name);
            self.headers.push((name, value));
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

    /// The answer to a failed call: a problem document.
    pub(crate) fn to(call: &Call<'_>, problem: &Problem) -> Self {
        let answer = Self { status: problem.status(), ..Self::json(&problem.body(&call.id)) }
            .header("content-type", "application/problem+json");
        problem.headers().into_iter().fold(answer, |answer, (name, value)| answer.header(name, value))
    }

    /// As it is sent, with the headers that every answer has.
    pub fn into_response(self) -> Response {
        let mut headers = self.headers;
        if self.body.is_none() {
            headers.retain(|(name, _)| *name != "content-type");
        }
        for (name, value) in SECURITY {
            if headers.iter().all(|(other, _)| *other != name) {
                headers.push((name, Cow::Borrowed(value)));
            }
        }
        let (status_code, cookies) = (self.status.as_u16(), self.cookies);
        let is_base64_encoded = matches!(self.body, Some(Content::Bytes(_)));
        Response { status_code, headers, cookies, body: self.body, is_base64_encoded }
    }

    fn with(status: StatusCode, body: Option<Content>) -> Self {
        Self {
            status,
            headers: Headers::with_capacity(SECURITY.len() + 1),
            cookies: Vec::new(),
            body,
            held_until: None,
        }
    }
}
