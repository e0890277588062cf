use serde_json::Value;
use std::process::Command;

/// Starts the program of a function with only these variables, and returns the names of those in which it finds faults.
///
/// # Panics
/// As [`reads`].
pub fn refuses_to_start(program: &str, variables: &[(&str, &str)]) -> Vec<String> {
    let line = refusal(program, variables);
    let faults = line["faults"].as_str().and_then(|text| text.split_once(": ")).expect("faults").1;
    faults.split("; ").filter_map(|fault| Some(fault.split_once(": ")?.0.to_owned())).collect()
}

/// Starts the program of a function with unusable variables, and returns the names of all that it reads.
///
/// # Panics
/// When it does not stop by itself, with one log line that names all faults and repeats no value that holds `hunter2`.
pub fn reads(program: &str, variables: &[(&str, &str)]) -> Vec<String> {
    let line = refusal(program, variables);
    line["reads"].as_str().expect("what it reads").split(',').map(str::to_owned).collect()
}

fn refusal(program: &str, variables: &[(&str, &str)]) -> Value {
    let output = Command::new(program).env_clear().envs(variables.iter().copied()).output().expect("a program");
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let [out, err] = [output.stdout, output.stderr].map(|text| String::from_utf8(text).expect("text"));
    assert!(!out.contains("hunter2") && !err.contains("hunter2"), "{out}{err}");
    let [line] = &out.lines().collect::<Vec<_>>()[..] else { panic!("one line: {out}{err}") };
    assert_eq!(err, "", "it is said once");
    let line: Value = serde_json::from_str(line).expect("a line of JSON");
    assert_eq!(line["level"], "ERROR", "{line}");
    line
}
