use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// Passes bytes between clients and a Redis server, and counts round trips: how often a client spoke after the
/// server had its say.
pub struct RedisProxy {
    port: u16,
    state: Arc<State>,
    accepting: JoinHandle<()>,
}

#[derive(Default)]
struct State {
    round_trips: AtomicUsize,
    silent: AtomicBool,
}

impl RedisProxy {
    /// A proxy on a free port, in front of the server on `server_port`.
    pub async fn start(server_port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("its address").port();
        let state = Arc::new(State::default());
        let shared = Arc::clone(&state);
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                if let Ok(server) = TcpStream::connect(("127.0.0.1", server_port)).await {
                    tokio::spawn(pass(client, server, Arc::clone(&shared)));
                }
            }
        });
        Self { port, state, accepting }
    }

    /// What `REDIS_URL` must say.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/", self.port)
    }

    /// Round trips since the start.
    pub fn round_trips(&self) -> usize {
        self.state.round_trips.load(Ordering::SeqCst)
    }

    /// From now on, bytes of open connections are swallowed in both directions, as after a thaw with dead sockets
    /// whose peer nobody tells. New connections work.
    pub fn silence_open_connections(&self) {
        self.state.silent.store(true, Ordering::SeqCst);
    }
}

impl Drop for RedisProxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn pass(mut client: TcpStream, mut server: TcpStream, state: Arc<State>) {
    // Whatever was silenced before concerns older connections only.
    state.silent.store(false, Ordering::SeqCst);
    let (mut asked, mut answered) = ([0; 16 * 1024], [0; 16 * 1024]);
    let mut server_spoke_last = true;
    loop {
        let silent = || state.silent.load(Ordering::SeqCst);
        tokio::select! {
            read = client.read(&mut asked) => {
                let Ok(length @ 1..) = read else { return };
                if silent() { std::future::pending::<()>().await; }
                if std::mem::take(&mut server_spoke_last) {
                    state.round_trips.fetch_add(1, Ordering::SeqCst);
                }
                if server.write_all(&asked[..length]).await.is_err() { return }
            }
            read = server.read(&mut answered) => {
                let Ok(length @ 1..) = read else { return };
                if silent() { std::future::pending::<()>().await; }
                server_spoke_last = true;
                if client.write_all(&answered[..length]).await.is_err() { return }
            }
        }
    }
}
