use environment::Environment;

/// Whether people are told of sign-ins from new places.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    pub(crate) is_on: bool,
}

impl Settings {
    /// Reads `SIGN_IN_NOTICE` (`true`, or `false`); a fault stays in `environment`.
    pub fn from_environment(environment: &mut Environment) -> Self {
        let is_on = environment.default("SIGN_IN_NOTICE", true, |text| match text {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err("is neither true nor false"),
        });
        Self { is_on }
    }
}
