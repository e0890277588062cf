//! Wires the function `mailer`.

use dynamo::Dynamo;
use edge::Failure;
use jiff::Timestamp;
use mail::Sender;
use mailer::Mailer;
use outbox::Outbox;
use serde::de::IgnoredAny;
use users::{Passwords, Users};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let mut environment = edge::start();
    let sender = Sender::from_environment(&mut environment);
    let passwords = Passwords::from_environment(&mut environment);
    let store = dynamo::Config::from_environment(&mut environment);
    let (sender, passwords) = Failure::check(environment, sender.zip(passwords))?;

    let dynamo = Dynamo::connect(&store).await;
    let mailer = &Mailer::new(Outbox::new(dynamo.clone()), Users::new(dynamo, passwords), sender);
    edge::serve_events(async |_: IgnoredAny| mailer.deliver(Timestamp::now).await).await
}
