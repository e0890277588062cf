use crate::Error;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::config::{Credentials, SharedCredentialsProvider};
use dynamo::Connections;
use std::{net::SocketAddr, path::Path, thread::JoinHandle};
use tokio::sync::oneshot;
use trust::Roots;

/// DynamoDB embedded in this process, served over HTTP on the loopback interface.
///
/// It runs on its own thread, so one instance can serve tests that each have a runtime. When it is dropped, its
/// connections are closed, its port is free and its file is closed.
pub struct DynamoDb {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl DynamoDb {
    /// Serves the data in `file`, or in memory without one, on a free port.
    ///
    /// # Errors
    /// When the file cannot be opened or is not a database, or when no port is available.
    pub async fn start(file: Option<&Path>) -> Result<Self, Error> {
        Self::start_on(file, 0).await
    }

    /// Like [`start`](Self::start), on the given port.
    ///
    /// # Errors
    /// As [`start`](Self::start), and when the port is taken.
    pub async fn start_on(file: Option<&Path>, port: u16) -> Result<Self, Error> {
        let database = match file {
            Some(file) => dynoxide::Database::new(&file.to_string_lossy()),
            None => dynoxide::Database::memory(),
        }
        .map_err(Error::Database)?;
        let listener = std::net::TcpListener::bind(("127.0.0.1", port))
            .and_then(|listener| listener.set_nonblocking(true).map(|()| listener))
            .map_err(Error::system(format!("listen on port {port}")))?;
        let address = listener.local_addr().map_err(Error::system("read the port of DynamoDB"))?;
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::Builder::new()
            .name("dynamodb".to_owned())
            .spawn(move || serve(database, listener, stopped))
            .map_err(Error::system("start a thread for DynamoDB"))?;
        Ok(Self { address, stop: Some(stop), thread: Some(thread) })
    }

    /// The value for `AWS_ENDPOINT_URL_DYNAMODB`.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for DynamoDb {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic in that thread has already been printed.
            drop(thread.join());
        }
    }
}

fn serve(database: dynoxide::Database, listener: std::net::TcpListener, stopped: oneshot::Receiver<()>) {
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else {
        // Without a runtime there is no listener: the caller's first request gets a refused connection.
        return;
    };
    runtime.block_on(async {
        let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
        tokio::select! {
            () = dynoxide::server::serve_on(listener, database) => {}
            _ = stopped => {}
        }
    });
}

/// The configuration of an SDK client for a local DynamoDB, independent of the process's own settings.
pub fn sdk_config(endpoint: &str) -> SdkConfig {
    let credentials = Credentials::new("local", "local", None, None, "local");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(endpoint)
        .region(Region::from_static("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(Connections::new(Roots::default()))
        .build()
}
