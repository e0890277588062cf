use super::{RedisFault, State, command};
use crate::{script::Play, steps::Turn};
use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicBool, Ordering},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::mpsc::{self, UnboundedSender},
};

/// A command that every Redis answers with 0: the length of a missing value.
const ZERO: &[u8] = b"*2\r\n$6\r\nSTRLEN\r\n$4\r\nnone\r\n";

/// One client's connection, and its connection to the server.
pub(super) struct Connection {
    pub state: Arc<State>,
    era: usize,
    server_spoke_last: AtomicBool,
    answer_is_lost: AtomicBool,
    /// Those of the commands that the server has not answered.
    turns: Mutex<Vec<Turn>>,
}

/// A command that a client has sent.
struct Asked {
    name: String,
    command: Vec<u8>,
    /// `None`: it only prepares the connection.
    turn: Option<Turn>,
}

impl Connection {
    pub fn new(state: Arc<State>) -> Self {
        let era = state.era.load(Ordering::SeqCst);
        Self { state, era, server_spoke_last: true.into(), answer_is_lost: false.into(), turns: Mutex::default() }
    }

    /// Returns, and so closes both sides, when either side has closed or a fault says so.
    pub async fn pass(&self, client: TcpStream, server: TcpStream) {
        let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
        tokio::select! {
            () = self.state.closing.notified() => {}
            () = self.ask(from_client, to_server) => {}
            () = self.answer(from_server, to_client) => {}
        }
    }

    /// Reads on while a command is held: those behind it may belong to the same step.
    async fn ask(&self, client: OwnedReadHalf, mut server: OwnedWriteHalf) {
        let (queue, mut queued) = mpsc::unbounded_channel();
        let reading = async {
            self.read(client, queue).await;
            std::future::pending::<()>().await;
        };
        let passing = async {
            while let Some(Asked { name, command, turn }) = queued.recv().await {
                self.take(turn).await;
                let Some(command) = self.play(&name, command).await else { return };
                if server.write_all(&command).await.is_err() {
                    return;
                }
            }
        };
        tokio::select! {
            () = reading => {}
            () = passing => {}
        }
    }

    async fn read(&self, mut client: OwnedReadHalf, queue: UnboundedSender<Asked>) {
        let (mut read, mut asked) = ([0; 16 * 1024], Vec::new());
        while let Ok(length @ 1..) = client.read(&mut read).await {
            self.stop_if_silenced().await;
            if self.server_spoke_last.swap(false, Ordering::SeqCst) {
                self.state.round_trips.fetch_add(1, Ordering::SeqCst);
            }
            asked.extend_from_slice(&read[..length]);
            while let Some((name, length)) = command::first(&asked) {
                let command: Vec<u8> = asked.drain(..length).collect();
                let turn = (!command::prepares_the_connection(&name)).then(|| self.state.steps.turn(&name));
                // The other half is gone only when the connection ends.
                let _ = queue.send(Asked { name, command, turn });
            }
        }
    }

    /// Waits for the turn of a command, and keeps it until the server answers.
    async fn take(&self, turn: Option<Turn>) {
        if let Some(mut turn) = turn {
            turn.come().await;
            self.turns().push(turn);
        }
    }

    fn turns(&self) -> MutexGuard<'_, Vec<Turn>> {
        self.turns.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The bytes to pass on in place of a command; `None`: the connection ends.
    async fn play(&self, name: &str, command: Vec<u8>) -> Option<Vec<u8>> {
        let play = self.state.script.play(name, &command);
        if !command::prepares_the_connection(name) && !self.state.fuse.passes() {
            std::future::pending::<()>().await;
        }
        match play {
            Play::Pass | Play::Fault(RedisFault::Pass) => Some(command),
            Play::Hold(gate) => {
                gate.pass().await;
                Some(command)
            }
            Play::Fault(RedisFault::Close) => None,
            Play::Fault(RedisFault::LoseAnswer) => {
                self.answer_is_lost.store(true, Ordering::SeqCst);
                Some(command)
            }
            Play::Fault(RedisFault::Late) => {
                self.state.late.lock().unwrap_or_else(PoisonError::into_inner).push(command);
                std::future::pending().await
            }
            Play::Fault(RedisFault::Zero) => Some(ZERO.to_vec()),
        }
    }

    async fn answer(&self, mut server: OwnedReadHalf, mut client: OwnedWriteHalf) {
        let mut answered = [0; 16 * 1024];
        while let Ok(length @ 1..) = server.read(&mut answered).await {
            self.stop_if_silenced().await;
            if self.answer_is_lost.load(Ordering::SeqCst) {
                return;
            }
            self.server_spoke_last.store(true, Ordering::SeqCst);
            if client.write_all(&answered[..length]).await.is_err() {
                return;
            }
            self.turns().clear();
        }
    }

    async fn stop_if_silenced(&self) {
        if self.era < self.state.era.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
    }
}
