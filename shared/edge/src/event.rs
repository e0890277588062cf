use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

/// The largest request without its body, in bytes. The gateway passes on 10 KiB (its quota for the request line and the
/// headers). A request that bypasses the gateway must not cost more to read.
const LARGEST_HEAD: usize = 32 * 1024;

/// The event of an API Gateway HTTP API, payload format 2.0: JSON that has not been read yet.
///
/// If the runtime cannot read an event, it answers by itself, without our headers and without a line in the log. So the
/// runtime gets nothing to judge.
pub struct Event2 {
    event: Value,
    pub(crate) xray_trace_id: Option<String>,
}

impl Event2 {
    /// Adds the X-Ray trace that, according to the runtime, the invocation belongs to.
    pub fn traced(self, xray_trace_id: Option<String>) -> Self {
        Self { xray_trace_id, ..self }
    }

    /// The request in it; `None` if there is none.
    pub(crate) fn read(self) -> Option<Http> {
        serde_json::from_value(self.event).ok()
    }
}

impl<'de> Deserialize<'de> for Event2 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self { event: Value::deserialize(deserializer)?, xray_trace_id: None })
    }
}

/// The members of an event that are read. The gateway leaves out empty ones.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Http {
    pub raw_path: Option<String>,
    pub raw_query_string: Option<String>,
    pub cookies: Option<Vec<String>>,
    headers: Option<Map<String, Value>>,
    pub request_context: Context,
    pub body: Option<String>,
    pub is_base64_encoded: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Context {
    pub request_id: Option<String>,
    pub http: Line,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Line {
    method: String,
    pub source_ip: Option<String>,
}

impl Http {
    /// The method; `None` if the text is not a method.
    pub fn method(&self) -> Option<Method> {
        self.request_context.http.method.parse().ok()
    }

    /// The headers; `None` if they exceed the limit, together with everything else but the body. Headers are never
    /// dropped to fit: if a guard does not see a header, it lets through what it would have refused.
    pub fn headers(&self) -> Option<HeaderMap> {
        let headers = self.headers.iter().flatten().flat_map(|(name, value)| values(value).map(move |one| (name, one)));
        let mut left = LARGEST_HEAD.checked_sub(self.length())?;
        let mut read = HeaderMap::new();
        for (name, value) in headers {
            // A header in a request also has a colon, a space and an end of line.
            left = left.checked_sub(name.len() + value.len() + 4)?;
            let Ok(name) = HeaderName::try_from(name) else { continue };
            read.try_append(name, opaque(value)).ok()?;
        }
        Some(read)
    }

    /// The length of path, query and cookies together.
    fn length(&self) -> usize {
        let texts = self.raw_path.iter().chain(&self.raw_query_string).chain(self.cookies.iter().flatten());
        texts.map(|text| text.len() + 2).sum()
    }
}

/// A header's values: the gateway sends one value, other senders a list.
fn values(value: &Value) -> impl Iterator<Item = &str> {
    let values = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
    values.iter().map(|value| value.as_str().unwrap_or_default())
}

/// A header beyond ASCII is kept, but not as text, for guards that ask whether a header is present.
fn opaque(text: &str) -> HeaderValue {
    HeaderValue::from_bytes(text.as_bytes()).unwrap_or(HeaderValue::from_static(""))
}
