use crate::Pages;
use edge::{Answer, Call, Problem};
use flate2::{Compression, write::GzEncoder};
use jiff::SignedDuration;
use std::io::Write;
use url::Url;

/// Shorter texts gain nothing.
const WORTHWHILE: usize = 512;

/// A file with a version in its address never changes.
const FOREVER: &str = "public, max-age=31536000, immutable";

/// For how long a copy of `security.txt` is to be believed (RFC 9116, section 2.5.5, advises less than a year).
const FRESH: SignedDuration = SignedDuration::from_hours(90 * 24);

impl Pages {
    /// A file, as the pages of this version need it. Of another version there is none: its pages have their own.
    pub(crate) fn file(&self, call: &Call<'_>, name: &str) -> Result<Answer, Problem> {
        let file = self.assets.find(call.parameter("version"), name).ok_or(Problem::NotFound)?;
        let answer = Answer::text(file.text.clone(), file.media_type).header("cache-control", FOREVER);
        Ok(encoded(answer, call, |_| file.gzip()))
    }

    /// The address of a file.
    pub(crate) fn asset(&self, name: &str) -> Url {
        let mut url = self.gate.url(&[]);
        url.set_path(&format!("{}/{name}", self.assets.path()));
        url
    }

    /// RFC 9116. The address of support is the only one that is known.
    pub(crate) fn security_text(&self, call: &Call<'_>) -> Result<Answer, Problem> {
        let support = self.brand.support.as_ref().ok_or(Problem::NotFound)?;
        let expires = call.now.checked_add(FRESH).map_err(|_| Problem::Internal)?;
        let canonical = self.gate.url(&[".well-known", "security.txt"]);
        let text = format!(
            "Contact: mailto:{support}\nExpires: {expires:.0}\nPreferred-Languages: en, pt\nCanonical: {canonical}\n"
        );
        Ok(Answer::text(text, "text/plain; charset=utf-8"))
    }
}

/// The same answer in gzip (RFC 1952), if the client takes that and it is worth while.
pub(crate) fn compressed(answer: Answer, call: &Call<'_>) -> Answer {
    encoded(answer, call, gzip)
}

fn encoded(answer: Answer, call: &Call<'_>, gzip: impl FnOnce(&[u8]) -> Option<Vec<u8>>) -> Answer {
    let answer = answer.header("vary", "accept-encoding");
    match call.header("accept-encoding").is_some_and(takes_gzip) {
        true => answer.encoded("gzip", gzip),
        false => answer,
    }
}

/// In gzip, unless the text is too short to gain by it.
pub(crate) fn gzip(text: &[u8]) -> Option<Vec<u8>> {
    if text.len() < WORTHWHILE {
        return None;
    }
    let mut encoder = GzEncoder::new(Vec::with_capacity(text.len() / 2), Compression::best());
    encoder.write_all(text).ok()?;
    encoder.finish().ok()
}

/// Whether gzip is among the codings of an `Accept-Encoding`, and is not refused there (RFC 9110, section 12.5.3).
fn takes_gzip(header: &str) -> bool {
    header.split(',').any(|member| {
        let (coding, weight) = member.split_once(';').unwrap_or((member, "q=1"));
        let weight = weight.trim().trim_start_matches(['q', 'Q', '=', ' ']);
        coding.trim().eq_ignore_ascii_case("gzip") && weight.parse::<f32>().is_ok_and(|weight| weight > 0.0)
    })
}
