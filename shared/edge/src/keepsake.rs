use crate::{Call, Gate, Problem, cookies};
use session::{Client, Token};
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(60 * 60);

/// A random value that a browser keeps so that it is known again. None opens anything by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keepsake {
    /// Of a browser that asked for an account.
    Registration,
    /// Of a browser in which somebody has signed in.
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
            // A letter is tried for a day, and its link is good for an hour then.
            Self::Registration => 25 * HOUR,
            // As long as browsers keep a cookie (RFC 6265bis 5.5).
            Self::Browser => 400 * 24 * HOUR,
        }
    }
}

impl Gate {
    /// What this browser keeps. `None`: nothing, or nothing that we could have written. Two of one name tell nothing,
    /// and turn nobody away: all that is lost is that the browser is not known again.
    pub fn kept(&self, call: &Call, keepsake: Keepsake) -> Option<Token> {
        self.cookie(call, keepsake.name()).ok().flatten().and_then(Token::parse)
    }

    /// What this browser keeps, or something new to be kept.
    ///
    /// # Errors
    /// [`Problem::Internal`] when the system has no random bytes to give.
    pub fn keep(&self, call: &Call, keepsake: Keepsake) -> Result<Token, Problem> {
        match self.kept(call, keepsake) {
            Some(value) => Ok(value),
            None => Token::generate().map_err(|_| Problem::Internal),
        }
    }

    /// The `Set-Cookie` that gives it to the browser, for its whole life. It goes where the session cookie goes.
    pub fn keepsake_cookie(&self, keepsake: Keepsake, value: &Token) -> String {
        cookies::write(keepsake.name(), &value.expose(), self.same_site(), keepsake.life())
    }

    /// As [`client`](Self::client), of a browser in which somebody signs in: with what it is known by, old or new.
    ///
    /// # Errors
    /// As [`keep`](Self::keep).
    pub fn browser(&self, call: &Call) -> Result<Client, Problem> {
        Ok(Client { browser: Some(self.keep(call, Keepsake::Browser)?), ..self.client(call) })
    }

    /// The `Set-Cookie` by which a browser is known at the next sign-in.
    pub fn browser_cookie(&self, client: &Client) -> Option<String> {
        client.browser.as_ref().map(|value| self.keepsake_cookie(Keepsake::Browser, value))
    }
}
