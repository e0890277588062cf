use crate::{
    Attempt, Callback, Claims, Endpoint, Error, Flaw, Refusal, Slash,
    cache::Cached,
    callback::refused,
    claims::{Expected, Payload},
    discovery::Discovery,
    exchange::{OAuth, OpenId, exchange},
    http::{Calls, Http},
    id_token::IdToken,
    keys::Keys,
    settings::Settings,
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as BASE64URL};
use jiff::Timestamp;
use oauth2::{AuthUrl, CsrfToken, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope, TokenResponse};
use std::{borrow::Cow, fmt, sync::Arc, time::Duration};
use tokio::sync::Mutex;
use url::Url;

/// The parameters that make a provider ask a person whom it knows, and say when it did (OpenID Connect Core 3.1.2.1,
/// 5.5.1.1). Each of the first two is enough for a provider that follows the standard, but not all do. The last is for
/// providers that send the time only on request.
const PROMPT: [(&str, &str); 3] =
    [("prompt", "login"), ("max_age", "0"), ("claims", r#"{"id_token":{"auth_time":{"essential":true}}}"#)];

/// One provider, with what it last published about itself.
pub struct Provider {
    settings: Settings,
    http: Http,
    discovery: Mutex<Option<Cached<Arc<Discovery>>>>,
    keys: Keys,
}

/// A callback that is this provider's answer to an attempt, with its code.
pub struct Granted<'a> {
    discovery: Arc<Discovery>,
    attempt: &'a Attempt,
    code: &'a str,
    /// One time limit for the whole login.
    calls: Calls,
}

impl Provider {
    pub(crate) fn new(settings: Settings, http: Http) -> Self {
        Self { settings, http, discovery: Mutex::default(), keys: Keys::default() }
    }

    pub(crate) fn set_limit(&mut self, limit: Duration) {
        self.http.set_limit(limit);
    }

    /// The provider's name in routes and in `auth_method`.
    pub fn name(&self) -> &str {
        &self.settings.name
    }

    /// Begins a login: returns where to send the browser, and what it must keep meanwhile. State, nonce and verifier
    /// are 32 bytes each from the system's generator. `return_to` is kept unchanged; the caller must check whether the
    /// browser may go there.
    ///
    /// # Errors
    /// [`Error::Failed`] when the provider's discovery document is unavailable; [`Error::Entropy`] without random
    /// bytes.
    pub async fn begin(&self, redirect_uri: &Url, return_to: &str, now: Timestamp) -> Result<(Url, Attempt), Error> {
        self.start(redirect_uri, return_to, false, now).await
    }

    /// As [`begin`](Self::begin), but the provider must ask the person for a credential, even if it knows the person,
    /// and say when it did: otherwise [`finish`](Self::finish) refuses.
    ///
    /// # Errors
    /// As [`begin`](Self::begin).
    pub async fn begin_with_prompt(
        &self,
        redirect_uri: &Url,
        return_to: &str,
        now: Timestamp,
    ) -> Result<(Url, Attempt), Error> {
        self.start(redirect_uri, return_to, true, now).await
    }

    async fn start(
        &self,
        redirect_uri: &Url,
        return_to: &str,
        prompt: bool,
        now: Timestamp,
    ) -> Result<(Url, Attempt), Error> {
        let discovery = self.discover(&self.http.calls(), now).await?;
        let attempt = Attempt {
            provider: self.name().to_owned(),
            state: random()?,
            nonce: random()?,
            verifier: random()?,
            return_to: return_to.to_owned(),
            started_at: now,
            link: false,
            prompt,
            mark: None,
        };
        let verifier = PkceCodeVerifier::new(attempt.verifier.clone());
        let client = OAuth::new(self.settings.client_id.clone())
            .set_auth_uri(AuthUrl::from_url(discovery.authorization_endpoint.clone()));
        let mut request = client
            .authorize_url(|| CsrfToken::new(attempt.state.clone()))
            .set_redirect_uri(Cow::Owned(RedirectUrl::from_url(redirect_uri.clone())))
            .add_scopes(self.settings.scopes.iter().cloned().map(Scope::new))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .add_extra_param("nonce", &attempt.nonce);
        if prompt {
            let asking = PROMPT.into_iter();
            request = asking.fold(request, |request, (name, value)| request.add_extra_param(name, value));
        }
        Ok((request.url().0, attempt))
    }

    /// Finishes a login: returns who signed in. `redirect_uri` is the one that [`begin`](Self::begin) was given. The
    /// checks are made in the order of the errors below, and after the first failure the provider is not asked again.
    ///
    /// # Errors
    /// [`Error::Expired`] when the attempt does not belong to this callback or this provider, or is older than ten
    /// minutes. [`Error::Refused`] when the callback is from another issuer, carries an error, or has no code, when the
    /// code is not accepted, or when the ID token is not. [`Error::Failed`] when an endpoint fails.
    pub async fn finish(
        &self,
        attempt: &Attempt,
        callback: &Callback,
        redirect_uri: &Url,
        now: Timestamp,
    ) -> Result<Claims, Error> {
        let granted = self.granted(attempt, callback, now).await?;
        self.trade(&granted, redirect_uri, now).await
    }

    /// The first half of [`finish`](Self::finish): the checks before the code is sent to the provider.
    ///
    /// # Errors
    /// Those of [`finish`](Self::finish) that do not concern the code or its exchange.
    pub async fn granted<'a>(
        &self,
        attempt: &'a Attempt,
        callback: &'a Callback,
        now: Timestamp,
    ) -> Result<Granted<'a>, Error> {
        if !attempt.is_for(self.name(), &callback.state, now) {
            return Err(Error::Expired);
        }
        let (calls, issuer) = (self.http.calls(), self.settings.issuer);
        if let Some(iss) = callback.iss.as_ref().filter(|iss| *iss != issuer) {
            return Err(Slash::between(iss, issuer).map_or(Refusal::ForeignCallback, Refusal::CallbackSlash).into());
        }
        let discovery = self.discover(&calls, now).await?;
        if callback.iss.is_none() && discovery.names_itself() {
            return Err(Refusal::ForeignCallback.into());
        }
        if let Some(error) = &callback.error {
            return Err(refused(error).into());
        }
        let code = callback.code.as_deref().filter(|code| !code.is_empty()).ok_or(Refusal::NoCode)?;
        Ok(Granted { discovery, attempt, code, calls })
    }

    /// The second half: exchanges the code, which calls the provider.
    ///
    /// # Errors
    /// The others of [`finish`](Self::finish).
    pub async fn trade(&self, granted: &Granted<'_>, redirect_uri: &Url, now: Timestamp) -> Result<Claims, Error> {
        let Granted { discovery, attempt, code, calls } = granted;
        let tokens = exchange(calls, &self.settings, discovery, code, &attempt.verifier, redirect_uri).await?;
        self.verify(calls, discovery, &tokens, attempt, now).await
    }

    /// The claims of an ID token that passes all rules.
    async fn verify(
        &self,
        calls: &Calls,
        discovery: &Discovery,
        tokens: &OpenId,
        attempt: &Attempt,
        now: Timestamp,
    ) -> Result<Claims, Error> {
        let refused = |flaw: Flaw| Error::from(Refusal::from(flaw));
        let listed = discovery.id_token_signing_alg_values_supported.as_deref();
        let token = IdToken::read(tokens.id_token(), listed).map_err(refused)?;
        let (kid, algorithm) = (token.kid.as_deref(), token.algorithm);
        let key = self.keys.find(calls, &discovery.jwks_uri, kid, algorithm, now).await?;
        let expected = Expected {
            issuer: self.settings.issuer,
            client_id: &self.settings.client_id,
            nonce: &attempt.nonce,
            access_token: tokens.access_token().secret(),
            algorithm,
            asked_since: attempt.prompt.then_some(attempt.started_at),
            now,
        };
        token.open::<Payload>(&key).and_then(|payload| payload.accept(&expected)).map_err(refused)
    }

    /// The discovery document, at most an hour old.
    async fn discover(&self, calls: &Calls, now: Timestamp) -> Result<Arc<Discovery>, Error> {
        let mut known = self.discovery.lock().await;
        if let Some(discovery) = known.as_ref().and_then(|known| known.fresh(now)) {
            return Ok(Arc::clone(discovery));
        }
        let fetched = async {
            let address = Discovery::address(self.settings.issuer)?;
            calls.document::<Discovery>(&address).await?.accept(&self.settings)
        };
        let discovery = Arc::new(fetched.await.map_err(|fault| fault.at(Endpoint::Discovery))?);
        *known = Some(Cached::new(Arc::clone(&discovery), now));
        Ok(discovery)
    }

    #[cfg(test)]
    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }
}

impl fmt::Debug for Provider {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Provider").field("settings", &self.settings).finish_non_exhaustive()
    }
}

/// 32 random bytes, base64url.
fn random() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(BASE64URL.encode(bytes))
}
