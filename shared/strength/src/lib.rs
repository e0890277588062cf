//! Whether a new password is good enough (NIST SP 800-63B-4, section 3.1.1.2; OWASP ASVS 6.2).
//!
//! Length counts, composition does not: no rule asks for digits or signs. A password is refused, with a reason, if many
//! people use it, or if an attacker who knows the person or the product would guess it. If `PASSWORD_BREACH_URL` is
//! set, so is a password known from a breach. For that, only the first five hexadecimal digits of its SHA-1 leave this
//! process. If the service does not answer, the password is accepted.

mod breach;
mod guess;
mod signs;
mod strength;
mod words;

pub use strength::Strength;
