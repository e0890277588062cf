//! All functions behind one HTTP server, for platforms other than Lambda.
//!
//! Each request becomes the event that the gateway would make of it, and the function of its route answers that event. So
//! contract, headers and problems are those of a deployment on Lambda.

mod background;
mod cors;
mod credentials;
mod follower;
mod front;
mod functions;
mod lease;
mod limited;
mod limits;
mod nowhere;
mod pace;
mod run;
mod server;
mod settings;
mod stop;
mod tasks;

pub use background::{Background, Report};
pub use cors::Cors;
pub use front::{Front, Unread};
pub use functions::{Answers, Functions};
pub use lease::Lease;
pub use limits::Limits;
pub use pace::Pace;
pub use run::{Host, run};
pub use server::{Clock, serve};
pub use settings::Settings;
pub use stop::Stop;
