//! Begins every session, so that people hear by mail of a sign-in to their account from where they had not signed in
//! before.
//!
//! Where a person signs in from is the browser, if it is known by the value that it keeps; else the network and the
//! kind of program, not the exact address or version: both change without anybody moving. The very first sign-in to a
//! new account is no news.

mod notice;
mod place;

pub use notice::Notice;
