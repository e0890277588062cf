use crate::Login;
use edge::{Answer, Call, Cause, Problem};
use oidc::Attempt;
use std::time::Duration;

/// Logins that one browser may have under way: their cookies are sent with every request.
const UNDER_WAY: usize = 4;

impl Login {
    /// Nothing is stored here: what must come back travels in a cookie of this attempt's own.
    pub(crate) async fn with_provider(&self, call: &Call, provider: &str) -> Result<Answer, Problem> {
        let provider = self.providers.find(provider).ok_or(Problem::NotFound)?;
        let return_to = self.return_to.judge(call.query("return_to")?)?;

        let redirect_uri = self.gate.callback_url(provider.name());
        let begun = provider.begin(&redirect_uri, return_to.as_str(), call.now).await;
        let (location, attempt) = begun.map_err(|error| Problem::ProviderFailed(Cause::of(&error)))?;

        let name = Attempt::cookie_name(&attempt.state);
        let life = Duration::try_from(Attempt::LIFETIME).unwrap_or_default();
        let started = Answer::redirect(&location).cookie(self.gate.login_cookie(&name, &attempt.encode(), life));
        Ok(self.surplus(call).fold(started, Answer::cookie))
    }

    /// Takes away the oldest logins under way beyond the few that a browser keeps.
    fn surplus(&self, call: &Call) -> impl Iterator<Item = String> {
        let names = self.gate.cookie_names(call, Attempt::COOKIE_PREFIX);
        let surplus = (names.len() + 1).saturating_sub(UNDER_WAY);
        names.into_iter().take(surplus).map(|name| self.gate.login_cookie(&name, "", Duration::ZERO))
    }
}
