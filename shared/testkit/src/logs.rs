use serde_json::Value;
use std::{
    io::{self, Write},
    sync::{Arc, Mutex, MutexGuard, Once, PoisonError},
};
use tracing::subscriber::DefaultGuard;

/// The log lines of functions on this thread, from [`capture`](Self::capture) on, exactly as when deployed.
pub struct Logs {
    written: Memory,
    _guard: DefaultGuard,
}

#[derive(Clone, Default)]
struct Memory(Arc<Mutex<Vec<u8>>>);

impl Logs {
    /// Listens until it is dropped.
    pub fn capture() -> Self {
        hush();
        let written = Memory::default();
        let writer = written.clone();
        let guard = tracing::subscriber::set_default(::logs::lines_to(move || writer.clone()));
        Self { written, _guard: guard }
    }

    /// All of it.
    pub fn text(&self) -> String {
        String::from_utf8(self.written.bytes().clone()).expect("text")
    }

    /// Its lines.
    ///
    /// # Panics
    /// When one of them is not JSON.
    pub fn lines(&self) -> Vec<Value> {
        let text = self.text();
        let parse = |line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        text.lines().map(parse).collect()
    }

    /// The only audit event so far, as its details: without its time, and with its origin checked.
    ///
    /// # Panics
    /// When there is not exactly one, or it names another browser than that of the tests.
    pub fn event(&self) -> Value {
        let [event] = &self.of("audit")[..] else { panic!("one event: {}", self.text()) };
        let mut event = event.as_object().expect("a line").clone();
        for (name, value) in [
            ("level", "INFO"),
            ("target", "audit"),
            ("request_id", "JKJaXmPLvHcESHA="),
            ("trace_id", "69f8f7a91234567890abcdef01234567"),
            ("xray_trace_id", "1-69f8f7a9-1234567890abcdef01234567"),
            ("ip", "203.0.113.7"),
            ("user_agent", "Browser/1.0 (of the tests)"),
        ] {
            assert_eq!(event.remove(name), Some(value.into()), "{name}");
        }
        assert!(event.remove("timestamp").is_some_and(|time| time.is_string()));
        event.into()
    }

    /// The lines of one target, such as `audit`.
    pub fn of(&self, target: &str) -> Vec<Value> {
        self.lines().into_iter().filter(|line| line["target"] == target).collect()
    }
}

/// Gives every thread of the process a subscriber. If a thread without one reaches a log line first, `tracing`
/// remembers that the line has no listener, and the other threads lose it.
pub fn hush() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // If a subscriber is already set, it gets the same lines.
        drop(tracing::subscriber::set_global_default(::logs::lines_to(io::sink)));
    });
}

impl Memory {
    fn bytes(&self) -> MutexGuard<'_, Vec<u8>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Write for Memory {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
