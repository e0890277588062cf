use crate::{
    Error,
    limits::{LEASE, later},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

/// The prefix of lease attributes.
const PREFIX: &str = "lease#";

/// One try in each of its counters, from when it is counted until its outcome is counted.
///
/// It has its own id, so that a write that is repeated because its answer was lost counts only once.
#[derive(Clone, Debug)]
pub(crate) struct Lease {
    pub id: String,
    pub taken_at: Timestamp,
    begun: Instant,
}

impl Lease {
    /// # Errors
    /// [`Error::Entropy`] when the system gives no random bytes.
    pub fn new(now: Timestamp) -> Result<Self, Error> {
        let mut bytes = [0; 12];
        getrandom::fill(&mut bytes)?;
        Ok(Self { id: BASE64_URL_SAFE_NO_PAD.encode(bytes), taken_at: now, begun: Instant::now() })
    }

    /// When the try stops counting, if its outcome stays unknown.
    pub fn until(&self) -> Timestamp {
        later(self.taken_at, SignedDuration::try_from(LEASE).unwrap_or_default())
    }

    /// Whether so much time has passed that another try may have been allowed in its place.
    pub fn has_lapsed(&self) -> bool {
        self.begun.elapsed() >= LEASE
    }

    /// The attribute that holds it in a counter's row.
    pub fn attribute(&self) -> String {
        attribute(&self.id)
    }
}

/// The attribute of the lease with this id.
pub(crate) fn attribute(id: &str) -> String {
    format!("{PREFIX}{id}")
}

/// The id of the lease in this attribute, if it is a lease.
pub(crate) fn id_of(attribute: &str) -> Option<&str> {
    attribute.strip_prefix(PREFIX)
}
