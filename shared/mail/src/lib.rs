//! Writes a mail in the language of its reader, and hands it to an SMTP server.
//!
//! All words are in `templates/`, one file per language; the HTML form is made from the same words as the text.

mod draft;
mod error;
mod mail;
mod message;
mod sender;
mod tls;
mod transport;
mod words;

pub use error::{Error, Stage};
pub use mail::Mail;
pub use sender::Sender;
