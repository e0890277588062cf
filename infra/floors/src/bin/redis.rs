//! A function that asks Redis once: it answers with what one `GET` finds. The connection is made before the first
//! request.

use lambda_http::{Error, Request, service_fn};
use redis::{AsyncCommands, Client};

const KEY: &str = "floor";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let client = Client::open(std::env::var("REDIS_URL")?)?;
    let link = &client.get_multiplexed_async_connection().await?;
    lambda_http::run(service_fn(async |_: Request| link.clone().get::<_, String>(KEY).await.map_err(Error::from))).await
}
