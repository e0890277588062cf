//! The program itself: where its credentials come from, and how it ends.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, channel},
    time::Duration,
};

const PATIENCE: Duration = Duration::from_secs(20);

/// A server that gives one answer to every request, and passes on the heads of the requests.
fn server(answer: &'static str) -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (heads, heard) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = BufReader::new(stream.unwrap());
            let mut head = String::new();
            while !head.ends_with("\r\n\r\n") && stream.read_line(&mut head).is_ok_and(|count| count > 0) {}
            let length = answer.len();
            let response = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{answer}");
            drop(stream.get_mut().write_all(response.as_bytes()));
            drop(heads.send(head));
        }
    });
    (url, heard)
}

/// The program, which listens by now.
struct Program {
    child: Child,
    port: u16,
}

impl Program {
    fn start(variables: &[(&str, &str)]) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut command = Command::new(env!("CARGO_BIN_EXE_host"));
        command.env_clear().stdin(Stdio::null()).stdout(Stdio::null());
        command.env("HOST", "127.0.0.1").env("PORT", port.to_string());
        command.env("PUBLIC_URL", "https://api.example.com").env("APP_URL", "https://app.example.com");
        command.env("SMTP_URL", "smtp://127.0.0.1:1").env("MAIL_FROM", "login@example.com");
        // The work that no request asks for would need credentials too.
        command.env("TASKS_SECRET", "abcdefghijklmnopqrstuv").env("AWS_REGION", "eu-west-1");
        command.env("AWS_EC2_METADATA_DISABLED", "true").env("HOME", "/nowhere").envs(variables.iter().copied());
        let program = Self { child: command.spawn().unwrap(), port };
        let since = std::time::Instant::now();
        while program.connect().is_none() {
            assert!(since.elapsed() < PATIENCE, "it does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
        program
    }

    fn connect(&self) -> Option<TcpStream> {
        TcpStream::connect(("127.0.0.1", self.port)).ok()
    }

    fn ask(&self, path: &str) -> String {
        let mut stream = self.connect().unwrap();
        // The cookie of a session that there is not: the store is asked.
        let cookie = format!("cookie: __Host-session_id={}", "A".repeat(43));
        let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\n{cookie}\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    fn signal(&self, name: &str) {
        let status = Command::new("/bin/sh").args(["-c", "kill -s $0 $1", name, &self.child.id().to_string()]).status();
        assert!(status.unwrap().success());
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// As on Fargate, where no variable holds a key. Functions on Lambda ask variables alone.
#[test]
fn its_credentials_are_those_of_the_platform() {
    let credentials = r#"{"AccessKeyId":"AKIDOFTHETASK","SecretAccessKey":"secret","Token":"token","Expiration":"2099-01-01T00:00:00Z"}"#;
    let (platform, asked) = server(credentials);
    let (store, called) = server("{}");
    let uri = format!("{platform}/role");
    let program =
        Program::start(&[("AWS_CONTAINER_CREDENTIALS_FULL_URI", &uri), ("AWS_ENDPOINT_URL_DYNAMODB", &store)]);
    assert!(asked.try_recv().is_err(), "they are asked for when they are needed");
    program.ask("/health");
    assert!(asked.recv_timeout(PATIENCE).unwrap().starts_with("GET /role "));
    let call = called.recv_timeout(PATIENCE).unwrap();
    assert!(call.contains("Credential=AKIDOFTHETASK/") && call.contains("x-amz-security-token: token"), "{call}");
    program.ask("/me");
    assert!(called.recv_timeout(PATIENCE).unwrap().contains("Credential=AKIDOFTHETASK/"), "another function");
    assert!(asked.recv_timeout(Duration::from_millis(300)).is_err(), "they are kept");
}

#[test]
fn it_ends_in_order_when_it_is_asked() {
    for name in ["TERM", "INT"] {
        let mut program = Program::start(&[]);
        assert!(program.ask("/nowhere").starts_with("HTTP/1.1 404"));
        program.signal(name);
        assert_eq!(program.child.wait().unwrap().code(), Some(0), "{name}");
    }
}
