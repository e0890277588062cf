use percent_encoding::percent_decode_str;
use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

const ENCODE: &str = "has to be percent-encoded where it is not plain: in a password # is %23, / is %2F, ? is %3F, \
                      @ is %40, % is %25 and \\ is %5C";

/// What the URL of a service may contain. Anything not named here is a fault.
#[derive(Debug)]
pub struct Form {
    /// Its schemes, in lower case.
    pub schemes: &'static [&'static str],
    /// Whether a user and a password may precede the host.
    pub login: bool,
    /// What may follow the host.
    pub path: Path,
    /// The members that its query may have, each at most once, with the values that each may have.
    pub members: &'static [(&'static str, &'static [&'static str])],
    /// The message of the fault for every URL of another form.
    pub must: &'static str,
}

/// What may follow the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Path {
    /// Nothing, or a slash.
    None,
    /// Nothing, a slash, or a slash and a whole number.
    Number,
    /// Anything.
    Any,
}

/// The parts of a service's URL, decoded.
pub struct ServiceUrl {
    /// One of the schemes of its form.
    pub scheme: &'static str,
    /// The user that signs in.
    pub login: Option<Login>,
    /// A name in lower case, or an IP address without brackets.
    pub host: String,
    /// The port, if it names one.
    pub port: Option<u16>,
    /// The part after the host, unchanged: empty, or from its first slash on.
    pub path: String,
    members: Vec<(&'static str, &'static str)>,
}

/// A user with a password. It has no `Debug` form that shows them.
#[derive(Clone, PartialEq, Eq)]
pub struct Login {
    /// May be empty, for services that have passwords without users.
    pub user: String,
    /// Never empty.
    pub password: String,
}

/// Reads a URL literally (RFC 3986): nothing in it is corrected, dropped or guessed. Other readers do that (WHATWG
/// URL), and so find another host in a URL whose password was not encoded.
///
/// # Errors
/// What is wrong with it, without repeating it: it may hold a password.
pub fn service_url(text: &str, form: &Form) -> Result<ServiceUrl, &'static str> {
    characters(text)?;
    let (scheme, rest) = text.split_once("://").ok_or(form.must)?;
    let known = form.schemes.iter().find(|known| known.eq_ignore_ascii_case(scheme));
    let (authority, tail) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    // This is the rest of a password, and the host that was meant.
    if form.login && tail.contains('@') {
        return Err(ENCODE);
    }
    let (login, place) = match authority.rsplit_once('@') {
        Some(_) if !form.login => return Err("must not carry a user"),
        Some((login, place)) => (Some(self::login(login)?), place),
        None => (None, authority),
    };
    let (host, port) = split_port(place)?;
    let (tail, fragment) = split(tail, '#');
    let (path, query) = split(tail, '?');
    if fragment.is_some() || (query.is_some() && form.members.is_empty()) {
        return Err("must not carry a query or fragment");
    }
    Ok(ServiceUrl {
        scheme: known.ok_or(form.must)?,
        login,
        host: self::host(host).ok_or("names no host that there can be")?,
        port,
        path: form.path.admits(path).then(|| path.to_owned()).ok_or(form.must)?,
        members: query.map_or(Some(Vec::new()), |query| members(query, form)).ok_or(form.must)?,
    })
}

impl ServiceUrl {
    /// The value of a query member.
    pub fn member(&self, name: &str) -> Option<&'static str> {
        self.members.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
    }

    /// Whether its host is this machine: `localhost` or a loopback address.
    pub fn is_this_machine(&self) -> bool {
        self.host == "localhost" || self.host.parse().is_ok_and(|address: IpAddr| address.is_loopback())
    }
}

impl fmt::Debug for ServiceUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ServiceUrl")
            .field("scheme", &self.scheme)
            .field("host", &self.host)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Login {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Login(…)")
    }
}

impl Path {
    fn admits(self, path: &str) -> bool {
        match (self, path) {
            (Self::Any, _) | (_, "" | "/") => true,
            (Self::Number, path) => path[1..].bytes().all(|byte| byte.is_ascii_digit()),
            (Self::None, _) => false,
        }
    }
}

/// The characters of a URL (RFC 3986 section 2). Other readers drop tabs and line breaks, and take a backslash for a
/// slash.
fn characters(text: &str) -> Result<(), &'static str> {
    if text.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err("must not hold blanks or control characters");
    }
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(&byte);
    let encodes = |part: &str| part.get(..2).is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
    if text.bytes().all(plain) && text.split('%').skip(1).all(encodes) { Ok(()) } else { Err(ENCODE) }
}

fn login(text: &str) -> Result<Login, &'static str> {
    // RFC 3986 section 3.2.1.
    if text.contains(['@', '[', ']']) {
        return Err(ENCODE);
    }
    let (user, password) = text.split_once(':').ok_or("must have a user and a password, or neither")?;
    let decode = |part| {
        let decoded = percent_decode_str(part).decode_utf8().ok().filter(|text| !text.contains(char::is_control));
        decoded.map(|text| text.into_owned()).ok_or("has a user or password that is no text")
    };
    let login = Login { user: decode(user)?, password: decode(password)? };
    if login.password.is_empty() { Err("has an empty password") } else { Ok(login) }
}

/// A colon without a port comes from a variable that was not set.
fn split_port(place: &str) -> Result<(&str, Option<u16>), &'static str> {
    let after_host = place.rfind(']').map_or(0, |end| end + 1);
    let Some(colon) = place[after_host..].find(':') else { return Ok((place, None)) };
    let (host, port) = place.split_at(after_host + colon);
    let number = crate::port(&port[1..]).map_err(|_| {
        "has a port that is not a whole number from 1 to 65535; what stands before a host has to be percent-encoded"
    })?;
    Ok((host, Some(number)))
}

/// An internet name, possibly with `_` as in container networks, or an IP address in full. `127.1` and `0x7f000001` are
/// addresses to some readers and names to others.
fn host(text: &str) -> Option<String> {
    if let Some(address) = text.strip_prefix('[') {
        let address: Ipv6Addr = address.strip_suffix(']')?.parse().ok()?;
        return (!address.is_unspecified()).then(|| address.to_string());
    }
    let name = text.to_ascii_lowercase();
    let last = name.rsplit('.').next()?;
    if last.bytes().all(|byte| byte.is_ascii_digit()) || last.starts_with("0x") {
        let address: Ipv4Addr = name.parse().ok()?;
        return (!address.is_unspecified()).then_some(name);
    }
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let lawful = |label: &str| {
        (1..=63).contains(&label.len()) && label.bytes().all(plain) && !label.starts_with('-') && !label.ends_with('-')
    };
    (name.len() <= 253 && name.split('.').all(lawful)).then_some(name)
}

fn members(query: &str, form: &Form) -> Option<Vec<(&'static str, &'static str)>> {
    let mut found = Vec::new();
    for member in query.split('&') {
        let (name, value) = member.split_once('=')?;
        let (name, values) = form.members.iter().find(|(known, _)| *known == name)?;
        let value = values.iter().find(|known| **known == value)?;
        if found.iter().any(|(known, _)| known == name) {
            return None;
        }
        found.push((*name, *value));
    }
    Some(found)
}

fn split(text: &str, at: char) -> (&str, Option<&str>) {
    text.split_once(at).map_or((text, None), |(before, after)| (before, Some(after)))
}

#[cfg(test)]
mod tests;
