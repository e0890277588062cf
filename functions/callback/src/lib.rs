//! `GET /callback/{provider}?code&state[&iss]`: finishes what the function `login` began in this browser: a login, or
//! the addition of a provider's identity to the account of the signed-in user.
//!
//! Everything is checked before anything is written, and after the first failed check the provider is not asked again.
//! The attempt's cookie is spent whether or not the login succeeds. After a success a receipt takes its place for two
//! minutes: if the browser asks once more, it is sent where it was sent before, and nothing else happens. A person whose
//! login failed comes back to the sign-in page, or to the account page if they wanted to add a provider.
//!
//! A code is counted before it is exchanged: a client that sends many refused codes has to wait, and does not reach the
//! provider.

mod kept;
mod linking;
mod refusal;

use dynamo::{Dynamo, SdkConfig};
use edge::{Answer, Audit, Call, Destination, Event, Function, Gate, Method, Problem, ReturnTo, Routes, WayBack};
use environment::Environment;
use futures_util::{TryFutureExt, future::join};
use jiff::Timestamp;
use notice::Notice;
use oidc::{Attempt, Claims, Provider, Providers};
use outbox::{Locale, Matter, Outbox};
use refusal::{Refusal, of_provider, of_users};
use session::{Sessions, Token};
use std::time::Duration;
use throttle::{Purpose, Throttle, Try};
use users::{Email, Federated, Users};

/// The function behind `GET /callback/{provider}`.
pub struct Callback {
    /// The guards.
    pub gate: Gate,
    /// Where a login may end.
    pub return_to: ReturnTo,
    /// Where a login that failed leads back to.
    pub way_back: WayBack,
    /// Counts the codes that a provider refused.
    pub throttle: Throttle,
    /// The OpenID providers.
    pub providers: Providers,
    /// The accounts.
    pub users: Users,
    /// The sessions.
    pub sessions: Sessions,
    /// Reports sign-ins from new places.
    pub notice: Notice,
    /// The mails to be sent.
    pub outbox: Outbox,
}

impl Function for Callback {
    type Route = ();

    const ROUTES: Routes<()> = &[(Method::GET, "/callback/{provider}", ())];

    fn wire(environment: &mut Environment, aws: &SdkConfig) -> Option<Self> {
        let gate = Gate::from_environment(environment);
        let return_to = ReturnTo::from_environment(environment);
        let way_back = WayBack::from_environment(environment);
        let providers = Providers::from_environment(environment);
        let dynamo = Dynamo::from_environment(environment, aws);
        let sessions = Sessions::from_environment(environment, &dynamo);
        let users = Users::from_environment(environment, &dynamo);
        let throttle = Throttle::new(dynamo.clone());
        let outbox = Outbox::new(dynamo);
        let notice = Notice::from_environment(environment, &outbox);
        let (gate, return_to, way_back, users) = (gate?, return_to?, way_back?, users?);
        Some(Self { gate, return_to, way_back, throttle, providers, users, sessions, notice, outbox })
    }

    fn gate(&self) -> &Gate {
        &self.gate
    }

    fn sessions(&self) -> Option<&Sessions> {
        Some(&self.sessions)
    }

    fn way_back(&self, call: &Call<'_>) -> Option<Destination<'_>> {
        let attempt = self.begun(call);
        let return_to = attempt.as_ref().and_then(|attempt| self.return_to.judge(Some(&attempt.return_to)).ok());
        let links = attempt.is_some_and(|attempt| attempt.link);
        Some(if links { self.way_back.to_account(return_to) } else { self.way_back.to_sign_in(return_to) })
    }

    fn spent_cookie(&self, call: &Call<'_>) -> Option<String> {
        let name = Attempt::cookie_name(call.query("state").ok()??);
        let presented = self.gate.cookie_names(call, &name).contains(&name);
        presented.then(|| self.gate.login_cookie(&name, "", Duration::ZERO))
    }

    fn deadline((): ()) -> Duration {
        oidc::DEADLINE
    }

    async fn handle(&self, (): (), call: &Call<'_>) -> Result<Answer, Problem> {
        if self.gate.lacks_cookies(call) {
            return Ok(Answer::plain_page(AGAIN));
        }
        let provider = self.providers.find(call.parameter("provider")).ok_or(Problem::NotFound)?;
        self.enter(call, provider).await.map_err(|refusal| self.audit_refusal(call, provider, refusal))
    }
}

/// Lets the browser ask for the same URL once more, as a page of this host, so that it sends the cookies that it keeps
/// back from another site. After a redirect it would not: what counts is the page that began the navigation.
const AGAIN: &str = include_str!("again.html");

/// The detail in the audit event of an attempt to link.
const LINK: &str = "link";

/// The data that a browser brings back from a provider.
struct Visit<'a> {
    provider: &'a Provider,
    attempt: Attempt,
    callback: oidc::Callback,
    presented: Option<Token>,
}

