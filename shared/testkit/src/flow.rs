/// Where the costs of all flows are written down.
const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/capacity.md");

/// Compares what a flow asks of the stores with its row in docs/capacity.md: the calls of DynamoDB and the steps, as
/// [`in_steps`](crate::Stores::in_steps) returns them, and the most that either may become.
///
/// # Panics
/// When the document says something else.
pub fn costs_what_is_written(flow: &str, steps: &[Vec<String>]) {
    let calls = steps.iter().flatten().filter(|name| !is_of_redis(name)).count();
    let document = std::fs::read_to_string(DOCUMENT).expect("the document");
    let row = document.lines().find_map(|line| line.strip_prefix(&format!("| {flow} | ")));
    let row = row.unwrap_or_else(|| panic!("docs/capacity.md has no row for {flow}: {calls} calls, {steps:?}"));
    let written: Vec<usize> = row.split('|').take(6).map(|cell| cell.trim().parse().expect("a number")).collect();
    let [_, calls_now, most_calls, _, steps_now, most_steps] = written[..] else { panic!("six numbers: {row}") };
    assert_eq!((calls, steps.len()), (calls_now, steps_now), "{flow}: {steps:?}");
    assert!(calls <= most_calls && steps.len() <= most_steps, "{flow} costs more than it may: {row}");
}

/// The commands of Redis are in capitals.
fn is_of_redis(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_uppercase())
}
