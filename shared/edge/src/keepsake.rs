use crate::{Call, Gate, Problem, cookies};
use cookie::SameSite;
use session::{Client, Token};
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(60 * 60);

/// The name of the cookie with the language that a person chose. It is no secret.
pub const LANGUAGE: &str = "__Host-language";

/// A random value by which a browser is recognized. None of them opens anything by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keepsake {
    /// For a browser that asked for an account.
    Registration,
    /// For a browser in which a person has signed in.
    Browser,
}

impl Keepsake {
    /// All of them.
    pub(crate) const ALL: [Self; 2] = [Self::Registration, Self::Browser];

    /// The name of its cookie.
    pub fn name(self) -> &'static str {
        match self {
            Self::Registration => "__Host-registration",
            Self::Browser => "__Host-browser",
        }
    }

    fn life(self) -> Duration {
        match self {
            // Sending a mail is tried for a day, and its link is then valid for an hour.
            Self::Registration => 25 * HOUR,
            // The longest that browsers keep a cookie (RFC 6265bis 5.5).
            Self::Browser => 400 * 24 * HOUR,
        }
    }
}

impl Gate {
    /// The value that this browser keeps. `None`: it keeps none, or one that we could not have written. Two cookies of
    /// one name count as none and are no error: the only loss is that the browser is not recognized.
    pub fn kept(&self, call: &Call<'_>, keepsake: Keepsake) -> Option<Token> {
        self.cookie(call, keepsake.name()).ok().flatten().and_then(Token::parse)
    }

    /// The value that this browser keeps, or a new one for it to keep.
    ///
    /// # Errors
    /// [`Problem::Internal`] when the system has no random bytes to give.
    pub fn keep(&self, call: &Call<'_>, keepsake: Keepsake) -> Result<Token, Problem> {
        match self.kept(call, keepsake) {
            Some(value) => Ok(value),
            None => Token::generate().map_err(|_| Problem::Internal),
        }
    }

    /// The `Set-Cookie` that gives the value to the browser, for its whole life, with the session cookie's `SameSite`.
    pub fn keepsake_cookie(&self, keepsake: Keepsake, value: &Token) -> String {
        cookies::write(keepsake.name(), &value.expose(), self.same_site(), keepsake.life())
    }

    /// The `Set-Cookie` that keeps the language that a person chose, for as long as browsers keep a cookie.
    pub fn language_cookie(&self, tag: &str) -> String {
        cookies::write(LANGUAGE, tag, SameSite::Lax, Keepsake::Browser.life())
    }

    /// As [`client`](Self::client), for a browser in which a person signs in, with the value, old or new, by which it
    /// is recognized.
    ///
    /// # Errors
    /// As [`keep`](Self::keep).
    pub fn browser(&self, call: &Call<'_>) -> Result<Client, Problem> {
        Ok(Client { browser: Some(self.keep(call, Keepsake::Browser)?), ..self.client(call) })
    }

    /// The `Set-Cookie` by which a browser is recognized at the next sign-in.
    pub fn browser_cookie(&self, client: &Client) -> Option<String> {
        client.browser.as_ref().map(|value| self.keepsake_cookie(Keepsake::Browser, value))
    }
}
