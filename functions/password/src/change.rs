use crate::{NEW, Password, is_committed, locale, password_changed, unfinished};
use edge::{Answer, Audit, Call, Event, Problem, SignedIn};
use jiff::{SignedDuration, Timestamp};
use reason::Code;
use session::{Account, Client, Login, Record, SessionId, Standing, Token, Why};
use throttle::{Purpose, Try};
use users::{Email, Error, PasswordChange};

const METHOD: &str = "password";

/// How long after a change the cookie of the ended session allows a repeat. It is longer than a person waits for a lost
/// answer, but not longer, since the cookie and the password together sign in.
const REPEATED: SignedDuration = SignedDuration::from_mins(10);

struct Wanted {
    current: users::Password,
    new: users::Password,
}

/// The user who asks.
struct Caller {
    record: Record,
    /// Whether their session lives. If not, it ended with a change of the password, which this request may repeat.
    live: bool,
}

impl Password {
    pub(crate) async fn change(&self, call: &Call<'_>) -> Result<Answer, Problem> {
        let token = self.gate.unsafe_call(call)?.ok_or(Problem::SignedOut)?;
        let wanted = read(call)?;
        let caller = self.caller(call, &token).await?;
        let client = self.gate.browser(call)?;
        let tried = |purpose, account| Try { purpose, account, address: client.ip.as_deref() };
        // Judging is work, so it is counted, but by address only: a person who looks for a good password guesses at no
        // account.
        let Record { email, name, .. } = &caller.record;
        let own_words: Vec<_> = [email, name].into_iter().flatten().map(String::as_str).collect();
        let judging = self.judge(&wanted.new, &own_words);
        self.throttle.attempt(&tried(Purpose::Choice, None), call.now, judging).await?;

        // Boxed, because all of it in one piece is more than a thread's stack may hold.
        let replacing = Box::pin(self.replace(call, &token, &caller, &wanted));
        let beginning = |account| Box::pin(self.begin_again(call, &token, &client, account));
        let tried = tried(Purpose::SignIn, email.as_deref());
        Box::pin(self.throttle.attempt_then(&tried, call.now, replacing, beginning)).await?
    }

    async fn begin_again(
        &self,
        call: &Call<'_>,
        token: &Token,
        client: &Client,
        account: Account,
    ) -> Result<Answer, Problem> {
        let login = Login { account, auth_method: METHOD.to_owned(), client: client.clone(), presented: Some(token) };
        let begun = self.notice.begin(&self.sessions, login, locale(call), call.now).await?;
        let (token, session) = begun.finish().await;
        self.audit(call, Event::Login, &session.record.user_id, &session.id);
        let cookie = self.gate.session_cookie(&token, &session, call.now);
        let answer = Answer::json(&SignedIn::new(&token, &session)).cookie(cookie);
        Ok(answer.cookie(self.gate.browser_cookie(client)))
    }

    /// Decided from the row, not from the hot copy: an earlier try may have just ended the session.
    async fn caller(&self, call: &Call<'_>, token: &Token) -> Result<Caller, Problem> {
        match self.sessions.standing(token, call.now).await? {
            Standing::Live(session) => Ok(Caller { record: session.record, live: true }),
            Standing::Ended { record, why, revoked_at } if is_repeat(why.as_deref(), revoked_at, call.now) => {
                Ok(Caller { record: *record, live: false })
            }
            Standing::Ended { .. } | Standing::Absent => Err(Problem::SignedOut),
        }
    }

    async fn replace(
        &self,
        call: &Call<'_>,
        token: &Token,
        caller: &Caller,
        wanted: &Wanted,
    ) -> Result<Account, Problem> {
        let account = self.try_to_replace(call, caller, wanted).await;
        let account = account.map_err(|error| self.refuse(call, token, caller, error))?;
        self.audit(call, Event::PasswordChanged, &account.user_id, &token.id());
        Ok(account)
    }

    /// A dead session may finish a change, but never start one.
    async fn try_to_replace(&self, call: &Call<'_>, caller: &Caller, wanted: &Wanted) -> Result<Account, Error> {
        let Record { user_id, email, .. } = &caller.record;
        let holder = self.users.holder(user_id, email.as_deref()).await?;
        if !caller.live {
            return self.users.finish_change(&self.sessions, holder, &wanted.new).await;
        }
        let change = PasswordChange { user_id, current: &wanted.current, new: &wanted.new };
        let letter = |to: &Email| self.outbox.item(to.as_str(), locale(call), password_changed(call), call.now);
        self.users.change_password(&self.sessions, change, holder, letter, call.now).await
    }

    fn audit(&self, call: &Call<'_>, event: Event, user_id: &str, session_id: &SessionId) {
        self.gate.audit(call, event, Audit::of(user_id).session(session_id).method(METHOD));
    }

    fn refuse(&self, call: &Call<'_>, token: &Token, caller: &Caller, error: Error) -> Problem {
        if is_committed(&error) {
            self.audit(call, Event::PasswordChanged, &caller.record.user_id, &token.id());
        }
        let Error::Denied { denial, user_id } = error else { return unfinished(error) };
        let id = token.id();
        let audit = Audit::of(user_id.as_deref()).session(&id).reason(denial.as_str());
        self.gate.audit(call, Event::PasswordRefused, audit);
        if caller.live { Problem::InvalidCredentials } else { Problem::SignedOut }
    }
}

/// Whether a session ended with a change of the password whose answer a person may still be waiting for.
fn is_repeat(why: Option<&str>, revoked_at: Option<Timestamp>, now: Timestamp) -> bool {
    let is_late = revoked_at.is_none_or(|at| now.duration_since(at) >= REPEATED);
    why == Some(Why::PasswordChanged.as_str()) && !is_late
}

fn read(call: &Call<'_>) -> Result<Wanted, Problem> {
    let mut body = call.body()?;
    let current = body.required("current_password", users::Password::parse);
    let new = body.required(NEW, users::Password::parse);
    let wanted = current.zip(new).map(|(current, new)| Wanted { current, new });
    // The store would treat it as a repeat, and no session would end though the answer says so.
    if wanted.as_ref().is_some_and(|wanted| wanted.current.expose() == wanted.new.expose()) {
        body.fault(NEW, Code::Unchanged);
    }
    body.finish(wanted)
}
