use crate::Slash;
use std::fmt;

/// Why the sign-in failed. No variant, in any of its printed forms, holds a code, a verifier, a token, a client secret
/// or other text chosen by the provider. The one exception is an issuer that differs from the configured one only by a
/// slash.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The callback belongs to no login of this browser with this provider in the last ten minutes.
    #[error("the login is unknown or over")]
    Expired,
    /// The provider refused, or its answer cannot be accepted.
    #[error("the login was refused")]
    Refused(#[from] Refusal),
    /// The provider could not be asked, or its answer is invalid.
    #[error("the provider's {endpoint} endpoint failed")]
    Failed {
        /// The endpoint that failed.
        endpoint: Endpoint,
        /// What went wrong there.
        #[source]
        source: Fault,
    },
    /// The operating system gave no random bytes.
    #[error("no random bytes")]
    Entropy(#[from] getrandom::Error),
}

/// Why a login was refused although the provider works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The provider sent the browser back because the person said no there, or the provider in their place:
    /// `access_denied`.
    #[error("the provider answered access_denied")]
    Cancelled,
    /// The provider sent the browser back with this other error (RFC 6749 section 4.1.2.1, OpenID Connect Core 3.1.2.6).
    #[error("the provider answered {0}")]
    Answer(&'static str),
    /// The callback names another issuer, or none although this provider always names itself (RFC 9207 section 2.4).
    #[error("the callback is not from this provider")]
    ForeignCallback,
    /// The same, if the issuers differ only by a slash.
    #[error("the callback is not from this provider: {0}")]
    CallbackSlash(Slash),
    /// The callback has neither a code nor an error.
    #[error("the callback carries no code")]
    NoCode,
    /// The token endpoint does not accept the code: `invalid_grant` (RFC 6749 section 5.2).
    #[error("the provider does not accept the code")]
    Code,
    /// The ID token cannot be accepted.
    #[error("the ID token cannot be accepted")]
    IdToken(#[from] Flaw),
}

/// Which rule an ID token breaks (OpenID Connect Core 3.1.3.7, RFC 8725).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// Not a signed JWT, or a header or payload that is not a JSON object, repeats a member, or lacks or mistypes a
    /// needed one.
    #[error("it is malformed")]
    Malformed,
    /// `typ` says that it is not an ID token.
    #[error("its type is another")]
    Type,
    /// It has `crit`; we support no extensions.
    #[error("it has critical extensions")]
    Critical,
    /// `none`, a shared-secret algorithm, an unknown one, or one that the provider does not list.
    #[error("its algorithm is not allowed")]
    Algorithm,
    /// The provider publishes no key to check this token with, or more than one.
    #[error("its key is unknown or ambiguous")]
    Key,
    /// The signature is not of that key.
    #[error("its signature is wrong")]
    Signature,
    /// `iss` is not the provider.
    #[error("its issuer is another")]
    Issuer,
    /// The same, if the issuers differ only by a slash.
    #[error("its issuer is another: {0}")]
    IssuerSlash(Slash),
    /// `aud` does not name us.
    #[error("its audience is another")]
    Audience,
    /// `azp` names another client, or is missing although there are several audiences.
    #[error("its authorized party is another")]
    AuthorizedParty,
    /// `exp` has passed.
    #[error("it has expired")]
    Expired,
    /// `nbf` is yet to come.
    #[error("it is not valid yet")]
    NotYet,
    /// `iat` is in the future or longer ago than a login takes.
    #[error("its time of issue is not that of this login")]
    IssuedAt,
    /// `nonce` is not the one this login sent.
    #[error("its nonce is another")]
    Nonce,
    /// `at_hash` is not the hash of the access token that came with it.
    #[error("it belongs to another access token")]
    AccessToken,
    /// `auth_time` does not say that the person was asked in this login, although that was required.
    #[error("it does not say that the person was asked for this login")]
    AuthTime,
    /// `sub` is empty, longer than 255 characters or not ASCII.
    #[error("its subject is unusable")]
    Subject,
}

/// The endpoints of a provider that we call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// The discovery document.
    Discovery,
    /// The token endpoint.
    Token,
    /// The key set.
    Keys,
}

impl fmt::Display for Endpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Discovery => "discovery",
            Self::Token => "token",
            Self::Keys => "key",
        })
    }
}

/// What is wrong with an endpoint's answer, or why there is none.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// No connection, or one that broke.
    #[error("it cannot be reached")]
    Unreachable(#[source] reqwest::Error),
    /// No complete answer in time.
    #[error("it does not answer in time")]
    Slow,
    /// An unexpected status; redirects are included, because none is followed.
    #[error("it answered with status {0}")]
    Status(u16),
    /// Not JSON, and not declared as JSON.
    #[error("its answer is not JSON")]
    MediaType,
    /// A body above 256 KiB.
    #[error("its answer is too large")]
    TooLarge,
    /// Not JSON, repeated members, or members missing or of the wrong type.
    #[error("its answer is malformed")]
    Malformed,
    /// The token endpoint does not accept us as a client, or our request: our configuration is wrong, not the person.
    #[error("it answered {0}")]
    Client(&'static str),
    /// The discovery document belongs to another issuer (OpenID Connect Discovery 4.3).
    #[error("it names another issuer")]
    ForeignIssuer,
    /// The same, if the issuers differ only by a slash.
    #[error("it names another issuer: {0}")]
    IssuerSlash(Slash),
    /// The discovery document names an endpoint that is not `https`, or carries a user or a fragment.
    #[error("it names an endpoint that is not safe to use")]
    UnsafeEndpoint,
}

impl Fault {
    pub(crate) fn at(self, endpoint: Endpoint) -> Error {
        Error::Failed { endpoint, source: self }
    }
}
