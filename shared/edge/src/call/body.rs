use crate::{Call, Problem};
use serde::de::DeserializeOwned;

/// The largest body that is read, in bytes.
pub const LARGEST_BODY: usize = 16 * 1024;

impl Call<'_> {
    /// Reads the body: one JSON object that has the members of `T`, each once, and no others.
    ///
    /// # Errors
    /// [`Problem::UnsupportedMediaType`], [`Problem::BodyTooLarge`] or [`Problem::BadRequest`], which never repeat what
    /// was sent.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        if !self.header("content-type").is_some_and(is_json) {
            return Err(Problem::UnsupportedMediaType);
        }
        if self.body.len() > LARGEST_BODY {
            return Err(Problem::BodyTooLarge);
        }
        if self.body.trim_ascii_start().first() != Some(&b'{') {
            return Err(Problem::BadRequest("The body is not a JSON object.".to_owned()));
        }
        serde_json::from_slice(&self.body).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            Problem::BadRequest(match error.classify() {
                serde_json::error::Category::Data => {
                    format!(
                        "A member is missing, unknown, repeated or of the wrong type (line {line}, column {column})."
                    )
                }
                _ => format!("The body is not JSON (line {line}, column {column})."),
            })
        })
    }

    /// As [`json`](Self::json), for a body that may be left out.
    ///
    /// # Errors
    /// As [`json`](Self::json).
    pub fn optional_json<T: DeserializeOwned + Default>(&self) -> Result<T, Problem> {
        if self.body.is_empty() && !self.has_header("content-type") { Ok(T::default()) } else { self.json() }
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
