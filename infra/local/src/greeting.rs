use crate::{accounts::Person, settings::Settings};
use std::{io::Write, path::Path};

/// The account that always exists.
pub const DEMO: Person<'static> =
    Person { email: "demo@example.com", password: "open sesame, locally", name: Some("Demo") };

/// Prints a line for the person at the terminal.
pub fn say(text: &str) {
    let mut output = std::io::stdout().lock();
    // The output may have no reader, which is no reason to stop.
    drop(writeln!(output, "{text}").and_then(|()| output.flush()));
}

/// What a person can do with the API that now runs. `mails`: where mails are shown, if they are.
pub fn greeting(data: &Path, settings: &Settings, mails: Option<&str>) -> String {
    let url = settings.get("PUBLIC_URL").unwrap_or_default().trim_end_matches('/');
    let Person { email, password, .. } = DEMO;
    let cookies = data.join("cookies");
    let cookies = cookies.display();
    let mails = mails.map(|page| format!("  Mail       {page} shows what was sent; nothing leaves this machine\n"));
    let mails = mails.unwrap_or_default();
    let origins = settings.get("ALLOWED_ORIGINS").unwrap_or_default().replace(',', ", ");
    let json = "-H 'Content-Type: application/json'";
    format!(
        r#"
The login API runs at {url}

  Account    {email} with the password "{password}"
  Provider   {url}/login/local in a browser; any account name signs in, "demo" is the account above
{mails}  Front end  pages of {origins} may call it;
             `APP_URL=http://localhost:5173 make dev` brings people back to a Vite app after a provider
  Settings   {settings}
  More       `make user EMAIL=you@example.com` adds a user; Ctrl-C ends everything

Sign in, ask who you are, and get a token for another service:

CSRF=$(curl -s -c {cookies} -H 'Origin: {url}' {json} -d '{{"email":"{email}","password":"{password}"}}' {url}/login | sed 's/.*"csrf_token":"\([^"]*\)".*/\1/')
curl -s -b {cookies} {url}/me
curl -s -b {cookies} -X POST -H 'Origin: {url}' -H "X-CSRF-Token: $CSRF" {json} -d '{{}}' {url}/session/token
"#,
        settings = data.join("env").display()
    )
}
