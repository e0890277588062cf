//! Mints the short-lived JWTs that prove a session where the store cannot be seen, and keeps their signing keys.
//!
//! A token is an ES256 access token in the profile of RFC 9068. Its key lives in the table `signing_keys`, one row
//! a period: whoever mints makes sure that the keys of this period and of the next exist, so rotation needs no
//! schedule, and every key is published before it signs. The rules are those of the module `schedule`; they are
//! pure, and look at the stored moments alone.
//!
//! With `SIGNING_KEY_WRAP` the private half of a new key lies in its row as AWS KMS has wrapped it (module `wrap`).
//!
//! An operator rotates before time with [`Keyring::rotate`]. A leaked key is retired with [`Keyring::withdraw`]: within ten
//! minutes, the memory of an instance and that of a verifier, nothing signs with it and nobody accepts it.

mod claims;
mod config;
mod error;
mod jwk;
mod key;
mod keyring;
mod kms;
mod public_keys;
mod schedule;
mod store;
mod token;
mod tokens;
mod wrap;

pub use claims::Subject;
pub use config::Config;
pub use error::Error;
pub use jwk::Jwk;
pub use keyring::{Keyring, Named, State};
pub use kms::Kms;
pub use public_keys::{KeySet, PublicKeys};
pub use token::{Minted, Token};
pub use tokens::Tokens;
pub use wrap::WrapError;
