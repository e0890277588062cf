//! Wires the function `session-token`.

use dynamo::Dynamo;
use edge::{Failure, Gate};
use session::Sessions;
use session_token::SessionToken;
use tokens::{Kms, Tokens};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let mut environment = edge::start();
    let gate = Gate::from_environment(&mut environment);
    let sessions = session::Config::from_environment(&mut environment);
    let tokens = tokens::Config::from_environment(&mut environment);
    let store = dynamo::Config::from_environment(&mut environment);
    let (gate, tokens) = Failure::check(environment, gate.zip(tokens))?;

    let dynamo = Dynamo::connect(&store).await;
    let sessions = Sessions::new(&sessions, dynamo.clone()).map_err(Failure::client)?;
    let tokens = Tokens::new(tokens, dynamo).with(Kms::connect().await);
    edge::serve(SessionToken::new(gate, sessions, tokens)).await
}
