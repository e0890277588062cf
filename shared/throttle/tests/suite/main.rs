//! Tries against real DynamoDB tables.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot be set up has to stop there")]

mod bursts;
mod faults;
mod limits;
mod lockout;
mod rows;
mod subjects;
mod success;
mod support;
mod unknown;
