mod caught;
mod conversation;

pub use caught::CaughtMail;

use conversation::serve;
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::{net::TcpListener, task::JoinHandle};

/// A mail server that keeps the mails it gets, and plays faults.
pub struct MailServer {
    port: u16,
    shared: Arc<Shared>,
    serving: Option<JoinHandle<()>>,
}

/// A step of a conversation at which something can go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailStep {
    /// The greeting.
    Greeting,
    /// `EHLO`.
    Hello,
    /// `AUTH`.
    Authentication,
    /// `MAIL FROM`.
    Sender,
    /// `RCPT TO`.
    Recipient,
    /// `DATA`.
    Data,
    /// The dot at the end of a mail.
    End,
}

/// What goes wrong at that step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailFault {
    /// This reply code.
    Refuse(u16),
    /// No reply.
    Hang,
    /// The connection is closed.
    Close,
    /// The mail is kept, but the connection is closed: the client cannot know that it was kept.
    LoseAnswer,
}

#[derive(Default)]
struct Shared(Mutex<State>);

#[derive(Default)]
struct State {
    mails: Vec<CaughtMail>,
    commands: Vec<String>,
    always: Option<(MailStep, MailFault)>,
    next: VecDeque<(MailStep, MailFault)>,
    extensions: Vec<&'static str>,
}

impl MailServer {
    /// A server on a free port that accepts every mail.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("its address").port();
        let shared = Arc::<Shared>::default();
        let serving = Some(tokio::spawn(serve(listener, Arc::clone(&shared))));
        Self { port, shared, serving }
    }

    /// The value for `SMTP_URL`.
    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    /// Stops listening.
    pub async fn stop(&mut self) {
        if let Some(serving) = self.serving.take() {
            serving.abort();
            // The task ends because it is told to, which is no failure here.
            drop(serving.await);
        }
    }

    /// Listens again on the same port.
    pub async fn resume(&mut self) {
        let listener = TcpListener::bind(("127.0.0.1", self.port)).await.expect("the same port");
        self.serving = Some(tokio::spawn(serve(listener, Arc::clone(&self.shared))));
    }

    /// From now on every conversation has this fault, until [`heal`](Self::heal).
    pub fn break_all(&self, step: MailStep, fault: MailFault) {
        self.state().always = Some((step, fault));
    }

    /// The next time a conversation comes to this step it has this fault, once.
    pub fn break_next(&self, step: MailStep, fault: MailFault) {
        self.state().next.push_back((step, fault));
    }

    /// No faults any more.
    pub fn heal(&self) {
        let mut state = self.state();
        state.always = None;
        state.next.clear();
    }

    /// From now on the reply to `EHLO` has these lines, such as `SMTPUTF8`.
    pub fn offer(&self, extensions: &[&'static str]) {
        self.state().extensions = extensions.to_vec();
    }

    /// The mails it has accepted so far.
    pub fn mails(&self) -> Vec<CaughtMail> {
        self.state().mails.clone()
    }

    /// Every command it got so far.
    pub fn commands(&self) -> Vec<String> {
        self.state().commands.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state()
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        if let Some(serving) = &self.serving {
            serving.abort();
        }
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fault(&self, step: MailStep) -> Option<MailFault> {
        let mut state = self.state();
        let next = state.next.iter().position(|(of, _)| *of == step);
        let once = next.and_then(|index| state.next.remove(index));
        once.or(state.always.filter(|(of, _)| *of == step)).map(|(_, fault)| fault)
    }
}
