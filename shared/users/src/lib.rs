//! Who may sign in: accounts, the ways into them, and the passwords among those.
//!
//! An identity is the unique key of a way in: `email#<address>` or `oidc#<issuer>#<subject>`. Identities and accounts
//! are written together; which sessions an account has is the business of `session`.

mod email;
mod error;
mod federated;
mod identity;
mod password;
mod users;

pub use email::Email;
pub use error::{Denial, Error};
pub use federated::{Entrant, Federated, Joined};
pub use password::{Password, Passwords};
pub use users::{NewUser, Users};
