//! `POST /login`, `GET /login/{provider}` and `POST /login/{provider}`, asked with real events on real stores.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot be set up has to stop there")]

mod answers;
mod audit;
mod costs;
mod credentials;
mod faults;
mod hostile;
mod laws;
mod linking;
mod notice;
mod provider;
mod replacement;
mod start;
mod starting;
mod strength;
mod support;
mod throttle;
