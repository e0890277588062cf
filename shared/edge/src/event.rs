use http::{HeaderName, HeaderValue};
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use serde::{Deserialize, Deserializer, de::Error};
use serde_json::{Map, Value};

/// The event of an API Gateway HTTP API, payload format 2.0.
pub struct Event2 {
    pub(crate) http: ApiGatewayV2httpRequest,
    pub(crate) xray_trace_id: Option<String>,
}

impl Event2 {
    /// Within the X-Ray trace that the runtime says the invocation belongs to.
    pub fn traced(self, xray_trace_id: Option<String>) -> Self {
        Self { xray_trace_id, ..self }
    }
}

/// A header beyond ASCII must not make the whole event unreadable: nobody would answer it. It stays, without being text,
/// for the guards that ask whether a header is there at all.
impl<'de> Deserialize<'de> for Event2 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut event = Map::<String, Value>::deserialize(deserializer)?;
        let headers = event.remove("headers");
        let mut event: ApiGatewayV2httpRequest = serde_json::from_value(event.into()).map_err(D::Error::custom)?;
        if let Some(Value::Object(headers)) = headers {
            event.headers = headers.iter().flat_map(|(name, value)| read(name, value)).collect();
        }
        Ok(Self { http: event, xray_trace_id: None })
    }
}

/// A header's values: the gateway sends one, others a list.
fn read(name: &str, value: &Value) -> Vec<(HeaderName, HeaderValue)> {
    let Ok(name) = HeaderName::try_from(name) else { return Vec::new() };
    let values = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
    values.iter().map(|value| (name.clone(), opaque(value.as_str().unwrap_or_default()))).collect()
}

fn opaque(text: &str) -> HeaderValue {
    HeaderValue::from_bytes(text.as_bytes()).unwrap_or(HeaderValue::from_static(""))
}
