use crate::Request;

impl Request {
    /// Requests that other sites could make the browser send, and guesses, in place of this correct request.
    /// `csrf_tokens` are those of other sessions. Each must get the answer 403 (OWASP ASVS 3.5.1–3.5.3).
    pub fn forgeries(&self, csrf_tokens: &[String]) -> Vec<Self> {
        let unproven = csrf_tokens.iter().flat_map(|token| self.unproven(token));
        unproven.chain(self.sent_from_elsewhere()).collect()
    }

    /// With a wrong CSRF token, `other` for example, and without one: with each content type that needs no permission,
    /// and as JSON.
    pub(crate) fn unproven(&self, other: &str) -> Vec<Self> {
        let guesses = ["", "null", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", other];
        let without = self.clone().without("x-csrf-token");
        let guessed = guesses.map(|guess| without.clone().header("x-csrf-token", guess));
        guessed.into_iter().chain([without]).flat_map(Self::in_every_type).collect()
    }

    /// From pages of other sites: with each content type that needs no permission, and as JSON.
    pub(crate) fn sent_from_elsewhere(&self) -> Vec<Self> {
        let elsewhere = self.clone().without("origin").without("sec-fetch-site");
        let origins =
            ["https://evil.example", "null", "https://app.example.com.evil.example", "http://app.example.com"];
        let foreign = origins.into_iter().map(|origin| elsewhere.clone().header("origin", origin));
        let sites = ["cross-site", "same-site"].map(|site| elsewhere.clone().header("sec-fetch-site", site));
        foreign.chain(sites).flat_map(Self::in_every_type).collect()
    }

    /// Unchanged, without a type, and with each type that a form can send.
    pub(crate) fn in_every_type(self) -> Vec<Self> {
        let plain = self.clone().without("content-type");
        let types = ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain"];
        let simple = types.map(|kind| plain.clone().header("content-type", kind));
        [self, plain].into_iter().chain(simple).collect()
    }
}
