use crate::{
    Error, Mail,
    draft::Frame,
    message::{address, message},
    tls::Tls,
    transport::{Security, Transport},
    words,
};
use brand::{Brand, Color, Providers};
use environment::{Environment, Form, Path, service_url};
use jiff::Timestamp;
use lettre::{
    message::Mailbox,
    transport::smtp::{authentication::Credentials, extension::ClientId},
};
use locale::Locale;
use trust::Roots;
use url::Url;

/// What a mail is written on.
const PAPER: Color = Color::of(0xff, 0xff, 0xff);

/// Sends mails on behalf of the product.
pub struct Sender {
    transport: Transport,
    from: Mailbox,
    configuration_set: Option<String>,
    brand: Brand,
    providers: Providers,
    pages: Pages,
}

/// The pages that mails lead to: those that the function `pages` has, unless the app has its own.
struct Pages {
    sign_in: Url,
    verify: Url,
    reset: Url,
    account: Url,
}

impl Sender {
    /// Reads `SMTP_URL` (`smtps://user:password@host`, `smtp://…?tls=required`, or plain `smtp://` to this machine),
    /// `MAIL_FROM` (an address, or `Name <address>`), `MAIL_CONFIGURATION_SET` (none), `PUBLIC_URL`, `SIGN_IN_URL` (`/login`
    /// there), `REGISTER_VERIFY_URL` (`/verify`), `PASSWORD_RESET_URL` (`/password/reset`), `ACCOUNT_URL` (`/account`), and
    /// what [`Brand::from_environment`], [`Providers::from_environment`] and [`Roots::from_environment`] read.
    ///
    /// `None` when one that must be there cannot be used; every fault is kept in `environment`.
    pub fn from_environment(environment: &mut Environment) -> Option<Self> {
        let from = environment.required("MAIL_FROM", mailbox);
        let name = from.as_ref().map(|from| from.email.domain().to_owned()).unwrap_or_default();
        let roots = Roots::from_environment(environment);
        let transport = environment.required("SMTP_URL", |url| transport(url, name, roots));
        let configuration_set = environment.optional("MAIL_CONFIGURATION_SET", configuration_set);
        let providers = Providers::from_environment(environment);
        let pages = Pages::from_environment(environment);
        let brand = Brand::from_environment(environment);
        Some(Self { transport: transport?, from: from?, configuration_set, brand: brand?, providers, pages: pages? })
    }

    /// Writes a mail and hands it to the server.
    ///
    /// # Errors
    /// Why it was not sent; [`Error::is_permanent`] tells whether trying again makes sense. If an answer was lost on
    /// the way, the mail may have been sent all the same.
    pub async fn send(&self, to: &str, locale: Locale, mail: Mail<'_>, now: Timestamp) -> Result<(), Error> {
        let to = address(to)?;
        let unwritten = |error: askama::Error| Error::Unwritten(error.to_string());
        let parts = self.parts(locale, mail).map_err(unwritten)?;
        let bytes = message(&self.from, to.clone(), locale, parts, self.configuration_set.as_deref(), now)?;
        self.transport.send(&self.from.email, &to, &bytes).await
    }

    /// Subject, text and HTML.
    fn parts(&self, locale: Locale, mail: Mail<'_>) -> Result<(String, String, String), askama::Error> {
        let draft = words::write(mail, locale, &self.brand.name, &self.providers)?;
        let (link, accent) = (self.pages.link(mail), self.brand.color.accent_on(PAPER));
        let frame = Frame { draft: &draft, locale: locale.as_str(), brand: &self.brand, accent, link: link.as_str() };
        let (text, html) = frame.write()?;
        Ok((format!("{}: {}", self.brand.name, draft.subject), text, html))
    }
}

impl Pages {
    fn from_environment(environment: &mut Environment) -> Option<Self> {
        let sign_in = environment.page("SIGN_IN_URL", &["login"]);
        let verify = environment.page("REGISTER_VERIFY_URL", &["verify"]);
        let reset = environment.page("PASSWORD_RESET_URL", &["password", "reset"]);
        let account = environment.page("ACCOUNT_URL", &["account"]);
        Some(Self { sign_in: sign_in?, verify: verify?, reset: reset?, account: account? })
    }

