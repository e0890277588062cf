use askama::Template;

/// The words of one mail, before they have a form.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Draft {
    /// The subject, which is also the heading.
    pub subject: String,
    /// What follows, in order.
    pub parts: Vec<Part>,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// A paragraph, line by line.
    Words(Vec<String>),
    /// What the link is called.
    Link(String),
}

/// What surrounds the words in both forms.
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
    /// Reads what a template of words writes: parts with an empty line between them; the first is the subject; one that
    /// begins with `-> ` names the link. Values never stand at the beginning of a line, so they are never taken for more
    /// than words.
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
