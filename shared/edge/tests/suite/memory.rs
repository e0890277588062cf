use logs::Logging;
use scene::Logs;
use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
};

/// Keeps each write separate, in order.
#[derive(Clone, Default)]
pub struct Memory(Arc<Mutex<Vec<Vec<u8>>>>);

impl Write for Memory {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().push(bytes.to_vec());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Memory {
    /// The text of each write while `act` runs with these settings.
    pub fn of(logging: Logging, act: impl FnOnce()) -> Vec<String> {
        // Every thread needs a subscriber; otherwise the first line of another test decides what this one sees.
        drop(Logs::capture());
        let memory = Self::default();
        let writer = memory.clone();
        tracing::subscriber::with_default(logging.lines_to(move || writer.clone()), act);
        let writes = memory.0.lock().unwrap();
        writes.iter().map(|bytes| String::from_utf8(bytes.clone()).unwrap()).collect()
    }
}
