//! How long `POST /login` takes to refuse, for each kind of account (OWASP ASVS 6.3.8). This is a measurement, not a
//! test: no bound would hold on a busy machine. The two unknown addresses do not differ, so the difference between
//! their rows is noise; a larger difference of another row is real.
#![expect(clippy::expect_used, reason = "a measurement that cannot be set up has to stop there")]

use edge::Function;
use jiff::{SignedDuration, Timestamp};
use login::Login;
use scene::{Request, Stores, now, settings, variables};
use serde_json::json;
use std::{
    fmt::Write as _,
    io::{self, Write as _},
    time::{Duration, Instant},
};
use users::{Email, NewUser, Password, Passwords, Users};

const ROUNDS: usize = 200;
const PASSWORD: &str = "correct horse battery staple";
const WRONG: &str = "incorrect horse battery staple";

/// The addresses and passwords that are tried. The others are compared with the first.
const REFUSALS: [(&str, &str, &str); 5] = [
    ("unknown address", "nobody@example.com", WRONG),
    ("another unknown address", "neither@example.com", WRONG),
    ("wrong password", "ada@example.com", WRONG),
    ("account without a password", "oidc@example.com", PASSWORD),
    ("disabled account, right password", "disabled@example.com", PASSWORD),
];

/// The least that every refusal needs: one verification of a password.
const FLOOR: &str = "argon2 alone";

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let stores = Stores::start().await;
    let passwords = settings(variables(), Passwords::from_environment);
    // The parameters of a deployment.
    let costs = [("ARGON2_MEMORY_KIB", "19456"), ("ARGON2_TIME_COST", "2")];
    let login = stores.wired(Login::wire, &costs.map(|(name, value)| (name.to_owned(), value.to_owned())));
    let mut day = now();
    add_users(&stores, &login.entrance.users, day).await;
    let wrong = parse(WRONG);
    let hash = passwords.hash(&parse(PASSWORD)).await.expect("a hash");

    let mut times = [const { Vec::new() }; REFUSALS.len() + 1];
    // The first round opens connections and makes the counters' rows; it is not measured.
    for round in 0..=ROUNDS {
        for kind in order(round) {
            let begun = Instant::now();
            match REFUSALS.get(kind) {
                Some((_, email, password)) => refuse(&login, email, password, day).await,
                None => drop(passwords.verify(&wrong, Some(&hash)).await.expect("an answer")),
            }
            if round > 0 {
                times[kind].push(begun.elapsed());
            }
        }
        // The windows of the throttle are over, so it does not answer in place of the login.
        day += SignedDuration::from_hours(24);
    }
    io::stdout().write_all(table(times).as_bytes()).expect("somebody who reads");
}

async fn add_users(stores: &Stores, users: &Users, now: Timestamp) {
    let add = async |email, password: Option<&str>| {
        let email = Email::parse(email).expect("an address");
        let user = NewUser { email, password: password.map(parse), name: None };
        users.add(user, now).await.expect("a new user")
    };
    add("ada@example.com", Some(PASSWORD)).await;
    add("oidc@example.com", None).await;
    let disabled = add("disabled@example.com", Some(PASSWORD)).await;
    stores.change("users", ("user_id", &disabled), |row| row["status"] = json!("disabled")).await;
}

fn parse(password: &str) -> Password {
    Password::parse(password).expect("a password")
}

async fn refuse(login: &Login, email: &str, password: &str, now: Timestamp) {
    let request = Request::post("/login").json(&json!({ "email": email, "password": password }));
    let reply = request.send(login, now).await;
    assert_eq!((reply.status, &*reply.problem()), (401, "invalid-credentials"), "{email}");
}

/// A different order each round, so that no kind always has the same place or predecessor.
fn order(round: usize) -> Vec<usize> {
    let mut kinds: Vec<_> = (0..=REFUSALS.len()).collect();
    kinds.rotate_left(round % (REFUSALS.len() + 1));
    if round % 2 == 1 {
        kinds.reverse();
    }
    kinds
}

fn table<const N: usize>(mut times: [Vec<Duration>; N]) -> String {
    times.iter_mut().for_each(|times| times.sort_unstable());
    let at = |times: &Vec<Duration>, percent: usize| times[times.len() * percent / 100].as_secs_f64() * 1000.0;
    let unknown = at(&times[0], 50);
    let mut table = format!("{:<34}{:>11}{:>11}{:>13}\n", "", "median/ms", "p95/ms", "difference");
    for ((name, ..), times) in REFUSALS.iter().chain([&(FLOOR, "", "")]).zip(&times) {
        let (median, late) = (at(times, 50), at(times, 95));
        let difference = (median / unknown - 1.0) * 100.0;
        writeln!(table, "{name:<34}{median:>11.2}{late:>11.2}{difference:>+11.1} %").expect("a text grows");
    }
    table
}
