/// A mail as received.
#[derive(Clone, Debug)]
pub struct CaughtMail {
    /// `MAIL FROM`, with its parameters.
    pub sender: String,
    /// The address of `RCPT TO`.
    pub recipient: String,
    /// Everything, with `\r\n`.
    pub source: String,
}

impl CaughtMail {
    /// The mail without its transfer encoding, as far as that is plain or quoted-printable (RFC 2045, section 6.7).
    pub fn decoded(&self) -> String {
        let joined = self.source.replace("=\r\n", "");
        let mut pieces = joined.split('=');
        let mut bytes = pieces.next().unwrap_or_default().as_bytes().to_vec();
        for piece in pieces {
            match piece.get(..2).and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
                Some(byte) => {
                    bytes.push(byte);
                    bytes.extend_from_slice(&piece.as_bytes()[2..]);
                }
                None => bytes.extend([b"=", piece.as_bytes()].concat()),
            }
        }
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// The value of a header on one line, as received.
    pub fn header(&self, name: &str) -> Option<String> {
        let head = self.source.split("\r\n\r\n").next().unwrap_or_default().replace("\r\n ", " ");
        let prefix = format!("{name}: ");
        head.lines().find_map(|line| line.strip_prefix(&prefix)).map(str::to_owned)
    }

    /// The token in its link, if there is one.
    pub fn token(&self) -> Option<String> {
        let text = self.decoded();
        let (_, rest) = text.split_once("#token=")?;
        Some(rest.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).collect())
    }
}
