//! The HTTP side of every function: an API Gateway event becomes a [`Call`], an [`Answer`] or a [`Problem`] becomes
//! its response.
//!
//! Nothing here decides anything about sessions or users. Status codes exist in this crate only. Libraries have errors,
//! [`Problem`] says what a client sees of them, and the request's log line says the rest.

mod address;
mod answer;
mod audit;
mod call;
mod clears;
mod content;
mod cookies;
mod denial;
mod event;
mod fault;
mod function;
mod gate;
mod invocation;
mod keepsake;
mod problem;
mod return_to;
mod routes;
mod run;
mod sample;
mod starting;
mod trace;
mod view;
mod way_back;

pub use answer::{Answer, Response};
pub use audit::{Audit, Event};
pub use call::{
    Call, Unread,
    body::{Body, LARGEST_BODY, text},
};
pub use cookies::{SessionCookie, SetCookie};
pub use event::{Event2, LARGEST_HEAD};
pub use fault::Fault;
pub use function::{DEADLINE, Function, has_route, respond, serve};
pub use gate::{Gate, allowed_origins};
pub use http::Method;
pub use invocation::{Failure, respond_event};
pub use keepsake::{Keepsake, LANGUAGE};
pub use problem::{Cause, Problem};
pub use return_to::ReturnTo;
pub use routes::{Routes, list};
pub use run::{judged, run, run_events};
pub use sample::Sample;
pub use view::{ListedSession, SignedIn, User};
pub use way_back::{Destination, WayBack};
