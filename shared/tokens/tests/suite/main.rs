//! Minting, rotation and verification against DynamoDB over HTTP.

mod attacks;
mod key;
mod keys;
mod mint;
mod rotation;
mod support;
mod verifier;
