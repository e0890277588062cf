use crate::{
    failure::Failure,
    http,
    settings::{Settings, issuer},
};
use local::{Ending, Tether};
use std::{path::Path, process::Command, time::Duration};

const WHAT: &str = "the OpenID Connect provider";

/// Starts the OpenID Connect provider on the port after the gateway's and waits until it answers. Nothing is
/// started when the caller has named another issuer.
///
/// # Errors
/// When Node.js or the provider's packages are missing, or it ends or does not answer.
pub async fn start(root: &Path, port: u16, settings: &Settings) -> Result<Option<Tether>, Failure> {
    if !is_wanted(port, settings) {
        return Ok(None);
    }
    let directory = root.join("infra/local/provider");
    let library = directory.join("node_modules/oidc-provider/package.json");
    std::fs::metadata(&library)
        .map_err(|source| Failure::Program { program: library.display().to_string(), source })?;
    let mut command = Command::new("node");
    command.arg("provider.mjs").current_dir(directory).envs(settings.pairs());
    let tether = Tether::start(&command, Ending::Kill, std::process::Stdio::inherit())?;
    let late = Failure::Child { what: WHAT, happened: "does not answer" };
    tokio::select! {
        () = answers(port + 1) => Ok(Some(tether)),
        () = tether.over() => Err(ended()),
        () = tokio::time::sleep(Duration::from_secs(30)) => Err(late),
    }
}

/// Whether the settings lead to a provider of ours.
pub fn is_wanted(port: u16, settings: &Settings) -> bool {
    settings.get("OIDC_LOCAL_ISSUER") == Some(&issuer(port))
}

/// What to say when the provider ends by itself.
pub fn ended() -> Failure {
    Failure::Child { what: WHAT, happened: "has ended" }
}

async fn answers(port: u16) {
    let path = "/.well-known/openid-configuration";
    while !matches!(http::status(port, "GET", path, Duration::from_secs(1)).await, Ok(200)) {
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
}
