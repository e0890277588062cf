//! `POST /login` signs in with an address and a password; `GET /login/{provider}` sends the browser to an OpenID
//! provider, from where it comes back to the function `callback`. `POST /login/{provider}` begins the same visit for a
//! signed-in user who wants to add that provider as a way in.
//!
//! Only the last needs a session, which must have begun recently, and its CSRF token. A browser that signs in while it
//! has a live session sends its CSRF token too, and the new session replaces it. Passwords are throttled by account, by
//! address and by both. The user is told by mail of a sign-in from a new place.

mod password;
mod provider;

use dynamo::{Dynamo, SdkConfig};
use edge::{Answer, Call, Destination, Function, Gate, Method, Problem, ReturnTo, Routes, WayBack};
use entrance::Entrance;
use environment::Environment;
use notice::Notice;
use oidc::Providers;
use outbox::Outbox;
use session::Sessions;
use std::time::Duration;

/// The operations of this function.
#[derive(Clone, Copy)]
pub enum Route {
    /// A sign-in with an address and a password.
    Password,
    /// A sign-in at a provider.
    Provider,
    /// One more way in, through a provider.
    Link,
}

/// The function behind `POST /login`, `GET /login/{provider}` and `POST /login/{provider}`.
pub struct Login {
    /// The guards.
    pub gate: Gate,
    /// Where a login may end.
    pub return_to: ReturnTo,
    /// Where a login that cannot begin leads back to.
    pub way_back: WayBack,
    /// The OpenID providers.
    pub providers: Providers,
    /// Where passwords are checked.
    pub entrance: Entrance,
    /// The sessions.
    pub sessions: Sessions,
    /// Reports sign-ins from new places.
    pub notice: Notice,
}

impl Function for Login {
    type Route = Route;

    const ROUTES: Routes<Route> = &[
        (Method::POST, "/login", Route::Password),
        (Method::GET, "/login/{provider}", Route::Provider),
        (Method::POST, "/login/{provider}", Route::Link),
    ];

    fn wire(environment: &mut Environment, aws: &SdkConfig) -> Option<Self> {
        let gate = Gate::from_environment(environment);
        let return_to = ReturnTo::from_environment(environment);
        let way_back = WayBack::from_environment(environment);
        let providers = Providers::from_environment(environment);
        let dynamo = Dynamo::from_environment(environment, aws);
        let sessions = Sessions::from_environment(environment, &dynamo);
        let entrance = Entrance::from_environment(environment, &dynamo);
        let outbox = Outbox::new(dynamo);
        let notice = Notice::from_environment(environment, &outbox);
        let (gate, return_to, way_back, entrance) = (gate?, return_to?, way_back?, entrance?);
        Some(Self { gate, return_to, way_back, providers, entrance, sessions, notice })
    }

    fn gate(&self) -> &Gate {
        &self.gate
    }

    fn sessions(&self) -> Option<&Sessions> {
        Some(&self.sessions)
    }

    /// Only `GET /login/{provider}` is a navigation.
    fn way_back(&self, call: &Call<'_>) -> Option<Destination<'_>> {
        let asked = call.query("return_to").ok().flatten();
        Some(self.way_back.to_sign_in(asked.and_then(|asked| self.return_to.judge(Some(asked)).ok())))
    }

    fn deadline(route: Route) -> Duration {
        match route {
            Route::Password => edge::DEADLINE,
            Route::Provider | Route::Link => oidc::DEADLINE,
        }
    }

    async fn handle(&self, route: Route, call: &Call<'_>) -> Result<Answer, Problem> {
        match route {
            Route::Password => self.with_password(call).await,
            Route::Provider => self.with_provider(call, call.parameter("provider")).await,
            Route::Link => self.link_provider(call, call.parameter("provider")).await,
        }
    }
}
