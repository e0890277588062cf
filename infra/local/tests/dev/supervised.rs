//! The test's own workspace, and `local` running in it.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Read},
    net::{TcpListener, TcpStream},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, Stdio},
    time::{Duration, Instant},
};
use tempfile::TempDir;

const MANIFEST: &str = r#"
[package]
name = "function"
version = "0.1.0"
edition = "2024"

[workspace.metadata.lambda.watch.router]
"/it/{id}" = [{ method = "GET", function = "function" }]
"#;

/// Records its environment and every post, writes a line for each request, and ends at `/end`. It answers 204 to every
/// request, or what it is told to answer; the answer tells what was asked for. If it is told to run a function, it does so
/// as cargo-lambda would, again after each change in its directory; that function's requests are not answered.
const GATEWAY: &str = r#"#!/usr/bin/env python3
import http.server, os, subprocess, sys, threading, time
here = os.path.dirname(os.path.abspath(__file__))
with open(here + "/gateway-environment", "w") as file:
    file.writelines(f"{name}={value}\n" for name, value in os.environ.items())
runs = os.path.exists(here + "/gateway-runs")
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/end":
            os._exit(0)
        if self.path == "/drop":
            return
        if runs and self.path.startswith("/it/"):
            time.sleep(600)
        answer = here + "/gateway-answer"
        self.send_response(200 if os.path.exists(answer) else 204)
        for name, value in [("x-asked", f"{self.command} {self.path}"), ("x-host", self.headers["Host"]), ("set-cookie", "a=1"), ("set-cookie", "b=2")]:
            self.send_header(name, value)
        self.end_headers()
        if os.path.exists(answer):
            self.wfile.write(open(answer, "rb").read())
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        with open(here + "/gateway-posts", "a") as file:
            file.write(f"{self.path} {body}\n")
        self.do_GET()
    do_OPTIONS = do_GET
def run():
    built = lambda: os.stat("built").st_mtime_ns
    while True:
        then = built()
        child = subprocess.Popen([os.environ["CARGO"], "run", "--bin", "function"])
        while built() == then:
            time.sleep(0.05)
        child.kill()
        child.wait()
if runs:
    threading.Thread(target=run, daemon=True).start()
port = int(sys.argv[sys.argv.index("--invoke-port") + 1])
http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()
"#;

/// The workspace, its data and its stand-in for `cargo-lambda`, gone when dropped.
pub struct Place(TempDir);

