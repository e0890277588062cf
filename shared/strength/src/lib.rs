//! Whether a new password is good enough (NIST SP 800-63B-4, section 3.1.1.2; OWASP ASVS 6.2).
//!
//! Length counts, composition does not: no rule asks for digits or signs. A password that many use, or that somebody would
//! guess who knows the person or the product, is refused with a reason, and so is, where `PASSWORD_BREACH_URL` is set, one
//! that is known from a breach. Only the first five hexadecimal digits of its SHA-1 leave this process for that, and a
//! service that does not answer refuses nobody.

mod breach;
mod guess;
mod signs;
mod strength;
mod weakness;
mod words;

pub use strength::Strength;
pub use weakness::Weakness;
