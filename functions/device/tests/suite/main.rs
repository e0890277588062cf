//! The routes `/device/…`, asked with real events on real stores.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot be set up has to stop there")]

mod answers;
mod audit;
mod costs;
mod credentials;
mod faults;
mod hostile;
mod laws;
mod refreshing;
mod support;
