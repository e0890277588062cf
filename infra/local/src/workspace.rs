use crate::failure::Failure;
use serde::Deserialize;
use std::{collections::BTreeMap, ffi::OsString, path::PathBuf, process::Command};

/// What Cargo knows about this workspace.
pub struct Workspace {
    /// The directory of the root manifest.
    pub root: PathBuf,
    /// The directory of what is built.
    pub target: PathBuf,
    /// One route of each function.
    pub routes: BTreeMap<String, Route>,
    /// The functions without a route, which are not called by requests.
    pub unrouted: Vec<String>,
}

/// A method and a path of the local gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The method.
    pub method: String,
    /// The path, with a value for each parameter.
    pub path: String,
}

/// The program that runs Cargo.
pub fn cargo() -> OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

impl Workspace {
    /// Asks Cargo about the workspace of the current directory.
    ///
    /// # Errors
    /// When Cargo cannot be run, there is no workspace here, or it has no routes.
    pub fn find() -> Result<Self, Failure> {
        let mut command = Command::new(cargo());
        command.args(["metadata", "--no-deps", "--format-version", "1"]).stderr(std::process::Stdio::inherit());
        let output = command.output().map_err(|source| Failure::Program { program: "cargo".to_owned(), source })?;
        if !output.status.success() {
            return Err(Failure::Command { command: "cargo metadata", status: output.status });
        }
        Self::read(&output.stdout)
    }

    fn read(metadata: &[u8]) -> Result<Self, Failure> {
        let Answer { workspace_root, target_directory, packages, metadata } = serde_json::from_slice(metadata)?;
        let mut routes = BTreeMap::new();
        for (path, entries) in metadata.lambda.watch.router {
            for Entry { method, function } in entries {
                let route = Route { method, path: with_values(&path) };
                routes.entry(function).or_insert(route);
            }
        }
        let functions = workspace_root.join("functions");
        let is_function = |package: &Package| package.manifest_path.starts_with(&functions);
        let names = packages.into_iter().filter(is_function).map(|package| package.name);
        let unrouted = names.filter(|name| !routes.contains_key(name)).collect();
        Ok(Self { root: workspace_root, target: target_directory, routes, unrouted })
    }
}

/// A path that can be requested: `/login/{provider}` → `/login/local`.
fn with_values(path: &str) -> String {
    let segment = |segment: &str| if segment.starts_with('{') { "local".to_owned() } else { segment.to_owned() };
    path.split('/').map(segment).collect::<Vec<_>>().join("/")
}

#[derive(Deserialize)]
struct Answer {
    workspace_root: PathBuf,
    target_directory: PathBuf,
    packages: Vec<Package>,
    metadata: Metadata,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    manifest_path: PathBuf,
}

#[derive(Deserialize)]
struct Metadata {
    lambda: Lambda,
}

#[derive(Deserialize)]
struct Lambda {
    watch: Watch,
}

#[derive(Deserialize)]
struct Watch {
    router: BTreeMap<String, Vec<Entry>>,
}

#[derive(Deserialize)]
struct Entry {
    method: String,
    function: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_function_has_one_route_that_can_be_asked_for_or_is_known_to_have_none() {
        let workspace = Workspace::find().unwrap();
        let mut folders: Vec<String> = std::fs::read_dir(workspace.root.join("functions"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        folders.sort();
        let mut known: Vec<String> = workspace.routes.keys().chain(&workspace.unrouted).cloned().collect();
        known.sort();
        assert_eq!(known, folders);
        assert_eq!(workspace.unrouted, ["mailer", "revocations"]);
        assert!(workspace.routes.values().all(|route| !route.path.contains('{')), "{:?}", workspace.routes);
        assert_eq!(workspace.routes["login"], Route { method: "POST".to_owned(), path: "/login".to_owned() });
    }
}