    /// Where the mail's link leads. A token is a fragment: no server and no log on the way sees it.
    fn link(&self, mail: Mail<'_>) -> Url {
        let with = |page: &Url, token: &str| {
            let mut link = page.clone();
            link.set_fragment(Some(&format!("token={token}")));
            link
        };
        match mail {
            Mail::Verify { token } => with(&self.verify, token),
            Mail::Reset { token } => with(&self.reset, token),
            Mail::Known => self.sign_in.clone(),
            Mail::PasswordChanged { .. }
            | Mail::IdentityLinked { .. }
            | Mail::IdentityUnlinked { .. }
            | Mail::SignIn { .. } => self.account.clone(),
        }
    }
}

fn mailbox(text: &str) -> Result<Mailbox, &'static str> {
    const REASON: &str = "is not an address such as login@example.com or Example <login@example.com>";
    let mailbox: Mailbox = text.parse().map_err(|_| REASON)?;
    let email = address(mailbox.email.as_ref()).map_err(|_| REASON)?;
    let plain = email.user().is_ascii() && !text.contains(char::is_control);
    if plain { Ok(Mailbox { email, ..mailbox }) } else { Err(REASON) }
}

/// The name of a configuration set of Amazon SES (its API Reference, `CreateConfigurationSet`).
fn configuration_set(text: &str) -> Result<String, &'static str> {
    let plain = text.len() <= 64 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    if plain { Ok(text.to_owned()) } else { Err("is not 1 to 64 letters, digits, - and _") }
}

const FORM: Form = Form {
    schemes: &["smtps", "smtp"],
    login: true,
    path: Path::None,
    members: &[("tls", &["required"])],
    must: "must be smtps://user:password@host, smtp://user:password@host?tls=required, or smtp://localhost, and nothing else",
};

fn transport(text: &str, name: String, roots: Roots) -> Result<Transport, &'static str> {
    let url = service_url(text, &FORM)?;
    let host = url.host.clone();
    let security = match (url.scheme, url.member("tls")) {
        ("smtps", None) => Security::Encrypted(Tls::new(roots)),
        ("smtp", Some(_)) => Security::Upgraded(Tls::new(roots)),
        ("smtp", None) if url.is_this_machine() => Security::Plain,
        _ => return Err(FORM.must),
    };
    let port = url.port.unwrap_or(security.default_port());
    let credentials = match url.login {
        Some(login) if login.user.is_empty() => return Err("must have a user and a password, or neither"),
        login => login.map(|login| Credentials::new(login.user, login.password)),
    };
    Ok(Transport { host, port, security, credentials, name: ClientId::Domain(name) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
    use proptest::prelude::*;

    fn read(text: &str) -> Transport {
        transport(text, "example.com".to_owned(), Roots::default()).unwrap_or_else(|reason| panic!("{text}: {reason}"))
    }

    #[test]
    fn a_port_is_the_one_named_or_the_usual_one() {
        for (text, port) in [
            ("smtps://mail.example.com", 465),
            ("smtps://mail.example.com/", 465),
            ("smtp://mail.example.com?tls=required", 587),
            ("smtp://localhost", 25),
            ("smtps://mail.example.com:2465", 2465),
        ] {
            assert_eq!(read(text).port, port, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_what_the_server_hears(
            user in "[^\\p{Cc}]{1,12}", password in "[^\\p{Cc}]{1,24}", host in "[a-z]{1,8}\\.example\\.com", port in 1_u16..,
        ) {
            let encode = |text| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
            let transport = read(&format!("smtps://{}:{}@{host}:{port}", encode(&user), encode(&password)));
            prop_assert_eq!((transport.host, transport.port), (host, port));
            prop_assert!(transport.credentials == Some(Credentials::new(user, password)));
        }
    }
}
