use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

/// The largest request without its body, in bytes. The gateway passes on 10 KiB (its quota for the request line and the
/// headers); what is invoked past it must not cost more to read.
const LARGEST_HEAD: usize = 32 * 1024;

/// The event of an API Gateway HTTP API, payload format 2.0: JSON that nothing was read of yet.
///
/// The runtime answers an event that it cannot read by itself, without our headers and without a line in the log. So it
/// is given nothing to judge.
pub struct Event2 {
    event: Value,
    pub(crate) xray_trace_id: Option<String>,
}

impl Event2 {
    /// Within the X-Ray trace that the runtime says the invocation belongs to.
    pub fn traced(self, xray_trace_id: Option<String>) -> Self {
        Self { xray_trace_id, ..self }
    }

    /// The request in it; `None` when there is none.
    pub(crate) fn read(self) -> Option<Http> {
        serde_json::from_value(self.event).ok()
    }
}

impl<'de> Deserialize<'de> for Event2 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self { event: Value::deserialize(deserializer)?, xray_trace_id: None })
    }
}

/// The members of an event that are read. The gateway leaves out what is empty.
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
    /// The method; `None` for what is no method.
    pub fn method(&self) -> Option<Method> {
        self.request_context.http.method.parse().ok()
    }

    /// The headers; `None` when they are more than are read, together with everything else that is no body. None is left
    /// out for that: a guard that does not see a header lets pass what it would have refused.
    pub fn headers(&self) -> Option<HeaderMap> {
        let headers = self.headers.iter().flatten().flat_map(|(name, value)| values(value).map(move |one| (name, one)));
        let mut left = LARGEST_HEAD.checked_sub(self.length())?;
        let mut read = HeaderMap::new();
        for (name, value) in headers {
            // As they stand in a request: a colon, a blank and an end of line are part of each.
            left = left.checked_sub(name.len() + value.len() + 4)?;
            let Ok(name) = HeaderName::try_from(name) else { continue };
            read.try_append(name, opaque(value)).ok()?;
        }
        Some(read)
    }

    /// How long path, query and cookies are together.
    fn length(&self) -> usize {
        let texts = self.raw_path.iter().chain(&self.raw_query_string).chain(self.cookies.iter().flatten());
        texts.map(|text| text.len() + 2).sum()
    }
}

/// A header's values: the gateway sends one, others a list.
fn values(value: &Value) -> impl Iterator<Item = &str> {
    let values = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
    values.iter().map(|value| value.as_str().unwrap_or_default())
}

/// A header beyond ASCII stays, without being text, for the guards that ask whether a header is there at all.
fn opaque(text: &str) -> HeaderValue {
    HeaderValue::from_bytes(text.as_bytes()).unwrap_or(HeaderValue::from_static(""))
}
