use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{sync::oneshot, time::sleep};

/// How long nothing may happen before a step is complete, in pauses of [`PAUSE`]. They are counted one by one: on a busy
/// machine they take longer, as the code under test does.
const PAUSES: usize = 10;
const PAUSE: Duration = Duration::from_millis(5);

/// Finds out which commands of some work wait for each other.
///
/// Each command is held until no other one comes and all earlier ones are answered. Then all that are held go on
/// together: that is one step. So the number of steps is the length of the longest chain of commands in which each
/// waits for the answer to the one before, however fast the stores are.
#[derive(Default)]
pub(crate) struct Steps(Mutex<Pace>);

#[derive(Default)]
struct Pace {
    is_counting: bool,
    held: Vec<Held>,
    unanswered: usize,
    /// Increases with each command that comes and with each answer.
    events: usize,
    steps: Vec<Vec<String>>,
}

struct Held {
    name: String,
    release: oneshot::Sender<()>,
}

/// The turn of one command. It stays until the command is answered.
pub(crate) struct Turn {
    steps: Arc<Steps>,
    /// `None`: nothing is counted, or the turn has come.
    release: Option<oneshot::Receiver<()>>,
    is_counted: bool,
}

impl Steps {
    /// Takes note of a command that has just come.
    pub fn turn(self: &Arc<Self>, name: &str) -> Turn {
        let mut pace = self.pace();
        let release = pace.is_counting.then(|| {
            let (release, released) = oneshot::channel();
            pace.held.push(Held { name: name.to_owned(), release });
            pace.events += 1;
            released
        });
        Turn { steps: Arc::clone(self), is_counted: release.is_some(), release }
    }

    /// Does `work`, and returns the steps of its commands: the names in each, in the order of the alphabet.
    pub async fn count<W: Future>(&self, work: W) -> (W::Output, Vec<Vec<String>>) {
        *self.pace() = Pace { is_counting: true, ..Pace::default() };
        let pacing = async {
            loop {
                self.quiet().await;
                self.release();
            }
        };
        let output = tokio::select! {
            biased;
            output = work => output,
            () = pacing => unreachable!("it has no end"),
        };
        self.release();
        (output, std::mem::take(&mut *self.pace()).steps)
    }

    /// Returns when a command is held, all others are answered, and nothing else happens.
    async fn quiet(&self) {
        let (mut pauses, mut seen) = (0, 0);
        while pauses < PAUSES {
            sleep(PAUSE).await;
            let pace = self.pace();
            let is_quiet = !pace.held.is_empty() && pace.unanswered == 0 && pace.events == seen;
            pauses = if is_quiet { pauses + 1 } else { 0 };
            seen = pace.events;
        }
    }

    fn release(&self) {
        let mut pace = self.pace();
        let held = std::mem::take(&mut pace.held);
        let mut names = Vec::new();
        for Held { name, release } in held {
            // A command whose sender has gone away is not made.
            if release.send(()).is_ok() {
                pace.unanswered += 1;
                names.push(name);
            }
        }
        names.sort();
        if !names.is_empty() {
            pace.steps.push(names);
        }
    }

    fn pace(&self) -> MutexGuard<'_, Pace> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Turn {
    /// Returns when the command may go on.
    pub async fn come(&mut self) {
        if let Some(release) = self.release.take() {
            // The count is over: it may go on too.
            let _ = release.await;
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if self.is_counted && self.release.is_none() {
            let mut pace = self.steps.pace();
            pace.unanswered = pace.unanswered.saturating_sub(1);
            pace.events += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A command that is answered after so many milliseconds.
    async fn command(steps: &Arc<Steps>, name: &str, milliseconds: u64) {
        let mut turn = steps.turn(name);
        turn.come().await;
        sleep(Duration::from_millis(milliseconds)).await;
    }

    #[tokio::test]
    async fn commands_that_wait_for_each_other_are_steps_and_others_share_one() {
        let steps = Arc::<Steps>::default();
        let slow = async {
            command(&steps, "A", 120).await;
            command(&steps, "D", 0).await;
        };
        let fast = async {
            command(&steps, "B", 0).await;
            command(&steps, "C", 0).await;
        };
        let ((), walked) = steps
            .count(async {
                let _: ((), ()) = tokio::join!(slow, fast);
            })
            .await;
        assert_eq!(walked, [["A", "B"], ["C", "D"]]);
    }

    #[tokio::test]
    async fn nothing_is_held_unless_it_is_counted() {
        let steps = Arc::<Steps>::default();
        command(&steps, "A", 0).await;
        let ((), walked) = steps.count(async {}).await;
        assert!(walked.is_empty());
        command(&steps, "B", 0).await;
    }
}
