use crate::{
    accounts::{self, Person},
    failure::Failure,
    greeting::say,
    lock::Lock,
    settings::Settings,
    stores::Stores,
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jiff::Timestamp;
use std::path::{Path, PathBuf};

/// The options of `local user`.
#[derive(clap::Args)]
pub struct Options {
    /// The address to sign in with.
    #[arg(long)]
    email: String,
    /// A name to show.
    #[arg(long)]
    name: Option<String>,
    /// The password; without it, one is made and printed.
    #[arg(long, env = "PASSWORD", hide_env_values = true)]
    password: Option<String>,
    /// Directory of everything that is kept between runs.
    #[arg(long, default_value = ".local")]
    data: PathBuf,
}

/// Adds a user to the running API, or to its data if it does not run.
///
/// # Errors
/// When the address is taken or unusable, or the data cannot be opened.
pub async fn run(options: Options, now: Timestamp) -> Result<(), Failure> {
    std::fs::create_dir_all(&options.data).map_err(Failure::file(&options.data))?;
    let (settings, _stores) = reach(&options.data).await?;
    let password = options.password.clone().map_or_else(generated, Ok)?;
    let person = Person {
        email: &options.email,
        password: &password,
        name: options.name.as_deref().filter(|name| !name.is_empty()),
    };
    if !accounts::add(&settings, &person, now).await? {
        let reason = "has an account already".to_owned();
        return Err(Failure::Setting { name: options.email, reason });
    }
    match options.password {
        Some(_) => say(&format!("Added {}.", options.email)),
        None => say(&format!("Added {} with the password {password}", options.email)),
    }
    Ok(())
}

/// The settings that lead to the data. If no process has the data open, it is opened for as long as the second part
/// lives.
async fn reach(data: &Path) -> Result<(Settings, Option<(Lock, Stores)>), Failure> {
    let known = Settings::read(&data.join("env"))?;
    let lock = match Lock::take(data, "to add a user") {
        Err(Failure::Running { .. }) => return Ok((known, None)),
        lock => lock?,
    };
    let mut settings = Settings::of_process();
    if let Some(prefix) = known.get("TABLE_PREFIX") {
        settings.set_default("TABLE_PREFIX", prefix);
    }
    settings.complete(9000, false);
    let stores = Stores::start(data, false, &mut settings).await?;
    Ok((settings, Some((lock, stores))))
}

/// 128 bits in a form that can be copied with a double click.
fn generated() -> Result<String, Failure> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(Failure::Randomness)?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(bytes))
}
