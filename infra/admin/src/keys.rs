use crate::{
    audit::{self, Event},
    failure::Failure,
    output::{Format, List, say},
    stores::Stores,
};
use environment::Environment;
use jiff::Timestamp;
use serde_json::json;
use tokens::{Keyring, Settings};

/// The operations on signing keys.
#[derive(clap::Subcommand)]
pub enum Command {
    /// Lists the keys that the table still has.
    List,
    /// Makes a key that takes over in ten minutes; every token stays verifiable.
    ///
    /// It needs `PUBLIC_URL`, `TOKEN_LIFETIME`, `SIGNING_PERIOD` and `SIGNING_KEY_WRAP` with the functions' values.
    Rotate {
        /// Withdraws the key that signs, because it leaked: its tokens are no longer accepted.
        ///
        /// A verifier accepts it until its copy of the key set is five minutes old.
        #[arg(long)]
        now: bool,
        /// Withdraws this key instead, by its name in the list.
        #[arg(long, requires = "now", allow_hyphen_values = true)]
        kid: Option<String>,
    },
}

/// Runs the command.
///
/// # Errors
/// As [`Failure`] says.
pub async fn run(stores: &Stores, command: Command, format: Format, now: Timestamp) -> Result<(), Failure> {
    let keyring = Keyring::new(stores.dynamo.clone()).with(stores.kms.clone());
    match command {
        Command::List => list(&keyring, format, now).await,
        Command::Rotate { now: false, .. } => {
            let key = keyring.rotate(&config()?, now).await?;
            audit::write(Event::KeyMade, None, None, Some(&key.kid));
            say(&format!("Made the key {}, which signs from {}.", key.kid, key.signs_from));
            Ok(())
        }
        Command::Rotate { kid, .. } => {
            let kid = keyring.withdraw(&config()?, kid.as_deref(), now).await?.ok_or(Failure::NoKey)?;
            audit::write(Event::KeyWithdrawn, None, None, Some(&kid));
            say(&format!("Withdrew the key {kid}. Verifiers forget it within five minutes."));
            Ok(())
        }
    }
}

fn config() -> Result<Settings, Failure> {
    let mut environment = Environment::of_process();
    let config = Settings::from_environment(&mut environment);
    Ok(environment.finish(config)?)
}

async fn list(keyring: &Keyring, format: Format, now: Timestamp) -> Result<(), Failure> {
    let mut list = List::new(["kid", "state", "created_at", "signs_from", "signs_until", "leaves_at"]);
    for key in keyring.list(now).await? {
        list.push([
            json!(key.kid),
            json!(key.state.as_str()),
            json!(key.created_at.to_string()),
            json!(key.signs_from.to_string()),
            json!(key.signs_until.to_string()),
            json!(key.leaves_at.to_string()),
        ]);
    }
    list.write(format)
}
