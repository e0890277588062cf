use crate::{Call, Fault, Problem};
use reason::{Code, Reason};
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::{Value, error::Category};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

/// The largest body that is read, in bytes.
pub const LARGEST_BODY: usize = 16 * 1024;

/// More faults of a body are not told: each is an entry of the answer.
const MOST_FAULTS: usize = 20;

/// The members of a JSON object, each read once. A fault is remembered rather than returned, so that a client learns of all of
/// them from [`finish`](Self::finish).
#[derive(Debug)]
pub struct Body {
    members: BTreeMap<String, Value>,
    faults: Vec<Fault>,
}

impl Call<'_> {
    /// Reads the body: one JSON object.
    ///
    /// # Errors
    /// [`Problem::UnsupportedMediaType`], [`Problem::BodyTooLarge`] or [`Problem::BadRequest`], which never repeat what
    /// was sent.
    pub fn body(&self) -> Result<Body, Problem> {
        if !self.header("content-type").is_some_and(is_json) {
            return Err(Problem::UnsupportedMediaType);
        }
        if self.body.len() > LARGEST_BODY {
            return Err(Problem::BodyTooLarge);
        }
        if self.body.trim_ascii_start().first() != Some(&b'{') {
            return Err(Problem::BadRequest("The body is not a JSON object.".to_owned()));
        }
        read(&self.body)
    }

    /// As [`body`](Self::body), for a body that may be left out.
    ///
    /// # Errors
    /// As [`body`](Self::body).
    pub fn optional_body(&self) -> Result<Body, Problem> {
        if self.body.is_empty() && !self.has_header("content-type") { read(b"{}") } else { self.body() }
    }
}

impl Body {
    /// A text that may be absent, or `null`. `None` also when it is faulty: [`finish`](Self::finish) tells of that.
    pub fn optional<T>(&mut self, name: &'static str, parse: impl FnOnce(&str) -> Result<T, Reason>) -> Option<T> {
        match self.members.remove(name)? {
            Value::Null => None,
            value => self.judged(name, &value, parse),
        }
    }

    /// A text that must be there.
    pub fn required<T>(&mut self, name: &'static str, parse: impl FnOnce(&str) -> Result<T, Reason>) -> Option<T> {
        let Some(value) = self.members.remove(name) else {
            // If it is there twice, it is not missing.
            if !self.faults.iter().any(|fault| fault.is_of(name)) {
                self.fault(name, Code::Missing);
            }
            return None;
        };
        self.judged(name, &value, parse)
    }

    fn judged<T>(
        &mut self,
        name: &'static str,
        value: &Value,
        parse: impl FnOnce(&str) -> Result<T, Reason>,
    ) -> Option<T> {
        let parsed = value.as_str().ok_or(Reason::from(Code::WrongType)).and_then(parse);
        parsed.map_err(|reason| self.fault(name, reason)).ok()
    }

    /// Remembers a fault.
    pub fn fault(&mut self, name: &'static str, reason: impl Into<Reason>) {
        self.faults.push(Fault::of(name, reason));
    }

    /// What was read, if the body has no fault.
    ///
    /// # Errors
    /// [`Problem::Faulty`] with all faults, among them the members that were not asked for.
    pub fn finish<T>(mut self, read: Option<T>) -> Result<T, Problem> {
        let unknown = std::mem::take(&mut self.members).into_keys();
        self.faults.extend(unknown.map(|name| Fault::sent(&name, Code::Unknown)));
        self.faults.truncate(MOST_FAULTS);
        match read {
            Some(read) if self.faults.is_empty() => Ok(read),
            _ => Err(Problem::Faulty(self.faults)),
        }
    }
}

/// Any text, for a member that has no form of its own.
///
/// # Errors
/// Never; the signature is that of every parser of a member.
pub fn text(value: &str) -> Result<String, Reason> {
    Ok(value.to_owned())
}

fn read(bytes: &[u8]) -> Result<Body, Problem> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let read = deserializer.deserialize_map(Members).and_then(|body| deserializer.end().map(|()| body));
    read.map_err(|error| {
        let (line, column) = (error.line(), error.column());
        debug_assert_ne!(error.classify(), Category::Data);
        Problem::BadRequest(format!("The body is not JSON (line {line}, column {column})."))
    })
}

/// Reads an object, and notices members that are there twice: a reader before or after us may take the other one.
struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Body;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Body, A::Error> {
        let (mut members, mut repeated) = (BTreeMap::new(), BTreeSet::new());
        while let Some((name, value)) = map.next_entry::<String, Value>()? {
            if members.insert(name.clone(), value).is_some() {
                repeated.insert(name);
            }
        }
        members.retain(|name, _| !repeated.contains(name));
        let faults = repeated.iter().map(|name| Fault::sent(name, Code::Repeated)).collect();
        Ok(Body { members, faults })
    }
}

/// `application/json`, alone or with `charset=utf-8`.
fn is_json(content_type: &str) -> bool {
    // Optional white space is space and tab (RFC 9110, section 5.6.3).
    let trimmed = |text: &str| text.trim_matches([' ', '\t']).to_ascii_lowercase();
    let (kind, parameter) = content_type.split_once(';').unwrap_or((content_type, ""));
    trimmed(kind) == "application/json"
        && matches!(trimmed(parameter).as_str(), "" | "charset=utf-8" | "charset=\"utf-8\"")
}
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_json_in_utf_8_is_json() {
        for (kind, good) in [
            ("application/json", true),
            ("Application/JSON; charset=UTF-8", true),
            ("application/json;charset=\"utf-8\"", true),
            ("application/json; charset=latin1", false),
            ("text/plain", false),
            ("application/x-www-form-urlencoded", false),
            ("application/jsonp", false),
            ("multipart/form-data; boundary=application/json", false),
        ] {
            assert_eq!(is_json(kind), good, "{kind}");
        }
    }
}
