use crate::{breach::Breach, guess::guess, words::words};
use environment::Environment;
use reason::{Code, Reason};
use trust::Roots;
use users::Password;

/// The requirements on a new password.
#[derive(Debug)]
pub struct Strength {
    min_length: usize,
    /// The words of the product.
    words: Vec<String>,
    /// `None`: no service is asked.
    breach: Option<Breach>,
}

/// NIST SP 800-63B-4, 3.1.1.2, requires at least eight if a password is not the only factor, and that sixty-four are
/// possible.
const LENGTHS: std::ops::RangeInclusive<usize> = 8..=64;

impl Strength {
    /// Reads `PASSWORD_MIN_LENGTH` (12), `PASSWORD_BREACH_URL` (absent: off), `BRAND_NAME` (the host of `APP_URL`),
    /// `APP_URL` and what [`Roots::from_environment`] reads; faults stay in `environment`.
    pub fn from_environment(environment: &mut Environment) -> Option<Self> {
        let min_length = environment.default("PASSWORD_MIN_LENGTH", 12, |text| match text.parse() {
            Ok(length) if LENGTHS.contains(&length) => Ok(length),
            _ => Err("is not a whole number from 8 to 64"),
        });
        let roots = Roots::from_environment(environment);
        let breach = environment.optional("PASSWORD_BREACH_URL", environment::web_url);
        let breach = breach.map(|url| Breach::new(url, roots));
        let product = environment.optional("BRAND_NAME", environment::text).unwrap_or_default();
        let app = environment.required("APP_URL", environment::web_url)?;
        let words = words([product.as_str(), app.host_str().unwrap_or_default()]);
        Some(Self { min_length, words, breach })
    }

    /// Judges a new password by its whole length in code points of NFC, by how soon an attacker who knows `own_words`
    /// (the person's address and name, for example) would guess it, and by known breaches. It takes at most a second,
    /// mostly for the breaches.
    ///
    /// # Errors
    /// The first [`Reason`] that is found.
    pub async fn judge(&self, password: &Password, own_words: &[&str]) -> Result<(), Reason> {
        if password.expose().chars().count() < self.min_length {
            return Err(Reason::too_short(self.min_length));
        }
        let known = words(own_words.iter().copied().chain(self.words.iter().map(String::as_str)));
        let guessed = password.clone();
        // Runs off the threads that serve requests: this takes milliseconds.
        let judged = tokio::task::spawn_blocking(move || guess(guessed.expose(), &known)).await;
        judged.unwrap_or_else(|error| {
            tracing::error!(error = &error as &dyn std::error::Error, "a password could not be judged");
            Err(Code::Unjudged)
        })?;
        match &self.breach {
            Some(breach) if breach.knows(password.expose()).await => Err(Code::Breached.into()),
            _ => Ok(()),
        }
    }
}
