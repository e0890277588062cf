use environment::Environment;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use std::{io, net::SocketAddr, path::PathBuf, sync::Arc};
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
use trust::Roots;

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

/// A server, and whether a client trusts it.
pub struct Meeting {
    /// The authority of the server's certificate.
    pub server: Arc<Authority>,
    /// The authority in the client's file.
    named: Option<Arc<Authority>>,
    trusts: bool,
}

impl Meeting {
    /// The client, if the server listens on this port.
    pub fn client(&self, port: u16) -> TlsClient {
        let path = |named: &Arc<Authority>| named.file("ca.pem").to_string_lossy().into_owned();
        TlsClient { port, trusts: self.trusts, file: self.named.as_ref().map(path) }
    }
}

/// A client of such a server: where the server is, whom the client trusts, and whether that is enough.
pub struct TlsClient {
    /// The port on 127.0.0.1.
    pub port: u16,
    /// Whether the server's certificate must be accepted.
    pub trusts: bool,
    /// `SSL_CERT_FILE`, if it is set.
    file: Option<String>,
}

impl TlsClient {
    /// These variables, and the one that says whom it trusts.
    pub fn variables<'a>(&'a self, others: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
        let file = self.file.as_ref().map(|file| ("SSL_CERT_FILE", file.as_str()));
        others.iter().copied().chain(file).collect()
    }

    /// Whom it trusts.
    pub fn roots(&self) -> Roots {
        Roots::from_environment(&mut Environment::of(self.variables(&[])))
    }
}

impl Authority {
    /// An authority with a server of this name, which may be an IP address.
    pub fn with_a_server_named(name: &str) -> Self {
        Self::with(CertificateParams::new(vec![name.to_owned()]).expect("a certificate"))
    }

    /// The same with a certificate that was good for one year, long ago.
    pub fn with_an_expired_server_named(name: &str) -> Self {
        let mut params = CertificateParams::new(vec![name.to_owned()]).expect("a certificate");
        (params.not_before, params.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(2021, 1, 1));
        Self::with(params)
    }

    fn with(mut server: CertificateParams) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let write = |file: &str, text: String| std::fs::write(directory.path().join(file), text).expect("a file");
        let mut params = CertificateParams::new(Vec::new()).expect("a certificate");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, "an authority");
        let key = KeyPair::generate().expect("a key");
        write("ca.pem", params.self_signed(&key).expect("a certificate").pem());
        let issuer = Issuer::new(params, key);
        let server_key = KeyPair::generate().expect("a key");
        server.distinguished_name.push(DnType::CommonName, "a server");
        write("server.pem", server.signed_by(&server_key, &issuer).expect("a certificate").pem());
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

impl TlsFront {
    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
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

/// A server that a client must trust, and four that it must not (OWASP ASVS 12.3.2): signed by an authority that the
/// client's file does not name, by one that is not among Mozilla's, with a certificate for another name, and with one
/// that has expired. All are on 127.0.0.1.
pub fn meetings() -> [Meeting; 5] {
    let [own, foreign, misnamed] =
        ["127.0.0.1", "127.0.0.1", "elsewhere.example.com"].map(|name| Arc::new(Authority::with_a_server_named(name)));
    let expired = Arc::new(Authority::with_an_expired_server_named("127.0.0.1"));
    [
        (&own, Some(&own), true),
        (&own, Some(&foreign), false),
        (&own, None, false),
        (&misnamed, Some(&misnamed), false),
        (&expired, Some(&expired), false),
    ]
    .map(|(server, named, trusts)| Meeting { server: Arc::clone(server), named: named.cloned(), trusts })
}

/// Lets a client meet the server of each of the [`meetings`], in front of one that listens on `upstream`.
pub async fn meet_certificates(upstream: SocketAddr, opening: Opening, client: impl AsyncFn(TlsClient)) {
    for meeting in meetings() {
        let front = meeting.server.front(upstream, opening).await;
        client(meeting.client(front.port)).await;
    }
}
