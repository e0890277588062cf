//! The work of judging a password: the most expensive known one of each kind, next to an ordinary one. This is a
//! measurement, not a test: no bound would hold on a busy machine. The code's own tests check what bounds the work.
#![expect(clippy::expect_used, reason = "a measurement that cannot be set up has to stop there")]

use std::{
    fmt::Write as _,
    io::{self, Write as _},
    time::{Duration, Instant},
};
use strength::Strength;
use testkit::{settings, variables};
use users::Password;

const ROUNDS: usize = 5;
/// The length of the longest password.
const LENGTH: usize = 256;

const KINDS: [(&str, &str); 12] = [
    ("what people use", "velvet-anchor tornado 93"),
    ("signs for letters", "4@8({[<369!1|0$5+7%2"),
    ("digits for letters", "1769"),
    ("signs within a word", "p@$$w0rd1769"),
    ("one letter", "a"),
    ("one sign", "4"),
    ("two letters", "ab"),
    ("a word", "password"),
    ("single letters that are words", "a i o u "),
    ("dates", "11011999"),
    ("keys", "qwertyuiop[]asdfghjkl;'"),
    ("own words", "adalovelace"),
];

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let strength = settings(variables(), Strength::from_environment);
    let mut table = format!("{:32}{:>12}\n", "", "median/ms");
    for (kind, part) in KINDS {
        let length = if kind == KINDS[0].0 { part.len() } else { LENGTH };
        let password: String = part.chars().cycle().take(length).collect();
        let password = Password::parse(&password).expect("a password");
        let mut times = Vec::new();
        for _ in 0..ROUNDS {
            let begun = Instant::now();
            let _ = strength.judge(&password, &["ada.lovelace@example.com", "Ada Lovelace"]).await;
            times.push(begun.elapsed());
        }
        times.sort();
        writeln!(table, "{kind:32}{:>12.2}", milliseconds(times[ROUNDS / 2])).expect("a string");
    }
    io::stdout().write_all(table.as_bytes()).expect("an output");
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
