use crate::{
    instructions::{self, Count},
    print,
    program::Profile,
    subject::{Subject, World},
};
use comfy_table::{Table, presets::NOTHING};
use std::process::ExitCode;

/// The counts on record: each change that costs shows in its diff.
const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/instructions.csv");

/// How much more than on record `me` may cost above its floor, in percent: hash tables begin at a random place, so counts vary a
/// little.
const SLACK: u64 = 3;

/// What `--check` counts: the floor, and what is compared with it.
const CHECKED: [Subject; 2] = [Subject::Redis, Subject::Me];

/// Counts every program, and puts the counts on record.
pub async fn write(world: &World) {
    let mut counts = Vec::new();
    for subject in Subject::COUNTED {
        counts.push(instructions::of(world, Profile::Release, subject).await);
    }
    print(&table(&counts));
    for subject in CHECKED {
        counts.push(instructions::of(world, Profile::Dev, subject).await);
    }
    let mut file = csv::Writer::from_path(FILE).expect("a file that can be written");
    counts.iter().for_each(|count| file.serialize(count).expect("a written line"));
    file.flush().expect("a written file");
}

/// The counts on record.
fn read() -> Vec<Count> {
    let mut file = csv::Reader::from_path(FILE).expect("the counts on record");
    file.deserialize().map(|count| count.expect("a line of the counts on record")).collect()
}

/// Counts `me` and its floor, and compares what `me` costs above the floor with the record.
pub async fn check(world: &World) -> ExitCode {
    let record = read();
    let [floor, me] = CHECKED.map(|subject| find(&record, Profile::Dev, subject));
    let on_record = above(floor, me);
    let [floor, me] = [
        instructions::of(world, Profile::Dev, CHECKED[0]).await,
        instructions::of(world, Profile::Dev, CHECKED[1]).await,
    ];
    let counted = above(&floor, &me);
    print(&table(&[floor, me]));
    let complaints = complaints(&on_record, &counted);
    complaints.iter().for_each(|complaint| print(complaint));
    if complaints.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn find(counts: &[Count], profile: Profile, subject: Subject) -> &Count {
    let found = counts.iter().find(|count| count.profile == profile && count.program == subject.name());
    found.unwrap_or_else(|| panic!("{} is not on record: make bench", subject.name()))
}

/// For people.
fn table(counts: &[Count]) -> String {
    let mut table = Table::new();
    table.load_style(NOTHING).set_header(["INSTRUCTIONS", "start", "a request"]);
    for Count { program, start, request, .. } in counts {
        table.add_row([program.clone(), start.to_string(), request.to_string()]);
    }
    format!("{}\n", table.trim_fmt())
}

/// What a program costs that its floor does not.
fn above(floor: &Count, program: &Count) -> Count {
    let above = |one: fn(&Count) -> u64| one(program).saturating_sub(one(floor));
    Count { start: above(|count| count.start), request: above(|count| count.request), ..program.clone() }
}

/// What has become dearer.
fn complaints(on_record: &Count, counted: &Count) -> Vec<String> {
    let kinds = [("start", on_record.start, counted.start), ("request", on_record.request, counted.request)];
    let dearer = kinds.into_iter().filter(|(_, before, now)| *now * 100 > *before * (100 + SLACK));
    let complaint = |(kind, before, now)| {
        format!(
            "error: a {kind} of {} costs {now} instructions above its floor, on record are {before}. If the change is \
             worth it: make bench, and commit infra/bench/instructions.csv\n",
            counted.program
        )
    };
    dearer.map(complaint).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(start: u64, request: u64) -> Count {
        Count { profile: Profile::Dev, program: "me".to_owned(), start, request }
    }

    #[test]
    fn what_is_compared_is_what_the_floor_does_not_cost() {
        assert_eq!(above(&count(400, 180), &count(1_000, 200)), count(600, 20));
        assert_eq!(above(&count(400, 180), &count(300, 180)), count(0, 0));
    }

    #[test]
    fn three_percent_more_is_noise_and_anything_beyond_is_named() {
        let before = count(1_000, 10_000);
        assert!(complaints(&before, &count(1_030, 10_300)).is_empty());
        assert!(complaints(&before, &count(1, 1)).is_empty());
        let dearer = complaints(&before, &count(1_031, 10_301));
        assert_eq!(dearer.len(), 2);
        assert!(dearer[0].contains("start of me costs 1031") && dearer[1].contains("request of me costs 10301"));
    }

    #[test]
    fn every_program_is_on_record() {
        let record = read();
        let found = |profile, subject| find(&record, profile, subject).request > 0;
        assert!(Subject::COUNTED.into_iter().all(|subject| found(Profile::Release, subject)));
        assert!(CHECKED.into_iter().all(|subject| found(Profile::Dev, subject)));
    }
}
