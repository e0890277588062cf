//! Signs people in with an OpenID provider.
//!
//! [`Providers`] are read from the environment. [`Provider::begin`] sends a browser away with an [`Attempt`] in a
//! cookie. [`Provider::finish`] takes the callback and returns [`Claims`] that the provider vouches for.
//!
//! The flow is the authorization code flow with PKCE S256, `state` and `nonce` (OpenID Connect Core 3.1, RFC 9700),
//! each provider found by discovery. No answer of a provider is trusted before it is checked, and after the first
//! failed check the provider is not asked again. Nothing here writes to a store or reads the clock.

mod attempt;
mod cache;
mod callback;
mod claims;
mod discovery;
mod error;
mod exchange;
mod http;
mod id_token;
mod issuer;
mod json;
mod keys;
mod provider;
mod receipt;
mod settings;

pub use attempt::Attempt;
pub use callback::Callback;
pub use claims::Claims;
pub use error::{Endpoint, Error, Fault, Flaw, Refusal};
pub use issuer::Slash;
pub use provider::{Granted, Provider};
pub use receipt::Receipt;
pub use settings::Providers;

/// The time for a call that asks a provider while a browser waits: up to three answers (discovery document, tokens,
/// keys), and the work that follows.
pub const DEADLINE: std::time::Duration = std::time::Duration::from_secs(9);
