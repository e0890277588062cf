use crate::Error;
use std::{
    io::{BufRead, BufReader, Read},
    os::unix::process::CommandExt,
    process::{Child, ChildStdin, Command, Stdio},
    time::{Duration, Instant},
};
use tokio::sync::watch;

/// A child process that ends when this process does, in whatever way this process ends.
///
/// Between the two is a shell that holds only our pipe: when we close it, or are killed and the system closes it for
/// us, the shell ends the child. Both are in their own process group, so that an interrupt typed at the terminal
/// reaches only this process, which then ends its children in order.
pub struct Tether {
    shell: Child,
    pipe: Option<ChildStdin>,
    pid: u32,
    ended: watch::Receiver<bool>,
}

/// How a child is asked to end; it is killed if that does not help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Not at all: it has nothing to lose.
    Kill,
    /// `SIGTERM`, with this much time to end, to a tenth of a second.
    Terminate(Duration),
}

impl Ending {
    /// How often the shell checks, a tenth of a second apart, before it kills.
    fn tenths(self) -> u128 {
        match self {
            Self::Kill => 0,
            Self::Terminate(within) => within.as_millis().div_ceil(100),
        }
    }
}

/// The child and all processes it starts hold descriptor 3: when the last of them is gone, the pipe ends.
const SCRIPT: &str = r#"
tries=$1; shift
"$@" </dev/null 3>&1 >&2 &
child=$!
echo "$child"
exec >&-
read -r _
if [ "$tries" -gt 0 ]; then kill -TERM "$child" 2>/dev/null; fi
while [ "$tries" -gt 0 ] && kill -0 "$child" 2>/dev/null; do sleep 0.1; tries=$((tries - 1)); done
kill -KILL "$child" 2>/dev/null
wait
"#;

impl Tether {
    /// Starts the program of `command` with its arguments, directory and environment. Its standard input
    /// is empty; standard output joins standard error, which goes to `errors`.
    ///
    /// # Errors
    /// When no shell can be started. If the program does not exist, the child ends at once.
    pub fn start(command: &Command, ending: Ending, errors: Stdio) -> Result<Self, Error> {
        let mut wrapped = Command::new("/bin/sh");
        wrapped.args(["-c", SCRIPT, "tether", &ending.tenths().to_string()]);
        wrapped.arg(command.get_program()).args(command.get_args());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => wrapped.env(name, value),
                None => wrapped.env_remove(name),
            };
        }
        if let Some(directory) = command.get_current_dir() {
            wrapped.current_dir(directory);
        }
        let what = format!("start {}", command.get_program().to_string_lossy());
        wrapped.process_group(0).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(errors);
        let mut shell = wrapped.spawn().map_err(Error::system(&what))?;
        let pipe = shell.stdin.take();
        let (pid, ended) = watch_over(&mut shell).map_err(Error::system(what))?;
        Ok(Self { shell, pipe, pid, ended })
    }

    /// The child's process id.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Whether the child, and everything it started, is gone.
    pub fn is_over(&self) -> bool {
        *self.ended.borrow()
    }

    /// Returns when the child, and everything it started, is gone.
    pub async fn over(&self) {
        // The sender is dropped only after it has reported the end.
        drop(self.ended.clone().wait_for(|ended| *ended).await);
    }

    /// Sends a signal, by its name without `SIG`.
    ///
    /// # Errors
    /// When the child is gone.
    pub fn signal(&self, name: &str) -> Result<(), Error> {
        let what = format!("send SIG{name} to process {}", self.pid);
        // The shell has not waited for the child yet, so the process id is still the child's, and takes signals.
        if self.is_over() {
            return Err(Error::system(what)(std::io::ErrorKind::NotFound.into()));
        }
        let mut kill = Command::new("/bin/sh");
        kill.args(["-c", r#"kill -s "$1" "$2""#, "kill", name, &self.pid.to_string()]);
        match kill.status().map_err(Error::system("run kill"))? {
            status if status.success() => Ok(()),
            _ => Err(Error::system(what)(std::io::ErrorKind::NotFound.into())),
        }
    }
}

impl Drop for Tether {
    /// Ends the child and waits for it, and for a moment for the processes it started.
    fn drop(&mut self) {
        drop(self.pipe.take());
        // If waiting for the shell fails, nothing can be done.
        drop(self.shell.wait());
        let deadline = Instant::now() + Duration::from_secs(3);
        while !self.is_over() && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

/// Reads the child's process id, and starts a thread that waits for its end.
fn watch_over(shell: &mut Child) -> std::io::Result<(u32, watch::Receiver<bool>)> {
    let broken = || std::io::Error::from(std::io::ErrorKind::BrokenPipe);
    let mut output = BufReader::new(shell.stdout.take().ok_or_else(broken)?);
    let mut line = String::new();
    output.read_line(&mut line)?;
    let pid = line.trim().parse().map_err(|_| broken())?;
    let (sender, ended) = watch::channel(false);
    std::thread::Builder::new().name(format!("tether {pid}")).spawn(move || {
        // Anything but data is the end.
        while output.read(&mut [0; 64]).is_ok_and(|length| length > 0) {}
        sender.send_replace(true);
    })?;
    Ok((pid, ended))
}
