//! Accounts and the ways into them, on a real store.
#![expect(clippy::expect_used, reason = "a test that cannot be set up has to stop there")]

mod adding;
mod claims;
mod corrupt;
mod credentials;
mod faults;
mod federated;
mod races;
mod refusals;
mod settings;
mod strength;
mod support;
