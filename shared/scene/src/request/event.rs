//! The event that API Gateway makes from a request.

use super::{Body, Request};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Map, Value, json};

impl Request {
    /// The event, for a test to distort.
    pub fn event(&self) -> Value {
        let route_key = format!("{} {}", self.method, self.route);
        let mut event = json!({
            "version": "2.0",
            "routeKey": route_key,
            "rawPath": self.path(),
            "rawQueryString": self.query,
            "headers": self.combined_headers(),
            "requestContext": {
                "accountId": "123456789012",
                "apiId": "a1b2c3d4e5",
                "domainName": "api.example.com",
                "domainPrefix": "api",
                "http": {
                    "method": self.method,
                    "path": self.path(),
                    "protocol": "HTTP/1.1",
                    "sourceIp": self.source_ip,
                    "userAgent": "Browser/1.0 (of the tests)",
                },
                "requestId": self.id,
                "routeKey": route_key,
                "stage": "$default",
                "time": "06/May/2031:07:08:09 +0000",
                "timeEpoch": 1_935_904_089_123_i64,
            },
            "isBase64Encoded": matches!(self.body, Some(Body::Bytes(_))),
        });
        // The gateway leaves out empty members.
        if !self.cookies.is_empty() {
            event["cookies"] = json!(self.cookies);
        }
        if !self.parameters.is_empty() {
            event["pathParameters"] =
                self.parameters.iter().cloned().map(|(name, value)| (name, value.into())).collect::<Map<_, _>>().into();
        }
        match &self.body {
            Some(Body::Text(text)) => event["body"] = json!(text),
            Some(Body::Bytes(bytes)) => event["body"] = json!(BASE64_STANDARD.encode(bytes)),
            None => {}
        }
        event
    }

    /// As it was sent: the gateway decodes parameters, but not the path.
    pub(super) fn path(&self) -> String {
        let fill = |path: String, (name, value): &(String, String)| {
            let encoded = percent_encoding::utf8_percent_encode(value, percent_encoding::NON_ALPHANUMERIC);
            path.replace(&format!("{{{name}}}"), &encoded.to_string())
        };
        self.parameters.iter().fold(self.route.clone(), fill)
    }

    /// The gateway joins the values of a repeated header.
    fn combined_headers(&self) -> Map<String, Value> {
        let mut headers = Map::new();
        for (name, value) in &self.headers {
            let joined = headers.get(name).and_then(Value::as_str).map(|first| format!("{first},{value}"));
            headers.insert(name.clone(), joined.unwrap_or_else(|| value.clone()).into());
        }
        headers
    }
}
