/// Why a mail was not sent. It holds nothing that the server said: servers repeat addresses.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address has no form that this server accepts, and never will.
    #[error("the address cannot be used")]
    Address,
    /// The server says that this recipient never gets mail (RFC 3463, section 3.2).
    #[error("the mail server refuses the recipient ({0})")]
    Recipient(u16),
    /// The server refuses something else, or refuses for now.
    #[error("the mail server refuses at {stage} ({code})", stage = .stage.as_str())]
    Refused {
        /// The step at which it happened.
        stage: Stage,
        /// Its reply code.
        code: u16,
    },
    /// The server cannot be reached, breaks off, or speaks another protocol.
    #[error("the mail server cannot be used at {stage}: {reason}", stage = .stage.as_str())]
    Broken {
        /// The step at which it happened.
        stage: Stage,
        /// The kind of failure.
        reason: &'static str,
    },
    /// The server did not take the mail in time.
    #[error("the mail server takes too long")]
    Slow,
    /// A mail could not be built.
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
    /// Whether a repeat would end the same way. If a server refuses our credentials, our own address, the content, or a
    /// recipient without naming the address, an operator may be able to correct a setting: that is no reason to lose a
    /// mail.
    pub fn is_permanent(&self) -> bool {
        matches!(self, Self::Address | Self::Recipient(_))
    }
}
