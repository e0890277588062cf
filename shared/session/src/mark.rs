use crate::{Account, Client};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as BASE64URL};
use sha2::{Digest, Sha256};

/// Identifies a browser to one user, until all sessions of that user are ended. It is kept on the row of each session
/// that begins in the browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    pub(crate) browser: String,
    pub(crate) epoch: u64,
}

impl Mark {
    /// The mark of a browser that keeps a value of ours. `None` for a client that keeps no such value.
    ///
    /// What is stored is SHA-256 over the value and the user. It reveals neither the value nor whether two users share
    /// a browser.
    pub fn of(client: &Client, account: &Account) -> Option<Self> {
        let value = client.browser.as_ref()?.expose();
        let hash = Sha256::new().chain_update(value.as_bytes()).chain_update(&account.user_id).finalize();
        Some(Self { browser: BASE64URL.encode(hash), epoch: account.security_epoch })
    }
}
