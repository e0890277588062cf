//! Begins every session, so that people learn by mail of a sign-in to their account from a new place.
//!
//! The place of a sign-in is the browser, if it is recognized by the value that it keeps. Otherwise it is the network
//! and the kind of program, not the exact address or version: both change without the person moving. The very first
//! sign-in to a new account is not reported.

mod notice;
mod place;

pub use notice::{Begun, Notice};
