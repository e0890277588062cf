//! A reply as text that is the same each time.

use super::Reply;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as BASE64URL};
use serde_json::Value;
use std::{collections::HashMap, fmt::Write};

/// Status, headers by name, cookies in their order, body; JSON on lines of its own.
pub fn shown(reply: &Reply) -> String {
    let mut text = format!("{}\n", reply.status);
    let headers = reply.headers.iter().map(|(name, value)| (name.as_str(), value));
    for (name, value) in headers.chain(reply.cookies.iter().map(|cookie| ("set-cookie", cookie))) {
        writeln!(text, "{name}: {value}").expect("text grows");
    }
    let json = serde_json::from_str::<Value>(&reply.body).map(|body| format!("{body:#}"));
    write!(text, "\n{}", json.as_ref().unwrap_or(&reply.body)).expect("text grows");
    Names::default().replace(&text)
}

/// The names given so far, so that the same value has the same name everywhere.
#[derive(Default)]
struct Names(HashMap<String, String>);

impl Names {
    fn replace(&mut self, text: &str) -> String {
        let mut replaced = String::new();
        let mut rest = text;
        while let Some(start) = rest.find(is_word) {
            let (between, from) = rest.split_at(start);
            let end = from.find(|c| !is_word(c)).unwrap_or(from.len());
            let (word, after) = from.split_at(end);
            replaced.push_str(between);
            let shown = self.word(word, &replaced);
            replaced.push_str(&shown);
            rest = after;
        }
        replaced + rest
    }

    fn word(&mut self, word: &str, before: &str) -> String {
        if let Some(value) = attempt(word) {
            return format!("[attempt {}]", self.replace(&value.to_string()));
        }
        let name = match word {
            _ if word.matches('.').count() == 2 && word.starts_with("eyJ") => "jwt",
            _ if word.starts_with("__Host-login_") => return "__Host-login_[of the state]".to_owned(),
            _ if is_uuid(word) => "uuid",
            _ if word.len() == 43 && !word.contains('.') => name_before(before),
            _ if before.ends_with("127.0.0.1:") => "port",
            _ => return word.to_owned(),
        };
        if let Some(shown) = self.0.get(word) {
            return shown.clone();
        }
        let others = self.0.values().filter(|other| other.starts_with(&format!("[{name}"))).count();
        let shown = if others == 0 { format!("[{name}]") } else { format!("[{name} {}]", others + 1) };
        self.0.insert(word.to_owned(), shown.clone());
        shown
    }
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')
}

/// The content of an attempt's cookie.
fn attempt(word: &str) -> Option<Value> {
    let json = BASE64URL.decode(word).ok().filter(|bytes| bytes.starts_with(b"{"))?;
    serde_json::from_slice(&json).ok()
}

fn is_uuid(word: &str) -> bool {
    let lengths: Vec<_> = word.split('-').map(str::len).collect();
    lengths == [8, 4, 4, 4, 12] && word.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}

/// The last word before a value: the name of its member, parameter or cookie.
fn name_before(before: &str) -> &str {
    let name = before.trim_end_matches(|c| !is_word(c));
    match &name[name.rfind(|c| !is_word(c)).map_or(0, |at| at + 1)..] {
        "__Host-session_id" => "session token",
        "csrf_token" => "csrf token",
        "id" => "session id",
        other => other,
    }
}
