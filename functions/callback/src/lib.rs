//! `GET /callback/{provider}?code&state[&iss]`: finishes what the function `login` began in this browser: a login, or
//! the addition of a provider's identity to the account of the signed-in user.
//!
//! Everything is checked before anything is written, and after the first failed check the provider is not asked again.
//! The attempt's cookie is spent whether or not the login succeeds. A code is counted before it is exchanged: a client
//! that sends many refused codes has to wait, and does not reach the provider.

mod linking;

use dynamo::{Dynamo, SdkConfig};
use edge::{Answer, Audit, Call, Cause, Event, Function, Gate, Method, Problem, ReturnTo, Routes};
use environment::Environment;
use futures_util::{TryFutureExt, future::join};
use jiff::Timestamp;
use notice::Notice;
use oidc::{Attempt, Claims, Provider, Providers};
use outbox::{Locale, Matter, Outbox};
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

    const SHOWS_PAGES: bool = true;

    fn wire(environment: &mut Environment, aws: &SdkConfig) -> Option<Self> {
        let gate = Gate::from_environment(environment);
        let return_to = ReturnTo::from_environment(environment);
        let providers = Providers::from_environment(environment);
        let dynamo = Dynamo::from_environment(environment, aws);
        let sessions = Sessions::from_environment(environment, &dynamo);
        let users = Users::from_environment(environment, &dynamo);
        let throttle = Throttle::new(dynamo.clone());
        let outbox = Outbox::new(dynamo);
        let notice = Notice::from_environment(environment, &outbox);
        let (gate, return_to, users) = (gate?, return_to?, users?);
        Some(Self { gate, return_to, throttle, providers, users, sessions, notice, outbox })
    }

    fn gate(&self) -> &Gate {
        &self.gate
    }

    fn sessions(&self) -> Option<&Sessions> {
        Some(&self.sessions)
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
        let provider = self.providers.find(call.parameter("provider")).ok_or(Problem::NotFound)?;
        self.enter(call, provider).await.map_err(|refusal| self.audit_refusal(call, provider, refusal))
    }
}

/// The detail in the audit event of an attempt to link.
const LINK: &str = "link";

/// The data that a browser brings back from a provider.
struct Visit<'a> {
    provider: &'a Provider,
    attempt: Attempt,
    callback: oidc::Callback,
    presented: Option<Token>,
}

/// Why the sign-in failed, and the user whose account it would have been, if known.
struct Refusal {
    problem: Problem,
    reason: &'static str,
    user_id: Option<String>,
    /// What the person wanted, if it was not to sign in.
    detail: Option<&'static str>,
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self { reason: problem.slug(), problem, user_id: None, detail: None }
    }
}

impl Callback {
    async fn enter(&self, call: &Call<'_>, provider: &Provider) -> Result<Answer, Refusal> {
        let presented = self.gate.token(call)?;
        let callback = read(call)?;
        let attempt = self.attempt(call, &callback.state, presented.as_ref())?;
        let visit = Visit { provider, attempt, callback, presented };
        if visit.attempt.link { self.add(call, &visit).await } else { self.log_in(call, &visit).await }
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

    /// The attempt with this `state` that the browser kept, if the session that it presents may finish it.
    fn attempt(&self, call: &Call<'_>, state: &str, presented: Option<&Token>) -> Result<Attempt, Refusal> {
        let kept = self.gate.cookie(call, &Attempt::cookie_name(state))?;
        let attempt = kept.and_then(Attempt::decode).ok_or(Problem::LoginExpired)?;
        let has_marked =
            presented.map(|token| move |bytes: &[u8], mark: &str| token.has_marked(Attempt::PURPOSE, bytes, mark));
        match attempt.may_be_finished(has_marked) {
            true => Ok(attempt),
            false => Err(Refusal { detail: attempt.link.then_some(LINK), ..Problem::LoginExpired.into() }),
        }
    }

    /// Writes the audit event of a failed login. A planted cookie is already reported as a denial. If the stores
    /// failed, nothing was refused.
    fn audit_refusal(&self, call: &Call<'_>, provider: &Provider, refusal: Refusal) -> Problem {
        let Refusal { problem, reason, user_id, detail } = refusal;
        if !matches!(problem, Problem::DuplicateCookie | Problem::Unavailable(_) | Problem::Internal) {
            let method = format!("oidc:{}", provider.name());
            let audit = Audit::of(user_id.as_deref()).method(&*method).reason(reason).detail(detail);
            self.gate.audit(call, Event::LoginFailed, audit);
        }
        problem
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

fn of_provider(error: oidc::Error) -> Problem {
    match error {
        oidc::Error::Expired => Problem::LoginExpired,
        oidc::Error::Refused(_) => Problem::LoginRefused(Cause::of(&error)),
        oidc::Error::Failed { .. } => Problem::ProviderFailed(Cause::of(&error)),
        oidc::Error::Entropy(_) => Problem::Internal,
    }
}

fn of_users(error: users::Error) -> Refusal {
    match error {
        users::Error::Taken => Problem::AccountExists.into(),
        users::Error::Denied { denial, ref user_id } => {
            let user_id = user_id.clone();
            let problem = Problem::LoginRefused(Cause::of(&error));
            Refusal { problem, reason: denial.as_str(), user_id, detail: None }
        }
        users::Error::Spent
        | users::Error::Used { .. }
        | users::Error::Store(_)
        | users::Error::PasswordNeeded
        | users::Error::Session(_)
        | users::Error::Hash(_)
        | users::Error::Entropy(_) => Problem::unavailable(&error).into(),
    }
}
