use crate::{Call, Problem, ReturnTo};
use http::Method;
use url::Url;

impl ReturnTo {
    /// Lets a link begin a sign-in. To a browser that is a mere `GET`, but where it ends it replaces the session; so a page
    /// of another site must not begin one behind a person's back (OWASP ASVS 7.6.2). A person who clicks a link there may.
    /// So may a page that a login may end at: a `Referer` cannot be made up by a page. A browser that says nothing of where
    /// it was made to ask is let pass (Fetch Metadata, "Resource Isolation Policy").
    ///
    /// # Errors
    /// [`Problem::ForeignOrigin`].
    pub fn may_start(&self, call: &Call) -> Result<(), Problem> {
        let from_here = !is_cross_site(call) || is_clicked(call) || self.sent(call);
        if from_here { Ok(()) } else { Err(Problem::ForeignOrigin) }
    }

    /// Whether a page of the app, or of an allowlisted origin, made the browser ask.
    fn sent(&self, call: &Call) -> bool {
        let referer = call.header("referer").and_then(|referer| Url::parse(referer).ok());
        referer.is_some_and(|page| self.has_origin_of(&page))
    }
}

/// Whether a page of another site made the browser ask. A header that is there twice or cannot be read says the worst.
fn is_cross_site(call: &Call) -> bool {
    let site = call.header("sec-fetch-site");
    call.has_header("sec-fetch-site") && !matches!(site, Some("same-origin" | "same-site" | "none"))
}

/// Whether a person clicked, and sees in the whole window where that leads.
fn is_clicked(call: &Call) -> bool {
    call.method == Method::GET
        && call.header("sec-fetch-mode") == Some("navigate")
        && call.header("sec-fetch-dest") == Some("document")
        && call.header("sec-fetch-user") == Some("?1")
}
