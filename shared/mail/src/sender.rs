use crate::{
    Error, Mail,
    message::{address, message},
    transport::{Security, Transport},
    words,
};
use environment::{Environment, is_loopback, web_url};
use jiff::Timestamp;
use lettre::{
    message::Mailbox,
    transport::smtp::{authentication::Credentials, client::TlsParameters, extension::ClientId},
};
use outbox::Locale;
use percent_encoding::percent_decode_str;
use url::Url;

/// Sends mails in the name of the product.
pub struct Sender {
    transport: Transport,
    from: Mailbox,
    product: String,
    app: Url,
    verify: Url,
    reset: Url,
}

impl Sender {
    /// Reads `SMTP_URL` (`smtps://user:password@host`, `smtp://…?tls=required`, or plain `smtp://` to this machine),
    /// `MAIL_FROM` (an address, or `Name <address>`), `APP_URL`, `PRODUCT_NAME` (the host of `APP_URL`),
    /// `REGISTER_VERIFY_URL` (`/verify` there) and `PASSWORD_RESET_URL` (`/reset` there).
    ///
    /// `None` when one of the first three cannot be used; every fault is kept in `environment`.
    pub fn from_environment(environment: &mut Environment) -> Option<Self> {
        let from = environment.required("MAIL_FROM", mailbox);
        let name = from.as_ref().map(|from| from.email.domain().to_owned()).unwrap_or_default();
        let transport = environment.required("SMTP_URL", |url| transport(url, name));
        let app = environment.required("APP_URL", web_url);
        let product = environment.optional("PRODUCT_NAME", product);
        let verify = environment.optional("REGISTER_VERIFY_URL", web_url);
        let reset = environment.optional("PASSWORD_RESET_URL", web_url);
        let (transport, from, app) = (transport?, from?, app?);
        Some(Self {
            transport,
            from,
            product: product.unwrap_or_else(|| app.host_str().unwrap_or_default().to_owned()),
            verify: verify.or_else(|| app.join("/verify").ok())?,
            reset: reset.or_else(|| app.join("/reset").ok())?,
            app,
        })
    }

    /// Writes a mail and hands it to the server.
    ///
    /// # Errors
    /// Why it did not leave; [`Error::is_permanent`] tells whether trying again makes sense. When an answer was lost on the
    /// way it may have left all the same.
    pub async fn send(&self, to: &str, locale: Locale, mail: Mail<'_>, now: Timestamp) -> Result<(), Error> {
        let to = address(to)?;
        let unwritten = |error: askama::Error| Error::Unwritten(error.to_string());
        let parts = self.parts(locale, mail).map_err(unwritten)?;
        let bytes = message(&self.from, to.clone(), locale, parts, now)?;
        self.transport.send(&self.from.email, &to, &bytes).await
    }

    /// Subject, text and HTML.
    fn parts(&self, locale: Locale, mail: Mail<'_>) -> Result<(String, String, String), askama::Error> {
        let draft = words::write(mail, locale, &self.product)?;
        let (link, app) = (self.link(mail), self.app.as_str());
        let text = draft.text(locale.as_str(), &self.product, link.as_str(), app)?;
        let html = draft.html(locale.as_str(), &self.product, link.as_str(), app)?;
        Ok((draft.subject, text, html))
    }

    /// The token is a fragment: no server and no log on the way sees it.
    fn link(&self, mail: Mail<'_>) -> Url {
        let with = |page: &Url, token: &str| {
            let mut link = page.clone();
            link.set_fragment(Some(&format!("token={token}")));
            link
        };
        match mail {
            Mail::Verify { token } => with(&self.verify, token),
            Mail::Reset { token } => with(&self.reset, token),
            Mail::Known
            | Mail::PasswordChanged { .. }
            | Mail::IdentityLinked { .. }
            | Mail::IdentityUnlinked { .. }
            | Mail::SignIn { .. } => self.app.clone(),
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

fn product(text: &str) -> Result<String, &'static str> {
    let plain = !text.contains(char::is_control) && text.chars().count() <= 100;
    if plain { Ok(text.to_owned()) } else { Err("is not a line of at most 100 characters") }
}

fn transport(text: &str, name: String) -> Result<Transport, &'static str> {
    let url = Url::parse(text).map_err(|_| "is not a URL")?;
    let host = url.host_str().filter(|host| !host.is_empty()).ok_or("has no host")?;
    let host = host.trim_matches(['[', ']']).to_owned();
    let tls = || TlsParameters::new(host.clone()).map_err(|_| "cannot be used: the system has no trusted certificates");
    let security = match (url.scheme(), url.query()) {
        ("smtps", None) => Security::Encrypted(tls()?),
        ("smtp", Some("tls=required")) => Security::Upgraded(tls()?),
        ("smtp", None) if is_this_machine(&url) => Security::Plain,
        _ => return Err("must be smtps://host, smtp://host?tls=required, or smtp://localhost"),
    };
    let port = url.port().unwrap_or(security.default_port());
    Ok(Transport { host, port, security, credentials: credentials(&url)?, name: ClientId::Domain(name) })
}

/// A host of a scheme that is not the web's is not parsed any further, so this is judged on a URL of the web.
fn is_this_machine(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    Url::parse(&format!("http://{host}")).is_ok_and(|url| is_loopback(&url))
}

fn credentials(url: &Url) -> Result<Option<Credentials>, &'static str> {
    let decode = |text: &str| {
        let decoded = percent_decode_str(text).decode_utf8().map(|text| text.into_owned());
        decoded.ok().filter(|text| !text.contains(char::is_control)).ok_or("has a user or password that is no text")
    };
    match (url.username(), url.password()) {
        ("", None) => Ok(None),
        ("", Some(_)) | (_, None) => Err("must have a user and a password, or neither"),
        (user, Some(password)) => Ok(Some(Credentials::new(decode(user)?, decode(password)?))),
    }
}
