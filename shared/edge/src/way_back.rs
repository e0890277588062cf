use crate::{Call, Problem};
use environment::Environment;
use url::Url;

/// Where a person comes back to whose navigation failed: pages that say what happened and what to do.
#[derive(Clone, Debug)]
pub struct WayBack {
    sign_in: Url,
    account: Url,
}

/// One of these pages, and where the person goes from there, if that is known.
#[derive(Debug)]
pub struct Destination<'a> {
    page: &'a Url,
    return_to: Option<Url>,
}

impl WayBack {
    /// Reads `PUBLIC_URL`, `SIGN_IN_URL` (`/login` below it) and `ACCOUNT_URL` (`/account` there). Faults stay in
    /// `environment`.
    pub fn from_environment(environment: &mut Environment) -> Option<Self> {
        let sign_in = environment.page("SIGN_IN_URL", &["login"]);
        let account = environment.page("ACCOUNT_URL", &["account"]);
        Some(Self { sign_in: sign_in?, account: account? })
    }

    /// The page where people sign in. [`ReturnTo`](crate::ReturnTo) has judged where they go from there.
    pub fn to_sign_in(&self, return_to: Option<Url>) -> Destination<'_> {
        Destination { page: &self.sign_in, return_to }
    }

    /// The page where people change their account, likewise.
    pub fn to_account(&self, return_to: Option<Url>) -> Destination<'_> {
        Destination { page: &self.account, return_to }
    }
}

impl Destination<'_> {
    /// The page with what it tells: the problem by its slug, the request's id for a report, after how many seconds
    /// another try makes sense, and where that leads.
    pub(crate) fn told(&self, call: &Call<'_>, problem: &Problem) -> Url {
        let seconds = problem.retry_after().map(|seconds| seconds.to_string());
        let more = [("retry_after", seconds.as_deref()), ("return_to", self.return_to.as_ref().map(Url::as_str))];
        let more = more.into_iter().filter_map(|(name, value)| Some((name, value?)));
        let mut url = self.page.clone();
        url.query_pairs_mut().extend_pairs([("problem", problem.slug()), ("request", &call.id)]).extend_pairs(more);
        url
    }
}
