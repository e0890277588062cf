use serde_json::{Map, Value, json};

/// The headers that a browser, CloudFront and API Gateway send with a request of a page.
const HEADERS: [(&str, &str); 19] = [
    ("accept", "application/json"),
    ("accept-encoding", "gzip, deflate, br, zstd"),
    ("accept-language", "pt-BR,pt;q=0.9,en-US;q=0.8,en;q=0.7"),
    ("cloudfront-viewer-address", "203.0.113.7:46532"),
    ("content-length", "0"),
    ("host", "api.example.com"),
    ("origin", "https://app.example.com"),
    ("priority", "u=1, i"),
    ("referer", "https://app.example.com/"),
    ("sec-ch-ua", "\"Chromium\";v=\"142\", \"Google Chrome\";v=\"142\", \"Not_A Brand\";v=\"99\""),
    ("sec-ch-ua-platform", "\"Windows\""),
    ("sec-fetch-dest", "empty"),
    ("sec-fetch-mode", "cors"),
    ("sec-fetch-site", "same-site"),
    (
        "user-agent",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
    ),
    ("via", "2.0 0123456789abcdef0123456789abcdef.cloudfront.net (CloudFront)"),
    ("x-amz-cf-id", "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUV=="),
    ("x-amzn-trace-id", "Root=1-5759e988-bd862e3fe1be46a994272793"),
    ("x-forwarded-for", "203.0.113.7, 198.51.100.9"),
];

/// A request, to become an event of API Gateway (payload format 2.0).
#[derive(Default)]
pub struct Request<'a> {
    pub method: &'a str,
    pub path: &'a str,
    pub cookies: Vec<String>,
    pub csrf_token: Option<String>,
    pub json: Option<Value>,
}

impl Request<'_> {
    /// The event, as it goes over the wire.
    pub fn event(&self) -> String {
        let mut headers: Map<_, _> = HEADERS.map(|(name, value)| (name.to_owned(), value.into())).into_iter().collect();
        if let Some(token) = &self.csrf_token {
            headers.insert("x-csrf-token".to_owned(), token.clone().into());
        }
        if self.json.is_some() {
            headers.insert("content-type".to_owned(), "application/json".into());
        }
        let route_key = format!("{} {}", self.method, self.path);
        let mut event = json!({
            "version": "2.0",
            "routeKey": route_key,
            "rawPath": self.path,
            "rawQueryString": "",
            "cookies": self.cookies,
            "headers": headers,
            "requestContext": {
                "accountId": "123456789012",
                "apiId": "a1b2c3d4e5",
                "domainName": "api.example.com",
                "domainPrefix": "api",
                "http": {
                    "method": self.method,
                    "path": self.path,
                    "protocol": "HTTP/1.1",
                    "sourceIp": "198.51.100.9",
                    "userAgent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36",
                },
                "requestId": "JKJaXmPLvHcESHA=",
                "routeKey": route_key,
                "stage": "$default",
                "time": "06/May/2031:07:08:09 +0000",
                "timeEpoch": 1_935_904_089_123_i64,
            },
            "isBase64Encoded": false,
        });
        if let Some(json) = &self.json {
            event["body"] = json.to_string().into();
        }
        event.to_string()
    }
}
