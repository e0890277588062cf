//! Mints the short-lived JWTs that prove a session where the store cannot be reached, and keeps their signing keys.
//!
//! A token is an ES256 access token in the profile of RFC 9068. Its key is in the table `signing_keys`, one row per
//! period. Each mint makes sure that the keys of this period and of the next exist, so rotation needs no schedule, and
//! every key is published before it signs. The rules are in the module `schedule`; they are pure, and use only the
//! stored moments.
//!
//! With `SIGNING_KEY_WRAP`, AWS KMS wraps the private half of a new key before it is stored (module `wrap`).
//!
//! An operator rotates early with [`Keyring::rotate`]. A leaked key is retired with [`Keyring::withdraw`]: within ten
//! minutes, the memory of an instance and that of a verifier, no instance signs with it and no verifier accepts it.

mod claims;
mod error;
mod jwk;
mod key;
mod keyring;
mod kms;
mod public_keys;
mod schedule;
mod settings;
mod signer;
mod store;
mod token;
mod tokens;
mod wrap;

pub use claims::Subject;
pub use error::Error;
pub use jwk::Jwk;
pub use keyring::{Keyring, Named, State};
pub use kms::Kms;
pub use public_keys::{KeySet, PublicKeys};
pub use settings::Settings;
pub use token::{Minted, Token};
pub use tokens::Tokens;
pub use wrap::WrapError;