impl Place {
    pub fn new() -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        std::fs::create_dir(place.path("src")).unwrap();
        std::fs::write(place.path("Cargo.toml"), MANIFEST).unwrap();
        std::fs::write(place.path("src/main.rs"), "fn main() {}").unwrap();
        std::fs::write(place.path("gateway"), GATEWAY).unwrap();
        Command::new("chmod").arg("+x").arg(place.path("gateway")).status().unwrap();
        place
    }

    /// Adds a function without a route to the one that has a route.
    pub fn with(function: &str) -> Self {
        let place = Self::new();
        let folder = place.path("functions").join(function);
        std::fs::create_dir_all(folder.join("src")).unwrap();
        let package = format!("[package]\nname = \"{function}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n");
        std::fs::write(folder.join("Cargo.toml"), package).unwrap();
        std::fs::write(folder.join("src/main.rs"), "fn main() {}").unwrap();
        let manifest = MANIFEST.replace("[workspace.", "[workspace]\nmembers = [\"functions/*\"]\n\n[workspace.");
        std::fs::write(place.path("Cargo.toml"), manifest).unwrap();
        place
    }

    /// From now on the stand-in gives this answer to every request.
    pub fn answer(&self, text: &str) {
        std::fs::write(self.path("new-answer"), text).unwrap();
        std::fs::rename(self.path("new-answer"), self.path("gateway-answer")).unwrap();
    }

    /// Waits until the stand-in has received the expected post.
    pub async fn until_posted(&self, mut is_it: impl FnMut(&[String]) -> bool) -> Vec<String> {
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            let posts = self.posts();
            if is_it(&posts) {
                return posts;
            }
            assert!(Instant::now() < deadline, "{posts:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// What was posted to the stand-in so far.
    pub fn posts(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.path("gateway-posts")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Starts `local dev` without its own OpenID Connect provider and mail server.
    pub fn dev(&self, port: u16, variables: &[(&str, &str)]) -> Dev {
        let mut command = self.local("dev");
        command.args(["--until-stdin-closes", "--cargo-lambda", "gateway", "--port", &port.to_string()]);
        command
            .env("OIDC_LOCAL_ISSUER", "http://localhost:1")
            .env("SMTP_URL", "smtp://127.0.0.1:1")
            .envs(variables.iter().copied());
        command.process_group(0);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take().unwrap(), child.stderr.take().unwrap());
        Dev { child, stdin, stdout: BufReader::new(stdout), stderr }
    }

    /// Makes the stand-in run the function, which is this program, instead of answering for it.
    pub fn run(&self, program: &str) {
        std::fs::write(self.path("src/main.rs"), program).unwrap();
        std::fs::write(self.path("gateway-runs"), "").unwrap();
    }

    /// Waits until a file has this text.
    pub fn until_written(&self, name: &str, text: &str) {
        let deadline = Instant::now() + Duration::from_secs(60);
        while std::fs::read_to_string(self.path(name)).unwrap_or_default() != text {
            assert!(Instant::now() < deadline, "{:?}", std::fs::read_to_string(self.path(name)));
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Runs `local user`, and returns its exit code with everything it printed.
    pub fn user(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let output = self.local("user").args(arguments).output().unwrap();
        let printed = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8(printed).unwrap())
    }

    /// The variables written for the functions; none before that.
    pub fn settings(&self) -> BTreeMap<String, String> {
        lines_of(&self.path("data/env"))
    }

    /// Makes the stand-in end by itself.
    pub fn end_gateway(&self, port: u16) {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        std::io::Write::write_all(&mut stream, b"GET /end HTTP/1.1\r\n\r\n").unwrap();
        drop(stream.read(&mut [0]));
    }

    fn local(&self, command: &str) -> Command {
        let mut local = Command::new(env!("CARGO_BIN_EXE_local"));
        local.arg(command).args(["--data", "data"]).current_dir(self.0.path());
        // The lowest possible cost: no attacker targets these hashes.
        local.env("ARGON2_MEMORY_KIB", "8").env("ARGON2_TIME_COST", "1").env("CARGO_TARGET_DIR", "target");
        for name in [
            "PORT",
            "HTTPS",
            "PASSWORD",
            "ALLOWED_ORIGINS",
            "REDIS_URL",
            "AWS_ENDPOINT_URL_DYNAMODB",
            "PUBLIC_URL",
            "TABLE_PREFIX",
        ] {
            local.env_remove(name);
        }
        local
    }
}

/// `local dev`, which ends when this is dropped.
pub struct Dev {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
    stderr: ChildStderr,
}

impl Dev {
    /// Its output up to the last line of its greeting.
    pub fn until_ready(&mut self) -> String {
        self.until_said("/session/token\n")
    }

    /// Its output up to this text.
    pub fn until_said(&mut self, text: &str) -> String {
        let mut printed = String::new();
        while !printed.contains(text) {
            assert!(self.stdout.read_line(&mut printed).unwrap() != 0, "it has ended: {printed}{}", self.errors());
        }
        printed
    }

    pub fn close_stdin(&mut self) {
        self.stdin = None;
    }

    pub fn signal(&self, name: &str) {
        self.kill(name, &self.child.id().to_string());
    }

    /// Sends a signal as a terminal does: to every process of the foreground group.
    pub fn signal_group(&self, name: &str) {
        self.kill(name, &format!("-{}", self.child.id()));
    }

    fn kill(&self, name: &str, whom: &str) {
        assert!(Command::new("/bin/sh").args(["-c", "kill -s $0 -- $1", name, whom]).status().unwrap().success());
    }

    /// Waits for its end; `None` if a signal ended it.
    pub fn exit_code(&mut self) -> Option<i32> {
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            match self.child.try_wait().unwrap() {
                Some(status) => return status.code(),
                None => assert!(Instant::now() < deadline, "it does not end"),
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// What it wrote to standard error, to the end.
    pub fn errors(&mut self) -> String {
        let mut errors = String::new();
        self.stderr.read_to_string(&mut errors).unwrap();
        errors
    }
}

impl Drop for Dev {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// A port on which no process listens.
pub fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

/// A file of `NAME=VALUE` lines; a missing file has none.
pub fn lines_of(file: &Path) -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    text.lines().filter_map(|line| line.split_once('=')).map(|(name, value)| (name.into(), value.into())).collect()
}
