//! What every function gets from the crate, tested on a small function with real events.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot be set up has to stop there")]

mod audit;
mod body;
mod configuration;
mod cookies;
mod deadline;
mod denials;
mod events;
mod guards;
mod invocations;
mod lines;
mod memory;
mod metrics;
mod origin;
mod problems;
mod proxy;
mod query;
mod sessions;
mod support;
mod way_back;
