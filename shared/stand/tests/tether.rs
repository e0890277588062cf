//! A tethered child ends in the promised way, and so do the processes it started.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use stand::{Ending, Tether};
use std::{
    process::{Command, Stdio},
    time::{Duration, Instant},
};

fn start(script: &str, ending: Ending) -> Tether {
    let mut command = Command::new("/bin/sh");
    command.args(["-c", script]);
    Tether::start(&command, ending, Stdio::inherit()).unwrap()
}

fn exists(pid: u32) -> bool {
    Command::new("/bin/sh").args(["-c", "kill -0 $0 2>/dev/null", &pid.to_string()]).status().unwrap().success()
}

/// Waits until the script has set its traps: it makes the file after that.
fn until_there(file: &std::path::Path) {
    let deadline = Instant::now() + Duration::from_secs(5);
    while !file.exists() && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_child_may_finish_when_it_is_asked_to_end() {
    let directory = tempfile::tempdir().unwrap();
    let (ready, done) = (directory.path().join("ready"), directory.path().join("done"));
    let script = format!(
        "trap 'echo > {}; exit' TERM; echo > {}; while :; do sleep 0.01; done",
        done.display(),
        ready.display()
    );
    let tether = start(&script, Ending::Terminate(Duration::from_secs(5)));
    until_there(&ready);
    let since = Instant::now();
    drop(tether);
    assert!(done.exists());
    assert!(since.elapsed() < Duration::from_secs(2), "nobody waits longer than it takes");
}

#[test]
fn a_child_that_will_not_end_is_killed() {
    let directory = tempfile::tempdir().unwrap();
    let ready = directory.path().join("ready");
    let tether = start(
        &format!("trap '' TERM; echo > {}; while :; do sleep 0.01; done", ready.display()),
        Ending::Terminate(Duration::from_millis(200)),
    );
    until_there(&ready);
    let (pid, since) = (tether.pid(), Instant::now());
    drop(tether);
    assert!(since.elapsed() >= Duration::from_millis(200));
    assert!(!exists(pid));
}

#[test]
fn its_end_waits_for_what_the_child_started() {
    let directory = tempfile::tempdir().unwrap();
    let (ready, done) = (directory.path().join("ready"), directory.path().join("done"));
    let script = format!("(echo > {}; sleep 0.3; echo > {}) & wait", ready.display(), done.display());
    let tether = start(&script, Ending::Kill);
    until_there(&ready);
    drop(tether);
    assert!(done.exists());
}

#[tokio::test]
async fn it_is_over_when_the_last_grandchild_is_gone() {
    let directory = tempfile::tempdir().unwrap();
    let done = directory.path().join("done");
    let tether = start(&format!("(sleep 0.3; echo > {}) & exit", done.display()), Ending::Kill);
    tether.over().await;
    assert!(done.exists());
    assert!(tether.signal("TERM").is_err(), "nobody is there");
}

#[tokio::test]
async fn a_program_that_does_not_exist_is_over_at_once() {
    let tether = Tether::start(&Command::new("/nowhere"), Ending::Kill, Stdio::null()).unwrap();
    tokio::time::timeout(Duration::from_secs(5), tether.over()).await.unwrap();
}
