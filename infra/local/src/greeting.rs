use crate::{accounts::Person, settings::Settings};
use std::{
    io::Write,
    path::{Path, PathBuf},
};

/// The account that always exists.
pub const DEMO: Person<'static> =
    Person { email: "demo@example.com", password: "open sesame, locally", name: Some("Demo") };

/// Prints a line for the person at the terminal.
pub fn say(text: &str) {
    let mut output = std::io::stdout().lock();
    // The output may have no reader, which is no reason to stop.
    drop(writeln!(output, "{text}").and_then(|()| output.flush()));
}

/// What a person can do with the API that now runs.
pub struct Greeting<'a> {
    /// Directory of everything that is kept between runs, as the person wrote it.
    pub data: &'a Path,
    /// What the functions run with.
    pub settings: &'a Settings,
    /// Where mails are shown, if they are.
    pub mails: Option<String>,
    /// The file to be trusted, if the API has a certificate of its own.
    pub certificate: Option<PathBuf>,
}

impl Greeting<'_> {
    /// The whole text.
    pub fn text(&self) -> String {
        let Self { data, settings, mails, certificate } = self;
        let url = settings.get("PUBLIC_URL").unwrap_or_default().trim_end_matches('/');
        let Person { email, password, .. } = DEMO;
        let mails = mails
            .as_ref()
            .map(|page| format!("  Mail       {page} shows what was sent; nothing leaves this machine\n"));
        let mails = mails.unwrap_or_default();
        let origins = settings.get("ALLOWED_ORIGINS").unwrap_or_default().replace(',', ", ");
        let app = match certificate {
            Some(_) => "APP_URL=https://localhost:5173 make dev HTTPS=1",
            None => "APP_URL=http://localhost:5173 make dev",
        };
        let safari = certificate.as_deref().map_or_else(|| SAFARI.to_owned(), trusted);
        let file = data.join("env");
        let calls = calls(url, &data.join("cookies"), certificate.as_deref());
        format!(
            r#"
The login API runs at {url}

  Pages      {url} in a browser: sign in, sign up, look after an account
  Account    {email} with the password "{password}"
  Provider   {url}/login/local in a browser; any account name signs in, "demo" is the account above
{mails}  Front end  pages of {origins} may call it;
             `{app}` brings people back to a Vite app after a provider
{safari}
  Settings   {settings}
  More       `make user EMAIL=you@example.com` adds a user; Ctrl-C ends everything

Sign in, ask who you are, and get a token for another service:

{calls}"#,
            settings = file.display()
        )
    }
}

/// Without TLS.
const SAFARI: &str = "  Safari     keeps no cookie of http://localhost; `make dev HTTPS=1` serves https";

/// How a person makes a browser trust the certificate.
fn trusted(certificate: &Path) -> String {
    let file = certificate.display();
    let command = if cfg!(target_os = "macos") {
        format!("security add-trusted-cert -p ssl -k ~/Library/Keychains/login.keychain-db '{file}'")
    } else {
        format!("mkdir -p ~/.pki/nssdb && certutil -d sql:$HOME/.pki/nssdb -A -t P,, -n login-api -i '{file}'")
    };
    format!(
        "  HTTPS      the certificate vouches for itself: a browser warns, or trusts it after\n             {command}\n             \
         The front end needs https too; it may use the same certificate, and the key beside it"
    )
}

/// Three requests to try.
fn calls(url: &str, cookies: &Path, certificate: Option<&Path>) -> String {
    let Person { email, password, .. } = DEMO;
    let cookies = cookies.display();
    let json = "-H 'Content-Type: application/json'";
    let curl =
        certificate.map_or_else(|| "curl -s".to_owned(), |file| format!("curl -s --cacert '{}'", file.display()));
    format!(
        r#"CSRF=$({curl} -c {cookies} -H 'Origin: {url}' {json} -d '{{"email":"{email}","password":"{password}"}}' {url}/login | sed 's/.*"csrf_token":"\([^"]*\)".*/\1/')
{curl} -b {cookies} {url}/me
{curl} -b {cookies} -X POST -H 'Origin: {url}' -H "X-CSRF-Token: $CSRF" {json} -d '{{}}' {url}/session/token
"#
    )
}
