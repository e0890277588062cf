//! Wires the function `callback`.

use callback::Callback;
use dynamo::Dynamo;
use edge::{Failure, Gate, ReturnTo};
use notice::Notice;
use oidc::Providers;
use outbox::Outbox;
use session::Sessions;
use throttle::Throttle;
use users::{Passwords, Users};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let mut environment = edge::start();
    let gate = Gate::from_environment(&mut environment);
    let return_to = ReturnTo::from_environment(&mut environment);
    let passwords = Passwords::from_environment(&mut environment);
    let providers = Providers::from_environment(&mut environment);
    let sessions = session::Config::from_environment(&mut environment);
    let notice = notice::Settings::from_environment(&mut environment);
    let store = dynamo::Config::from_environment(&mut environment);
    let ((gate, return_to), passwords) = Failure::check(environment, gate.zip(return_to).zip(passwords))?;

    let dynamo = Dynamo::connect(&store).await;
    let sessions = Sessions::new(&sessions, dynamo.clone()).map_err(Failure::client)?;
    let (throttle, outbox) = (Throttle::new(dynamo.clone()), Outbox::new(dynamo.clone()));
    let notice = Notice::new(notice, outbox.clone());
    let users = Users::new(dynamo, passwords);
    edge::serve(Callback { gate, return_to, throttle, providers, users, sessions, notice, outbox }).await
}
