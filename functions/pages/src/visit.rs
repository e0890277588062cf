use crate::{Pages, file::compressed, frame::Frame, language::MEMBER, page::Page};
use edge::{Answer, Call, Problem};
use locale::Locale;
use url::Url;

/// The longest request id that is shown, in bytes.
const LONGEST: usize = 64;

/// What a browser wants that opens a page. What cannot be used of its query is left out: a page always comes.
pub(crate) struct Visit<'a> {
    pub pages: &'a Pages,
    pub locale: Locale,
    /// Where the person wants to go, if they came from somewhere.
    pub return_to: Option<Url>,
    /// The slug of the problem that led here.
    pub problem: Option<&'a str>,
    /// The id of the request that failed.
    pub request: Option<&'a str>,
    /// The language that the person has just chosen.
    pub chosen: Option<Locale>,
}

impl<'a> Visit<'a> {
    pub fn of(pages: &'a Pages, call: &'a Call<'_>) -> Self {
        let member = |name| call.query(name).ok().flatten();
        let asked = member("return_to");
        let return_to = asked.and_then(|asked| pages.return_to.judge(Some(asked)).ok());
        let refused = asked.is_some() && return_to.is_none();
        Self {
            pages,
            locale: pages.locale(call),
            return_to,
            problem: member("problem").or(refused.then_some("bad-request")),
            request: member("request").filter(|id| is_plain(id)),
            chosen: member(MEMBER).and_then(Locale::named),
        }
    }

    /// The page, compressed if the browser takes that.
    ///
    /// # Errors
    /// [`Problem::Internal`] when a template fails, which none does.
    pub fn answer(&self, page: Page, call: &Call<'_>) -> Result<Answer, Problem> {
        let frame = Frame::of(self, page, call);
        let html = page.render(&frame).map_err(|_| Problem::Internal)?;
        Ok(compressed(Answer::page(html, frame.policy()), call))
    }
}

/// What can be the id of a request: nothing else is repeated.
fn is_plain(id: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_=+/".contains(&byte);
    id.len() <= LONGEST && !id.is_empty() && id.bytes().all(plain)
}
