use crate::Error;
use jiff::Timestamp;
use lettre::{
    Address, Message,
    address::Envelope,
    message::{
        Mailbox, MultiPart,
        header::{HeaderName, HeaderValue},
    },
};
use locale::Locale;
use std::time::SystemTime;
use url::Host;
use uuid::{NoContext, Uuid};

/// An address in the form that mail servers get: its domain in ASCII (RFC 5890), which every server understands, and
/// the part before the @ in quotes if its dots require them (RFC 5321, section 4.1.2).
///
/// # Errors
/// [`Error::Address`] when it is not exactly one mailbox.
pub(crate) fn address(text: &str) -> Result<Address, Error> {
    let (user, domain) = text.rsplit_once('@').ok_or(Error::Address)?;
    let Ok(Host::Domain(domain)) = Host::parse(domain) else { return Err(Error::Address) };
    let quoted = has_odd_dots(user).then(|| format!("\"{user}\""));
    Address::new(quoted.as_deref().unwrap_or(user), domain).map_err(|_| Error::Address)
}

/// Whether a dot is at an end or next to another dot, among characters that need no quotes themselves.
fn has_odd_dots(user: &str) -> bool {
    let plain = !user.contains(|c: char| c.is_whitespace() || c.is_control() || matches!(c, '"' | '\\' | '<' | '>'));
    plain && user.split('.').any(str::is_empty)
}

fn envelope(from: &Mailbox, to: Address) -> Result<Envelope, Error> {
    Envelope::new(Some(from.email.clone()), vec![to]).map_err(|error| Error::Unwritten(error.to_string()))
}

/// The bytes of a mail. Its id belongs to the sender's domain (RFC 5322, section 3.6.4) and is new each time. The mail
/// says that no person wrote it, so that no machine answers (RFC 3834, section 5). If it names a configuration set, Amazon
/// SES handles it by the rules of that set, and takes the name out; any other server passes the name on.
pub(crate) fn message(
    from: &Mailbox,
    to: Address,
    locale: Locale,
    (subject, text, html): (String, String, String),
    configuration_set: Option<&str>,
    now: Timestamp,
) -> Result<Vec<u8>, Error> {
    let seconds = u64::try_from(now.as_second()).unwrap_or_default();
    let moment = uuid::Timestamp::from_unix(NoContext, seconds, now.subsec_nanosecond().unsigned_abs());
    let id = format!("<{}@{}>", Uuid::new_v7(moment), from.email.domain());
    let header =
        |name: &'static str, value: &str| HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned());
    let builder = Message::builder()
        .from(from.clone())
        .to(Mailbox::new(None, to.clone()))
        // Otherwise a parser that knows no quotes reads it from the header.
        .envelope(envelope(from, to)?)
        .subject(subject)
        .date(SystemTime::from(now))
        .message_id(Some(id))
        .raw_header(header("Auto-Submitted", "auto-generated"))
        .raw_header(header("Content-Language", locale.as_str()));
    let builder = match configuration_set {
        Some(name) => builder.raw_header(header("X-SES-CONFIGURATION-SET", name)),
        None => builder,
    };
    let message = builder
        .multipart(MultiPart::alternative_plain_html(text, html))
        .map_err(|error| Error::Unwritten(error.to_string()))?;
    Ok(message.formatted())
}
