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
}

/// An operation, or another member of a path.
#[derive(Deserialize)]
#[serde(untagged)]
enum Member {
    Operation { responses: BTreeMap<String, serde::de::IgnoredAny> },
    Other(serde::de::IgnoredAny),
}

/// The statuses that the contract documents for a route; none if it has no such route.
pub(crate) fn documented(path: &str, method: &str) -> BTreeSet<u16> {
    let operation = CONTRACT.paths.get(path).and_then(|members| members.get(&method.to_ascii_lowercase()));
    let Some(Member::Operation { responses }) = operation else { return BTreeSet::new() };
    responses.keys().filter_map(|status| status.parse().ok()).collect()
}
