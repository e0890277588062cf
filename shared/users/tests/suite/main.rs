//! Accounts and the ways to sign in to them, on a real store.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot be set up has to stop there")]

mod adding;
mod change;
mod claims;
mod corrupt;
mod credentials;
mod erasing;
mod faults;
mod federated;
mod linking;
mod races;
mod refusals;
mod registration;
mod reset;
mod settings;
mod strength;
mod support;
mod take_up;
mod uses;
mod ways;
