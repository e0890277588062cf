//! Wires the function `revocations`.

use dynamo::Dynamo;
use edge::Failure;
use revocations::{Event, Revocations};
use session::Sessions;
use std::convert::Infallible;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let mut environment = edge::start();
    let sessions = session::Config::from_environment(&mut environment);
    let store = dynamo::Config::from_environment(&mut environment);
    Failure::check(environment, Some(()))?;

    let dynamo = Dynamo::connect(&store).await;
    let revocations = &Revocations::new(Sessions::new(&sessions, dynamo).map_err(Failure::client)?);
    edge::serve_events(async |event: Event| Ok::<_, Infallible>(revocations.follow(event).await)).await
}
