use askama::Template;
use brand::{Accent, Brand};

/// The words of one mail, before they are text or HTML.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Draft {
    /// The heading, and the end of the subject.
    pub subject: String,
    /// What an inbox shows beside the subject.
    pub preview: String,
    /// The rest of the mail, in order.
    pub parts: Vec<Part>,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// A paragraph, line by line.
    Words(Vec<String>),
    /// The label of the link.
    Link(String),
}

/// The frame around the words in both forms.
pub(crate) struct Frame<'a> {
    pub draft: &'a Draft,
    pub locale: &'a str,
    pub brand: &'a Brand,
    pub accent: Accent,
    pub link: &'a str,
}

#[derive(Template)]
#[template(path = "layout.html")]
struct Html<'a>(&'a Frame<'a>);

#[derive(Template)]
#[template(path = "layout.txt")]
struct Text<'a>(&'a Frame<'a>);

impl Draft {
    /// Reads the output of a template: parts separated by an empty line. The first is the subject, with the preview on its
    /// second line; one that begins with `-> ` is the label of the link. Values never stand at the beginning of a line, so
    /// they are never read as anything but words.
    pub fn read(text: &str) -> Self {
        let mut parts = text.split("\n\n").map(str::trim).filter(|part| !part.is_empty());
        let head = parts.next().unwrap_or_default();
        let (subject, preview) = head.split_once('\n').unwrap_or((head, ""));
        let part = |part: &str| match part.strip_prefix("-> ") {
            Some(name) => Part::Link(name.to_owned()),
            None => Part::Words(part.lines().map(str::to_owned).collect()),
        };
        Self { subject: subject.to_owned(), preview: preview.trim().to_owned(), parts: parts.map(part).collect() }
    }
}

impl Frame<'_> {
    /// The mail as text and as HTML.
    pub fn write(self) -> Result<(String, String), askama::Error> {
        let html = Html(&self).render()?;
        Ok((Text(&self).render()?, html))
    }
}
