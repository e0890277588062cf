//! `local dev` starts in order, reports faults, and leaves nothing behind, however it ends; `local user` finds its
//! data.
//!
//! The workspace is a small one of the test's own, and a stand-in that answers every request replaces `cargo lambda
//! watch`. These tests are for the supervision; the journeys test the functions themselves.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod front;
mod https;
mod outbox;
mod programs;
mod revocations;
mod running;
mod supervised;
