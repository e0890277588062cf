mod body;

use crate::{
    Event2, Problem,
    cookies::Presented,
    event::{Context, Http},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use http::{HeaderMap, Method};
use jiff::Timestamp;
use logs::{CLIENTS, cut};
use std::collections::HashMap;

/// One request, as a handler sees it.
pub struct Call {
    /// When it came, in whole milliseconds, like stored moments.
    pub now: Timestamp,
    /// The gateway's request id: the `instance` of a problem, and on every log line.
    pub id: String,
    /// The method.
    pub method: Method,
    /// The path as it was sent, including the prefix of a custom domain's mapping, if there is one.
    pub path: String,
    headers: HeaderMap,
    cookies: Vec<String>,
    pub(crate) parameters: HashMap<&'static str, String>,
    query: Vec<(String, String)>,
    body: Vec<u8>,
    source_ip: Option<String>,
    pub(crate) xray_trace_id: Option<String>,
}

/// An event that is not handled: what is known of the call, and the answer to it.
pub struct Unread {
    pub(crate) call: Box<Call>,
    pub(crate) problem: Problem,
}

impl Call {
    /// Takes an event apart. Nothing is judged yet; a body that cannot be decoded counts as empty.
    ///
    /// # Errors
    /// [`Unread`] for an event that holds no request, or a request larger than the limit.
    pub fn new(event: Event2, now: Timestamp) -> Result<Self, Unread> {
        let mut call = Self::blank(now);
        call.xray_trace_id = event.xray_trace_id.clone();
        let Some((event, method)) = event.read().and_then(|event| event.method().map(|method| (event, method))) else {
            return Err(Unread::because(call, "The event holds no request."));
        };
        let headers = event.headers();
        let Http { raw_path, raw_query_string, cookies, request_context, .. } = event;
        let (body, is_base64_encoded) = (event.body, event.is_base64_encoded);
        let Context { request_id, http } = request_context;
        call.id = cut(&request_id.unwrap_or_default(), CLIENTS).to_owned();
        call.method = method;
        call.path = raw_path.unwrap_or_default();
        call.source_ip = http.source_ip;
        let Some(headers) = headers else {
            return Err(Unread::because(call, "Path, query, headers and cookies are longer than is read."));
        };
        call.cookies = cookies.unwrap_or_else(|| lines(&headers, "cookie"));
        call.headers = headers;
        call.query =
            url::form_urlencoded::parse(raw_query_string.unwrap_or_default().as_bytes()).into_owned().collect();
        let body = body.unwrap_or_default();
        let is_base64 = is_base64_encoded == Some(true);
        call.body = if is_base64 { BASE64_STANDARD.decode(body).unwrap_or_default() } else { body.into() };
        Ok(call)
    }

    /// A call about which nothing is known.
    pub(crate) fn blank(now: Timestamp) -> Self {
        Self {
            now: Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now),
            id: String::new(),
            method: Method::default(),
            path: String::new(),
            headers: HeaderMap::new(),
            cookies: Vec::new(),
            parameters: HashMap::new(),
            query: Vec::new(),
            body: Vec::new(),
            source_ip: None,
            xray_trace_id: None,
        }
    }

    /// The value of a header that occurs once and is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.get_all(name).iter();
        match (values.next(), values.next()) {
            (Some(value), None) => value.to_str().ok(),
            _ => None,
        }
    }

    /// Whether a header is present, readable or not.
    pub fn has_header(&self, name: &str) -> bool {
        self.headers.contains_key(name)
    }

    /// The members of a comma list (RFC 9110, section 5.6.1), from all headers of that name. A member that is not text
    /// is empty.
    pub(crate) fn list(&self, name: &str) -> impl DoubleEndedIterator<Item = &str> {
        let values = self.headers.get_all(name).into_iter().map(|value| value.to_str().unwrap_or_default());
        values.flat_map(|value| value.split(','))
    }

    /// The path segment for `{name}`; empty if the route has no such segment.
    pub fn parameter(&self, name: &str) -> &str {
        self.parameters.get(name).map_or("", String::as_str)
    }

    /// A query parameter.
    ///
    /// # Errors
    /// [`Problem::BadRequest`] when it occurs twice (OWASP ASVS 15.3.7).
    pub fn query(&self, name: &'static str) -> Result<Option<&str>, Problem> {
        let mut values = self.query.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str());
        match (values.next(), values.next()) {
            (_, Some(_)) => Err(Problem::BadRequest(format!("The query has more than one {name}."))),
            (value, None) => Ok(value),
        }
    }

    /// The address the gateway saw.
    pub fn source_ip(&self) -> Option<&str> {
        self.source_ip.as_deref()
    }

    /// Whether a person's browser will show the answer.
    pub fn is_navigation(&self) -> bool {
        self.method == Method::GET && self.header("accept").is_some_and(|accept| accept.contains("text/html"))
    }

    pub(crate) fn cookies(&self) -> impl Iterator<Item = Presented<'_>> {
        self.cookies.iter().flat_map(|line| Presented::all(line))
    }
}

impl Unread {
    fn because(call: Call, why: &str) -> Self {
        Self { call: Box::new(call), problem: Problem::BadRequest(why.to_owned()) }
    }
}

/// A header's values, readable or not. A value that is not text is not a cookie of ours, but it must not hide the
/// others.
fn lines(headers: &HeaderMap, name: &str) -> Vec<String> {
    headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()).collect()
}
