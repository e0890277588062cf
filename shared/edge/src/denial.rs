use crate::{Audit, Call, Event, Gate, Problem};

/// A cookie was ignored because its name only looks like one of ours.
const IMITATION: &str = "imitated-cookie";

/// Writes an audit event for each thing that was refused to a call (OWASP ASVS 16.3.2, 16.3.3).
pub(crate) fn audit_denials(gate: &Gate, call: &Call<'_>, problem: Option<&Problem>, reads_cookie: bool) {
    let imitates = gate.has_imitation(call);
    if !imitates && problem.is_none() {
        return;
    }
    let token = gate.token(call).ok().flatten();
    let id = token.as_ref().map(session::Token::id);
    let audit = |event, reason| {
        let about = Audit::default().reason(reason);
        gate.audit(call, event, id.as_ref().map_or(about, |id| about.session(id)));
    };
    if imitates {
        audit(Event::Denied, IMITATION);
    }
    let presents_session = reads_cookie && token.is_some();
    if let Some((problem, event)) = problem.and_then(|problem| Some((problem, problem.event(presents_session)?))) {
        audit(event, problem.slug());
    }
}

impl Problem {
    /// The event that the problem itself causes. The match names every problem, so that a new one cannot be silent by
    /// oversight. `presents_session`: the call came with a value that could be the token of a session.
    fn event(&self, presents_session: bool) -> Option<Event> {
        match self {
            // These guards stopped a request.
            Self::DuplicateCookie | Self::ForeignOrigin | Self::Csrf | Self::Reauthenticate => Some(Event::Denied),
            // Only `application/json` makes a browser ask before it sends (OWASP ASVS 3.5.2).
            Self::UnsupportedMediaType => Some(Event::Denied),
            // The gateway passes on only existing routes and methods. So a 404 means that the path names something this
            // user does not have, perhaps another user's session or way in. A method that is not served came past the
            // gateway.
            Self::NotFound | Self::MethodNotAllowed(_) => Some(Event::Denied),
            // This rule protects the account from its own user.
            Self::IdentityNeeded => Some(Event::Denied),
            // The token opens nothing: it is spent or made up. A call without a token had nothing to refuse.
            Self::SignedOut => presents_session.then_some(Event::Denied),
            Self::TooManyAttempts(_) => Some(Event::Throttled),
            // The handlers report these, since they know more: which account, and why.
            Self::InvalidCredentials
            | Self::LinkExpired
            | Self::AlreadyVerified
            | Self::LoginExpired
            | Self::LoginCancelled
            | Self::LoginRefused(_)
            | Self::AccountExists => None,
            // A request that cannot be read or used asks for nothing that could be refused. The request's log line
            // names the problem.
            Self::BadRequest(_) | Self::BodyTooLarge | Self::Faulty(_) => None,
            // Nothing was refused: no decision was possible, or the decision no longer applied.
            Self::Overtaken | Self::ProviderFailed(_) | Self::Unavailable(_) | Self::Internal => None,
        }
    }
}
