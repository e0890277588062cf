//! New passwords, judged as the functions do, and a stand-in for the service that knows breached ones.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot be set up has to stop there")]

mod breach;
mod judging;
mod settings;
mod support;
mod tls;
