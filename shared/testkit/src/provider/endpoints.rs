use super::{
    Inner,
    lie::{Answer, Endpoint, Lie, repeat},
};
use axum::{
    body::{Body, Bytes},
    extract::{ConnectInfo, RawQuery, Request, State},
    http::{
        HeaderMap, StatusCode, Uri,
        header::{AUTHORIZATION, CONTENT_TYPE, LOCATION},
    },
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures_util::stream;
use serde_json::{Value, json};
use std::{convert::Infallible, net::SocketAddr, sync::Arc, time::Duration};

pub async fn discovery(State(inner): State<Arc<Inner>>, uri: Uri) -> Response {
    inner.book().calls.discovery += 1;
    match inner.redirect(Endpoint::Discovery, &uri) {
        Some(redirect) => redirect,
        None => inner.answer(Endpoint::Discovery, 200, inner.discovery()).await,
    }
}

pub async fn jwks(State(inner): State<Arc<Inner>>, uri: Uri) -> Response {
    inner.book().calls.jwks += 1;
    match inner.redirect(Endpoint::Jwks, &uri) {
        Some(redirect) => redirect,
        None if uri.query() == Some("stranger") => json_of(200, inner.strange_jwks().to_string()),
        None => inner.answer(Endpoint::Jwks, 200, inner.jwks()).await,
    }
}

pub async fn token(State(inner): State<Arc<Inner>>, uri: Uri, headers: HeaderMap, form: String) -> Response {
    inner.book().calls.token += 1;
    if let Some(redirect) = inner.redirect(Endpoint::Token, &uri) {
        return redirect;
    }
    let authorization = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let (status, answer) = inner.tokens(authorization, &form);
    inner.answer(Endpoint::Token, status, answer).await
}

pub async fn count_connection(
    State(inner): State<Arc<Inner>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
    next: Next,
) -> Response {
    inner.book().peers.insert(peer);
    next.run(request).await
}

pub async fn authorize(State(inner): State<Arc<Inner>>, RawQuery(query): RawQuery) -> Response {
    match inner.authorize(&query.unwrap_or_default()) {
        Ok(location) => (StatusCode::FOUND, [(LOCATION, location)]).into_response(),
        Err(reason) => (StatusCode::BAD_REQUEST, reason).into_response(),
    }
}

impl Inner {
    /// A redirect to the same endpoint, which answers honestly to clients that follow it.
    fn redirect(&self, endpoint: Endpoint, uri: &Uri) -> Option<Response> {
        let lied = matches!(self.lie_about(endpoint), Some(Answer::Redirect));
        let location = format!("{}{}?followed", self.issuer, uri.path());
        (lied && uri.query().is_none())
            .then(|| (StatusCode::TEMPORARY_REDIRECT, [(LOCATION, location)]).into_response())
    }

    fn lie_about(&self, endpoint: Endpoint) -> Option<Answer> {
        self.book().lies.iter().rev().find_map(|lie| match lie {
            Lie::Answer(at, answer) if *at == endpoint => Some(answer.clone()),
            _ => None,
        })
    }

    /// The honest answer, or what the last lie about this endpoint makes of it.
    async fn answer(&self, endpoint: Endpoint, status: u16, honest: Value) -> Response {
        let body = honest.to_string();
        match self.lie_about(endpoint) {
            None | Some(Answer::Redirect) => json_of(status, body),
            Some(Answer::Hang) => std::future::pending().await,
            Some(Answer::Late(by)) => {
                tokio::time::sleep(by).await;
                json_of(status, body)
            }
            Some(Answer::Trickle) => json_of(200, Body::from_stream(trickle())),
            Some(Answer::Status(status)) => json_of(status, body),
            Some(Answer::Html) => typed(200, "text/html", "<!doctype html><title>Please wait</title>"),
            Some(Answer::Type(kind)) => typed(status, kind, body),
            Some(Answer::Padded(length)) => json_of(status, padded(body, length)),
            Some(Answer::PaddedInPieces(length)) => json_of(status, Body::from_stream(pieces(&padded(body, length)))),
            Some(Answer::Repeat(member)) => json_of(status, repeat(&body, member)),
            Some(Answer::CutShort) => json_of(status, body[..body.len() - 1].to_owned()),
            Some(Answer::OAuth(error)) => json_of(400, refusal(error, &body)),
            Some(Answer::OAuthAs(status, error)) => json_of(status, refusal(error, &body)),
        }
    }
}

fn refusal(error: &str, description: &str) -> String {
    json!({ "error": error, "error_description": description }).to_string()
}

fn json_of(status: u16, body: impl Into<Body>) -> Response {
    typed(status, "application/json", body)
}

fn typed(status: u16, kind: &'static str, body: impl Into<Body>) -> Response {
    let status = StatusCode::from_u16(status).expect("a status");
    (status, [(CONTENT_TYPE, kind)], body.into()).into_response()
}

fn padded(mut body: String, length: usize) -> String {
    body.extend(std::iter::repeat_n(' ', length.saturating_sub(body.len())));
    body
}

/// A blank every few milliseconds, for ever.
fn trickle() -> impl futures_util::Stream<Item = Result<Bytes, Infallible>> {
    stream::unfold((), |()| async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        Some((Ok(Bytes::from_static(b" ")), ()))
    })
}

fn pieces(text: &str) -> impl futures_util::Stream<Item = Result<Bytes, Infallible>> + use<> {
    let pieces: Vec<_> = text.as_bytes().chunks(4096).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
    stream::iter(pieces)
}
