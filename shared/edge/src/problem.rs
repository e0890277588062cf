use crate::{Fault, fault::Entry};
use http::{Method, StatusCode};
use reason::Reason;
use serde::Serialize;
use std::{error::Error, fmt, time::Duration};

/// How a user becomes recent again. A provider that does not say when it asked the person cannot help.
const REAUTHENTICATE: &str = "Sign in again as the same user, with the password or by GET /login/{provider}?prompt=login, \
                              then repeat.";

/// What went wrong, as a client sees it (RFC 9457). It holds nothing internal: a [`Cause`] is for the log.
#[derive(Debug)]
pub enum Problem {
    /// The request is malformed; the text says how.
    BadRequest(String),
    /// Two cookies of one name: it is unknown which one the browser means.
    DuplicateCookie,
    /// The request comes from an origin that is not allowlisted.
    ForeignOrigin,
    /// The CSRF token is missing or is not this session's.
    Csrf,
    /// No session: absent, expired, revoked or malformed.
    SignedOut,
    /// Wrong password, unknown account, account without a password, disabled account.
    InvalidCredentials,
    /// The user's sessions were ended, or the account was disabled, while this sign-in was under way.
    Overtaken,
    /// The session's credential was checked too long ago for what is asked.
    Reauthenticate,
    /// Too many tries: when the next one may come.
    TooManyAttempts(Duration),
    /// A mailed token that is unknown, expired or spent.
    LinkExpired,
    /// A mailed token that has made its account.
    AlreadyVerified,
    /// A way to sign in without which the user could not sign in, or the account would have no address.
    IdentityNeeded,
    /// No such thing under this path.
    NotFound,
    /// The path has other methods, namely these.
    MethodNotAllowed(Vec<Method>),
    /// The body is larger than the limit.
    BodyTooLarge,
    /// The body is not JSON.
    UnsupportedMediaType,
    /// The members of the body are not those of the contract, or hold what cannot be used: all of these faults.
    Faulty(Vec<Fault>),
    /// The provider's answer belongs to no login under way in this browser.
    LoginExpired,
    /// The person said no at the provider, or the provider did in their place.
    LoginCancelled,
    /// The provider refused, or vouched for no account.
    LoginRefused(Cause),
    /// The provider's account has the address of an account here that it may not join.
    AccountExists,
    /// The provider could not be asked.
    ProviderFailed(Cause),
    /// The stores cannot tell: try again.
    Unavailable(Cause),
    /// A defect of ours.
    Internal,
}

/// An error with everything below it, for the log only.
pub struct Cause(String);

/// The fixed part of a problem.
struct Kind(StatusCode, &'static str, &'static str);

/// The body of a problem (RFC 9457, section 3).
#[derive(Serialize)]
pub(crate) struct Body<'a> {
    r#type: String,
    title: &'static str,
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    instance: &'a str,
    /// What is wrong with the members of the body.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<Entry>,
    /// As the header says it, for a page of another origin: seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<u64>,
}

impl Problem {
    /// A member of the body is well-formed but cannot be used.
    pub fn unusable(member: &'static str, reason: impl Into<Reason>) -> Self {
        Self::Faulty(vec![Fault::of(member, reason)])
    }

    /// The stores or a provider failed.
    pub fn unavailable(error: &dyn Error) -> Self {
        Self::Unavailable(Cause::of(error))
    }

    /// The call took longer than it may.
    pub(crate) fn overdue() -> Self {
        Self::Unavailable(Cause("deadline".to_owned()))
    }

