mod event;
mod http;

use crate::{Browser, COOKIE, Reply};
use edge::{Event2, Function};
use jiff::Timestamp;
use serde_json::Value;
use session::Token;

/// A request as API Gateway sends it to a function: an event of an HTTP API in payload format 2.0.
#[derive(Clone, Debug)]
pub struct Request {
    method: String,
    route: String,
    parameters: Vec<(String, String)>,
    query: String,
    headers: Vec<(String, String)>,
    cookies: Vec<String>,
    body: Option<Body>,
    source_ip: String,
    id: String,
}

#[derive(Clone, Debug)]
enum Body {
    /// As the gateway passes text.
    Text(String),
    /// As it passes everything else: base64.
    Bytes(Vec<u8>),
}

impl Request {
    /// A request of `method` for a route such as `/login/{provider}`, from a browser, not from a page.
    pub fn new(method: &str, route: &str) -> Self {
        let headers = [
            ("accept", "*/*"),
            ("accept-encoding", "gzip, deflate, br"),
            ("host", "api.example.com"),
            ("user-agent", "Browser/1.0 (of the tests)"),
            ("x-amzn-trace-id", "Root=1-69f8f7a9-1234567890abcdef01234567"),
            ("x-forwarded-for", "203.0.113.7"),
            ("x-forwarded-port", "443"),
            ("x-forwarded-proto", "https"),
        ];
        Self {
            method: method.to_owned(),
            route: route.to_owned(),
            parameters: Vec::new(),
            query: String::new(),
            headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
            cookies: Vec::new(),
            body: None,
            source_ip: "203.0.113.7".to_owned(),
            id: "JKJaXmPLvHcESHA=".to_owned(),
        }
    }

    /// `GET`.
    pub fn get(route: &str) -> Self {
        Self::new("GET", route)
    }

    /// `POST`, from a page of the app.
    pub fn post(route: &str) -> Self {
        Self::new("POST", route).header("origin", crate::ORIGIN).header("sec-fetch-site", "same-site")
    }

    /// Its route, with placeholders.
    pub(crate) fn route(&self) -> &str {
        &self.route
    }

    /// Its method.
    pub(crate) fn verb(&self) -> &str {
        &self.method
    }

    /// The token in its session cookie.
    pub(crate) fn token(&self) -> Option<Token> {
        let mut values = self.cookies.iter().filter_map(|cookie| cookie.strip_prefix(COOKIE)?.strip_prefix('='));
        Token::parse(values.next()?)
    }

    /// From another browser: its session cookie and CSRF token replace the current ones.
    #[must_use]
    pub fn by(mut self, browser: &Browser) -> Self {
        self.cookies.retain(|cookie| !cookie.starts_with(COOKIE));
        let Browser { token } = browser;
        self.cookie(COOKIE, &token.expose()).without("x-csrf-token").header("x-csrf-token", &token.csrf())
    }

    /// With another method.
    pub fn method(mut self, method: &str) -> Self {
        method.clone_into(&mut self.method);
        self
    }

    /// With the value of a placeholder of the route.
    pub fn parameter(mut self, name: &str, value: &str) -> Self {
        self.parameters.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With this value for every placeholder of the route.
    pub fn fill(mut self, value: &str) -> Self {
        let names = self.route.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0.to_owned()));
        self.parameters = names.map(|name| (name, value.to_owned())).collect();
        self
    }

    /// With a query, as written in the URL.
    pub fn query(mut self, query: &str) -> Self {
        query.clone_into(&mut self.query);
        self
    }

    /// With one more header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Without a header.
    pub fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(other, _)| other != name);
        self
    }

    /// From a browser that shows the answer to a person.
    pub fn navigated(self) -> Self {
        self.without("accept").header("accept", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8")
    }

    /// With one more cookie.
    pub fn cookie(self, name: &str, value: &str) -> Self {
        self.raw_cookie(&format!("{name}={value}"))
    }

    /// With one more cookie, as written in the header.
    pub fn raw_cookie(mut self, cookie: &str) -> Self {
        self.cookies.push(cookie.to_owned());
        self
    }

    /// Without cookies.
    pub fn without_cookies(mut self) -> Self {
        self.cookies.clear();
        self
    }

    /// With a JSON body.
    pub fn json(self, body: &Value) -> Self {
        self.without("content-type").header("content-type", "application/json").text(&body.to_string())
    }

    /// With this body, and no content type of its own.
    pub fn text(mut self, body: &str) -> Self {
        self.body = Some(Body::Text(body.to_owned()));
        self
    }

    /// With this body, which the gateway does not treat as text, and no content type of its own.
    pub fn bytes(mut self, body: &[u8]) -> Self {
        self.body = Some(Body::Bytes(body.to_owned()));
        self
    }

    /// From another address.
    pub fn source_ip(mut self, source_ip: &str) -> Self {
        source_ip.clone_into(&mut self.source_ip);
        self
    }

    /// With another request id.
    pub fn id(mut self, id: &str) -> Self {
        id.clone_into(&mut self.id);
        self
    }

    /// Passes the event to a function as text, as the Lambda runtime does.
    ///
    /// # Panics
    /// When the answer breaks a rule that holds for every answer: see [`Reply`].
    pub async fn send(&self, function: &impl Function, now: Timestamp) -> Reply {
        let reply = send(function, &self.event(), now).await;
        for (_, secret) in self.cookies.iter().filter_map(|cookie| cookie.split_once('=')) {
            let told = reply.headers.values().chain([&reply.body]).any(|text| text.contains(secret));
            assert!(secret.len() < 40 || !told, "a cookie's secret comes back: {reply:?}");
        }
        reply
    }
}

/// Passes an event to a function as text, as the Lambda runtime does.
///
/// # Panics
/// As [`Request::send`].
pub async fn send<F: Function>(function: &F, event: &Value, now: Timestamp) -> Reply {
    testkit::hush();
    let event: Event2 = serde_json::from_str(&event.to_string()).expect("an event of API Gateway");
    Reply::of(&edge::respond(function, event, now).await)
}