impl Callback {
    async fn enter(&self, call: &Call<'_>, provider: &Provider) -> Result<Answer, Refusal> {
        let callback = read(call)?;
        let kept = self.kept(call, &callback.state)?;
        if let Some(receipt) = kept::receipt(kept, call.now) {
            return Ok(Answer::see_other(&self.return_to.judge(Some(&receipt.return_to))?));
        }
        let presented = self.gate.token(call)?;
        let attempt = kept::attempt(kept, presented.as_ref())?;
        let visit = Visit { provider, attempt, callback, presented };
        let answer = if visit.attempt.link { self.add(call, &visit).await } else { self.log_in(call, &visit).await }?;
        Ok(answer.cookie(self.receipt_cookie(call, &visit.attempt)))
    }

    async fn log_in(&self, call: &Call<'_>, visit: &Visit<'_>) -> Result<Answer, Refusal> {
        let Visit { provider, attempt, presented, .. } = visit;
        let return_to = self.return_to.judge(Some(&attempt.return_to))?;
        let letter = |to: &Email| self.outbox.item(to.as_str(), locale(call), linked(call, provider), call.now);
        let entering = async |who: Federated| self.users.with_identity(&who, letter, call.now).await;
        let (asked_at, entrant) = self.vouched(call, visit, entering).await?;
        let entrant = entrant.map_err(of_users)?;

        let (account, auth_method) = (entrant.account.clone(), format!("oidc:{}", provider.name()));
        let client = self.gate.browser(call)?;
        let login = session::Login { account, auth_method, client: client.clone(), presented: presented.as_ref() };
        let beginning = self.notice.begin_vouched(&self.sessions, login, asked_at, locale(call), call.now);
        let (begun, ()) = join(beginning, self.users.note_entry(&entrant, call.now)).await;
        let (token, session) = begun.map_err(Problem::from)?.finish().await;

        let audit = Audit::of_session(&session).method(&*session.record.auth_method).detail(entrant.joined.as_str());
        self.gate.audit(call, Event::Login, audit);
        let answer = Answer::redirect(&return_to).cookie(self.gate.session_cookie(&token, &session, call.now));
        Ok(answer.cookie(self.gate.browser_cookie(&client)))
    }

    /// When the provider asked the person whom it sent back for a credential, if it says, and what `greet` makes of
    /// them.
    async fn vouched<T, G: Future<Output = T>>(
        &self,
        call: &Call<'_>,
        visit: &Visit<'_>,
        greet: impl FnOnce(Federated) -> G,
    ) -> Result<(Option<Timestamp>, T), Problem> {
        let Visit { provider, attempt, callback, .. } = visit;
        let redirect_uri = self.gate.callback_url(provider.name());
        let granted = provider.granted(attempt, callback, call.now).await.map_err(of_provider)?;
        let client = self.gate.client(call);
        let tried = Try { purpose: Purpose::Exchange, account: None, address: client.ip.as_deref() };
        let trading = provider.trade(&granted, &redirect_uri, call.now).map_err(of_provider);
        let greeting = async |claims: Claims| {
            let asked_at = claims.auth_time;
            (asked_at, greet(federated(provider.name().to_owned(), claims)).await)
        };
        self.throttle.attempt_then(&tried, call.now, trading, greeting).await
    }
}

fn locale(call: &Call<'_>) -> Locale {
    Locale::negotiate(call.header("accept-language"))
}

fn linked(call: &Call<'_>, provider: &Provider) -> Matter {
    Matter::IdentityLinked { provider: provider.name().to_owned(), at: call.now }
}

fn read(call: &Call<'_>) -> Result<oidc::Callback, Problem> {
    let owned = |name| Ok::<_, Problem>(call.query(name)?.map(str::to_owned));
    let state = owned("state")?.ok_or(Problem::LoginExpired)?;
    Ok(oidc::Callback { code: owned("code")?, state, iss: owned("iss")?, error: owned("error")? })
}

fn federated(provider: String, claims: Claims) -> Federated {
    let Claims { issuer, subject, email, email_verified, name, picture, .. } = claims;
    Federated { provider, issuer, subject, email, email_verified, name, picture }
}
