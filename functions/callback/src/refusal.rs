use crate::Callback;
use edge::{Audit, Call, Cause, Event, Problem};
use oidc::Provider;

/// Why the sign-in failed, and the user whose account it would have been, if known.
pub(crate) struct Refusal {
    pub problem: Problem,
    pub reason: &'static str,
    pub user_id: Option<String>,
    /// What the person wanted, if it was not to sign in.
    pub detail: Option<&'static str>,
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self { reason: problem.slug(), problem, user_id: None, detail: None }
    }
}

impl Callback {
    /// Writes the audit event of a failed login. A planted cookie is already reported as a denial. If the stores
    /// failed, nothing was refused.
    pub(crate) fn audit_refusal(&self, call: &Call<'_>, provider: &Provider, refusal: Refusal) -> Problem {
        let Refusal { problem, reason, user_id, detail } = refusal;
        if !matches!(problem, Problem::DuplicateCookie | Problem::Unavailable(_) | Problem::Internal) {
            let method = format!("oidc:{}", provider.name());
            let audit = Audit::of(user_id.as_deref()).method(&*method).reason(reason).detail(detail);
            self.gate.audit(call, Event::LoginFailed, audit);
        }
        problem
    }
}

pub(crate) fn of_provider(error: oidc::Error) -> Problem {
    match error {
        oidc::Error::Expired => Problem::LoginExpired,
        oidc::Error::Refused(oidc::Refusal::Cancelled) => Problem::LoginCancelled,
        oidc::Error::Refused(_) => Problem::LoginRefused(Cause::of(&error)),
        oidc::Error::Failed { .. } => Problem::ProviderFailed(Cause::of(&error)),
        oidc::Error::Entropy(_) => Problem::Internal,
    }
}

pub(crate) fn of_users(error: users::Error) -> Refusal {
    match error {
        users::Error::Taken => Problem::AccountExists.into(),
        users::Error::Denied { denial, ref user_id } => {
            let user_id = user_id.clone();
            let problem = Problem::LoginRefused(Cause::of(&error));
            Refusal { problem, reason: denial.as_str(), user_id, detail: None }
        }
        users::Error::Spent
        | users::Error::Used { .. }
        | users::Error::Store(_)
        | users::Error::PasswordNeeded
        | users::Error::Session(_)
        | users::Error::Hash(_)
        | users::Error::Entropy(_) => Problem::unavailable(&error).into(),
    }
}
