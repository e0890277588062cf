//! Wires the function `health`.

use dynamo::Dynamo;
use edge::{Failure, Gate};
use health::Health;
use session::Sessions;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let mut environment = edge::start();
    let gate = Gate::from_environment(&mut environment);
    let sessions = session::Config::from_environment(&mut environment);
    let store = dynamo::Config::from_environment(&mut environment);
    let gate = Failure::check(environment, gate)?;

    let dynamo = Dynamo::connect(&store).await;
    let sessions = Sessions::new(&sessions, dynamo).map_err(Failure::client)?;
    edge::serve(Health::new(gate, sessions)).await
}
