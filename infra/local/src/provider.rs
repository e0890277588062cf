//! The OpenID Connect provider, on the port after the gateway's.

use crate::{
    failure::Failure,
    node::Program,
    settings::{Settings, issuer},
};
use stand::Tether;
use std::path::Path;

/// Names the part for the person at the terminal.
pub const WHAT: &str = "the OpenID Connect provider";

/// Starts the provider and waits until it answers. Nothing is started if the caller has named another issuer.
///
/// # Errors
/// As [`Program::start`].
pub async fn start(root: &Path, port: u16, settings: &Settings) -> Result<Option<Tether>, Failure> {
    if !is_wanted(port, settings) {
        return Ok(None);
    }
    let program = Program {
        what: WHAT,
        directory: "provider",
        package: "oidc-provider",
        arguments: &["provider.mjs"],
        port: port + 1,
        path: "/.well-known/openid-configuration",
    };
    program.start(root, settings).await.map(Some)
}

/// Whether the settings lead to our provider.
pub fn is_wanted(port: u16, settings: &Settings) -> bool {
    settings.get("OIDC_LOCAL_ISSUER") == Some(&issuer(port))
}
