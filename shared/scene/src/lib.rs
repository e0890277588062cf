//! What tests of functions share, in addition to what all tests do: requests as API Gateway sends them, and answers
//! whose form is checked as they are read.
#![allow(clippy::expect_used, reason = "a test that cannot be set up has to stop there")]

mod contract;
mod forgeries;
mod hostile;
pub mod law;
mod laws;
mod reply;
mod request;
mod scene;
mod site;
mod start;

pub use crate::scene::Scene;
pub use contract::documented_codes;
pub use hostile::{any_request, each_hostile, whatever_is_asked};
pub use laws::{Guard, Sound};
pub use reply::{Reply, unavailable};
pub use request::{Request, send};
pub use site::{Browser, COOKIE, gate};
pub use start::{reads, refuses_to_start};
pub use testkit::*;
