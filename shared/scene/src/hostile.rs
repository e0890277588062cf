use crate::{HOSTILE, Request};
use proptest::{
    collection::vec,
    option,
    prelude::*,
    sample::select,
    test_runner::{Config, TestRunner},
};
use serde_json::{Value, json};

const HEADERS: [&str; 14] = [
    "accept",
    "authorization",
    "content-encoding",
    "content-length",
    "content-type",
    "cookie",
    "origin",
    "referer",
    "sec-fetch-site",
    "transfer-encoding",
    "user-agent",
    "x-csrf-token",
    "x-forwarded-for",
    "x-http-method-override",
];

/// Names that the functions read from a query, a body or a cookie, and some that they do not.
const NAMES: [&str; 15] = [
    "__Host-login_AAAAAAAAAAAAAAAA",
    "__Host-session_id",
    "__proto__",
    "audience",
    "code",
    "csrf_token",
    "email",
    "error",
    "iss",
    "password",
    "return_to",
    "slide",
    "state",
    "token",
    "user_id",
];

/// `request` with each [`HOSTILE`] text in each place that can hold one.
pub fn each_hostile(request: &Request) -> Vec<Request> {
    let everywhere = |text: &&str| {
        let escaped: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
        let headers = HEADERS.map(|name| request.clone().without(name).header(name, text));
        let in_query = NAMES.map(|name| request.clone().query(&format!("{name}={escaped}")));
        let cookies = NAMES.map(|name| request.clone().cookie(name, text));
        let others = [
            request.clone().query(text),
            request.clone().raw_cookie(text),
            request.clone().cookie(text, "1"),
            request.clone().text(text),
            request.clone().fill(text),
        ];
        headers.into_iter().chain(in_query).chain(cookies).chain(others).collect::<Vec<_>>()
    };
    HOSTILE.iter().flat_map(everywhere).collect()
}

/// Passes many arbitrary requests for these routes to `test`.
///
/// # Panics
/// When `test` fails, with the smallest request that makes it.
pub fn whatever_is_asked(cases: u32, routes: &'static [&'static str], test: impl Fn(Request)) {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let run = TestRunner::new(config).run(&any_request(routes), |request| {
        test(request);
        Ok(())
    });
    run.unwrap_or_else(|error| panic!("{error}"));
}

/// A request for one of these routes. Each part is more often right than wrong, so that some requests get far.
pub fn any_request(routes: &'static [&'static str]) -> impl Strategy<Value = Request> {
    let method = prop_oneof![4 => Just("POST"), 4 => Just("GET"), 1 => select(vec!["HEAD", "PUT", "OPTIONS", "X-Y"])];
    let body = option::of(prop_oneof![any_object(), any_text().prop_map(String::into_bytes), vec(any::<u8>(), 0..64)]);
    let parts = (
        select(routes),
        method,
        vec((select(&HEADERS[..]), any_text()), 0..3),
        vec((select(&NAMES[..]), any_text()), 0..3),
        vec((select(&NAMES[..]), any_text()), 0..3),
        option::of(body),
        any_text(),
    );
    parts.prop_map(|(route, method, headers, query, cookies, body, parameter)| {
        let mut request =
            Request::post(route).method(method).header("content-type", "application/json").fill(&parameter);
        let mut encoded = url::form_urlencoded::Serializer::new(String::new());
        request = request.query(&encoded.extend_pairs(query).finish());
        for (name, text) in headers {
            request = request.without(name).header(name, &text);
        }
        let request = cookies.into_iter().fold(request, |request, (name, text)| request.cookie(name, &text));
        match body.flatten() {
            Some(body) => request.bytes(&body),
            None => request,
        }
    })
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![select(&HOSTILE[..]).prop_map(str::to_owned), ".{0,40}", "[A-Za-z0-9_-]{43}", "[a-z]{1,8}@[a-z]{1,8}"]
}

/// A JSON object, mostly of members that some route knows.
fn any_object() -> impl Strategy<Value = Vec<u8>> {
    let leaf = prop_oneof![
        4 => any_text().prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => any::<f64>().prop_map(|number| json!(number)),
        1 => any::<bool>().prop_map(Value::from),
        1 => Just(Value::Null),
    ];
    let value = leaf.prop_recursive(4, 16, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            vec((any_text(), inner), 0..4).prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    });
    let member = (select(&NAMES[..]), value).prop_map(|(name, value)| format!("{}:{value}", json!(name)));
    vec(member, 0..4).prop_map(|members| format!("{{{}}}", members.join(",")).into_bytes())
}
