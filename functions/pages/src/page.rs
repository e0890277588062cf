use crate::{
    frame::Frame,
    start::Start,
    words::{Account as AccountWords, Trouble},
};
use askama::Template;

/// The pages, by what a person does on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    /// Signs in.
    Login,
    /// Makes an account.
    Register,
    /// Opens the link in the mail about that.
    Verify,
    /// Asks for a mail, because the password is forgotten.
    Forgot,
    /// Opens the link in that mail.
    Reset,
    /// Looks at the account.
    Account,
    /// Learns what went wrong.
    Problem,
}

/// Declares the template of a page, which gets the frame alone.
macro_rules! pages {
    ($($name:ident: $path:literal),+ $(,)?) => {$(
        #[derive(Template)]
        #[template(path = $path)]
        struct $name<'a>(&'a Frame<'a>);
    )+};
}

pages! {
    Login: "login.html",
    Register: "register.html",
    Verify: "verify.html",
    Forgot: "forgot.html",
    Reset: "reset.html",
    Account: "account.html",
    Problem: "problem.html",
}

#[derive(Template)]
#[template(path = "start.html")]
struct Home<'a>(&'a Frame<'a>, &'a Start);

impl Problem<'_> {
    fn trouble(&self) -> &'static Trouble {
        self.0.trouble.map_or(&self.0.words.trouble, |(_, trouble)| trouble)
    }
}

impl Account<'_> {
    fn words(&self) -> &'static AccountWords {
        &self.0.words.account
    }

    /// The same for the script, which fills in names and dates.
    fn json(&self) -> String {
        serde_json::to_string(self.words()).unwrap_or_default()
    }
}

impl Page {
    /// The page as HTML. Its template escapes every value (OWASP ASVS 1.2.1).
    pub(crate) fn render(self, frame: &Frame<'_>) -> Result<String, askama::Error> {
        match self {
            Self::Login => Login(frame).render(),
            Self::Register => Register(frame).render(),
            Self::Verify => Verify(frame).render(),
            Self::Forgot => Forgot(frame).render(),
            Self::Reset => Reset(frame).render(),
            Self::Account => Account(frame).render(),
            Self::Problem => Problem(frame).render(),
        }
    }
}

/// The page that a developer sees first.
pub(crate) fn start(frame: &Frame<'_>, start: &Start) -> Result<String, askama::Error> {
    Home(frame, start).render()
}
