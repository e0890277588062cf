//! How often a client may try, counted in DynamoDB so that all instances of all functions count together.
//!
//! A try has up to four counters: that of the pair of account and address, that of the account alone, that of the
//! address alone (IPv4: the address; IPv6: its /64), and that of an IPv6 /48. A window begins with the first counted
//! try and has a number of free tries. Each further try makes the next one wait: 30 seconds at first, then twice as
//! long each time, up to 15 minutes. A try that is not allowed is not counted, so insisting makes nothing worse.
//!
//! - A try is counted in every deciding counter before the credential is checked, and the decision is the condition of
//!   that write. So no more guesses pass side by side than one after the other. Meanwhile a caller may read whose the
//!   account is, but nothing that a credential is compared with.
//! - A try is first counted as a lease: for 15 seconds it counts like a wrong credential. The outcome ends the lease.
//!   If the outcome stays unknown, because a store failed, the request took too long or the process died, the try no
//!   longer counts after that.
//! - An outcome is reported only after it is counted. If it cannot be counted, it is not reported: otherwise guesses
//!   would be free while the store fails in part.
//! - Strangers, in any number, cannot lock an owner out. Where the owner has signed in within the last 30 days, only
//!   the pair's own counter decides: anyone can fill the account's counter, and all people behind one address fill that
//!   address's.
//! - If a client's address is unknown, only its account is counted. All such clients together have no counter.
//! - Nothing here knows which accounts exist: an address without an account is counted, and refused, like any other.
//! - The table holds hashes: no email address and no client's address is readable.
//! - Time is a parameter.

mod allowed;
mod bucket;
mod counter;
mod error;
mod lease;
mod limits;
mod rows;
mod step;
mod throttle;

pub use allowed::Allowed;
pub use bucket::Try;
pub use error::{Error, Verdict};
pub use limits::Purpose;
pub use throttle::Throttle;
