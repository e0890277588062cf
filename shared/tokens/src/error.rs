/// Why no token was minted.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The requested audience is not one of `TOKEN_AUDIENCES`.
    #[error("no such audience")]
    UnknownAudience,
    /// The signing keys could not be read or made.
    #[error("the signing keys are out of reach")]
    Store(#[from] dynamo::Error),
    /// The private key of the row could not be wrapped or unwrapped.
    #[error("the signing key is out of reach")]
    Wrap(#[from] crate::WrapError),
    /// A key could not be generated, or the stored one does not sign.
    #[error("the token could not be signed")]
    Signing(#[from] jsonwebtoken::errors::Error),
}
