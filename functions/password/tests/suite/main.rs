//! `POST /password`, `POST /password/reset` and `POST /password/reset/confirm`, asked with real events on real stores.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot be set up has to stop there")]

mod answers;
mod audit;
mod change;
mod confirm;
mod costs;
mod faults;
mod hostile;
mod laws;
mod limits;
mod races;
mod requests;
mod support;
