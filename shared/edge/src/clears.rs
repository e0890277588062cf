use environment::Environment;

/// What a sign-out tells the browser to drop beside the session cookie, as the value of `Clear-Site-Data` (OWASP ASVS
/// 14.3.1).
///
/// Reads `LOGOUT_CLEARS`: `none` (the default), `cache`, `storage`, or both with a comma. The browser drops everything of the
/// API's origin. If the app has the same origin, that is the app's own data too, and dropping a large cache takes half a
/// second.
pub(crate) fn from_environment(environment: &mut Environment) -> Option<&'static str> {
    environment.default("LOGOUT_CLEARS", None, |text| match text {
        "none" => Ok(None),
        "cache" => Ok(Some(r#""cache""#)),
        "storage" => Ok(Some(r#""storage""#)),
        "cache,storage" => Ok(Some(r#""cache", "storage""#)),
        _ => Err("is not none, cache, storage or cache,storage"),
    })
}
