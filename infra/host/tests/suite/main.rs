//! The host as its clients see it: a real server on real stores, asked over real connections.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod background;
mod clients;
mod cors;
mod ending;
mod lease;
mod limits;
mod paths;
mod program;
mod same;
mod start;
mod support;
mod tasks;
