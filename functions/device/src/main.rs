//! Wires the function `device`.

use device::Device;
use dynamo::Dynamo;
use edge::{Failure, Gate};
use notice::Notice;
use outbox::Outbox;
use session::Sessions;
use throttle::Throttle;
use tokens::{Kms, Tokens};
use users::{Passwords, Users};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let mut environment = edge::start();
    let gate = Gate::from_environment(&mut environment);
    let passwords = Passwords::from_environment(&mut environment);
    let sessions = session::Config::from_environment(&mut environment);
    let tokens = tokens::Config::from_environment(&mut environment);
    let notice = notice::Settings::from_environment(&mut environment);
    let store = dynamo::Config::from_environment(&mut environment);
    let ((gate, passwords), tokens) = Failure::check(environment, gate.zip(passwords).zip(tokens))?;

    let dynamo = Dynamo::connect(&store).await;
    let sessions = Sessions::new(&sessions, dynamo.clone()).map_err(Failure::client)?;
    let users = Users::new(dynamo.clone(), passwords);
    let (throttle, notice) = (Throttle::new(dynamo.clone()), Notice::new(notice, Outbox::new(dynamo.clone())));
    let tokens = Tokens::new(tokens, dynamo).with(Kms::connect().await);
    edge::serve(Device { gate, throttle, users, sessions, tokens, notice }).await
}
