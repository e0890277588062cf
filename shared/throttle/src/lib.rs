//! How often somebody may try, kept in DynamoDB so that every instance of every function counts together.
//!
//! A try has up to four counters: that of the pair of account and address, that of the account alone, that of the address
//! alone (IPv4: the address; IPv6: its /64), and that of an IPv6 /48. Within a window, which begins with the first try that is
//! counted, so many tries are free; each one beyond makes the next one wait, 30 seconds at first, then twice as long each
//! time up to 15 minutes. A try that is refused is not counted, so that insisting makes nothing worse.
//!
//! - A try is counted before what is tried is looked at, in every counter that decides, and the decision is the condition of
//!   that write. So of guesses sent side by side no more are let through than one after the other.
//! - What is counted first is a lease: it weighs like a try that was refused, for 15 seconds. The outcome ends it. A try whose
//!   outcome stays unknown, because a store failed, the request took too long or the process died, weighs nothing after that.
//! - An outcome is told after it is counted. One that cannot be counted is not told: or guesses would be free while the store
//!   fails in part.
//! - Strangers, however many, do not lock an owner out. From where the owner has signed in within the last 30 days only the
//!   pair's own counter is looked at: anybody can fill the account's, and everybody behind one address fills that of the
//!   address.
//! - A client whose address is not known has no counter but its account's. All such clients together have none.
//! - Nothing here knows which accounts exist: an address without an account is counted, and refused, like any other.
//! - The table holds hashes: neither an email address nor a client's address in clear.
//! - Time is a parameter.

mod bucket;
mod counter;
mod error;
mod lease;
mod limits;
mod rows;
mod step;
mod throttle;

pub use bucket::Try;
pub use error::{Error, Verdict};
pub use limits::Purpose;
pub use throttle::Throttle;