    fn kind(&self) -> Kind {
        use StatusCode as S;
        match self {
            Self::BadRequest(_) => Kind(S::BAD_REQUEST, "bad-request", "The request cannot be understood"),
            Self::DuplicateCookie => Kind(S::BAD_REQUEST, "duplicate-cookie", "A cookie is there twice"),
            Self::ForeignOrigin => Kind(S::FORBIDDEN, "foreign-origin", "Requests from this origin are not allowed"),
            Self::Csrf => Kind(S::FORBIDDEN, "csrf", "The CSRF token is missing or wrong"),
            Self::SignedOut => Kind(S::UNAUTHORIZED, "signed-out", "You are signed out"),
            Self::InvalidCredentials => {
                Kind(S::UNAUTHORIZED, "invalid-credentials", "The email address or the password is wrong")
            }
            Self::Overtaken => Kind(S::CONFLICT, "overtaken", "The account changed during this sign-in"),
            Self::Reauthenticate => Kind(S::FORBIDDEN, "reauthenticate", "Please confirm that it is you"),
            Self::TooManyAttempts(_) => Kind(S::TOO_MANY_REQUESTS, "too-many-attempts", "There were too many attempts"),
            Self::LinkExpired => Kind(S::BAD_REQUEST, "link-expired", "This link has expired or was used"),
            Self::AlreadyVerified => Kind(S::CONFLICT, "already-verified", "This link has made its account already"),
            Self::IdentityNeeded => Kind(S::CONFLICT, "identity-needed", "The account needs this way in"),
            Self::NotFound => Kind(S::NOT_FOUND, "not-found", "There is nothing here"),
            Self::MethodNotAllowed(_) => Kind(S::METHOD_NOT_ALLOWED, "method-not-allowed", "The method is not allowed"),
            Self::BodyTooLarge => Kind(S::PAYLOAD_TOO_LARGE, "body-too-large", "The body is too large"),
            Self::UnsupportedMediaType => {
                Kind(S::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", "The body must be application/json")
            }
            Self::Faulty(faults) if faults.iter().any(Fault::is_of_form) => {
                Kind(S::BAD_REQUEST, "bad-request", "The request cannot be understood")
            }
            Self::Faulty(_) => Kind(S::UNPROCESSABLE_ENTITY, "unusable-value", "A value cannot be used"),
            Self::LoginExpired => Kind(S::BAD_REQUEST, "login-expired", "This sign-in has expired"),
            Self::LoginCancelled => Kind(S::BAD_REQUEST, "login-cancelled", "The sign-in was cancelled"),
            Self::LoginRefused(_) => Kind(S::BAD_REQUEST, "login-refused", "The sign-in was refused"),
            Self::AccountExists => Kind(S::CONFLICT, "account-exists", "There is an account with this address already"),
            Self::ProviderFailed(_) => Kind(S::BAD_GATEWAY, "provider-failed", "The sign-in provider does not answer"),
            Self::Unavailable(_) => Kind(S::SERVICE_UNAVAILABLE, "unavailable", "The service is not available"),
            Self::Internal => Kind(S::INTERNAL_SERVER_ERROR, "internal", "Something went wrong"),
        }
    }

    fn detail(&self) -> Option<String> {
        match self {
            Self::BadRequest(detail) => Some(detail.clone()),
            Self::Csrf => Some("Send the csrf_token of the last sign-in or of GET /me as X-CSRF-Token.".to_owned()),
            Self::Faulty(faults) => Some(faults.iter().map(Fault::detail).collect::<Vec<_>>().join("; ")),
            Self::Overtaken => Some("Sign in again.".to_owned()),
            Self::Reauthenticate => Some(REAUTHENTICATE.to_owned()),
            Self::TooManyAttempts(_) => Some("Wait as long as Retry-After says.".to_owned()),
            Self::LinkExpired => Some("Ask for a new mail.".to_owned()),
            Self::AlreadyVerified => Some("Sign in with the password.".to_owned()),
            Self::LoginExpired | Self::LoginCancelled => Some("Start again from the sign-in page.".to_owned()),
            Self::AccountExists => Some("Sign in the way you did before.".to_owned()),
            _ => None,
        }
    }

    pub(crate) fn status(&self) -> StatusCode {
        self.kind().0
    }

    /// The last part of its `type`, by which logs and audit events name it too.
    pub fn slug(&self) -> &'static str {
        self.kind().1
    }

    /// What the log says about it, beyond the slug.
    pub(crate) fn cause(&self) -> Option<&str> {
        match self {
            Self::LoginRefused(cause) | Self::ProviderFailed(cause) | Self::Unavailable(cause) => Some(&cause.0),
            _ => None,
        }
    }

    pub(crate) fn headers(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::MethodNotAllowed(allowed) => {
                let names: Vec<_> = allowed.iter().map(Method::as_str).collect();
                vec![("allow", names.join(", "))]
            }
            _ => self.retry_after().map(|seconds| ("retry-after", seconds.to_string())).into_iter().collect(),
        }
    }

    /// When to come back, in whole seconds (RFC 9110, section 10.2.3), rounded up: a client that waits this long succeeds.
    pub(crate) fn retry_after(&self) -> Option<u64> {
        match self {
            Self::Unavailable(_) => Some(1),
            Self::TooManyAttempts(wait) => u64::try_from(wait.as_millis().div_ceil(1000).max(1)).ok(),
            _ => None,
        }
    }

    pub(crate) fn body<'a>(&self, instance: &'a str) -> Body<'a> {
        let Kind(status, slug, title) = self.kind();
        let errors = match self {
            Self::Faulty(faults) => faults.iter().map(Fault::entry).collect(),
            _ => Vec::new(),
        };
        let (r#type, status) = (format!("/problems/{slug}"), status.as_u16());
        Body { r#type, title, status, detail: self.detail(), instance, errors, retry_after: self.retry_after() }
    }
}

impl Cause {
    /// An error and its sources, in one line.
    pub fn of(error: &dyn Error) -> Self {
        Self(logs::chain(error))
    }
}

impl fmt::Debug for Cause {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// If a session's state is unknown, the answer is neither 401 nor 200. If an ending overtakes a sign-in, this is no
/// failure of ours: the ending did its work.
impl From<session::Error> for Problem {
    fn from(error: session::Error) -> Self {
        match error {
            session::Error::Entropy(_) => Self::Internal,
            session::Error::Superseded => Self::Overtaken,
            session::Error::Store(_) | session::Error::Unfinished(_) | session::Error::Full => {
                Self::unavailable(&error)
            }
        }
    }
}

/// The client learns only when to come back.
impl From<throttle::Error> for Problem {
    fn from(error: throttle::Error) -> Self {
        match error {
            throttle::Error::TooMany(wait) => Self::TooManyAttempts(wait),
            throttle::Error::Store(_) | throttle::Error::Lapsed => Self::unavailable(&error),
            throttle::Error::Entropy(_) => Self::Internal,
        }
    }
}

/// If a failure is not the client's doing, the result of its try is unknown.
impl throttle::Verdict for Problem {
    fn is_refusal(&self) -> bool {
        !matches!(self, Self::Unavailable(_) | Self::ProviderFailed(_) | Self::Overtaken | Self::Internal)
    }
}
