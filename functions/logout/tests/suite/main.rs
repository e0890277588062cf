//! `POST /logout` and `POST /logout/all`, asked with real events on real stores.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot be set up has to stop there")]

mod answers;
mod audit;
mod costs;
mod ending;
mod faults;
mod laws;
mod support;
