//! The same request, once as the gateway's event and once over HTTP: the answers are the same, byte by byte.

use crate::support::Running;
use host::Functions;
use scene::{Browser, Reply, Request, each_hostile};
use serde_json::json;

/// Two hosts whose stores have the same content. One is asked directly, the other over HTTP.
struct Twins {
    direct: Running,
    http: Running,
    /// Answers that were compared, and those of them that had random values.
    compared: usize,
    random: usize,
}

impl Twins {
    async fn start() -> Self {
        // The gateway adds what pages of other origins need, not a function.
        let (direct, http) = (Running::for_no_page().await, Running::for_no_page().await);
        Self { direct, http, compared: 0, random: 0 }
    }

    async fn compare(&mut self, direct: &Request, http: &Request) {
        let Some(over_http) = self.http.over_http(http).await else { return };
        let directly = undressed(self.direct.directly(direct).await);
        let over_http = undressed(over_http);
        self.compared += 1;
        if directly == over_http {
            return;
        }
        self.random += 1;
        assert_eq!(directly.to_string(), over_http.to_string(), "{direct:?}");
    }
}

/// Without the request's id, which differs.
fn undressed(reply: Reply) -> Reply {
    let instance = serde_json::from_str::<serde_json::Value>(&reply.body).ok();
    let instance = instance.and_then(|body| body["instance"].as_str().map(str::to_owned)).filter(|id| !id.is_empty());
    let mut reply = match instance {
        Some(id) => Reply { body: reply.body.replace(&id, "[request id]"), ..reply },
        None => reply,
    };
    if let Some(location) = reply.headers.get_mut("location")
        && let Some((before, after)) = location.split_once("&request=")
    {
        let rest = after.find('&').map_or("", |end| &after[end..]);
        *location = format!("{before}&request=[request id]{rest}");
    }
    reply
}

/// A request for every route, from the address that the host sees.
fn routes() -> Vec<Request> {
    let routes = Functions::routes();
    let request = |route: &str| {
        let (method, path) = route.split_once(' ').unwrap();
        Request::post(path)
            .method(method)
            .fill("local")
            .source_ip("127.0.0.1")
            .without("origin")
            .without("sec-fetch-site")
    };
    routes.split(',').map(request).collect()
}

#[tokio::test]
async fn every_route_answers_the_same_without_a_session() {
    let mut twins = Twins::start().await;
    for request in routes() {
        let with_json =
            request.clone().json(&json!({ "email": "ada@example.com", "password": "three quiet lanterns" }));
        let navigation = request.clone().navigated();
        for request in [request, with_json, navigation] {
            twins.compare(&request, &request).await;
        }
    }
    assert!(twins.compared > 60, "{}", twins.compared);
}

#[tokio::test]
async fn every_route_answers_the_same_with_a_session() {
    for request in routes() {
        let mut twins = Twins::start().await;
        let sign_in = async |running: &Running| {
            let sessions = running.stores.sessions(session::Policy::default());
            Browser::sign_in(&running.stores, &sessions, "ada", scene::then()).await
        };
        let (direct, http) = (sign_in(&twins.direct).await, sign_in(&twins.http).await);
        for body in [None, Some(json!({}))] {
            let request = body.map_or_else(|| request.clone(), |body| request.clone().json(&body));
            twins.compare(&request.clone().by(&direct), &request.by(&http)).await;
        }
        assert_eq!(twins.compared, 2);
    }
}

/// Each text in a different place of each route; all texts come to all places over the routes.
#[tokio::test]
async fn every_route_answers_the_same_to_hostile_texts() {
    let mut twins = Twins::start().await;
    for (index, request) in routes().into_iter().enumerate() {
        let hostile = each_hostile(&request.json(&json!({})));
        for request in hostile.into_iter().skip(index).step_by(37) {
            twins.compare(&request, &request).await;
        }
    }
    assert!(twins.compared > 400, "{}", twins.compared);
    assert!(twins.random * 10 < twins.compared, "{} of {}", twins.random, twins.compared);
}

#[tokio::test]
async fn a_body_that_is_too_large_or_no_text_is_the_same_over_http() {
    let mut twins = Twins::start().await;
    let request = Request::post("/login").source_ip("127.0.0.1").header("content-type", "application/json");
    for size in [edge::LARGEST_BODY, edge::LARGEST_BODY + 1, 4 * edge::LARGEST_BODY, 1 << 20] {
        let request = request.clone().text(&format!("{{{}", " ".repeat(size - 1)));
        twins.compare(&request, &request).await;
    }
    let request = request.bytes(b"{\"email\":\"\xff\"}");
    twins.compare(&request, &request).await;
    assert_eq!((twins.compared, twins.random), (5, 0));
}

/// What a domain's mapping leaves in a path is no part of a route.
#[tokio::test]
async fn the_path_of_the_public_url_is_taken_off_over_http_too() {
    let mut twins = Twins::start().await;
    for path in ["/auth/me", "/auth/login/local", "/auth/sessions/x"] {
        let request = Request::get(path).source_ip("127.0.0.1");
        twins.compare(&request, &request).await;
    }
    assert_eq!(twins.http.over_http(&Request::get("/auth/me")).await.unwrap().problem(), "signed-out");
}
