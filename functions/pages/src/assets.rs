use crate::file::gzip;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use brand::{Brand, Color};
use sha2::{Digest, Sha256};
use std::{borrow::Cow, sync::OnceLock};

/// How many bytes of the hash a version has: enough that no two releases have the same.
const VERSION: usize = 9;

/// What accents stand on, at day and at night: in `pages.css` the grounds on which a text has the least contrast.
const DAY: Color = Color::of(0xf6, 0xf7, 0xf9);
const NIGHT: Color = Color::of(0x1d, 0x1f, 0x25);

const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";
const PICTURE: &str = "image/svg+xml";

/// A file that pages load.
pub(crate) struct File {
    name: &'static str,
    pub media_type: &'static str,
    pub text: Cow<'static, str>,
    /// The same in gzip, from the first request on that takes that.
    gzip: OnceLock<Option<Vec<u8>>>,
}

/// All of them, below an address that names their content: it changes as soon as one of them does.
pub(crate) struct Assets {
    path: String,
    version: String,
    files: Vec<File>,
}

/// Names files that are served as they are in the source.
macro_rules! files {
    ($($folder:literal $media_type:ident: $($name:literal),+;)+) => {
        [$($((($name), $media_type, include_str!(concat!($folder, $name)))),+),+]
    };
}

impl Assets {
    /// The files for this brand, below the prefix of the API's paths.
    pub fn of(brand: &Brand, prefix: &str) -> Self {
        let written = files! {
            "../../../clients/web/" SCRIPT: "auth.js", "socket.js", "texts.js", "texts/en.js", "texts/pt.js";
            "../assets/" SCRIPT: "page.js", "form.js", "login.js", "register.js", "verify.js", "forgot.js", "token.js", "reset.js", "account.js";
            "../assets/" STYLE: "pages.css";
            "../assets/" PICTURE: "google.svg";
        };
        let mut files = Vec::from(written.map(|(name, media_type, text)| File::of(name, media_type, text)));
        files.push(File::of("brand.css", STYLE, style(brand.color)));
        files.push(File::of("icon.svg", PICTURE, icon(brand.color)));
        let version = version(&files);
        Self { path: format!("{prefix}/assets/{version}"), version, files }
    }

    /// Where they are, as a path on our host.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The file of this name, if the version is this one.
    pub fn find(&self, version: &str, name: &str) -> Option<&File> {
        self.files.iter().find(|file| file.name == name && version == self.version)
    }
}

impl File {
    fn of(name: &'static str, media_type: &'static str, text: impl Into<Cow<'static, str>>) -> Self {
        Self { name, media_type, text: text.into(), gzip: OnceLock::new() }
    }

    /// Its text in gzip, if that is worth while.
    pub fn gzip(&self) -> Option<Vec<u8>> {
        self.gzip.get_or_init(|| gzip(self.text.as_bytes())).clone()
    }
}

fn version(files: &[File]) -> String {
    let mut hash = Sha256::new();
    for File { name, text, .. } in files {
        // With lengths, so that no two lists of files are the same bytes.
        hash.update(format!("{} {} {name}{text}", name.len(), text.len()));
    }
    BASE64_URL_SAFE_NO_PAD.encode(&hash.finalize()[..VERSION])
}

/// The brand's colour, readable by day and by night.
fn style(color: Color) -> String {
    let rule = |ground| {
        let accent = color.accent_on(ground);
        format!(":root {{ --accent: {}; --on-accent: {}; }}", accent.color, accent.text)
    };
    format!("{}\n@media (prefers-color-scheme: dark) {{ {} }}\n", rule(DAY), rule(NIGHT))
}

/// A lock in the brand's colour.
fn icon(color: Color) -> String {
    let accent = color.accent_on(Color::of(0xff, 0xff, 0xff));
    include_str!("../assets/icon.svg")
        .replace("{accent}", &accent.color.to_string())
        .replace("{text}", &accent.text.to_string())
}
