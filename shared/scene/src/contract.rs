use serde::Deserialize;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

static CONTRACT: LazyLock<Contract> =
    LazyLock::new(|| serde_saphyr::from_str(include_str!("../../../infra/openapi.yaml")).expect("the contract"));

#[derive(Deserialize)]
struct Contract {
    paths: BTreeMap<String, BTreeMap<String, Member>>,
    components: Components,
}

#[derive(Deserialize)]
struct Components {
    schemas: Schemas,
}

#[derive(Deserialize)]
struct Schemas {
    #[serde(rename = "FaultCode")]
    fault_code: Enumeration,
}

#[derive(Deserialize)]
struct Enumeration {
    r#enum: Vec<String>,
}

/// An operation, or another member of a path.
#[derive(Deserialize)]
#[serde(untagged)]
enum Member {
    Operation { responses: BTreeMap<String, serde::de::IgnoredAny> },
    Other(serde::de::IgnoredAny),
}

/// The codes of what is wrong with a member of a body.
pub fn documented_codes() -> &'static [String] {
    &CONTRACT.components.schemas.fault_code.r#enum
}

/// The statuses that the contract documents for a route; none if it has no such route.
pub(crate) fn documented(path: &str, method: &str) -> BTreeSet<u16> {
    let operation = CONTRACT.paths.get(path).and_then(|members| members.get(&method.to_ascii_lowercase()));
    let Some(Member::Operation { responses }) = operation else { return BTreeSet::new() };
    responses.keys().filter_map(|status| status.parse().ok()).collect()
}
