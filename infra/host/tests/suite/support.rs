use edge::Response as Answered;
use environment::Environment;
use host::{Answers, Clock, Cors, Front, Functions, Limits, serve};
use scene::{Reply, Request, Stores, then};
use std::{collections::BTreeMap, net::SocketAddr, pin::Pin, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::JoinHandle,
    time::timeout,
};

/// Longer than anything here takes.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Limits at which a test waits for a moment only.
pub fn short() -> Limits {
    let moment = Duration::from_millis(300);
    Limits { head: moment, body: moment, write: moment, idle: 3 * moment, grace: 3 * moment, ..Limits::default() }
}

/// A host that runs, on DynamoDB alone.
pub struct Running {
    pub stores: Stores,
    pub front: Arc<Front>,
    pub address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    serving: JoinHandle<bool>,
}

impl Running {
    /// With the limits and the clock of the tests.
    pub async fn start() -> Self {
        Self::with(&[], Limits::default()).await
    }

    /// With these variables and limits.
    pub async fn with(variables: &[(&str, &str)], limits: Limits) -> Self {
        Self::wired(variables, limits, Cors::from_environment).await
    }

    /// A host whose answers no page of another origin may read: it adds nothing to those of the functions.
    pub async fn for_no_page() -> Self {
        let none = |_: &mut Environment| Cors::from_environment(&mut Environment::of::<&str, &str>([]));
        Self::wired(&[], Limits::default(), none).await
    }

    async fn wired(variables: &[(&str, &str)], limits: Limits, cors: fn(&mut Environment) -> Cors) -> Self {
        let stores = Stores::without_redis().await;
        for user_id in ["ada", "bob"] {
            stores.account(user_id).await;
        }
        let mail = [("SMTP_URL", "smtp://127.0.0.1:1"), ("MAIL_FROM", "login@example.com")];
        let more: Vec<_> =
            mail.iter().chain(variables).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let front = stores.wired(
            |environment, aws| {
                let cors = cors(environment);
                Some(Front::new(Functions::wire(environment, aws)?, cors))
            },
            &more,
        );
        Self::serving(stores, Arc::new(front), limits, then).await
    }

    async fn serving(stores: Stores, front: Arc<Front>, limits: Limits, clock: Clock) -> Self {
        scene::hush();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let stopping = async { drop(stopped.await) };
        let serving = tokio::spawn(serve(listener, Arc::clone(&front), limits, clock, stopping));
        Self { stores, front, address, stop: Some(stop), serving }
    }

    /// The function of a request, asked directly with the gateway's event.
    pub async fn directly(&self, request: &Request) -> Reply {
        let event = request.event();
        let method = event["requestContext"]["http"]["method"].as_str().unwrap().parse().unwrap();
        let function: &dyn Answers = self.front.functions().of(&method, event["rawPath"].as_str().unwrap());
        let event = serde_json::from_str(&event.to_string()).unwrap();
        let answering: Pin<Box<dyn Future<Output = Answered> + Send>> = function.respond(event, then());
        Reply::of(&answering.await)
    }

    /// The answer over HTTP; `None`: HTTP cannot carry the request.
    pub async fn over_http(&self, request: &Request) -> Option<Reply> {
        Some(read(&self.exchange(&request.over_http()?).await))
    }

    /// Sends these bytes on a connection of their own, and returns all that comes back.
    pub async fn exchange(&self, bytes: &[u8]) -> Vec<u8> {
        let mut stream = self.connect().await;
        stream.write_all(bytes).await.unwrap();
        rest(&mut stream).await
    }

    pub async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Asks the host to end.
    pub fn stop(&mut self) {
        drop(self.stop.take());
    }

    /// Waits for the end. Returns whether everything was finished.
    pub async fn ended(self) -> bool {
        timeout(PATIENCE, self.serving).await.unwrap().unwrap()
    }
}

/// What comes on a connection until it is closed or reset.
pub async fn rest(stream: &mut TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    while let Ok(count) = timeout(PATIENCE, stream.read(&mut buffer)).await.expect("an end")
        && count > 0
    {
        bytes.extend_from_slice(&buffer[..count]);
    }
    bytes
}

/// An answer over HTTP, without what is about the connection.
pub fn read(bytes: &[u8]) -> Reply {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
    let end = end.unwrap_or_else(|| panic!("an answer: {:?}", String::from_utf8_lossy(bytes)));
    let (head, body) = (std::str::from_utf8(&bytes[..end]).unwrap(), &bytes[end + 4..]);
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|status| status.parse().ok());
    let (mut headers, mut cookies) = (BTreeMap::new(), Vec::new());
    for (name, value) in lines.map(|line| line.split_once(": ").unwrap()) {
        match name {
            "set-cookie" => cookies.push(value.to_owned()),
            "date" | "connection" => {}
            "content-length" => assert!(body.is_empty() || value == body.len().to_string(), "{head}"),
            _ => assert_eq!(headers.insert(name.to_owned(), value.to_owned()), None, "{name} is there twice: {head}"),
        }
    }
    Reply { status: status.unwrap(), headers, cookies, body: String::new() }.with_body(body)
}
