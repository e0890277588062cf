//! How often somebody may try, kept in DynamoDB so that every instance of every function counts together.
//!
//! A try has up to three counters: that of the pair of account and address, that of the account alone, that of the address
//! alone. Within a window, which begins with the first try that is counted, so many tries are free; each one beyond makes
//! the next one wait, 30 seconds at first, then twice as long each time up to 15 minutes. A try that is refused is not
//! counted, so that insisting makes nothing worse.
//!
//! - A try at a password is counted before it is looked at, whatever comes of it: guesses sent side by side do not slip past.
//!   Of tokens, which cannot be guessed, a caller may count only those that it refuses.
//! - Strangers, however many, do not lock an owner out. From where the owner has signed in within the last 30 days the
//!   account's own counter, which anybody can fill, is not looked at; only the pair's and the address's are.
//! - Nothing here knows which accounts exist: an address without an account is counted, and refused, like any other.
//! - The table holds hashes: neither an email address nor a client's address in clear.
//! - Time is a parameter.

mod bucket;
mod counter;
mod error;
mod limits;
mod throttle;

pub use bucket::Try;
pub use error::Error;
pub use limits::Purpose;
pub use throttle::Throttle;
