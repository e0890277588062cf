use crate::Pages;
use edge::{Answer, Call, LANGUAGE};
use locale::Locale;

/// The member of the query with which a person chooses one.
pub(crate) const MEMBER: &str = "language";

impl Pages {
    /// The language of a visit: what the person chose, else what the browser prefers.
    pub(crate) fn locale(&self, call: &Call<'_>) -> Locale {
        let chosen = self.gate.cookie(call, LANGUAGE).ok().flatten().and_then(Locale::named);
        chosen.unwrap_or_else(|| Locale::negotiate(call.header("accept-language")))
    }

    /// Keeps the choice, and leads to the same page without it, so that no link passes a language on.
    pub(crate) fn choose_language(&self, call: &Call<'_>, locale: Locale) -> Answer {
        let mut url = self.gate.url(&[]);
        url.set_path(&call.path);
        let rest: Vec<_> = call.members().filter(|(name, _)| *name != MEMBER).collect();
        if !rest.is_empty() {
            url.query_pairs_mut().extend_pairs(rest);
        }
        Answer::see_other(&url).cookie(self.gate.language_cookie(locale.as_str()))
    }
}
