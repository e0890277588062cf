pub mod body;

use crate::{
    Event2, Problem,
    cookies::Presented,
    event::{Context, Headers, Http, Text, text},
    routes::Parameters,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use http::Method;
use jiff::Timestamp;
use logs::{CLIENTS, cut};
use std::borrow::Cow;

/// One request, as a handler sees it. Its texts stay where they are in the event.
pub struct Call<'a> {
    /// When it came, in whole milliseconds, like stored moments.
    pub now: Timestamp,
    /// The gateway's request id: the `instance` of a problem, and on every log line.
    pub id: Cow<'a, str>,
    /// The method.
    pub method: Method,
    /// The path as it was sent, including the prefix of a custom domain's mapping, if there is one.
    pub path: Cow<'a, str>,
    headers: Headers<'a>,
    /// `None`: the cookies are in the headers.
    cookies: Option<Vec<Text<'a>>>,
    pub(crate) parameters: Parameters,
    query: Vec<(String, String)>,
    body: Cow<'a, [u8]>,
    source_ip: Option<Cow<'a, str>>,
    pub(crate) xray_trace_id: Option<&'a str>,
}

/// An event that is not handled: what is known of the call, and the answer to it.
pub struct Unread<'a> {
    pub(crate) call: Box<Call<'a>>,
    pub(crate) problem: Problem,
}

impl<'a> Call<'a> {
    /// Takes an event apart. Nothing is judged yet; a body that cannot be decoded counts as empty.
    ///
    /// # Errors
    /// [`Unread`] for an event that holds no request, or a request larger than the limit.
    pub fn new(event: &'a Event2, now: Timestamp) -> Result<Self, Unread<'a>> {
        let mut call = Self { xray_trace_id: event.xray_trace_id.as_deref(), ..Self::blank(now) };
        let method = |event: &Http<'_>| event.request_context.http.method.0.parse().ok();
        let Some((event, method)) = event.read().and_then(|event| method(&event).map(|method| (event, method))) else {
            return Err(Unread::because(call, "The event holds no request."));
        };
        let is_too_long = event.is_too_long();
        let Context { request_id, http } = event.request_context;
        call.id = begin(request_id.unwrap_or_default().0, CLIENTS);
        call.method = method;
        call.path = event.raw_path.unwrap_or_default().0;
        call.source_ip = http.source_ip.map(|Text(address)| address);
        if is_too_long {
            return Err(Unread::because(call, "Path, query, headers and cookies are longer than is read."));
        }
        call.cookies = event.cookies;
        call.headers = event.headers;
        let Text(query) = event.raw_query_string.unwrap_or_default();
        call.query = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        call.body = body(event.body.unwrap_or_default().0, event.is_base64_encoded == Some(true));
        Ok(call)
    }

    /// A call about which nothing is known.
    pub(crate) fn blank(now: Timestamp) -> Self {
        Self {
            now: Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now),
            id: Cow::default(),
            method: Method::default(),
            path: Cow::default(),
            headers: Headers::default(),
            cookies: None,
            parameters: Parameters::new(),
            query: Vec::new(),
            body: Cow::default(),
            source_ip: None,
            xray_trace_id: None,
        }
    }

    /// The value of a header that occurs once and is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.all(name);
        match (values.next(), values.next()) {
            (Some(value), None) => text(value),
            _ => None,
        }
    }

    /// Whether a header is present, readable or not.
    pub fn has_header(&self, name: &str) -> bool {
        self.headers.all(name).next().is_some()
    }

    /// The members of a comma list (RFC 9110, section 5.6.1), from all headers of that name. A member that is not text
    /// is empty.
    pub(crate) fn list(&self, name: &str) -> impl DoubleEndedIterator<Item = &str> {
        self.headers.all(name).flat_map(|value| text(value).unwrap_or_default().split(','))
    }

    /// The path segment for `{name}`; empty if the route has no such segment.
    pub fn parameter(&self, name: &str) -> &str {
        self.parameters.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value)
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

    /// The members of the query, in their order.
    pub fn members(&self) -> impl Iterator<Item = (&str, &str)> {
        self.query.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The address the gateway saw.
    pub fn source_ip(&self) -> Option<&str> {
        self.source_ip.as_deref()
    }

    /// Whether a person's browser will show the answer.
    pub fn is_navigation(&self) -> bool {
        self.method == Method::GET && self.header("accept").is_some_and(|accept| accept.contains("text/html"))
    }

    /// The cookies, in their order. A value that is not text is not a cookie of ours, but it must not hide the others.
    pub(crate) fn cookies(&self) -> impl Iterator<Item = Presented<'_>> {
        let lines = self.cookies.iter().flatten().map(|Text(line)| &**line);
        let headers = self.cookies.is_none().then(|| self.headers.all("cookie")).into_iter().flatten();
        lines.chain(headers).flat_map(Presented::all)
    }
}

impl<'a> Unread<'a> {
    fn because(call: Call<'a>, why: &str) -> Self {
        Self { call: Box::new(call), problem: Problem::BadRequest(why.to_owned()) }
    }
}

/// As [`cut`], of a text that may be owned.
fn begin(text: Cow<'_, str>, longest: usize) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(cut(text, longest)),
        Cow::Owned(text) => Cow::Owned(cut(&text, longest).to_owned()),
    }
}

fn body(text: Cow<'_, str>, is_base64: bool) -> Cow<'_, [u8]> {
    match text {
        text if is_base64 => Cow::Owned(BASE64_STANDARD.decode(&*text).unwrap_or_default()),
        Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
        Cow::Owned(text) => Cow::Owned(text.into_bytes()),
    }
}
