//! The least that a function of API Gateway costs: it answers every request with the same text.
//!
//! The bench measures the functions against this program and those beside it.

use lambda_http::{Error, Request, service_fn};
use std::convert::Infallible;

const BODY: &str = include_str!("body.json");

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda_http::run(service_fn(async |_: Request| Ok::<_, Infallible>(BODY))).await
}
