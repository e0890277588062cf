use crate::{
    language,
    page::Page,
    start::Start,
    visit::Visit,
    words::{Frame as FrameWords, Trouble, Words},
};
use brand::Brand;
use edge::Call;
use locale::Locale;
use std::fmt::Write;
use url::form_urlencoded::Serializer;

/// What every page has around its content.
pub(crate) struct Frame<'a> {
    pub page: Page,
    pub words: &'static Words,
    pub brand: &'a Brand,
    /// The language, as documents name it.
    pub language: &'static str,
    /// The other languages: their tags, their names, and where a person chooses them.
    pub languages: Vec<(&'static str, &'static str, String)>,
    /// The API as other pages reach it.
    pub address: String,
    /// The part of our paths before the routes: nothing, or such as `/auth`.
    pub base: &'a str,
    /// Where the files of the pages are.
    pub assets: &'a str,
    /// Each provider: its name, its label, and where a sign-in with it begins.
    pub providers: Vec<(&'a str, &'a str, String)>,
    /// Where the person goes when they are signed in.
    pub return_to: String,
    /// The query that takes it along to another page of ours; empty, if the person came from nowhere.
    pub along: String,
    /// What went wrong, if a problem led here.
    pub trouble: Option<&'static Trouble>,
    /// The request that failed.
    pub request: Option<&'a str>,
    /// What a developer is told, on their own machine.
    pub start: Option<&'a Start>,
}

impl<'a> Frame<'a> {
    pub fn of(visit: &Visit<'a>, page: Page, call: &Call<'_>) -> Self {
        let pages = visit.pages;
        let words = Words::of(visit.locale);
        let base = pages.gate.prefix();
        let along = visit.return_to.as_ref().map(|url| query([("return_to", url.as_str())])).unwrap_or_default();
        let way = |(name, label)| (name, label, format!("{base}/login/{name}{along}"));
        Self {
            page,
            words,
            brand: &pages.brand,
            language: visit.locale.as_str(),
            languages: languages(visit.locale, call),
            assets: pages.assets.path(),
            providers: pages.providers.iter().map(way).collect(),
            return_to: visit.return_to.as_ref().unwrap_or(&pages.brand.app).to_string(),
            trouble: visit.problem.map(|slug| words.trouble(slug)),
            request: visit.request,
            start: pages.start.as_ref(),
            along,
            address: pages.gate.url(&[]).as_str().trim_end_matches('/').to_owned(),
            base,
        }
    }

    /// Everything that a page may load or send comes from here (CSP Level 3; Trusted Types).
    pub fn policy(&self) -> String {
        let mut images = "'self'".to_owned();
        match &self.brand.logo {
            // Those of people, which have any origin.
            _ if self.page == Page::Account => images.push_str(" https:"),
            Some(logo) => drop(write!(images, " {}", logo.origin().ascii_serialization())),
            None => {}
        }
        format!(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src {images}; connect-src 'self'; \
             form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; \
             trusted-types 'none'"
        )
    }

    /// The title of the page.
    pub fn title(&self) -> &'static str {
        self.page.title(self.words, self.trouble)
    }

    /// Where mails are shown, on a developer's machine.
    pub fn mails(&self) -> Option<&str> {
        self.start?.mails.as_deref()
    }

    /// The texts of the frame itself.
    pub fn own(&self) -> &'static FrameWords {
        &self.words.frame
    }

    /// "Back to" the app, by its name.
    pub fn to_the_app(&self) -> String {
        self.own().to_the_app.replace("{}", &self.brand.name)
    }
}

/// Where each language but this one is chosen: the same page, with the rest of its query.
fn languages(locale: Locale, call: &Call<'_>) -> Vec<(&'static str, &'static str, String)> {
    let others = Locale::ALL.into_iter().filter(|other| *other != locale);
    let link = |other: Locale| {
        let rest = call.members().filter(|(name, _)| *name != language::MEMBER);
        let members = rest.chain([(language::MEMBER, other.as_str())]);
        (other.as_str(), Words::of(other).frame.language, query(members))
    };
    others.map(link).collect()
}

fn query<'a>(members: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    format!("?{}", Serializer::new(String::new()).extend_pairs(members).finish())
}
