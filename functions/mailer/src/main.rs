//! Wires the function `mailer`.

use dynamo::Dynamo;
use edge::Failure;
use jiff::Timestamp;
use lambda_http::lambda_runtime::{LambdaEvent, run, service_fn};
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
    let serving = run(service_fn(async |_: LambdaEvent<IgnoredAny>| {
        mailer.deliver(Timestamp::now).await.map_err(|error| error.to_string())
    }));
    serving.await.map_err(|error| Failure::Runtime(error.to_string()))
}
