//! `POST /session/token`, asked with real events on real stores.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot be set up has to stop there")]

mod answers;
mod audit;
mod faults;
mod hostile;
mod laws;
mod minting;
mod support;
