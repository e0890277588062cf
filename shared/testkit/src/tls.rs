use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use std::{
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, copy_bidirectional},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::aws_lc_rs,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    },
};

/// Tells the other half of a test that a test started it, and what to expect.
const PORT: &str = "TESTKIT_TLS_PORT";
const TRUSTS: &str = "TESTKIT_TLS_TRUSTS";

/// A certificate authority that no machine trusts, and a server's certificate signed by it.
pub struct Authority {
    directory: TempDir,
}

/// A server that speaks TLS with such a certificate and passes the data on to another server unencrypted. It stops when
/// it is dropped.
pub struct TlsFront {
    port: u16,
    serving: JoinHandle<()>,
}

/// The unencrypted exchange before TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opening {
    /// Nothing.
    Silence,
    /// What SMTP says up to `STARTTLS` (RFC 3207).
    StartTls,
}

/// What a client in a separate process gets: where the server is, and whether it must trust it.
pub struct TlsClient {
    /// The port on 127.0.0.1.
    pub port: u16,
    /// Whether its certificate must be accepted.
    pub trusts: bool,
}

impl Authority {
    /// An authority with a server of this name, which may be an IP address.
    pub fn with_a_server_named(name: &str) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let write = |file: &str, text: String| std::fs::write(directory.path().join(file), text).expect("a file");
        let mut params = CertificateParams::new(Vec::new()).expect("a certificate");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, "an authority");
        let key = KeyPair::generate().expect("a key");
        write("ca.pem", params.self_signed(&key).expect("a certificate").pem());
        let issuer = Issuer::new(params, key);
        let server_key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::new(vec![name.to_owned()]).expect("a certificate");
        params.distinguished_name.push(DnType::CommonName, "a server");
        write("server.pem", params.signed_by(&server_key, &issuer).expect("a certificate").pem());
        write("server.key", server_key.serialize_pem());
        Self { directory }
    }

    /// `ca.pem`, `server.pem` or `server.key`.
    pub fn file(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// The options that make a Redis server use the certificate.
    pub fn redis_options(&self) -> Vec<String> {
        let path = |name| self.file(name).to_string_lossy().into_owned();
        let files =
            [("--tls-cert-file", "server.pem"), ("--tls-key-file", "server.key"), ("--tls-ca-cert-file", "ca.pem")];
        let mut options: Vec<_> =
            files.into_iter().flat_map(|(option, name)| [option.to_owned(), path(name)]).collect();
        options.extend(["--tls-auth-clients".to_owned(), "no".to_owned()]);
        options
    }

    /// The server of this authority, in front of one that listens on `upstream`.
    pub async fn front(&self, upstream: SocketAddr, opening: Opening) -> TlsFront {
        let chain = vec![CertificateDer::from_pem_file(self.file("server.pem")).expect("a certificate")];
        let key = PrivateKeyDer::from_pem_file(self.file("server.key")).expect("a key");
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("the usual versions")
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .expect("a configuration");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("its address").port();
        let serving = tokio::spawn(serve(listener, TlsAcceptor::from(Arc::new(config)), upstream, opening));
        TlsFront { port, serving }
    }
}

impl Drop for TlsFront {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn serve(listener: TcpListener, acceptor: TlsAcceptor, upstream: SocketAddr, opening: Opening) {
    while let Ok((stream, _)) = listener.accept().await {
        // A client that does not trust the certificate disconnects in between.
        let acceptor = acceptor.clone();
        tokio::spawn(async move { drop(pass(stream, acceptor, upstream, opening).await) });
    }
}

async fn pass(stream: TcpStream, acceptor: TlsAcceptor, upstream: SocketAddr, opening: Opening) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    if opening == Opening::StartTls {
        for reply in ["220 mail.test\r\n", "250-mail.test\r\n250 STARTTLS\r\n"] {
            stream.write_all(reply.as_bytes()).await?;
            stream.read_line(&mut line).await?;
        }
        stream.write_all(b"220 go on\r\n").await?;
    }
    let mut stream = acceptor.accept(stream).await?;
    let mut server = BufReader::new(TcpStream::connect(upstream).await?);
    if opening == Opening::StartTls {
        // The client has been greeted.
        server.read_line(&mut line).await?;
    }
    copy_bidirectional(&mut stream, &mut server).await?;
    Ok(())
}

/// Lets a client meet a server that it must trust, and three that it must not (OWASP ASVS 12.3.2): signed by an
/// authority outside its trust store, by one that no machine trusts, and for another name by one that it trusts. The
/// client is the test `name` of the same binary, in a separate process with its own trust store; [`tls_client`] tells
/// it what to expect.
///
/// # Panics
/// When the client saw something else.
pub async fn meet_certificates(upstream: SocketAddr, opening: Opening, name: &'static str) {
    let own = Authority::with_a_server_named("127.0.0.1");
    let foreign = Authority::with_a_server_named("127.0.0.1");
    let misnamed = Authority::with_a_server_named("elsewhere.example.com");
    for (authority, trusted, trusts) in [
        (&own, Some(own.file("ca.pem")), true),
        (&own, Some(foreign.file("ca.pem")), false),
        (&own, None, false),
        (&misnamed, Some(misnamed.file("ca.pem")), false),
    ] {
        let front = authority.front(upstream, opening).await;
        let port = front.port.to_string();
        let client = move || {
            let variables = [(PORT, port.as_str()), (TRUSTS, if trusts { "true" } else { "false" })];
            again(name, trusted.as_deref(), &variables);
        };
        tokio::task::spawn_blocking(client).await.expect("the client finds what it has to");
    }
}

/// What [`meet_certificates`] tells its client; `None` for a test that was not started by it, which then does nothing.
pub fn tls_client() -> Option<TlsClient> {
    let port = std::env::var(PORT).ok()?.parse().expect("a port");
    Some(TlsClient { port, trusts: std::env::var(TRUSTS).is_ok_and(|trusts| trusts == "true") })
}

/// Runs the test `name` of this binary again, in a process whose trust store is the file `trusted` or the machine's.
///
/// # Panics
/// When it fails.
pub fn again(name: &str, trusted: Option<&Path>, variables: &[(&str, &str)]) {
    let mut client = Command::new(std::env::current_exe().expect("this binary"));
    client.args(["--exact", name, "--nocapture"]);
    client.env_remove("SSL_CERT_DIR").env_remove("SSL_CERT_FILE").envs(variables.iter().copied());
    client.envs(trusted.map(|file| ("SSL_CERT_FILE", file)));
    let output = client.output().expect("a process");
    let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
}
