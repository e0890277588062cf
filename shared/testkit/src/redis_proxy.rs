use crate::{Held, fuse::Fuse, script::Script, steps::Steps};
use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicU16, AtomicUsize, Ordering},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Notify,
    task::JoinHandle,
};

mod command;
mod connection;

use connection::Connection;

/// Passes commands to a Redis server, counts them and the round trips they take, and plays faults.
pub struct RedisProxy {
    port: u16,
    state: Arc<State>,
    accepting: JoinHandle<()>,
}

/// What goes wrong with a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RedisFault {
    /// Not executed, the connection is closed.
    Close,
    /// Executed, and the connection is closed before the answer: the client cannot know that it was executed.
    LoseAnswer,
    /// Not answered, and executed only by [`RedisProxy::deliver_late`].
    Late,
    /// Not executed, answered with the number 0.
    Zero,
    /// Executed as usual: a step in a script.
    Pass,
}

struct State {
    server_port: AtomicU16,
    round_trips: AtomicUsize,
    connections: AtomicUsize,
    /// Connections of an earlier era are silent.
    era: AtomicUsize,
    closing: Notify,
    late: Mutex<Vec<Vec<u8>>>,
    script: Script<RedisFault>,
    fuse: Arc<Fuse>,
    steps: Arc<Steps>,
}

impl RedisProxy {
    /// A proxy on a free port, in front of the server on `server_port`.
    pub async fn start(server_port: u16) -> Self {
        Self::start_with(server_port, Arc::default(), Arc::default()).await
    }

    pub(crate) async fn start_with(server_port: u16, fuse: Arc<Fuse>, steps: Arc<Steps>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("its address").port();
        let state = Arc::new(State {
            server_port: server_port.into(),
            round_trips: 0.into(),
            connections: 0.into(),
            era: 0.into(),
            closing: Notify::new(),
            late: Mutex::default(),
            script: Script::default(),
            fuse,
            steps,
        });
        let accepting = tokio::spawn(accept(listener, Arc::clone(&state)));
        Self { port, state, accepting }
    }

    /// The value for `REDIS_URL`.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/", self.port)
    }

    /// Round trips since the start: how often a client sent after the server had answered.
    pub fn round_trips(&self) -> usize {
        self.state.round_trips.load(Ordering::SeqCst)
    }

    /// Connections that clients have made since the start.
    pub fn connections(&self) -> usize {
        self.state.connections.load(Ordering::SeqCst)
    }

    /// Commands of one name, such as `GET`, since the start.
    pub fn commands_of(&self, name: &str) -> usize {
        self.state.script.count_of(name)
    }

    /// From now on, bytes of open connections are dropped in both directions, as after a thaw with dead sockets whose
    /// peer was not told. New connections work.
    pub fn silence_open_connections(&self) {
        self.state.era.fetch_add(1, Ordering::SeqCst);
    }

    /// Sends the clients to the server on another port, as a failover does, and closes the open connections.
    pub fn fail_over_to(&self, server_port: u16) {
        self.state.server_port.store(server_port, Ordering::SeqCst);
        self.state.closing.notify_waiters();
    }

    /// From now on every command of `name` (`None`: every command) has this fault, until [`heal`](Self::heal).
    pub fn break_all(&self, name: Option<&str>, fault: RedisFault) {
        self.state.script.break_all(name, fault);
    }

    /// The next commands of `name` have these faults, one each.
    pub fn break_next(&self, name: &str, faults: &[RedisFault]) {
        self.state.script.break_next(name, faults);
    }

    /// The next command of `name` waits for the test before it is executed.
    pub fn hold_next(&self, name: &str) -> Held {
        self.state.script.hold_next(name)
    }

    /// Executes the late commands, in the order they came.
    pub async fn deliver_late(&self) {
        let late = std::mem::take(&mut *self.state.late.lock().unwrap_or_else(PoisonError::into_inner));
        let mut server = self.state.connect().await.expect("a connection to Redis");
        for command in late {
            server.write_all(&command).await.expect("a command for Redis");
            assert!(server.read(&mut [0; 1024]).await.expect("an answer from Redis") > 0, "no answer from Redis");
        }
    }

    /// Ends all faults.
    pub fn heal(&self) {
        self.state.script.heal();
    }

    /// Keeps what is sent from now on.
    pub fn record(&self) {
        self.state.script.record();
    }

    /// The commands since [`record`](Self::record), as they were sent.
    pub fn recorded(&self) -> Vec<u8> {
        self.state.script.recorded()
    }
}

impl Drop for RedisProxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl State {
    async fn connect(&self) -> std::io::Result<TcpStream> {
        TcpStream::connect(("127.0.0.1", self.server_port.load(Ordering::SeqCst))).await
    }
}

async fn accept(listener: TcpListener, state: Arc<State>) {
    while let Ok((client, _)) = listener.accept().await {
        state.connections.fetch_add(1, Ordering::SeqCst);
        let connection = Connection::new(Arc::clone(&state));
        tokio::spawn(async move {
            // If the server accepts no connection, the client finds its own closed.
            if let Ok(server) = connection.state.connect().await {
                connection.pass(client, server).await;
            }
        });
    }
}
