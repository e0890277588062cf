use crate::{
    frame::Frame,
    words::{Account as AccountWords, Trouble, Words},
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
    /// Begins, as a developer.
    Start,
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
    Start: "start.html",
}

impl Problem<'_> {
    fn trouble(&self) -> &'static Trouble {
        self.0.trouble.unwrap_or(&self.0.words.trouble)
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
    /// What stands in the browser's list of windows.
    pub(crate) fn title(self, words: &'static Words, trouble: Option<&'static Trouble>) -> &'static str {
        match self {
            Self::Login => words.login.title,
            Self::Register => words.register.title,
            Self::Verify => words.verify.title,
            Self::Forgot => words.forgot.title,
            Self::Reset => words.reset.title,
            Self::Account => words.account.title,
            Self::Problem => trouble.unwrap_or(&words.trouble).title,
            Self::Start => words.start.title,
        }
    }

    /// Its script, if it has one.
    pub(crate) fn script(self) -> Option<&'static str> {
        match self {
            Self::Login => Some("login.js"),
            Self::Register => Some("register.js"),
            Self::Verify => Some("verify.js"),
            Self::Forgot => Some("forgot.js"),
            Self::Reset => Some("reset.js"),
            Self::Account => Some("account.js"),
            Self::Problem | Self::Start => None,
        }
    }

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
            Self::Start => Start(frame).render(),
        }
    }
}
