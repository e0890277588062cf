//! `local dev` starts in order, says what is wrong, and leaves nothing behind however it ends; `local user` finds its data.
//!
//! The workspace is a small one of the test's own, and a stand-in that answers everything takes the place of
//! `cargo lambda watch`: what runs here is the supervision, the functions themselves have the journeys.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod outbox;
mod revocations;
mod running;
mod supervised;
