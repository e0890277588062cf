use crate::{
    Answer, Call, Problem, SessionCookie,
    address::{self, Proxy},
    clears,
    cookies::{self, Settings},
};
use cookie::SameSite;
use environment::{Environment, below};
use jiff::{SignedDuration, Timestamp};
use logs::{CLIENTS, cut};
use session::{Client, Left, Session, Sessions, Slide, Token};
use std::time::Duration;
use url::Url;

/// For how long after a login its user may change what protects the account.
const RECENT: SignedDuration = SignedDuration::from_mins(15);

/// The checks between a request and a handler: who may ask from where, and how the session cookie travels.
#[derive(Clone, Debug)]
pub struct Gate {
    public_url: Url,
    origins: Vec<String>,
    cookie: Settings,
    clears: Option<&'static str>,
    proxy: Option<Proxy>,
}

impl Gate {
    /// Reads `PUBLIC_URL`, `ALLOWED_ORIGINS`, `COOKIE_NAME`, `COOKIE_SAMESITE`, `LOGOUT_CLEARS`, `TRUSTED_PROXY_HEADER`
    /// and `TRUSTED_PROXY_HOPS`.
    pub fn from_environment(environment: &mut Environment) -> Option<Self> {
        let public_url = environment.required("PUBLIC_URL", environment::web_url);
        let mut origins = allowed_origins(environment);
        let cookie = Settings::from_environment(environment);
        let clears = clears::from_environment(environment);
        let proxy = Proxy::from_environment(environment);
        let public_url = public_url?;
        origins.push(public_url.origin().ascii_serialization());
        Some(Self { public_url, origins, cookie, clears, proxy })
    }

