//! What the browser keeps in the cookie of an attempt: first the attempt, after its success a receipt.

use crate::{Callback, LINK, refusal::Refusal};
use edge::{Call, Problem};
use jiff::Timestamp;
use oidc::{Attempt, Receipt};
use session::Token;
use std::time::Duration;

impl Callback {
    /// The value of the cookie for this `state`.
    pub(crate) fn kept<'a>(&self, call: &'a Call<'_>, state: &str) -> Result<Option<&'a str>, Problem> {
        self.gate.cookie(call, &Attempt::cookie_name(state))
    }

    /// The attempt that the browser has begun, whether or not the call may finish it.
    pub(crate) fn begun(&self, call: &Call<'_>) -> Option<Attempt> {
        let state = call.query("state").ok()??;
        self.kept(call, state).ok()?.and_then(Attempt::decode)
    }

    /// The `Set-Cookie` that puts a receipt into the place of an attempt that succeeded.
    pub(crate) fn receipt_cookie(&self, call: &Call<'_>, attempt: &Attempt) -> String {
        let receipt = Receipt { return_to: attempt.return_to.clone(), finished_at: call.now };
        let life = Duration::try_from(Receipt::LIFETIME).unwrap_or_default();
        self.gate.login_cookie(&Attempt::cookie_name(&attempt.state), &receipt.encode(), life)
    }
}

/// The receipt in the cookie, if it still leads somewhere.
pub(crate) fn receipt(kept: Option<&str>, now: Timestamp) -> Option<Receipt> {
    kept.and_then(Receipt::decode).filter(|receipt| receipt.is_fresh(now))
}

/// The attempt in the cookie, if the session that the browser presents may finish it.
pub(crate) fn attempt(kept: Option<&str>, presented: Option<&Token>) -> Result<Attempt, Refusal> {
    let attempt = kept.and_then(Attempt::decode).ok_or(Problem::LoginExpired)?;
    let has_marked =
        presented.map(|token| move |bytes: &[u8], mark: &str| token.has_marked(Attempt::PURPOSE, bytes, mark));
    match attempt.may_be_finished(has_marked) {
        true => Ok(attempt),
        false => Err(Refusal { detail: attempt.link.then_some(LINK), ..Problem::LoginExpired.into() }),
    }
}
