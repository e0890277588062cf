//! The functions that the host serves.

use crate::{nowhere::Nowhere, tasks::Tasks};
use dynamo::SdkConfig;
use edge::{Event2, Function, Response};
use environment::Environment;
use futures_util::{FutureExt, future::BoxFuture};
use http::Method;
use jiff::Timestamp;
use session::Sessions;
use tracing::Instrument;

/// A function, without the names that its routes have in the code.
pub trait Answers: Send + Sync {
    /// Whether a request for this path, as it was sent, is one of the function's.
    fn serves(&self, method: &Method, path: &str) -> bool;

    /// Answers one event in every case.
    fn respond(&self, event: Event2, now: Timestamp) -> BoxFuture<'_, Response>;

    /// The sessions that it asks for, if it does.
    fn sessions(&self) -> Option<&Sessions>;
}

/// All functions with a route.
pub struct Functions {
    all: Vec<Box<dyn Answers>>,
    nowhere: Box<dyn Answers>,
}

/// Names each function once.
macro_rules! functions {
    ($($name:literal: $function:ty),+ $(,)?) => {
        impl Functions {
            /// All of them, with the settings that they read; `None` when one has a fault, which stays in `environment`.
            pub fn wire(environment: &mut Environment, aws: &SdkConfig) -> Option<Self> {
                // Each reads its settings before the first fault is looked at, so that all faults are named.
                let nowhere = wired::<Nowhere>("host", environment, aws);
                let all = [$(wired::<$function>($name, environment, aws)),+];
                Some(Self { all: all.into_iter().collect::<Option<_>>()?, nowhere: nowhere? })
            }

            /// The routes of all of them, as a list: `GET /me,POST /logout`.
            pub fn routes() -> String {
                [$(edge::list(<$function>::ROUTES)),+].join(",")
            }
        }
    };
}

functions! {
    "callback": callback::Callback,
    "device": device::Device,
    "health": health::Health,
    "identities": identities::Identities,
    "jwks": jwks::Jwks,
    "login": login::Login,
    "logout": logout::Logout,
    "me": me::Me,
    "pages": pages::Pages,
    "password": password::Password,
    "register": register::Register,
    "session-token": session_token::SessionToken,
    "sessions": sessions::Listing,
    "tasks": Tasks,
}

impl Functions {
    /// The function that serves a request. What has no route is answered 404, as at the gateway, also where the path has
    /// other methods.
    pub fn of(&self, method: &Method, path: &str) -> &dyn Answers {
        let found = self.all.iter().find(|function| function.serves(method, path));
        &**found.unwrap_or(&self.nowhere)
    }

    /// Connects each of them to Redis, as an instance of a function does before its first request.
    pub async fn connect(&self) {
        let sessions = self.all.iter().filter_map(|function| function.sessions());
        futures_util::future::join_all(sessions.map(Sessions::connect)).await;
    }
}

/// A function, and its name in the lines of the log.
struct Named<F> {
    name: &'static str,
    function: F,
}

impl<F: Function> Answers for Named<F> {
    fn serves(&self, method: &Method, path: &str) -> bool {
        edge::has_route(&self.function, method, path)
    }

    fn respond(&self, event: Event2, now: Timestamp) -> BoxFuture<'_, Response> {
        let span = tracing::info_span!(target: "invocation", "function", function = self.name);
        edge::respond(&self.function, event, now).instrument(span).boxed()
    }

    fn sessions(&self) -> Option<&Sessions> {
        self.function.sessions()
    }
}

fn wired<F: Function>(name: &'static str, environment: &mut Environment, aws: &SdkConfig) -> Option<Box<dyn Answers>> {
    let function = F::wire(environment, aws)?;
    Some(Box::new(Named { name, function }))
}
