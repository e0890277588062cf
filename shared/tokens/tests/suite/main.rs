//! Minting, rotation and verification against DynamoDB over HTTP.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod attacks;
mod intercept;
mod key;
mod keyring;
mod keys;
mod mint;
mod rotation;
mod scene;
mod support;
mod tls;
mod verifier;
mod wrap;
