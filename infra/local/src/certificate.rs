use crate::failure::Failure;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose, date_time_ymd};
use std::{
    fs::OpenOptions,
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        self, RootCertStore, ServerConfig,
        client::{VerifierBuilderError, WebPkiServerVerifier, danger::ServerCertVerifier},
        pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime, pem::PemObject},
    },
};

/// What it is valid for.
const NAMES: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// How long it is valid. Safari accepts no certificate for more than 825 days.
const LIFE: SignedDuration = SignedDuration::from_hours(24 * 820);

/// A certificate that ends sooner is replaced.
const LEAST: Duration = Duration::from_hours(24 * 30);

/// Why there is no certificate.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It cannot be made.
    #[error(transparent)]
    Making(#[from] rcgen::Error),
    /// What was made cannot be used.
    #[error(transparent)]
    Use(#[from] rustls::Error),
    /// What was made is not a certificate that a client could trust.
    #[error(transparent)]
    Trust(#[from] VerifierBuilderError),
}

/// The certificate of the local API, in a directory of its own. It vouches for itself and for nothing else, so that a
/// person who trusts it trusts no one but the owner of the key beside it.
pub struct Certificate(PathBuf);

impl Certificate {
    /// In this data directory.
    pub fn of(data: &Path) -> Self {
        Self(data.join("https"))
    }

    /// The file to be trusted.
    pub fn path(&self) -> PathBuf {
        self.0.join("certificate.pem")
    }

    /// TLS with the certificate that is there, so that a person has to trust it once; with a new one if there is none
    /// that is still good.
    ///
    /// # Errors
    /// When no certificate can be made or written.
    pub fn acceptor(&self, now: Timestamp) -> Result<TlsAcceptor, Failure> {
        let config = match self.good(now) {
            Ok(config) => config,
            Err(_) => self.make(now).and_then(|()| self.good(now))?,
        };
        Ok(TlsAcceptor::from(Arc::new(config)))
    }

    /// What is there, if a client that trusts it will accept it for every name a while longer.
    fn good(&self, now: Timestamp) -> Result<ServerConfig, Failure> {
        let (path, key) = (self.path(), self.key());
        let certificate = CertificateDer::from_pem_file(&path).map_err(|error| unread(&path, error))?;
        let key = PrivateKeyDer::from_pem_file(&key).map_err(|error| unread(&key, error))?;
        judge(&certificate, now)
            .and_then(|()| {
                let config = ServerConfig::builder().with_no_client_auth();
                Ok(config.with_single_cert(vec![certificate], key)?)
            })
            .map_err(Failure::Certificate)
    }

    fn make(&self, now: Timestamp) -> Result<(), Failure> {
        let (certificate, key) = made(now).map_err(|error| Failure::Certificate(error.into()))?;
        std::fs::create_dir_all(&self.0).map_err(Failure::file(&self.0))?;
        // A file that is there keeps its mode.
        drop(std::fs::remove_file(self.key()));
        let opened = OpenOptions::new().create_new(true).write(true).mode(0o600).open(self.key());
        opened.and_then(|mut file| file.write_all(key.as_bytes())).map_err(Failure::file(self.key()))?;
        std::fs::write(self.path(), certificate).map_err(Failure::file(self.path()))
    }

    fn key(&self) -> PathBuf {
        self.0.join("key.pem")
    }
}

fn unread(path: &Path, error: rustls::pki_types::pem::Error) -> Failure {
    Failure::file(path)(io::Error::other(error.to_string()))
}

/// As a browser would, at the end of the least time that is left.
fn judge(certificate: &CertificateDer<'static>, now: Timestamp) -> Result<(), Error> {
    let mut roots = RootCertStore::empty();
    roots.add(certificate.clone())?;
    let verifier = WebPkiServerVerifier::builder(Arc::new(roots)).build()?;
    let then = UnixTime::since_unix_epoch(now.as_duration().unsigned_abs() + LEAST);
    for name in NAMES.map(ServerName::try_from).into_iter().flatten() {
        verifier.verify_server_cert(certificate, &[], &name, &[], then)?;
    }
    Ok(())
}

/// A certificate and its key, as PEM.
fn made(now: Timestamp) -> Result<(String, String), rcgen::Error> {
    let day = |moment: Timestamp| {
        let date = moment.to_zoned(TimeZone::UTC).date();
        date_time_ymd(date.year().into(), date.month().unsigned_abs(), date.day().unsigned_abs())
    };
    let mut params = CertificateParams::new(NAMES.map(str::to_owned))?;
    params.distinguished_name.push(DnType::CommonName, "make dev");
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    (params.not_before, params.not_after) = (day(now), day(now.saturating_add(LIFE).unwrap_or(Timestamp::MAX)));
    let key = KeyPair::generate()?;
    Ok((params.self_signed(&key)?.pem(), key.serialize_pem()))
}
