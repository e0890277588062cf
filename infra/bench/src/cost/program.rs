use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// How a binary was compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// As it is deployed.
    Release,
    /// As tests are, which takes no further build: what costs more there costs more in a deployment too.
    Dev,
}

/// A function's binary, and what the deployment would put in its environment.
pub struct Program {
    pub path: PathBuf,
    pub variables: Vec<(String, String)>,
}

impl Program {
    /// The binary of this name, which `make bench` or `make test` has built beside the one that runs now.
    ///
    /// # Panics
    /// When there is none.
    pub fn named(name: &str, profile: Profile, variables: Vec<(String, String)>) -> Self {
        let own = std::env::current_exe().expect("a running program");
        let target = own.ancestors().nth(2).expect("target/PROFILE/cost");
        let folder = if profile == Profile::Release { "release" } else { "debug" };
        let path = target.join(folder).join(name);
        assert!(path.exists(), "there is no {}: make bench", path.display());
        Self { path, variables }
    }
}
