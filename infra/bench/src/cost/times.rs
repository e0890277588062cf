use crate::{
    lambda::Lambda,
    program::Profile,
    subject::{Subject, World},
};
use comfy_table::{Table, presets::NOTHING};
use std::time::Duration;

/// How often each program is started. The programs take turns, so that a busy moment of the machine hits all of them.
const ROUNDS: usize = 15;

/// Requests before those that are timed.
const WARM: usize = 20;

/// Requests that are timed in a round, for a program whose requests are cheap.
const REQUESTS: usize = 500;

/// What one run of a program took.
struct Run {
    cold: Duration,
    p50: Duration,
    p99: Duration,
    /// Of the processor, for one request; `None` where the system does not tell.
    cpu: Option<Duration>,
    /// The most memory that was resident, in KiB.
    memory: Option<u64>,
}

/// Times of every program: medians over the rounds.
pub async fn table(world: &World) -> String {
    let mut runs: Vec<_> = Subject::timed().map(|subject| (subject, Vec::new())).collect();
    for round in 0..ROUNDS {
        let start = round % runs.len();
        runs.rotate_left(start);
        for (subject, runs) in &mut runs {
            runs.push(run(world, *subject).await);
        }
        runs.rotate_right(start);
    }
    let mut table = Table::new();
    table.load_style(NOTHING).set_header(["TIMES", "p50", "p99", "cold", "CPU a request", "peak memory"]);
    for (subject, runs) in &runs {
        let told = |value: Option<u64>, unit: &str| value.map_or("-".to_owned(), |value| format!("{value} {unit}"));
        table.add_row([
            subject.name().to_owned(),
            shown(median(runs.iter().map(|run| run.p50))),
            shown(median(runs.iter().map(|run| run.p99))),
            shown(median(runs.iter().map(|run| run.cold))),
            median(runs.iter().map(|run| run.cpu)).map_or("-".to_owned(), shown),
            told(median(runs.iter().map(|run| run.memory)), "KiB"),
        ]);
    }
    format!("\nMedians of {ROUNDS} rounds, each program alone on one processor\n{}\n", table.trim_fmt())
}

async fn run(world: &World, subject: Subject) -> Run {
    let timed = if subject.requests() < 100 { subject.requests() } else { REQUESTS };
    let events = world.events(subject, WARM + timed).await;
    let mut lambda = Lambda::start(&world.program(Profile::Release, subject), &pin()).await;
    let cold = lambda.cold;
    let mut times = Vec::new();
    let mut before = None;
    for (index, event) in events.iter().enumerate() {
        if index == WARM {
            before = processor(&lambda);
        }
        times.push(lambda.invoke(event, subject.status()).await);
    }
    let cpu =
        before.zip(processor(&lambda)).map(|(before, after)| (after - before) / u32::try_from(timed).expect("few"));
    let memory = peak(&lambda.proc("status"));
    lambda.stop().await;
    let mut times = times.split_off(WARM);
    times.sort();
    Run { cold, p50: times[times.len() / 2], p99: times[times.len() * 99 / 100], cpu, memory }
}

/// What runs a program on the last processor alone, where Linux has that command; the bench and the stores use the others.
fn pin() -> Vec<String> {
    let count = std::thread::available_parallelism().map_or(1, usize::from);
    if cfg!(target_os = "linux") {
        vec!["taskset".to_owned(), "--cpu-list".to_owned(), (count - 1).to_string()]
    } else {
        vec!["env".to_owned()]
    }
}

/// The time of the processor that a process has used so far (proc(5), "schedstat": nanoseconds).
fn processor(lambda: &Lambda) -> Option<Duration> {
    let used = lambda.proc("schedstat").split(' ').next()?.parse().ok()?;
    Some(Duration::from_nanos(used))
}

/// `VmHWM` of a process's status, in KiB.
fn peak(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

fn median<T: Ord>(values: impl Iterator<Item = T>) -> T {
    let mut values: Vec<_> = values.collect();
    values.sort();
    values.swap_remove(values.len() / 2)
}

fn shown(duration: Duration) -> String {
    format!("{} µs", duration.as_micros())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_memory_is_read_in_kib() {
        assert_eq!(peak("Name:\tme\nVmPeak:\t   90 kB\nVmHWM:\t    6120 kB\nVmRSS:\t    6000 kB\n"), Some(6_120));
        assert_eq!(peak("Name:\tme\n"), None);
    }

    #[test]
    fn the_median_is_the_one_in_the_middle() {
        assert_eq!(median([9, 1, 5].into_iter()), 5);
    }
}
