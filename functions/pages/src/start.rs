use environment::{Environment, is_loopback, web_url};
use serde::Deserialize;

/// What the start page tells a developer; only a program on the developer's own machine has it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Start {
    /// The address of the demo user.
    pub email: String,
    /// Their password.
    pub password: String,
    /// Where the mails are shown that were sent.
    #[serde(default)]
    pub mails: Option<String>,
}

impl Start {
    /// Reads `START_PAGE`, the JSON of this. It holds a password, so it is a fault unless `PUBLIC_URL` is on this machine.
    pub fn from_environment(environment: &mut Environment) -> Option<Self> {
        let start = environment.optional("START_PAGE", |text| {
            serde_json::from_str::<Self>(text).map_err(|_| "is not JSON with email, password and mails")
        })?;
        let is_here = environment.optional("PUBLIC_URL", web_url).is_some_and(|url| is_loopback(&url));
        if is_here {
            return Some(start);
        }
        environment.fault("START_PAGE", "is for a PUBLIC_URL on localhost only");
        None
    }
}
