use reason::{Code, Reason};
use serde::Serialize;
use std::collections::BTreeMap;

/// The longest name that is repeated, in bytes.
const LONGEST_NAME: usize = 32;

/// What is wrong with one member of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    member: Member,
    reason: Reason,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Member {
    /// One of the contract.
    Ours(&'static str),
    /// One that was sent, by its name; `None` if the name is not plain, because an answer must not repeat it.
    Sent(Option<String>),
}

/// The fault as a client gets it, an extension of RFC 9457 as in its section 3.
#[derive(Debug, Serialize)]
pub(crate) struct Entry {
    /// Which member (RFC 6901); empty for the body itself.
    pointer: String,
    code: &'static str,
    params: BTreeMap<&'static str, usize>,
    detail: String,
}

impl Fault {
    /// A fault of a member of the contract.
    pub fn of(name: &'static str, reason: impl Into<Reason>) -> Self {
        Self { member: Member::Ours(name), reason: reason.into() }
    }

    /// A fault of a member that was sent. Its name is repeated if it could be one of ours, written wrongly.
    pub(crate) fn sent(name: &str, reason: impl Into<Reason>) -> Self {
        Self { member: Member::Sent(is_plain(name).then(|| name.to_owned())), reason: reason.into() }
    }

    /// Whether it is a fault of this member.
    pub(crate) fn is_of(&self, name: &str) -> bool {
        self.name() == Some(name)
    }

    /// Whether the body breaks the form that the contract gives it. Otherwise a value cannot be used.
    pub(crate) fn is_of_form(&self) -> bool {
        matches!(self.reason.code(), Code::Missing | Code::Unknown | Code::Repeated | Code::WrongType)
    }

    /// The fault in words, which never repeat what was sent.
    pub(crate) fn detail(&self) -> String {
        match self.member {
            Member::Ours(name) => format!("{name}: {}", self.reason),
            Member::Sent(_) => format!("one member {}", self.reason),
        }
    }

    pub(crate) fn entry(&self) -> Entry {
        // A plain name needs no escapes.
        let name = self.name().map(|name| format!("/{name}"));
        Entry {
            pointer: name.unwrap_or_default(),
            code: self.reason.code().name(),
            params: self.reason.limit().into_iter().collect(),
            detail: self.reason.to_string(),
        }
    }

    fn name(&self) -> Option<&str> {
        match &self.member {
            Member::Ours(name) => Some(name),
            Member::Sent(name) => name.as_deref(),
        }
    }
}

/// Whether a name has nothing that anybody could obey.
fn is_plain(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
    (1..=LONGEST_NAME).contains(&name.len()) && name.bytes().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_names_a_member_or_the_whole_body() {
        let pointer = |name| Fault::sent(name, Code::Unknown).entry().pointer;
        assert_eq!(pointer("e-Mail_2"), "/e-Mail_2");
        for name in ["", "a/b", "a~b", "<b>", "a b", "\u{e9}", "x\0", &"x".repeat(33)] {
            assert_eq!(pointer(name), "", "{name}");
        }
    }

    #[test]
    fn the_words_do_not_repeat_what_was_sent() {
        assert_eq!(Fault::sent("mail", Code::Unknown).detail(), "one member is not a member of this body");
        assert_eq!(Fault::of("password", Reason::too_short(12)).detail(), "password: is shorter than 12 characters");
    }
}
