//! The program `admin`, run on the test's own real stores.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot be set up has to stop there")]

mod audit;
mod deletion;
mod keys;
mod list;
mod reports;
mod sessions;
mod support;
mod usage;
mod users;