    /// The path of a request as routes have it: without the path of `PUBLIC_URL`, which a domain's mapping leaves in
    /// it.
    pub(crate) fn own_path<'a>(&self, path: &'a str) -> &'a str {
        path.strip_prefix(self.prefix()).filter(|rest| rest.starts_with('/')).unwrap_or(path)
    }

    /// The path of `PUBLIC_URL`, without a slash at its end: nothing, or such as `/auth`.
    pub fn prefix(&self) -> &str {
        self.public_url.path().trim_end_matches('/')
    }

    /// The address of a path of ours.
    pub fn url(&self, path: &[&str]) -> Url {
        below(&self.public_url, path)
    }

    /// Where a provider sends a browser back to.
    pub fn callback_url(&self, provider: &str) -> Url {
        self.url(&["callback", provider])
    }

    /// Whether the browser has kept the session cookie back: it is `Strict`, and a page of another site has sent the
    /// browser here, if only by a redirect. The browser says so; from another one nothing is known.
    pub fn lacks_cookies(&self, call: &Call<'_>) -> bool {
        self.cookie.same_site == SameSite::Strict && call.header("sec-fetch-site") == Some("cross-site")
    }

    /// Lets an unsafe request pass if it comes from a page of ours (OWASP CSRF Prevention, "Verifying Origin").
    ///
    /// # Errors
    /// [`Problem::ForeignOrigin`].
    pub fn origin(&self, call: &Call<'_>) -> Result<(), Problem> {
        let ours = match call.header("origin") {
            Some(origin) => self.origins.iter().any(|allowed| allowed == origin),
            None if call.has_header("origin") => false,
            None if !call.has_header("sec-fetch-site") => true,
            None => matches!(call.header("sec-fetch-site"), Some("same-origin" | "none")),
        };
        if ours { Ok(()) } else { Err(Problem::ForeignOrigin) }
    }

    /// The token in the session cookie: `None` if there is no cookie, or its value cannot be a token.
    ///
    /// # Errors
    /// [`Problem::DuplicateCookie`] when there are two: one of them was planted.
    pub fn token(&self, call: &Call<'_>) -> Result<Option<Token>, Problem> {
        Ok(self.cookie(call, &self.cookie.name)?.and_then(Token::parse))
    }

    /// Demands the CSRF token of the session that `token` opens.
    ///
    /// # Errors
    /// [`Problem::Csrf`].
    pub fn csrf(&self, call: &Call<'_>, token: &Token) -> Result<(), Problem> {
        let matches = call.header("x-csrf-token").is_some_and(|presented| token.csrf_matches(presented));
        if matches { Ok(()) } else { Err(Problem::Csrf) }
    }

    /// Every guard of an unsafe request that needs a session: origin, cookie, CSRF token.
    ///
    /// # Errors
    /// The first guard that refuses the call.
    pub fn unsafe_call(&self, call: &Call<'_>) -> Result<Option<Token>, Problem> {
        self.origin(call)?;
        let token = self.token(call)?;
        token.as_ref().map_or(Ok(()), |token| self.csrf(call, token))?;
        Ok(token)
    }

    /// Every guard of an unsafe request that needs no session: the origin and, if the browser has a live session, its
    /// CSRF token. A dead cookie demands nothing: a page that has just been signed out elsewhere could not know the
    /// token.
    ///
    /// # Errors
    /// The first guard that refuses the call; [`Problem::Unavailable`] when it is unknown whether the session lives.
    pub async fn open_call(&self, call: &Call<'_>, sessions: &Sessions) -> Result<Option<Token>, Problem> {
        self.origin(call)?;
        let Some(token) = self.token(call)? else { return Ok(None) };
        if let Err(problem) = self.csrf(call, &token)
            && sessions.authenticate(&token, Slide::No, call.now).await?.is_some()
        {
            return Err(problem);
        }
        Ok(Some(token))
    }

    /// Demands a session whose credential was checked in the last 15 minutes: for actions that must not be possible in
    /// an unattended browser (OWASP ASVS 7.5.1–7.5.3). A session is not recent if a provider vouched for it without
    /// saying when it asked the person (7.6.2): the provider's own session may be days old.
    ///
    /// # Errors
    /// [`Problem::Reauthenticate`].
    pub fn recent(&self, session: &Session, now: Timestamp) -> Result<(), Problem> {
        let age = now.duration_since(session.record.auth_time);
        if age < RECENT { Ok(()) } else { Err(Problem::Reauthenticate) }
    }

    /// The `Set-Cookie` that gives a session to the browser, for as long as the session has left.
    pub fn session_cookie(&self, token: &Token, session: &Session, now: Timestamp) -> SessionCookie {
        let line = cookies::write(&self.cookie.name, &token.expose(), self.cookie.same_site, session.left(now));
        SessionCookie { line, held_until: session.held_until }
    }

    /// The same if this call has renewed the session, so that the browser keeps the cookie for as long.
    pub fn renewed(&self, call: &Call<'_>, token: &Token, session: &Session) -> Option<SessionCookie> {
        session.renewed.then(|| self.session_cookie(token, session, call.now))
    }

    /// The answer to a sign-out: the cookie goes, and what `LOGOUT_CLEARS` names. All stays if another session has replaced
    /// this one: the browser holds the new cookie, or is about to.
    pub fn signed_out(&self, ended: Option<&Left>) -> Answer {
        if ended.is_some_and(|ended| ended.was_replaced) {
            return Answer::empty();
        }
        let answer = Answer::empty().cookie(self.clear_session_cookie());
        self.clears.into_iter().fold(answer, |answer, what| answer.header("clear-site-data", what))
    }

    /// The `Set-Cookie` that removes the session cookie. Only an answer that ends a session at its owner's request has
    /// it. If a 401 had it, a request under way while its user signed in again would remove the new cookie.
    pub fn clear_session_cookie(&self) -> String {
        cookies::write(&self.cookie.name, "", self.cookie.same_site, Duration::ZERO)
    }

    /// The `Set-Cookie` of a login under way: the browser must send it with the provider's redirect, so it is `Lax`.
    pub fn login_cookie(&self, name: &str, value: &str, life: Duration) -> String {
        cookies::write(name, value, SameSite::Lax, life)
    }

    /// As [`login_cookie`](Self::login_cookie), for an attempt that a page begins by `fetch`. Browsers drop `Lax`
    /// cookies from an answer to another site's page, so if the session cookie is `None`, this one is too.
    pub fn link_cookie(&self, name: &str, value: &str, life: Duration) -> String {
        let same_site = if self.cookie.same_site == SameSite::None { SameSite::None } else { SameSite::Lax };
        cookies::write(name, value, same_site, life)
    }

    /// The value of another cookie.
    ///
    /// # Errors
    /// [`Problem::DuplicateCookie`] when there are two.
    pub fn cookie<'a>(&self, call: &'a Call, name: &str) -> Result<Option<&'a str>, Problem> {
        let mut values = call.cookies().filter(|cookie| cookie.name == name);
        match (values.next(), values.next()) {
            (_, Some(_)) => Err(Problem::DuplicateCookie),
            (first, None) => Ok(first.map(|cookie| cookie.value)),
        }
    }

    /// The names of the cookies that start with `prefix`, in the order in which the browser sent them: oldest first
    /// (RFC 6265bis 5.8.3). Only names that we could have written, since they are written back.
    pub fn cookie_names(&self, call: &Call<'_>, prefix: &str) -> Vec<String> {
        let names = call.cookies().map(|cookie| cookie.name);
        names.filter(|name| name.starts_with(prefix) && cookies::is_plain(name)).map(str::to_owned).collect()
    }

    /// Whether there is a cookie that another host may have set and that careless readers would take for one of ours.
    pub(crate) fn has_imitation(&self, call: &Call<'_>) -> bool {
        call.cookies().any(|cookie| cookie.imitates_ours())
    }

    /// The `SameSite` of the session cookie.
    pub(crate) fn same_site(&self) -> SameSite {
        self.cookie.same_site
    }

    /// Where the request came from: the client's address, in canonical form, that the trusted proxy names. Without such
    /// a proxy, or if it names none, it is the source address that the gateway saw: then a client that bypasses the
    /// proxy is known by its own address.
    pub fn client(&self, call: &Call<'_>) -> Client {
        let plain = |text: &str| text.chars().filter(|c| !c.is_control()).collect::<String>();
        let user_agent = call.header("user-agent").map(|text| cut(&plain(text), CLIENTS).to_owned());
        let named = self.proxy.as_ref().and_then(|proxy| proxy.client(call));
        let address = named.or_else(|| address::parse(call.source_ip()?));
        Client { ip: address.map(|address| address.to_string()), user_agent, browser: None }
    }
}

/// Reads `ALLOWED_ORIGINS`: the front ends' origins. Faults stay in `environment`.
pub fn allowed_origins(environment: &mut Environment) -> Vec<String> {
    environment.default("ALLOWED_ORIGINS", Vec::new(), |value| {
        environment::list(value).unwrap_or_default().iter().map(|origin| parse_origin(origin)).collect::<Result<_, _>>()
    })
}

fn parse_origin(text: &str) -> Result<String, &'static str> {
    let origin = environment::web_url(text)?.origin().ascii_serialization();
    // The URL parser accepts an asterisk as part of a name, but there are no wildcards here.
    let is_origin = origin == text && !text.contains('*');
    if is_origin { Ok(origin) } else { Err("has a member that is not an origin such as https://app.example.com") }
}
