//! The functions run as they were built, and again after a change.

use crate::supervised::{Place, free_port};
use std::os::unix::fs::PermissionsExt;

/// A function that writes a word and lives on.
fn writing(word: &str) -> String {
    format!(
        r#"fn main() {{
            std::fs::write(".word", "{word}").unwrap();
            loop {{ std::thread::park() }}
        }}"#
    )
}

/// A Cargo that records what it is asked for.
fn recording(place: &Place) -> String {
    let cargo = std::env::var("CARGO").unwrap();
    let (file, calls) = (place.path(".cargo-that-records"), place.path(".calls"));
    let script = format!("#!/bin/sh\necho \"$1\" >> '{}'\nexec '{cargo}' \"$@\"\n", calls.display());
    std::fs::write(&file, script).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o700)).unwrap();
    file.display().to_string()
}

fn builds(place: &Place) -> Vec<String> {
    let calls = std::fs::read_to_string(place.path(".calls")).unwrap();
    calls.lines().filter(|call| *call != "metadata").map(str::to_owned).collect()
}

#[test]
fn a_function_is_the_program_that_was_just_built_and_its_successor_after_a_change() {
    let place = Place::new();
    place.run(&writing("one"));
    let cargo = recording(&place);
    let _dev = place.dev(free_port(), &[("CARGO", &cargo)]);
    place.until_written(".word", "one");
    assert_eq!(builds(&place), ["build"]);
    std::fs::write(place.path("src/main.rs"), writing("two")).unwrap();
    place.until_written(".word", "two");
    assert!(builds(&place).iter().all(|call| call == "build"), "{:?}", builds(&place));
}

#[test]
fn a_change_that_does_not_compile_leaves_the_functions_as_they_were() {
    let place = Place::new();
    place.run(&writing("one"));
    let mut dev = place.dev(free_port(), &[]);
    place.until_written(".word", "one");
    std::fs::write(place.path("src/main.rs"), "nonsense").unwrap();
    dev.until_said("That does not compile; the functions run as they were.\n");
    std::fs::write(place.path(".word"), "nothing new").unwrap();
    std::fs::write(place.path("src/main.rs"), writing("two")).unwrap();
    place.until_written(".word", "two");
}

#[test]
fn a_function_whose_process_has_ended_does_not_answer() {
    let place = Place::new();
    place.run(r#"fn main() { eprintln!("last words"); std::process::exit(1) }"#);
    let mut dev = place.dev(free_port(), &[]);
    let said = dev.until_ready();
    assert!(said.contains("The function function does not answer; its output is above."), "{said}");
    dev.signal("KILL");
    assert!(dev.errors().contains("last words"));
}
