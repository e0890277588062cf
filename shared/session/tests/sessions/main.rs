//! The session protocol on real stores. One binary, because linking each theme on its own takes longer than running it.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where something is not as it must be")]

mod support;

mod ahead;
mod authenticate;
mod buried;
mod cap;
mod cluster;
mod corrupt;
mod costs;
mod devices;
mod dynamo_faults;
mod end_user;
mod erase;
mod failover;
mod flows;
mod health;
mod hold;
mod index;
mod interrupted;
mod listing;
mod login;
mod lost_answers;
mod mutants;
mod parallel;
mod races;
mod redis_faults;
mod redis_refusals;
mod renew;
mod restore;
mod revoke;
mod revoke_all;
mod rights;
mod secrets;
mod seen;
mod tls;
mod told;
