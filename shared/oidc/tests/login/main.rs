//! Logins with a provider that is honest until it is told to lie: one module a theme.

mod algorithms;
mod authorization;
mod discovery;
mod id_token;
mod keys;
mod support;
mod token_endpoint;
