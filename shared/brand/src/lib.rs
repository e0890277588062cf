//! What people see of the product, the same on pages and in mails: its name, its logo, its colour, whom to ask, and
//! what the providers are called through which they sign in.

mod color;
mod providers;

pub use color::{Accent, Color};
pub use providers::Providers;

use email_address::EmailAddress;
use environment::{Environment, web_url};
use url::Url;

/// The longest name, in characters: it stands in subjects and in titles.
const LONGEST: usize = 100;

/// The product, as people know it.
#[derive(Clone, Debug)]
pub struct Brand {
    /// Its name.
    pub name: String,
    /// Its front end, where the name leads.
    pub app: Url,
    /// Its logo; without one, the name is shown.
    pub logo: Option<Url>,
    /// Its colour.
    pub color: Color,
    /// The terms that a person agrees to who makes an account.
    pub terms: Option<Url>,
    /// Whom to ask for help.
    pub support: Option<String>,
}

impl Brand {
    /// Reads `APP_URL`, `BRAND_NAME` (the host of `APP_URL`), `BRAND_LOGO_URL`, `BRAND_COLOR` (`#1d4ed8`), `TERMS_URL` and
    /// `SUPPORT_EMAIL`.
    ///
    /// `None` when `APP_URL` cannot be used; every fault is kept in `environment`.
    pub fn from_environment(environment: &mut Environment) -> Option<Self> {
        let app = environment.required("APP_URL", web_url);
        let name = environment.optional("BRAND_NAME", name);
        let logo = environment.optional("BRAND_LOGO_URL", web_url);
        let color = environment.default("BRAND_COLOR", Color::DEFAULT, str::parse);
        let terms = environment.optional("TERMS_URL", web_url);
        let support = environment.optional("SUPPORT_EMAIL", address);
        let app = app?;
        let name = name.unwrap_or_else(|| app.host_str().unwrap_or_default().to_owned());
        Some(Self { name, app, logo, color, terms, support })
    }
}

fn name(text: &str) -> Result<String, &'static str> {
    let fits = text.chars().count() <= LONGEST && !text.contains(char::is_control);
    if fits && text.trim() == text { Ok(text.to_owned()) } else { Err("is not 1 to 100 characters on one line") }
}

/// An address that can stand in a `mailto:` link as it is (RFC 6068).
fn address(text: &str) -> Result<String, &'static str> {
    let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"@.-_+".contains(&byte));
    if plain && EmailAddress::is_valid(text) {
        Ok(text.to_owned())
    } else {
        Err("is not an address such as help@example.com")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Brand, String> {
        let mut environment = Environment::of(pairs.iter().copied());
        let brand = Brand::from_environment(&mut environment);
        environment.finish(brand).map_err(|faults| faults.to_string())
    }

    #[test]
    fn the_app_s_address_is_enough() {
        let brand = read(&[("APP_URL", "https://app.example.com/home")]).unwrap();
        assert_eq!((&*brand.name, brand.color), ("app.example.com", Color::DEFAULT));
        assert_eq!((brand.logo, brand.terms, brand.support), (None, None, None));
    }

    #[test]
    fn all_of_it_can_be_set() {
        let brand = read(&[
            ("APP_URL", "https://app.example.com"),
            ("BRAND_NAME", "Ação & Co"),
            ("BRAND_LOGO_URL", "https://cdn.example.com/logo.svg"),
            ("BRAND_COLOR", "#E11D48"),
            ("TERMS_URL", "https://example.com/terms"),
            ("SUPPORT_EMAIL", "help+login@example.com"),
        ])
        .unwrap();
        assert_eq!((&*brand.name, brand.color.to_string()), ("Ação & Co", "#e11d48".to_owned()));
        assert_eq!(brand.logo.unwrap().as_str(), "https://cdn.example.com/logo.svg");
        assert_eq!(brand.support.as_deref(), Some("help+login@example.com"));
    }

    #[test]
    fn what_cannot_be_shown_is_a_fault() {
        for (name, value) in [
            ("BRAND_NAME", "two\nlines"),
            ("BRAND_NAME", " padded"),
            ("BRAND_LOGO_URL", "javascript:alert(1)"),
            ("BRAND_LOGO_URL", "http://cdn.example.com/logo.svg"),
            ("BRAND_COLOR", "red"),
            ("BRAND_COLOR", "#12345"),
            ("BRAND_COLOR", "#fff;}body{display:none"),
            ("TERMS_URL", "/terms"),
            ("SUPPORT_EMAIL", "help"),
            ("SUPPORT_EMAIL", "help@example.com?subject=x"),
        ] {
            let faults = read(&[("APP_URL", "https://app.example.com"), (name, value)]).unwrap_err();
            assert!(faults.contains(&format!("{name}: ")), "{value}: {faults}");
        }
        let long = "x".repeat(101);
        assert!(read(&[("APP_URL", "https://app.example.com"), ("BRAND_NAME", &long)]).is_err());
    }
}
