use crate::{
    Error,
    tether::{Ending, Tether},
};
use std::{
    fs::OpenOptions,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// How long a server may take until its first answer.
const START: Duration = Duration::from_secs(10);

/// Servers that speak our protocol, in the order they are looked for.
const PROGRAMS: [&str; 2] = ["redis-server", "valkey-server"];

/// A private Redis server that keeps nothing on disk and ends with this process.
pub struct Redis {
    directory: PathBuf,
    options: Vec<String>,
    port: u16,
    tether: Tether,
}

impl Redis {
    /// Starts a server, with its log in `directory`, on the given port or on a free one.
    ///
    /// # Errors
    /// When no usable `redis-server` is installed, the directory cannot be written, or the server does
    /// not answer, for instance because the given port is taken.
    pub async fn start(directory: &Path, port: Option<u16>) -> Result<Self, Error> {
        Self::start_with(directory, port, &[]).await
    }

    /// Like [`start`](Self::start), with more options of the server's command line.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub async fn start_with(directory: &Path, port: Option<u16>, options: &[&str]) -> Result<Self, Error> {
        let options: Vec<String> = options.iter().map(ToString::to_string).collect();
        // Between finding a free port and binding it, another process may take it.
        let mut tries = if port.is_some() { 1 } else { 5 };
        loop {
            let port = port.map_or_else(free_port, Ok)?;
            tries -= 1;
            match launch(directory, port, &options).await {
                Ok(tether) => return Ok(Self { directory: directory.to_owned(), options, port, tether }),
                Err(Error::SilentRedis(_)) if tries > 0 => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// The value for `REDIS_URL`.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/", self.port)
    }

    /// The port it listens on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The server's process id.
    pub fn pid(&self) -> u32 {
        self.tether.pid()
    }

    /// Kills the server at once, and returns when it is gone.
    ///
    /// # Errors
    /// When it is already gone.
    pub async fn kill9(&self) -> Result<(), Error> {
        self.tether.signal("KILL")?;
        self.tether.over().await;
        Ok(())
    }

    /// Ends the server if it runs, and starts an empty one on the same port.
    ///
    /// # Errors
    /// When the new one does not answer.
    pub async fn restart(&mut self) -> Result<(), Error> {
        if !self.tether.is_over() {
            self.kill9().await?;
        }
        self.tether = launch(&self.directory, self.port, &self.options).await?;
        Ok(())
    }

    /// Freezes the server: its sockets stay open, but it does not answer.
    ///
    /// # Errors
    /// When the server is gone.
    pub fn stop_signal(&self) -> Result<(), Error> {
        self.tether.signal("STOP")
    }

    /// Lets a frozen server go on.
    ///
    /// # Errors
    /// When the server is gone.
    pub fn cont_signal(&self) -> Result<(), Error> {
        self.tether.signal("CONT")
    }
}

fn free_port() -> Result<u16, Error> {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).map_err(Error::system("find a free port"))?;
    Ok(listener.local_addr().map_err(Error::system("find a free port"))?.port())
}

async fn launch(directory: &Path, port: u16, options: &[String]) -> Result<Tether, Error> {
    let log = directory.join(format!("redis-{port}.log"));
    let file = OpenOptions::new().create(true).append(true).open(&log);
    let file = file.map_err(Error::system(format!("write {}", log.display())))?;
    let mut command = Command::new(program()?);
    command.arg("--port").arg(port.to_string()).arg("--dir").arg(directory);
    command.args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--daemonize", "no"]).args(options);
    let tether = Tether::start(&command, Ending::Kill, Stdio::from(file))?;
    tokio::select! {
        () = answers(port, tether.pid()) => Ok(tether),
        () = tether.over() => Err(Error::SilentRedis(log)),
        () = tokio::time::sleep(START) => Err(Error::SilentRedis(log)),
    }
}

/// The first of [`PROGRAMS`] that is installed, if it knows `PEXPIREAT … GT`, which came with version 7.
fn program() -> Result<&'static str, Error> {
    for program in PROGRAMS {
        let Ok(output) = Command::new(program).arg("--version").output() else { continue };
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let version = text.split_whitespace().find_map(|word| word.strip_prefix("v="));
        let major = version.and_then(|version| version.split('.').next()?.parse::<u32>().ok());
        return match major {
            Some(7..) => Ok(program),
            _ => Err(Error::NoRedis(format!("found {}", text.trim()))),
        };
    }
    Err(Error::NoRedis("none is installed".to_owned()))
}

/// Returns when the server on `port` answers and is the process `pid`, not another one that had the port first.
async fn answers(port: u16, pid: u32) {
    let expected = format!("process_id:{pid}\r\n");
    loop {
        if let Ok(Ok(text)) = timeout(Duration::from_secs(1), ask(port)).await
            && text.contains(&expected)
        {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

async fn ask(port: u16) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
    stream.write_all(b"INFO server\r\nQUIT\r\n").await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}
