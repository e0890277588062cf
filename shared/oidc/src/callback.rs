use crate::Refusal;
use std::fmt;

/// What a browser brought back from a provider: the query of the callback.
#[derive(Clone, Default)]
pub struct Callback {
    /// The code to exchange for tokens.
    pub code: Option<String>,
    /// What [`Provider::begin`](crate::Provider::begin) sent as `state`.
    pub state: String,
    /// The issuer that the answer claims to come from (RFC 9207).
    pub iss: Option<String>,
    /// Why there is no code.
    pub error: Option<String>,
}

impl fmt::Debug for Callback {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Callback(…)")
    }
}

/// What an error means. One that is not registered is text that the callback's sender chose, and is not repeated.
pub fn refused(error: &str) -> Refusal {
    const REGISTERED: [&str; 13] = [
        "account_selection_required",
        "consent_required",
        "interaction_required",
        "invalid_request",
        "invalid_request_object",
        "invalid_request_uri",
        "invalid_scope",
        "login_required",
        "request_not_supported",
        "server_error",
        "temporarily_unavailable",
        "unauthorized_client",
        "unsupported_response_type",
    ];
    match error {
        "access_denied" => Refusal::Cancelled,
        _ => Refusal::Answer(REGISTERED.into_iter().find(|known| *known == error).unwrap_or("an error of its own")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing_of_a_callback() {
        let callback = Callback { code: Some("CODE".to_owned()), state: "STATE".to_owned(), iss: None, error: None };
        assert_eq!(format!("{callback:?}"), "Callback(…)");
    }
}
