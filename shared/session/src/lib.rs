//! Everything that happens to a session, behind one type: [`Sessions`].
//!
//! DynamoDB holds the durable row that decides whether a session lives; Redis holds a copy for the hot path. The rules
//! that keep the two consistent are in `sessions/`, one verb per file. No other crate knows their keys, tables or
//! ordering.
//!
//! Invariants:
//! 1. A Redis record is written once and never rewritten: its expiry moves, or a tombstone replaces it. No race can
//!    bring a revoked session back.
//! 2. Durable first: DynamoDB decides, Redis follows. Once a revocation is acknowledged, no request that starts later
//!    is served. Only a Redis that lost the tombstone can serve one, at most until `renew_after` after the session's
//!    last renewal; while DynamoDB cannot be asked, until it can.
//! 3. Absent, expired, revoked and malformed give the same answer, `None`. "Cannot tell" is an [`Error`].
//! 4. Neither store sees a [`Token`].
//! 5. Time is a parameter: this crate reads no clock.

mod account;
mod cold;
mod error;
mod hot;
mod mark;
mod policy;
mod record;
mod refresh_token;
mod sessions;
mod token;

pub use account::{Account, Entry, Status};
pub use cold::Why;
pub use error::Error;
pub use hot::Hot;
pub use mark::Mark;
pub use policy::Policy;
pub use record::{Client, Kind, Record, Session};
pub use refresh_token::RefreshToken;
pub use sessions::{
    Begun, Change, Earlier, Ended, Ending, Health, Left, Listed, Login, LooseEnd, Refresh, RowChange, Seen, Sessions,
    Slide, Standing, Unreadable,
};
pub use token::{SessionId, Token};
