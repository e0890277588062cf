//! `GET /callback/{provider}`, asked with real events after a visit to a provider that can be told to lie.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot be set up has to stop there")]

mod accounts;
mod adding;
mod again;
mod answers;
mod asking;
mod attempts;
mod audit;
mod costs;
mod faults;
mod hostile;
mod laws;
mod letters;
mod limits;
mod linking;
mod order;
mod refusals;
mod replacement;
mod revocation;
mod secrets;
mod strict;
mod support;
mod tabs;
mod way_back;
mod whole_visit;
