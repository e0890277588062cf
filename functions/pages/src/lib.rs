//! The pages that people see, for products that have none of their own: `GET /login`, `/register`, `/verify`,
//! `/password/forgot`, `/password/reset`, `/account`, `/problem`; `/`, which leads to one of them; their scripts and styles
//! below `/assets/`, which `/auth.js` leads to; and two well-known addresses, `change-password` and `security.txt`.
//!
//! Nothing here asks a store or knows a secret: the scripts call the API, as every other front end does.

mod assets;
mod en;
mod file;
mod frame;
mod language;
mod page;
mod pt;
mod start;
mod visit;
mod words;

use assets::Assets;
use brand::{Brand, Providers};
use dynamo::SdkConfig;
use edge::{Answer, Call, Function, Gate, Method, Problem, ReturnTo, Routes};
use environment::Environment;
use page::Page;
use start::Start;
use visit::Visit;

/// The operations of this function.
#[derive(Clone, Copy)]
pub enum Route {
    /// Where the address without a path leads.
    Home,
    /// A page.
    Page(Page),
    /// The client for other front ends, at an address that stays.
    Client,
    /// A file that a page needs.
    Asset,
    /// What the client says, in one language.
    Texts,
    /// Where a password is changed (W3C, "A Well-Known URL for Changing Passwords").
    ChangePassword,
    /// Whom to tell of a vulnerability (RFC 9116).
    SecurityText,
}

/// The function behind the pages.
pub struct Pages {
    gate: Gate,
    return_to: ReturnTo,
    brand: Brand,
    providers: Providers,
    assets: Assets,
    start: Option<Start>,
}

impl Function for Pages {
    type Route = Route;

    const ROUTES: Routes<Route> = &[
        (Method::GET, "/", Route::Home),
        (Method::GET, "/login", Route::Page(Page::Login)),
        (Method::GET, "/register", Route::Page(Page::Register)),
        (Method::GET, "/verify", Route::Page(Page::Verify)),
        (Method::GET, "/password/forgot", Route::Page(Page::Forgot)),
        (Method::GET, "/password/reset", Route::Page(Page::Reset)),
        (Method::GET, "/account", Route::Page(Page::Account)),
        (Method::GET, "/problem", Route::Page(Page::Problem)),
        (Method::GET, "/auth.js", Route::Client),
        (Method::GET, "/assets/{version}/{file}", Route::Asset),
        (Method::GET, "/assets/{version}/texts/{file}", Route::Texts),
        (Method::GET, "/.well-known/change-password", Route::ChangePassword),
        (Method::GET, "/.well-known/security.txt", Route::SecurityText),
    ];

    const READS_COOKIE: bool = false;

    fn wire(environment: &mut Environment, _: &SdkConfig) -> Option<Self> {
        let gate = Gate::from_environment(environment);
        let return_to = ReturnTo::from_environment(environment);
        let brand = Brand::from_environment(environment);
        let providers = Providers::from_environment(environment);
        let start = Start::from_environment(environment);
        let (gate, return_to, brand) = (gate?, return_to?, brand?);
        let assets = Assets::of(&brand, gate.prefix());
        Some(Self { gate, return_to, brand, providers, assets, start })
    }

    fn gate(&self) -> &Gate {
        &self.gate
    }

    async fn handle(&self, route: Route, call: &Call<'_>) -> Result<Answer, Problem> {
        match route {
            Route::Home => self.home(call),
            Route::Page(page) => self.show(page, call),
            Route::Client => Ok(Answer::see_other(&self.asset("auth.js"))),
            Route::Asset => self.file(call, call.parameter("file")),
            Route::Texts => self.file(call, &format!("texts/{}", call.parameter("file"))),
            Route::ChangePassword => Ok(Answer::see_other(&self.gate.url(&["account"]))),
            Route::SecurityText => self.security_text(call),
        }
    }
}

impl Pages {
    /// A developer gets the start page. A browser that may be signed in is led to the account, which finds out.
    fn home(&self, call: &Call<'_>) -> Result<Answer, Problem> {
        match &self.start {
            Some(_) => self.show(Page::Start, call),
            None if matches!(self.gate.token(call), Ok(None)) => Ok(Answer::see_other(&self.gate.url(&["login"]))),
            None => Ok(Answer::see_other(&self.gate.url(&["account"]))),
        }
    }

    fn show(&self, page: Page, call: &Call<'_>) -> Result<Answer, Problem> {
        let visit = Visit::of(self, call);
        match visit.chosen {
            Some(locale) => Ok(self.choose_language(call, locale)),
            None => visit.answer(page, call),
        }
    }
}
