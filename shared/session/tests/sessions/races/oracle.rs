use session::Token;
use std::sync::{Mutex, MutexGuard};

/// One log of what was acknowledged, in that order, and what follows from it for every session.
#[derive(Default)]
pub struct Oracle(Mutex<Log>);

#[derive(Default)]
struct Log {
    /// Increases with every entry: of two moments, the smaller one was written down first.
    moment: u64,
    sessions: Vec<Known>,
    ends_of_epochs: Vec<EndOfEpoch>,
}

/// A sign-out everywhere.
struct EndOfEpoch {
    token: Token,
    /// It ends every session of this epoch and of those before.
    epoch: u64,
    began: u64,
    acknowledged: Option<u64>,
}

struct Known {
    token: Token,
    epoch: u64,
    began_to_end: Option<u64>,
    ended: Option<u64>,
}

/// A request under way.
#[derive(Clone, Copy)]
pub struct Request {
    session: usize,
    began: u64,
}

impl Oracle {
    /// A login was acknowledged; its credential was read under `epoch`.
    pub fn made(&self, token: Token, epoch: u64) {
        self.log().sessions.push(Known { token, epoch, began_to_end: None, ended: None });
    }

    /// Chooses a session by `number`, and begins a request with its token.
    pub fn request(&self, number: usize) -> Option<(Request, Token)> {
        let mut log = self.log();
        let session = number.checked_rem(log.sessions.len())?;
        Some((Request { session, began: log.next() }, log.sessions[session].token.clone()))
    }

    /// The request is going to end its session.
    pub fn ending(&self, request: Request) {
        self.log().sessions[request.session].began_to_end.get_or_insert(request.began);
    }

    /// The request's session was ended, with an acknowledgement.
    pub fn ended(&self, request: Request) {
        let mut log = self.log();
        let moment = log.next();
        log.sessions[request.session].ended.get_or_insert(moment);
    }

    /// The request is going to end every session of its user.
    pub fn ending_all(&self, request: Request) {
        let mut log = self.log();
        let Known { token, epoch, .. } = &log.sessions[request.session];
        let end = EndOfEpoch { token: token.clone(), epoch: *epoch, began: request.began, acknowledged: None };
        log.ends_of_epochs.push(end);
    }

    /// The request ended them, with an acknowledgement.
    pub fn ended_all(&self, request: Request) {
        let mut log = self.log();
        let moment = log.next();
        if let Some(end) = log.ends_of_epochs.iter_mut().find(|end| end.began == request.began) {
            end.acknowledged = Some(moment);
        }
    }

    /// The request was served: every acknowledgement that its session has ended must be newer than the request.
    pub fn served(&self, request: Request) {
        let log = self.log();
        let known = &log.sessions[request.session];
        let by_all = log.ends_of_epochs.iter().filter(|end| known.epoch <= end.epoch);
        let by_all = by_all.filter_map(|end| end.acknowledged);
        let ended = known.ended.into_iter().chain(by_all).min();
        assert!(
            ended.is_none_or(|ended| request.began < ended),
            "{} ended at {ended:?} and was served at {}",
            known.token.id(),
            request.began
        );
    }

    /// The request was signed out: some request must have begun to end its session.
    pub fn signed_out(&self, request: Request) {
        let log = self.log();
        let known = &log.sessions[request.session];
        let by_all = log.ends_of_epochs.iter().any(|end| known.epoch <= end.epoch);
        assert!(known.began_to_end.is_some() || by_all, "{} is live and was signed out", known.token.id());
    }

    /// Every session that was made.
    pub fn tokens(&self) -> Vec<Token> {
        self.log().sessions.iter().map(|known| known.token.clone()).collect()
    }

    /// The sessions whose end began, and those from which the end of all began: repeating all of these finishes what is
    /// unfinished.
    pub fn begun(&self) -> (Vec<Token>, Vec<Token>) {
        let log = self.log();
        let ending = log.sessions.iter().filter(|known| known.began_to_end.is_some()).map(|known| known.token.clone());
        let ending_all = log.ends_of_epochs.iter().map(|end| end.token.clone());
        (ending.collect(), ending_all.collect())
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        self.0.lock().unwrap()
    }
}

impl Log {
    fn next(&mut self) -> u64 {
        self.moment += 1;
        self.moment
    }
}
