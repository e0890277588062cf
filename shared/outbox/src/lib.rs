//! Mails that are still to be sent, kept in DynamoDB until a mail server has taken them.
//!
//! A request handler puts a letter here and answers. It contacts no mail server and does not check whether the address
//! has an account, so its answer takes the same time for every address, and a mail server that is down loses nothing. A
//! letter says what to tell whom, never how: no token exists before the mail is written.

mod letter;
mod matter;
mod outbox;

pub use letter::Letter;
pub use locale::Locale;
pub use matter::Matter;
pub use outbox::Outbox;
