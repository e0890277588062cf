//! The file that keeps the variables.

use super::Settings;
use crate::failure::Failure;
use std::{fs::OpenOptions, io::Write, os::unix::fs::OpenOptionsExt, path::Path};

impl Settings {
    /// Writes a file that a shell (`set -a; . file`) and `cargo lambda --env-file` read in the same way.
    ///
    /// # Errors
    /// When a value has no form that both understand, or the file cannot be written.
    pub fn write(&self, file: &Path) -> Result<(), Failure> {
        let mut text = String::new();
        for (name, value) in &self.0 {
            if value.contains(['\'', '\\', '\n', '\r']) {
                let reason = "cannot hold a quote, a backslash or a line break here".to_owned();
                return Err(Failure::Setting { name: name.clone(), reason });
            }
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:,@%+".contains(&byte);
            let quote = if value.bytes().all(plain) { "" } else { "'" };
            text.push_str(&format!("{name}={quote}{value}{quote}\n"));
        }
        // The caller's values may be secret, such as the password of a mail server.
        let opened = OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(file);
        opened.and_then(|mut opened| opened.write_all(text.as_bytes())).map_err(Failure::file(file))
    }

    /// Reads a file that [`write`](Self::write) wrote; a missing file counts as empty.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn read(file: &Path) -> Result<Self, Failure> {
        let text = match std::fs::read_to_string(file) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            text => text.map_err(Failure::file(file))?,
        };
        let pair = |line: &str| {
            line.split_once('=').map(|(name, value)| (name.to_owned(), value.trim_matches('\'').to_owned()))
        };
        Ok(Self(text.lines().filter_map(pair).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{os::unix::fs::PermissionsExt, process::Command};

    #[test]
    fn the_file_says_the_same_to_us_and_to_a_shell() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("env");
        let values =
            ["openid email profile", "redis://host/?cluster=true", "a#b", "$HOME", "\"", "x;y", "ü", "plain,a.b:c"];
        let mut settings = Settings::default();
        for (number, value) in values.iter().enumerate() {
            settings.set(&format!("OIDC_{number}"), *value);
        }
        settings.write(&file).unwrap();
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(Settings::read(&file).unwrap(), settings);
        for (name, value) in settings.pairs() {
            let script = format!(r#"set -a; . "$0"; printf %s "${name}""#);
            let output = Command::new("/bin/sh").args(["-c", &script]).arg(&file).output().unwrap();
            assert_eq!(String::from_utf8(output.stdout).unwrap(), value);
        }
    }

    #[test]
    fn a_value_that_the_file_cannot_hold_is_refused_by_name_without_being_shown() {
        for value in ["it's", "a\\b", "a\nb"] {
            let settings = Settings::of([("SMTP_URL".to_owned(), value.to_owned())]);
            let text = settings.write(Path::new("/nowhere/env")).unwrap_err().to_string();
            assert!(text.starts_with("SMTP_URL") && !text.contains(value), "{text}");
        }
    }
}
