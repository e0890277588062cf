/// Why a mail did not leave. Nothing that the server said is in it: servers repeat addresses.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address has no form that this server can be told, and never will.
    #[error("the address cannot be used")]
    Address,
    /// The server says that this recipient never gets mail (RFC 3463, section 3.2).
    #[error("the mail server refuses the recipient ({0})")]
    Recipient(u16),
    /// The server refuses something else, or refuses for now.
    #[error("the mail server refuses at {stage} ({code})", stage = .stage.as_str())]
    Refused {
        /// When in the conversation.
        stage: Stage,
        /// Its reply code.
        code: u16,
    },
    /// The server cannot be reached, or breaks off, or speaks something else.
    #[error("the mail server cannot be used at {stage}: {reason}", stage = .stage.as_str())]
    Broken {
        /// When in the conversation.
        stage: Stage,
        /// What kind of failure.
        reason: &'static str,
    },
    /// The server did not take the mail in time.
    #[error("the mail server takes too long")]
    Slow,
    /// A mail could not be put together.
    #[error("the mail cannot be written: {0}")]
    Unwritten(String),
}

/// The steps of handing a mail over (RFC 5321, section 3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Connecting, the greeting and `EHLO`.
    Connect,
    /// `STARTTLS`.
    Encrypt,
    /// `AUTH`.
    Authenticate,
    /// `MAIL FROM`.
    Sender,
    /// `RCPT TO`.
    Recipient,
    /// `DATA` and the mail itself.
    Content,
}

impl Stage {
    fn as_str(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::Encrypt => "encrypt",
            Self::Authenticate => "authenticate",
            Self::Sender => "sender",
            Self::Recipient => "recipient",
            Self::Content => "content",
        }
    }
}

impl Error {
    /// Whether a repeat would end the same way. A server that refuses our credentials, our own address, what we write,
    /// or a recipient without a word on the address, may be a setting that somebody corrects: that is no reason to lose a
    /// mail.
    pub fn is_permanent(&self) -> bool {
        matches!(self, Self::Address | Self::Recipient(_))
    }
}
