use crate::name;
use environment::{Environment, provider_names, provider_variable};

/// The providers that people may sign in with, as they are called: the name in routes, and the label.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Providers(Vec<(String, String)>);

impl Providers {
    /// Reads `OIDC_PROVIDERS`, and for each name `OIDC_<NAME>_LABEL`: what people call it (default: `Google` for `google`,
    /// otherwise the name).
    pub fn from_environment(environment: &mut Environment) -> Self {
        let names = environment.default("OIDC_PROVIDERS", Vec::new(), provider_names);
        let labelled = |own: String| {
            let label = environment.optional(&provider_variable(&own, "LABEL"), name);
            let usual = if own == "google" { "Google" } else { &own };
            (own.clone(), label.unwrap_or_else(|| usual.to_owned()))
        };
        Self(names.into_iter().map(labelled).collect())
    }

    /// Each name with its label, in the order of the setting.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, label)| (name.as_str(), label.as_str()))
    }

    /// What people call the provider of this name: the name itself, if the provider is not there any more.
    pub fn label<'a>(&'a self, name: &'a str) -> &'a str {
        self.iter().find(|(known, _)| *known == name).map_or(name, |(_, label)| label)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_is_called_as_the_setting_says() {
        let pairs = [("OIDC_PROVIDERS", "google,acme-id,local"), ("OIDC_ACME_ID_LABEL", "Acme ID")];
        let providers = Providers::from_environment(&mut Environment::of(pairs));
        let labels: Vec<_> = providers.iter().collect();
        assert_eq!(labels, [("google", "Google"), ("acme-id", "Acme ID"), ("local", "local")]);
        assert_eq!((providers.label("acme-id"), providers.label("gone")), ("Acme ID", "gone"));
    }

    #[test]
    fn a_label_is_one_line() {
        let mut environment = Environment::of([("OIDC_PROVIDERS", "local"), ("OIDC_LOCAL_LABEL", "a\nb")]);
        let providers = Providers::from_environment(&mut environment);
        assert!(environment.finish(Some(providers)).unwrap_err().to_string().contains("OIDC_LOCAL_LABEL: "));
    }
}
