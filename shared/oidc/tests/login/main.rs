//! Logins with a provider that is honest until it is told to lie: one module per theme.
#![expect(clippy::expect_used, reason = "a test that cannot be set up has to stop there")]

mod algorithms;
mod authorization;
mod discovery;
mod id_token;
mod jws;
mod keys;
mod network;
mod support;
mod tls;
mod token_endpoint;
