//! `POST /login` signs in with an address and a password; `GET /login/{provider}` sends the browser to an OpenID
//! provider, from where it comes back to the function `callback`. `POST /login/{provider}` begins the same way there,
//! for a user who is signed in and wants to come in by that provider too.
//!
//! Only the last needs a session, one that began lately, and its CSRF token. A browser that signs in while it has a live
//! session shows its CSRF token too, and loses it for the new one. Passwords are throttled by account, by address and by
//! both; the user hears by mail of a sign-in from a new place.

mod password;
mod provider;

use dynamo::{Dynamo, SdkConfig};
use edge::{Answer, Call, Function, Gate, Method, Problem, ReturnTo, Routes};
use entrance::Entrance;
use environment::Environment;
use notice::Notice;
use oidc::Providers;
use outbox::Outbox;
use session::Sessions;
use std::time::Duration;

/// What can be asked of it.
#[derive(Clone, Copy)]
pub enum Route {
    /// A sign-in with an address and a password.
    Password,
    /// A sign-in at a provider.
    Provider,
    /// One more way in, by a provider.
    Link,
}

/// The function behind `POST /login`, `GET /login/{provider}` and `POST /login/{provider}`.
pub struct Login {
    /// The guards.
    pub gate: Gate,
    /// Where a login may end.
    pub return_to: ReturnTo,
    /// The OpenID providers.
    pub providers: Providers,
    /// Where a password is tried.
    pub entrance: Entrance,
    /// The sessions.
    pub sessions: Sessions,
    /// Who is told of a sign-in from a new place.
    pub notice: Notice,
}

impl Function for Login {
    type Route = Route;

    const ROUTES: Routes<Route> = &[
        (Method::POST, "/login", Route::Password),
        (Method::GET, "/login/{provider}", Route::Provider),
        (Method::POST, "/login/{provider}", Route::Link),
    ];

    const SHOWS_PAGES: bool = true;

    fn wire(environment: &mut Environment, aws: &SdkConfig) -> Option<Self> {
        let gate = Gate::from_environment(environment);
        let return_to = ReturnTo::from_environment(environment);
        let providers = Providers::from_environment(environment);
        let dynamo = Dynamo::from_environment(environment, aws);
        let sessions = Sessions::from_environment(environment, &dynamo);
        let entrance = Entrance::from_environment(environment, &dynamo);
        let outbox = Outbox::new(dynamo);
        let notice = Notice::from_environment(environment, &outbox);
        Some(Self { gate: gate?, return_to: return_to?, providers, entrance: entrance?, sessions, notice })
    }

    fn gate(&self) -> &Gate {
        &self.gate
    }

    fn deadline(route: Route) -> Duration {
        match route {
            Route::Password => edge::DEADLINE,
            Route::Provider | Route::Link => oidc::DEADLINE,
        }
    }

    async fn handle(&self, route: Route, call: &Call) -> Result<Answer, Problem> {
        match route {
            Route::Password => self.with_password(call).await,
            Route::Provider => self.with_provider(call, call.parameter("provider")).await,
            Route::Link => self.link_provider(call, call.parameter("provider")).await,
        }
    }
}
