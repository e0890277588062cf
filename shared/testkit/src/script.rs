use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::sync::oneshot;

/// How long a test waits for a command that it wants to hold.
const PATIENCE: Duration = Duration::from_secs(20);

/// What will happen to the commands that pass a proxy, and what has happened.
pub(crate) struct Script<F>(Mutex<Pages<F>>);

struct Pages<F> {
    counts: BTreeMap<String, usize>,
    always: Vec<(Option<String>, F)>,
    next: BTreeMap<String, VecDeque<Play<F>>>,
    /// The bytes sent since a test asked to keep them.
    transcript: Option<Vec<u8>>,
}

/// What a proxy does with one command.
pub(crate) enum Play<F> {
    /// Passes it on.
    Pass,
    /// Plays a fault.
    Fault(F),
    /// Waits for the test, then passes it on.
    Hold(Gate),
}

/// A command on its way to a store that waits for the test. It goes on when this is released or dropped.
pub struct Held {
    arrived: oneshot::Receiver<()>,
    release: oneshot::Sender<()>,
}

pub(crate) struct Gate {
    arrived: oneshot::Sender<()>,
    released: oneshot::Receiver<()>,
}

impl<F> Default for Script<F> {
    fn default() -> Self {
        Self(Mutex::new(Pages { counts: [].into(), always: Vec::new(), next: [].into(), transcript: None }))
    }
}

impl<F: Copy> Script<F> {
    /// Counts a command, and says what to do with it.
    pub fn play(&self, command: &str, bytes: &[u8]) -> Play<F> {
        let mut pages = self.pages();
        *pages.counts.entry(command.to_owned()).or_default() += 1;
        if let Some(transcript) = &mut pages.transcript {
            transcript.extend_from_slice(bytes);
        }
        if let Some(play) = pages.next.get_mut(command).and_then(VecDeque::pop_front) {
            return play;
        }
        let always = pages.always.iter().find(|(of, _)| of.as_deref().is_none_or(|of| of == command));
        always.map_or(Play::Pass, |(_, fault)| Play::Fault(*fault))
    }

    pub fn count(&self) -> usize {
        self.pages().counts.values().sum()
    }

    pub fn count_of(&self, command: &str) -> usize {
        self.pages().counts.get(command).copied().unwrap_or_default()
    }

    pub fn break_all(&self, command: Option<&str>, fault: F) {
        self.pages().always.push((command.map(str::to_owned), fault));
    }

    pub fn break_next(&self, command: &str, faults: &[F]) {
        let plays = faults.iter().map(|fault| Play::Fault(*fault));
        self.pages().next.entry(command.to_owned()).or_default().extend(plays);
    }

    pub fn hold_next(&self, command: &str) -> Held {
        let ((arrived, arrival), (release, released)) = (oneshot::channel(), oneshot::channel());
        let play = Play::Hold(Gate { arrived, released });
        self.pages().next.entry(command.to_owned()).or_default().push_back(play);
        Held { arrived: arrival, release }
    }

    pub fn heal(&self) {
        let mut pages = self.pages();
        pages.always.clear();
        pages.next.clear();
    }

    pub fn record(&self) {
        self.pages().transcript = Some(Vec::new());
    }

    pub fn recorded(&self) -> Vec<u8> {
        self.pages().transcript.clone().unwrap_or_default()
    }

    fn pages(&self) -> MutexGuard<'_, Pages<F>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    /// Returns when the command has arrived here; it has not been executed. If it never comes, the test fails.
    pub async fn arrived(&mut self) {
        let come = tokio::time::timeout(PATIENCE, &mut self.arrived).await;
        // The proxy is gone only when its test is.
        let _ = come.expect("the command that was to be held never came");
    }

    /// Lets the command go on.
    pub fn release(self) {
        // If the sender has gone away, no task waits for the command.
        let _ = self.release.send(());
    }
}

impl Gate {
    /// Tells the test that a command is here, and returns when it may go on.
    pub async fn pass(self) {
        // A test that has dropped its half no longer holds commands.
        let _ = self.arrived.send(());
        let _ = self.released.await;
    }
}
