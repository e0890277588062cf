use askama::Template;

/// The words of one mail, before they are text or HTML.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Draft {
    /// The subject, which is also the heading.
    pub subject: String,
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
struct Frame<'a> {
    draft: &'a Draft,
    locale: &'a str,
    product: &'a str,
    link: &'a str,
    app: &'a str,
}

#[derive(Template)]
#[template(path = "layout.html")]
struct Html<'a>(Frame<'a>);

#[derive(Template)]
#[template(path = "layout.txt")]
struct Text<'a>(Frame<'a>);

impl Draft {
    /// Reads the output of a template: parts separated by an empty line. The first is the subject; one that begins with
    /// `-> ` is the label of the link. Values never stand at the beginning of a line, so they are never read as
    /// anything but words.
    pub fn read(text: &str) -> Self {
        let mut parts = text.split("\n\n").map(str::trim).filter(|part| !part.is_empty());
        let subject = parts.next().unwrap_or_default().to_owned();
        let part = |part: &str| match part.strip_prefix("-> ") {
            Some(name) => Part::Link(name.to_owned()),
            None => Part::Words(part.lines().map(str::to_owned).collect()),
        };
        Self { subject, parts: parts.map(part).collect() }
    }

    /// The mail as text.
    pub fn text(&self, locale: &str, product: &str, link: &str, app: &str) -> Result<String, askama::Error> {
        Text(Frame { draft: self, locale, product, link, app }).render()
    }

    /// The mail as HTML.
    pub fn html(&self, locale: &str, product: &str, link: &str, app: &str) -> Result<String, askama::Error> {
        Html(Frame { draft: self, locale, product, link, app }).render()
    }
}
