use crate::{
    lambda::Lambda,
    program::Profile,
    subject::{Subject, World},
};
use serde::{Deserialize, Serialize};
use std::{process::Command, time::Duration};

/// Requests before those that count: buffers have grown and connections are open by then.
const WARM: usize = 20;

/// What a program costs, in instructions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    pub profile: Profile,
    pub program: String,
    /// From the start of the process to its first poll for an event.
    pub start: u64,
    /// For one warm request, from poll to poll, on average.
    pub request: u64,
}

/// Whether instructions are counted here: on Linux, where valgrind runs, and on x86-64, whose counts are on record.
///
/// # Panics
/// There without valgrind: a check that does not run must not look like one that passed.
pub fn can_be_counted() -> bool {
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        return false;
    }
    let found = Command::new("valgrind").arg("--version").output();
    assert!(found.is_ok_and(|output| output.status.success()), "valgrind is needed: make valgrind");
    true
}

/// The counts of one program, from three runs that end after a different number of requests.
pub async fn of(world: &World, profile: Profile, subject: Subject) -> Count {
    let measured = subject.requests();
    let start = run(world, profile, subject, 0).await;
    let warm = run(world, profile, subject, WARM).await;
    let more = run(world, profile, subject, WARM + measured).await;
    let request = more.saturating_sub(warm) / u64::try_from(measured).expect("a small number");
    Count { profile, program: subject.name().to_owned(), start, request }
}

/// The instructions of one run with this many requests.
async fn run(world: &World, profile: Profile, subject: Subject, requests: usize) -> u64 {
    let events = world.events(subject, requests).await;
    let log = world.file("callgrind.log");
    let wrapper = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"].map(str::to_owned);
    let wrapper: Vec<_> = wrapper.into_iter().chain([format!("--log-file={}", log.display())]).collect();
    let mut lambda = Lambda::start(&world.program(profile, subject), &wrapper).await;
    for event in events {
        lambda.invoke(&event, subject.status()).await;
    }
    // It has polled again, and now comes to rest.
    tokio::time::sleep(Duration::from_millis(100)).await;
    lambda.stop().await;
    collected(&std::fs::read_to_string(&log).expect("callgrind's log"))
}

/// The number in callgrind's line `Collected : NUMBER`.
fn collected(log: &str) -> u64 {
    let number = log.lines().find_map(|line| line.split_once("Collected :")).map(|(_, number)| number.trim());
    number.and_then(|number| number.parse().ok()).unwrap_or_else(|| panic!("callgrind counted nothing:\n{log}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_that_callgrind_collected_is_read() {
        let log = "==7== Events    : Ir\n==7== Collected : 300630\n==7== \n==7== I   refs:      300,630\n";
        assert_eq!(collected(log), 300_630);
    }

    #[test]
    #[should_panic(expected = "counted nothing")]
    fn a_run_without_a_number_is_no_run() {
        collected("==7== Process terminating with default action of signal 9 (SIGKILL)\n");
    }
}
