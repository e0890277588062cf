/// Why a person was not let in.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The credential does not open an account. Clients learn no more than that.
    #[error("denied: {}", .denial.as_str())]
    Denied {
        /// The reason, for the audit event.
        denial: Denial,
        /// The user whose account it would have been, if there is one.
        user_id: Option<String>,
    },
    /// The address has an account already.
    #[error("the address has an account")]
    Taken,
    /// A mailed challenge that is unknown, expired, used, or for another purpose. Clients learn no more than that.
    #[error("the challenge is good for nothing")]
    Spent,
    /// A mailed challenge that has made its account.
    #[error("the challenge has made its account")]
    Used {
        /// The user whose account it is.
        user_id: String,
    },
    /// The account needs a password now, because another browser asked for it. Nothing was spent.
    #[error("a password is needed")]
    PasswordNeeded,
    /// The store could not be asked, or holds a row that cannot be read.
    #[error(transparent)]
    Store(#[from] dynamo::Error),
    /// The sessions of a user could not be ended, or not yet everywhere: a repeat finishes it.
    #[error(transparent)]
    Session(#[from] session::Error),
    /// The hash of a password could not be computed or read.
    #[error("a password hash cannot be used: {0}")]
    Hash(String),
    /// The system has no random bytes to give.
    #[error("no random bytes")]
    Entropy(#[from] getrandom::Error),
}

/// Why a credential was refused: for the audit event only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denial {
    /// No account has this address.
    UnknownAccount,
    /// The account has no password.
    NoPassword,
    /// The account has another password.
    WrongPassword,
    /// The account may not sign in.
    Disabled,
}

impl Denial {
    /// The reason's name in audit events.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UnknownAccount => "unknown_account",
            Self::NoPassword => "no_password",
            Self::WrongPassword => "wrong_password",
            Self::Disabled => "disabled",
        }
    }
}
