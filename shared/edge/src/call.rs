use crate::{Event2, Problem};
use base64::{Engine, prelude::BASE64_STANDARD};
use http::{HeaderMap, Method};
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use std::collections::HashMap;

/// The largest body that is read, in bytes.
const LARGEST_BODY: usize = 16 * 1024;

/// One request, as a handler sees it.
pub struct Call {
    /// When it came, in whole milliseconds: as precise as what is stored.
    pub now: Timestamp,
    /// The gateway's request id: the `instance` of a problem, and on every log line.
    pub id: String,
    /// The method.
    pub method: Method,
    /// The path as it was sent, with the prefix of a custom domain's mapping if there is one.
    pub path: String,
    headers: HeaderMap,
    cookies: Vec<String>,
    parameters: HashMap<String, String>,
    query: Vec<(String, String)>,
    body: Vec<u8>,
    source_ip: Option<String>,
    pub(crate) xray_trace_id: Option<String>,
}

impl Call {
    /// Takes an event apart. Nothing is judged yet; a body that is not what it claims to be is empty.
    pub fn new(event: Event2, now: Timestamp) -> Self {
        let Event2 { http: event, xray_trace_id } = event;
        let cookies = event.cookies.unwrap_or_else(|| {
            let headers = event.headers.get_all("cookie").iter();
            headers.filter_map(|value| value.to_str().ok().map(str::to_owned)).collect()
        });
        let body = event.body.unwrap_or_default();
        let body = if event.is_base64_encoded { BASE64_STANDARD.decode(body).unwrap_or_default() } else { body.into() };
        let query = event.raw_query_string.unwrap_or_default();
        Self {
            now: Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now),
            id: event.request_context.request_id.unwrap_or_default(),
            method: event.request_context.http.method,
            path: event.raw_path.unwrap_or_default(),
            headers: event.headers,
            cookies,
            parameters: event.path_parameters,
            query: url::form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
            body,
            source_ip: event.request_context.http.source_ip,
            xray_trace_id,
        }
    }

    /// Refuses every method but these.
    ///
    /// # Errors
    /// [`Problem::MethodNotAllowed`].
    pub fn only(&self, allowed: &'static [Method]) -> Result<(), Problem> {
        if allowed.contains(&self.method) { Ok(()) } else { Err(Problem::MethodNotAllowed(allowed)) }
    }

    /// A header that is there once and is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.get_all(name).iter();
        match (values.next(), values.next()) {
            (Some(value), None) => value.to_str().ok(),
            _ => None,
        }
    }

    /// Whether a header is there at all, readable or not.
    pub fn has_header(&self, name: &str) -> bool {
        self.headers.contains_key(name)
    }

    /// The members of a comma list (RFC 9110, section 5.6.1), in however many headers of that name; one that is no text is
    /// empty.
    pub(crate) fn list(&self, name: &str) -> impl DoubleEndedIterator<Item = &str> {
        let values = self.headers.get_all(name).into_iter().map(|value| value.to_str().unwrap_or_default());
        values.flat_map(|value| value.split(','))
    }

    /// A segment of the route, such as `{provider}`.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.get(name).map(String::as_str)
    }

    /// A query parameter.
    ///
    /// # Errors
    /// [`Problem::BadRequest`] when it is there twice (OWASP ASVS 15.3.7).
    pub fn query(&self, name: &'static str) -> Result<Option<&str>, Problem> {
        let mut values = self.query.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str());
        match (values.next(), values.next()) {
            (_, Some(_)) => Err(Problem::BadRequest(format!("The query has more than one {name}."))),
            (value, None) => Ok(value),
        }
    }

    /// The body: one JSON object that has the members of `T`, each once, and no other.
    ///
    /// # Errors
    /// [`Problem::UnsupportedMediaType`], [`Problem::BodyTooLarge`] or [`Problem::BadRequest`], which never repeat
    /// what was sent.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        if !self.header("content-type").is_some_and(is_json) {
            return Err(Problem::UnsupportedMediaType);
        }
        if self.body.len() > LARGEST_BODY {
            return Err(Problem::BodyTooLarge);
        }
        if self.body.trim_ascii_start().first() != Some(&b'{') {
            return Err(Problem::BadRequest("The body is not a JSON object.".to_owned()));
        }
        serde_json::from_slice(&self.body).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            Problem::BadRequest(match error.classify() {
                serde_json::error::Category::Data => {
                    format!(
                        "A member is missing, unknown, repeated or of the wrong type (line {line}, column {column})."
                    )
                }
                _ => format!("The body is not JSON (line {line}, column {column})."),
            })
        })
    }

    /// As [`json`](Self::json), for a body that may be left out.
    ///
    /// # Errors
    /// As [`json`](Self::json).
    pub fn optional_json<T: DeserializeOwned + Default>(&self) -> Result<T, Problem> {
        if self.body.is_empty() && !self.has_header("content-type") { Ok(T::default()) } else { self.json() }
    }

    /// The address the gateway saw.
    pub fn source_ip(&self) -> Option<&str> {
        self.source_ip.as_deref()
    }

    /// Whether a person's browser is going to show the answer.
    pub fn is_navigation(&self) -> bool {
        self.method == Method::GET && self.header("accept").is_some_and(|accept| accept.contains("text/html"))
    }

    pub(crate) fn cookies(&self) -> impl Iterator<Item = cookie::Cookie<'_>> {
        self.cookies.iter().flat_map(|line| cookie::Cookie::split_parse(line.as_str())).filter_map(Result::ok)
    }
}

/// `application/json`, alone or with `charset=utf-8`.
fn is_json(content_type: &str) -> bool {
    let (kind, parameter) = content_type.split_once(';').unwrap_or((content_type, ""));
    let parameter = parameter.trim().to_ascii_lowercase();
    kind.trim().eq_ignore_ascii_case("application/json")
        && matches!(parameter.as_str(), "" | "charset=utf-8" | "charset=\"utf-8\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_json_in_utf_8_is_json() {
        for (kind, good) in [
            ("application/json", true),
            ("Application/JSON; charset=UTF-8", true),
            ("application/json;charset=\"utf-8\"", true),
            ("application/json; charset=latin1", false),
            ("text/plain", false),
            ("application/x-www-form-urlencoded", false),
            ("application/jsonp", false),
            ("multipart/form-data; boundary=application/json", false),
        ] {
            assert_eq!(is_json(kind), good, "{kind}");
        }
    }
}
