//! Wires the function `password`.

use dynamo::Dynamo;
use edge::{Failure, Gate};
use notice::Notice;
use outbox::Outbox;
use password::Password;
use session::Sessions;
use strength::Strength;
use throttle::Throttle;
use users::{Passwords, Users};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let mut environment = edge::start();
    let gate = Gate::from_environment(&mut environment);
    let strength = Strength::from_environment(&mut environment);
    let passwords = Passwords::from_environment(&mut environment);
    let sessions = session::Config::from_environment(&mut environment);
    let notice = notice::Settings::from_environment(&mut environment);
    let store = dynamo::Config::from_environment(&mut environment);
    let ((gate, strength), passwords) = Failure::check(environment, gate.zip(strength).zip(passwords))?;

    let dynamo = Dynamo::connect(&store).await;
    let sessions = Sessions::new(&sessions, dynamo.clone()).map_err(Failure::client)?;
    let (throttle, outbox) = (Throttle::new(dynamo.clone()), Outbox::new(dynamo.clone()));
    let notice = Notice::new(notice, outbox.clone());
    let users = Users::new(dynamo, passwords);
    edge::serve(Password { gate, throttle, strength, outbox, users, sessions, notice }).await
}
