//! Who may sign in: accounts, and the ways to sign in to them, passwords included.
//!
//! An identity is the unique key of a way in: `email#<address>` or `oidc#<issuer>#<subject>`. Identities and accounts
//! are written together; `session` decides which sessions an account has. A challenge is a mailed secret that makes an
//! account or sets a password, once; its row holds only its hash.

mod admin;
mod challenge;
mod change;
mod claim;
mod email;
mod error;
mod federated;
mod identity;
mod joining;
mod linking;
mod name;
mod password;
mod registration;
mod reset;
mod shown;
mod stored;
mod take_up;
mod users;
mod vouched;
mod ways;

pub use challenge::Challenge;
pub use change::{Holder, PasswordChange};
pub use claim::{Claim, Claimed, Proven};
pub use email::Email;
pub use error::{Denial, Error};
pub use federated::{Entrant, Federated, Joined};
pub use linking::Unlinked;
pub use name::Name;
pub use password::{Password, Passwords};
pub use registration::{Invitation, NewUser, Registration};
pub use reset::{Addressee, Mailed, Reset};
pub use users::Users;
pub use ways::{Way, WayKind};
