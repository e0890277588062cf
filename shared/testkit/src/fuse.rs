use tokio::sync::watch;

/// Lets a number of store commands pass and none after them, as if the sending process were killed between two of them.
pub(crate) struct Fuse {
    /// How many commands may still pass; `None`: all.
    left: watch::Sender<Option<usize>>,
    blown: watch::Sender<bool>,
}

impl Default for Fuse {
    fn default() -> Self {
        Self { left: watch::Sender::new(None), blown: watch::Sender::new(false) }
    }
}

impl Fuse {
    /// From now on `commands` more commands pass.
    pub fn set(&self, commands: usize) {
        self.blown.send_replace(false);
        self.left.send_replace(Some(commands));
    }

    /// Every new command passes again; stopped commands never do.
    pub fn mend(&self) {
        self.left.send_replace(None);
    }

    /// Whether the next command passes.
    pub fn passes(&self) -> bool {
        let mut passes = true;
        self.left.send_modify(|left| match left {
            Some(0) => passes = false,
            Some(left) => *left -= 1,
            None => {}
        });
        if !passes {
            self.blown.send_replace(true);
        }
        passes
    }

    /// Returns when a command was stopped.
    pub async fn blown(&self) {
        // The sender lives as long as `self`.
        drop(self.blown.subscribe().wait_for(|blown| *blown).await);
    }
}
