mod headers;
mod written;

pub(crate) use headers::{Headers, text};

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use std::borrow::Cow;

/// The event of the schedule that keeps the network interfaces of an idle function (`Awake` in template.yaml): it asks for
/// nothing.
const NOTHING: &str = "{}";

/// The event of an API Gateway HTTP API, payload format 2.0: JSON that has not been read yet.
///
/// If the runtime cannot read an event, it answers by itself, without our headers and without a line in the log. So the
/// runtime gets nothing to judge.
pub struct Event2 {
    text: Box<RawValue>,
    pub(crate) xray_trace_id: Option<String>,
}

impl Event2 {
    /// Adds the X-Ray trace that, according to the runtime, the invocation belongs to.
    pub fn traced(self, xray_trace_id: Option<String>) -> Self {
        Self { xray_trace_id, ..self }
    }

    /// Whether it is the schedule's. No request is: the gateway writes much more.
    pub(crate) fn asks_for_nothing(&self) -> bool {
        self.text.get() == NOTHING
    }

    /// The request in it; `None` if there is none.
    pub(crate) fn read(&self) -> Option<Http<'_>> {
        serde_json::from_str(self.text.get()).ok()
    }
}

impl<'de> Deserialize<'de> for Event2 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self { text: Deserialize::deserialize(deserializer)?, xray_trace_id: None })
    }
}

/// The members of an event that are read. The gateway leaves out empty ones.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Http<'a> {
    #[serde(borrow)]
    pub raw_path: Option<Text<'a>>,
    pub raw_query_string: Option<Text<'a>>,
    pub cookies: Option<Vec<Text<'a>>>,
    #[serde(default)]
    pub headers: Headers<'a>,
    pub request_context: Context<'a>,
    pub body: Option<Text<'a>>,
    pub is_base64_encoded: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Context<'a> {
    #[serde(borrow)]
    pub request_id: Option<Text<'a>>,
    pub http: Line<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Line<'a> {
    #[serde(borrow)]
    pub method: Text<'a>,
    pub source_ip: Option<Text<'a>>,
}

/// A text that stays where it is in the event, unless JSON had to escape it.
#[derive(Default, Deserialize)]
pub(crate) struct Text<'a>(#[serde(borrow)] pub Cow<'a, str>);

/// The largest request without its body, in bytes. The gateway passes on 10 KiB (its quota for the request line and the
/// headers). A request that bypasses the gateway must not cost more to read.
pub const LARGEST_HEAD: usize = 32 * 1024;

impl Http<'_> {
    /// Whether path, query, cookies and headers together are longer than is read. Headers are never dropped to fit: if a
    /// guard does not see a header, it lets through what it would have refused.
    pub fn is_too_long(&self) -> bool {
        let texts = self.raw_path.iter().chain(&self.raw_query_string).chain(self.cookies.iter().flatten());
        texts.map(|Text(text)| text.len() + 2).sum::<usize>() + self.headers.length() > LARGEST_HEAD
    }
}
