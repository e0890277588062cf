//! The functions run as they were built, and again after a change.

use crate::supervised::{Place, free_port};
use std::os::unix::fs::PermissionsExt;

/// A function that adds a word and lives on.
fn adding(word: &str) -> String {
    format!(
        r#"fn main() {{
            use std::{{fs::File, io::Write}};
            // The runtime would warn of it.
            assert!(std::env::var_os("AWS_LAMBDA_MAX_CONCURRENCY").is_none());
            File::options().create(true).append(true).open(".words").unwrap().write_all(b"{word}").unwrap();
            loop {{ std::thread::park() }}
        }}"#
    )
}

/// A Cargo that records what it is asked to do.
fn recording(place: &Place) -> String {
    let cargo = std::env::var("CARGO").unwrap();
    let (file, calls) = (place.path(".cargo-that-records"), place.path(".calls"));
    let script = format!(
        "#!/bin/sh\ncase $1 in metadata) ;; *) echo \"$1\" >> '{}' ;; esac\nexec '{cargo}' \"$@\"\n",
        calls.display()
    );
    std::fs::write(&file, script).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o700)).unwrap();
    file.display().to_string()
}

#[test]
fn a_function_is_the_program_that_was_just_built_and_its_successor_after_a_change() {
    let place = Place::new();
    place.run(&adding("one."));
    let cargo = recording(&place);
    let _dev = place.dev(free_port(), &[("CARGO", &cargo)]);
    place.until_written(".words", "one.");
    place.until_written(".calls", "build\n");
    // Nothing is made of this file.
    std::fs::write(place.path("note"), "").unwrap();
    place.until_written(".calls", "build\nbuild\n");
    while place.path("data/building").exists() {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    std::fs::write(place.path("src/main.rs"), adding("two.")).unwrap();
    place.until_written(".words", "one.two.");
    place.until_written(".calls", "build\nbuild\nbuild\n");
}

#[test]
fn a_change_that_does_not_compile_leaves_the_functions_as_they_were() {
    let place = Place::new();
    place.run(&adding("one."));
    let mut dev = place.dev(free_port(), &[]);
    place.until_written(".words", "one.");
    std::fs::write(place.path("src/main.rs"), "nonsense").unwrap();
    dev.until_said("That does not compile; the functions run as they were.\n");
    std::fs::write(place.path("src/main.rs"), adding("two.")).unwrap();
    place.until_written(".words", "one.two.");
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
