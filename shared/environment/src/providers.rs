use crate::list;
use std::collections::BTreeSet;

/// No provider can have one of these names. Some stand where a provider's name does, in paths below `/login` or as the method
/// of a sign-in; the others are kept free for that.
const RESERVED: [&str; 14] = [
    "account", "callback", "device", "email", "link", "logout", "passkey", "password", "problem", "recovery", "reset",
    "totp", "verify", "webauthn",
];

/// The names of OpenID providers, a comma list: each of `a-z`, `0-9` and `-`, once.
///
/// # Errors
/// When a name is none that a route or a variable can carry.
pub fn provider_names(value: &str) -> Result<Vec<String>, &'static str> {
    let Ok(names) = list(value);
    let lawful = |name: &String| name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    match () {
        () if !names.iter().all(lawful) => Err("may hold names of a-z, 0-9 and - only"),
        () if names.iter().any(|name| RESERVED.contains(&name.as_str())) => {
            Err("holds a word that the API uses itself, such as email, password or passkey")
        }
        () if names.iter().collect::<BTreeSet<_>>().len() < names.len() => Err("holds a name twice"),
        () => Ok(names),
    }
}

/// The variable of a provider: `acme-id` has `OIDC_ACME_ID_ISSUER`.
pub fn provider_variable(name: &str, suffix: &str) -> String {
    format!("OIDC_{}_{suffix}", name.to_uppercase().replace('-', "_"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_apart_in_routes_and_in_variables() {
        assert_eq!(provider_names("google, acme-id"), Ok(vec!["google".to_owned(), "acme-id".to_owned()]));
        assert_eq!(provider_variable("acme-id", "LABEL"), "OIDC_ACME_ID_LABEL");
    }

    #[test]
    fn names_that_no_route_or_variable_can_carry_are_refused() {
        for names in ["Google", "a_b", "a b", "ä", "a,a", "a/b"] {
            assert!(provider_names(names).is_err(), "{names}");
        }
    }

    /// A route or a method of ours with the name of a provider would be taken for the other.
    #[test]
    fn words_of_our_own_are_no_names_of_providers() {
        for name in RESERVED {
            assert!(provider_names(name).unwrap_err().starts_with("holds a word"), "{name}");
        }
    }
}
