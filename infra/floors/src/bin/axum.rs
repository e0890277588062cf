//! The same work as `GET /me` by axum and tower-sessions, with the session as JSON in Redis: what a team would write
//! without this project. The connection is made before the first request. With an argument, the program only stores
//! the session that the cookie `id=AQAAAAAAAAAAAAAAAAAAAA` opens. With the variable `PORT`, it serves HTTP there.

use async_trait::async_trait;
use axum::{Json, Router, http::StatusCode, routing::get};
use lambda_http::Error;
use redis::{AsyncCommands, Client, RedisError, aio::MultiplexedConnection};
use serde_json::Value;
use std::fmt;
use tokio::{net::TcpListener, runtime::Builder};
use tower_sessions::{
    Session, SessionManagerLayer, SessionStore,
    cookie::time::{Duration, OffsetDateTime},
    session::{Id, Record},
    session_store,
};

const BODY: &str = include_str!("body.json");

/// Sessions in Redis.
#[derive(Clone)]
struct Redis(MultiplexedConnection);

impl fmt::Debug for Redis {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Redis")
    }
}

#[async_trait]
impl SessionStore for Redis {
    async fn save(&self, record: &Record) -> session_store::Result<()> {
        let text = serde_json::to_string(record).map_err(|error| session_store::Error::Encode(error.to_string()))?;
        self.0.clone().set(record.id.to_string(), text).await.map_err(failed)
    }

    async fn load(&self, id: &Id) -> session_store::Result<Option<Record>> {
        let text: Option<String> = self.0.clone().get(id.to_string()).await.map_err(failed)?;
        let read = text.map(|text| serde_json::from_str(&text)).transpose();
        read.map_err(|error| session_store::Error::Decode(error.to_string()))
    }

    async fn delete(&self, id: &Id) -> session_store::Result<()> {
        self.0.clone().del(id.to_string()).await.map_err(failed)
    }
}

fn failed(error: RedisError) -> session_store::Error {
    session_store::Error::Backend(error.to_string())
}

async fn me(session: Session) -> Result<Json<Value>, StatusCode> {
    let user = session.get("user").await.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    user.map(Json).ok_or(StatusCode::UNAUTHORIZED)
}

fn main() -> Result<(), Error> {
    let port = std::env::var("PORT").ok().map(|port| port.parse()).transpose()?;
    // A function has one request at a time, a server many.
    let mut builder = if port.is_some() { Builder::new_multi_thread() } else { Builder::new_current_thread() };
    builder.enable_all().build()?.block_on(run(port))
}

async fn run(port: Option<u16>) -> Result<(), Error> {
    let client = Client::open(std::env::var("REDIS_URL")?)?;
    let store = Redis(client.get_multiplexed_async_connection().await?);
    if std::env::args().nth(1).is_some() {
        let data = [("user".to_owned(), serde_json::from_str(BODY)?)].into();
        let expiry_date = OffsetDateTime::now_utc() + Duration::hours(12);
        return Ok(store.save(&Record { id: Id(1), data, expiry_date }).await?);
    }
    let app = Router::new().route("/me", get(me)).layer(SessionManagerLayer::new(store));
    match port {
        Some(port) => Ok(axum::serve(TcpListener::bind(("127.0.0.1", port)).await?, app).await?),
        None => lambda_http::run(app).await,
    }
}
