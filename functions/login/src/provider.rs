use crate::Login;
use edge::{Answer, Call, Cause, Gate, Problem};
use oidc::{Attempt, Receipt};
use serde::Serialize;
use session::{Slide, Standing, Token};
use std::time::Duration;
use url::Url;

/// The most logins that one browser may have under way: their cookies are sent with every request.
const UNDER_WAY: usize = 4;

/// How the cookie of an attempt is written: its name, its value and its life.
type Cookie = fn(&Gate, &str, &str, Duration) -> String;

/// The address to which a page sends its browser.
#[derive(Serialize)]
struct Elsewhere<'a> {
    location: &'a str,
}

impl Login {
    /// Nothing is stored here: the data for the callback travels in the attempt's own cookie.
    pub(crate) async fn with_provider(&self, call: &Call<'_>, provider: &str) -> Result<Answer, Problem> {
        self.return_to.may_start(call)?;
        let token = self.gate.token(call)?;
        let (location, attempt) = self.begin(call, provider).await?;
        let attempt = match token {
            Some(token) => marked(attempt, &token),
            None => attempt,
        };
        Ok(self.keep(call, &attempt, Gate::login_cookie, Answer::redirect(&location)))
    }

    /// The callback adds the identity, if the browser still presents the same session.
    pub(crate) async fn link_provider(&self, call: &Call<'_>, provider: &str) -> Result<Answer, Problem> {
        let token = self.gate.unsafe_call(call)?.ok_or(Problem::SignedOut)?;
        let session = self.sessions.authenticate(&token, Slide::Yes, call.now).await?.ok_or(Problem::SignedOut)?;
        // The hot copy of a revoked session can come back, and the way in that begins here would be permanent.
        if !matches!(self.sessions.standing(&token, call.now).await?, Standing::Live(_)) {
            return Err(Problem::SignedOut);
        }
        self.gate.recent(&session, call.now)?;

        let (location, attempt) = self.begin(call, provider).await?;
        let attempt = marked(Attempt { link: true, ..attempt }, &token);

        let renewed = self.gate.renewed(call, &token, &session);
        let answer = Answer::json(&Elsewhere { location: location.as_str() }).cookie(renewed);
        Ok(self.keep(call, &attempt, Gate::link_cookie, answer))
    }

    async fn begin(&self, call: &Call<'_>, provider: &str) -> Result<(Url, Attempt), Problem> {
        let provider = self.providers.find(provider).ok_or(Problem::NotFound)?;
        let return_to = self.return_to.judge(call.query("return_to")?)?;
        let redirect_uri = self.gate.callback_url(provider.name());
        let begun = match prompt(call)? {
            true => provider.begin_with_prompt(&redirect_uri, return_to.as_str(), call.now).await,
            false => provider.begin(&redirect_uri, return_to.as_str(), call.now).await,
        };
        begun.map_err(|error| Problem::ProviderFailed(Cause::of(&error)))
    }

    /// Gives the attempt to the browser, and removes the oldest ones beyond the limit.
    fn keep(&self, call: &Call<'_>, attempt: &Attempt, cookie: Cookie, answer: Answer) -> Answer {
        let name = Attempt::cookie_name(&attempt.state);
        let life = Duration::try_from(Attempt::LIFETIME).unwrap_or_default();
        let kept = answer.cookie(cookie(&self.gate, &name, &attempt.encode(), life));
        self.surplus(call, cookie).fold(kept, Answer::cookie)
    }

    /// Removes surplus cookies, receipts before attempts, with the new one's attributes: a browser drops others from an
    /// answer to another site's page.
    fn surplus(&self, call: &Call<'_>, cookie: Cookie) -> impl Iterator<Item = String> {
        let mut names = self.gate.cookie_names(call, Attempt::COOKIE_PREFIX);
        let value = |name: &String| self.gate.cookie(call, name).ok().flatten();
        names.sort_by_cached_key(|name| value(name).and_then(Receipt::decode).is_none());
        let surplus = (names.len() + 1).saturating_sub(UNDER_WAY);
        names.into_iter().take(surplus).map(move |name| cookie(&self.gate, &name, "", Duration::ZERO))
    }
}

/// Whether the provider must ask the person for a credential (OpenID Connect Core 3.1.2.1).
fn prompt(call: &Call<'_>) -> Result<bool, Problem> {
    match call.query("prompt")? {
        None => Ok(false),
        Some("login") => Ok(true),
        Some(_) => Err(Problem::BadRequest("prompt is not login.".to_owned())),
    }
}

/// An attempt that begins in the session of `token`, alive or not.
fn marked(attempt: Attempt, token: &Token) -> Attempt {
    attempt.marked(|bytes| token.mark(Attempt::PURPOSE, bytes))
}
