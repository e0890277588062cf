use crate::{Audit, Call, Event, Gate, Problem};

/// A cookie was ignored whose name only looks like one of ours.
const IMITATION: &str = "imitated-cookie";

/// Writes an audit event for each thing that was refused to a call (OWASP ASVS 16.3.2, 16.3.3).
pub(crate) fn tell(gate: &Gate, call: &Call, problem: Option<&Problem>, reads_cookie: bool) {
    let token = gate.token(call).ok().flatten();
    let id = token.as_ref().map(session::Token::id);
    let audit = |event, reason| {
        let about = Audit::default().reason(reason);
        gate.audit(call, event, id.as_ref().map_or(about, |id| about.session(id)));
    };
    if gate.has_imitation(call) {
        audit(Event::Denied, IMITATION);
    }
    let presents_session = reads_cookie && token.is_some();
    if let Some((problem, event)) = problem.and_then(|problem| Some((problem, problem.event(presents_session)?))) {
        audit(event, problem.slug());
    }
}

impl Problem {
    /// The event that a problem is by itself. Every problem is decided here, so that a new one cannot be silent by
    /// oversight. `presents_session`: the call came with what could be the token of a session.
    fn event(&self, presents_session: bool) -> Option<Event> {
        match self {
            // Guards that a request tried to get past.
            Self::DuplicateCookie | Self::ForeignOrigin | Self::Csrf | Self::Reauthenticate => Some(Event::Denied),
            // Only `application/json` makes a browser ask before it sends (OWASP ASVS 3.5.2).
            Self::UnsupportedMediaType => Some(Event::Denied),
            // The gateway passes on the routes and methods that there are. So what is not found is what a path names, a
            // session or a way in of another user perhaps; and a method that is not served came past the gateway.
            Self::NotFound | Self::MethodNotAllowed(_) => Some(Event::Denied),
            // A rule that protects the account from its own user.
            Self::IdentityNeeded => Some(Event::Denied),
            // A token that opens nothing: spent, or made up. Without one there was nothing to refuse.
            Self::SignedOut => presents_session.then_some(Event::Denied),
            Self::TooManyAttempts(_) => Some(Event::Throttled),
            // Handlers tell these, since they know more: which account, and why.
            Self::InvalidCredentials
            | Self::LinkExpired
            | Self::LoginExpired
            | Self::LoginRefused(_)
            | Self::AccountExists => None,
            // What cannot be read or used asks for nothing that could be refused; the line of the request names it.
            Self::BadRequest(_) | Self::BodyTooLarge | Self::Unusable { .. } => None,
            // Nothing was refused: it could not be decided, or what was decided did not hold any more.
            Self::Overtaken | Self::ProviderFailed(_) | Self::Unavailable(_) | Self::Internal => None,
        }
    }
}
