//! What each mail says, in each language.

use crate::{Mail, draft::Draft};
use agent::Agent;
use askama::Template;
use brand::Providers;
use jiff::{Timestamp, tz::TimeZone};
use locale::Locale;

/// The longest value that is inserted into our words, in characters.
const LONGEST: usize = 100;

/// The values for the templates, which write the form that [`Draft::read`] reads.
struct Facts<'a> {
    mail: Mail<'a>,
    product: &'a str,
    /// When it happened.
    time: String,
    provider: Option<String>,
    program: Option<String>,
    ip: Option<String>,
}

#[derive(Template)]
#[template(path = "en.txt")]
struct English<'a>(Facts<'a>);

#[derive(Template)]
#[template(path = "pt.txt")]
struct Portuguese<'a>(Facts<'a>);

/// The words of a mail.
pub(crate) fn write(
    mail: Mail<'_>,
    locale: Locale,
    product: &str,
    providers: &Providers,
) -> Result<Draft, askama::Error> {
    let facts = Facts::of(mail, locale, product, providers);
    let text = match locale {
        Locale::En => English(facts).render()?,
        Locale::Pt => Portuguese(facts).render()?,
    };
    Ok(Draft::read(&text))
}

impl<'a> Facts<'a> {
    fn of(mail: Mail<'a>, locale: Locale, product: &'a str, providers: &Providers) -> Self {
        let facts = Self { mail, product, time: String::new(), provider: None, program: None, ip: None };
        let time = |at| time(at, locale);
        match mail {
            Mail::Verify { .. } | Mail::Known | Mail::Reset { .. } => facts,
            Mail::PasswordChanged { at } => Self { time: time(at), ..facts },
            Mail::IdentityLinked { provider, at } | Mail::IdentityUnlinked { provider, at } => {
                Self { time: time(at), provider: Some(plain(providers.label(provider))), ..facts }
            }
            Mail::SignIn { at, ip, user_agent } => Self {
                time: time(at),
                program: user_agent.and_then(Agent::of).map(|agent| agent.words()),
                ip: ip.map(plain),
                ..facts
            },
        }
    }
}

/// A value from outside on one line of bounded length, so that it cannot look like our own words.
fn plain(value: &str) -> String {
    value.chars().filter(|c| !c.is_control()).take(LONGEST).collect()
}

/// `6 May 2031, 07:08 UTC`, `6 de maio de 2031, 07:08 UTC`
fn time(at: Timestamp, locale: Locale) -> String {
    const MONTHS: [&str; 12] = [
        "janeiro",
        "fevereiro",
        "março",
        "abril",
        "maio",
        "junho",
        "julho",
        "agosto",
        "setembro",
        "outubro",
        "novembro",
        "dezembro",
    ];
    let at = at.to_zoned(TimeZone::UTC);
    let month = usize::try_from(at.month()).ok().and_then(|month| MONTHS.get(month.checked_sub(1)?));
    match (locale, month) {
        (Locale::Pt, Some(month)) => format!("{} de {month} de {}", at.day(), at.strftime("%Y, %H:%M UTC")),
        _ => at.strftime("%-d %B %Y, %H:%M UTC").to_string(),
    }
}
