use crate::{Call, Problem, ReturnTo};
use http::Method;
use url::Url;

impl ReturnTo {
    /// Lets a link begin a sign-in. For a browser that is a plain `GET`, but at its end it replaces the session. So a
    /// page of another site must not begin one behind a person's back (OWASP ASVS 7.6.2). It may if a person clicks a
    /// link there. A page that a login may return to may begin one too: a page cannot forge a `Referer`. A browser that
    /// does not say where the request came from is let through (Fetch Metadata, "Resource Isolation Policy").
    ///
    /// # Errors
    /// [`Problem::ForeignOrigin`].
    pub fn may_start(&self, call: &Call<'_>) -> Result<(), Problem> {
        let from_here = !is_cross_site(call) || is_clicked(call) || self.sent(call);
        if from_here { Ok(()) } else { Err(Problem::ForeignOrigin) }
    }

    /// Whether a page of the app, or of an allowlisted origin, caused the request.
    fn sent(&self, call: &Call<'_>) -> bool {
        let referer = call.header("referer").and_then(|referer| Url::parse(referer).ok());
        referer.is_some_and(|page| self.has_origin_of(&page))
    }
}

/// Whether a page of another site caused the request. A header that occurs twice or is unreadable counts as cross-site.
fn is_cross_site(call: &Call<'_>) -> bool {
    let site = call.header("sec-fetch-site");
    call.has_header("sec-fetch-site") && !matches!(site, Some("same-origin" | "same-site" | "none"))
}

/// Whether a person clicked, and the whole window shows where that leads.
fn is_clicked(call: &Call<'_>) -> bool {
    call.method == Method::GET
        && call.header("sec-fetch-mode") == Some("navigate")
        && call.header("sec-fetch-dest") == Some("document")
        && call.header("sec-fetch-user") == Some("?1")
}
