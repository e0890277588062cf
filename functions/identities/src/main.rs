//! Wires the function `identities`.

use dynamo::Dynamo;
use edge::{Failure, Gate};
use identities::Identities;
use outbox::Outbox;
use session::Sessions;
use users::{Passwords, Users};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let mut environment = edge::start();
    let gate = Gate::from_environment(&mut environment);
    let passwords = Passwords::from_environment(&mut environment);
    let sessions = session::Config::from_environment(&mut environment);
    let store = dynamo::Config::from_environment(&mut environment);
    let (gate, passwords) = Failure::check(environment, gate.zip(passwords))?;

    let dynamo = Dynamo::connect(&store).await;
    let sessions = Sessions::new(&sessions, dynamo.clone()).map_err(Failure::client)?;
    let outbox = Outbox::new(dynamo.clone());
    edge::serve(Identities::new(gate, Users::new(dynamo, passwords), sessions, outbox)).await
}
