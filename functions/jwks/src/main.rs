//! Wires the function `jwks`.

use dynamo::Dynamo;
use edge::{Failure, Gate};
use jwks::Jwks;
use tokens::PublicKeys;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let mut environment = edge::start();
    let gate = Gate::from_environment(&mut environment);
    let store = dynamo::Config::from_environment(&mut environment);
    let gate = Failure::check(environment, gate)?;

    let dynamo = Dynamo::connect(&store).await;
    edge::serve(Jwks::new(gate, PublicKeys::new(dynamo))).await
}
