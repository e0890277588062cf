//! Tells people by mail that somebody signed in to their account from where they had not signed in before.
//!
//! Where somebody signs in from is the network and the kind of program, not the exact address or version: both change
//! without anybody moving. The very first sign-in to a new account is no news.

mod notice;
mod place;
mod settings;

pub use notice::{Begun, Notice};
pub use settings::Settings;
