//! The certificate authorities that every TLS client of this workspace trusts.

use environment::Environment;
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};
use std::{
    fmt,
    sync::{Arc, OnceLock},
};

/// The authorities that may vouch for a server: Mozilla's, or those of one file and no others.
///
/// Mozilla's are compiled in (`webpki-roots`), in the form in which TLS uses them: a function that starts neither looks
/// for a file nor decodes one. To withdraw an authority, update that crate and deploy. The machine's own trust store is
/// never read.
#[derive(Clone, Default)]
pub struct Roots(Arc<Inner>);

#[derive(Default)]
struct Inner {
    /// `None`: Mozilla's.
    own: Option<Own>,
    /// Made when it is first needed.
    https: OnceLock<ClientConfig>,
}

/// The authorities of a file.
struct Own {
    pem: Vec<u8>,
    store: RootCertStore,
}

impl Roots {
    /// Reads `SSL_CERT_FILE`: a PEM file with the only authorities that are trusted, for tests and private networks
    /// (absent: Mozilla's). A file that cannot be used is a fault, which stays in `environment`.
    pub fn from_environment(environment: &mut Environment) -> Self {
        environment.default("SSL_CERT_FILE", Self::default(), Self::of_file)
    }

    /// The authorities in the PEM file at `path`, and no others.
    ///
    /// # Errors
    /// When the file cannot be read, has no certificate, or has one that cannot be used. Nothing is trusted instead.
    pub fn of_file(path: &str) -> Result<Self, &'static str> {
        let pem = std::fs::read(path).map_err(|_| "is a file that cannot be read")?;
        let mut store = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(&pem) {
            let certificate = certificate.map_err(|_| "is a file that is not PEM")?;
            store.add(certificate).map_err(|_| "is a file with a certificate that cannot be used")?;
        }
        match store.is_empty() {
            true => Err("is a file without certificates"),
            false => Ok(Self(Arc::new(Inner { own: Some(Own { pem, store }), https: OnceLock::new() }))),
        }
    }

    /// The file that takes the place of Mozilla's authorities, as PEM, for clients that make their own configuration;
    /// without one they take `webpki-roots` too.
    pub fn pem(&self) -> Option<&[u8]> {
        self.0.own.as_ref().map(|own| own.pem.as_slice())
    }

    /// TLS 1.2 and 1.3 for clients of HTTP/1.1. All copies share one memory of sessions to be resumed.
    pub fn https(&self) -> ClientConfig {
        self.0.https.get_or_init(|| https(self.store())).clone()
    }

    fn store(&self) -> RootCertStore {
        match &self.0.own {
            Some(own) => own.store.clone(),
            None => webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect(),
        }
    }
}

/// Cryptography is that of the only provider which rustls is compiled with, `aws-lc-rs`: `make lint` refuses another.
fn https(store: RootCertStore) -> ClientConfig {
    let mut config = ClientConfig::builder().with_root_certificates(store).with_no_client_auth();
    // A server of another protocol under the same name must not pass for this one (RFC 7301; RFC 9325, section 3.7).
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config
}

impl fmt::Debug for Roots {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.own {
            Some(own) => write!(formatter, "Roots({} of a file)", own.store.len()),
            None => formatter.write_str("Roots(Mozilla's)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use testkit::Authority;

    /// The roots of a function whose `SSL_CERT_FILE` is this, or the text of all faults.
    fn read(path: &str) -> Result<Roots, String> {
        let mut environment = Environment::of([("SSL_CERT_FILE", path)]);
        let roots = Roots::from_environment(&mut environment);
        environment.finish(Some(roots)).map_err(|faults| faults.to_string())
    }

    /// Not with every authority ever: Mozilla has withdrawn some.
    #[test]
    fn without_a_file_the_authorities_are_mozillas() {
        let roots = read("").unwrap();
        assert_eq!((roots.pem(), roots.store().roots), (None, webpki_roots::TLS_SERVER_ROOTS.to_vec()));
        assert!((100..200).contains(&roots.store().len()), "{roots:?}");
    }

    #[test]
    fn a_file_takes_the_place_of_mozillas_authorities() {
        let authorities = [(); 2].map(|()| Authority::with_a_server_named("a.example.com"));
        let text = authorities.each_ref().map(|one| std::fs::read_to_string(one.file("ca.pem")).unwrap()).concat();
        let file = authorities[0].file("both.pem");
        std::fs::write(&file, &text).unwrap();
        let roots = read(file.to_str().unwrap()).unwrap();
        assert_eq!(format!("{roots:?}"), "Roots(2 of a file)");
        assert_eq!(roots.pem(), Some(text.as_bytes()));
    }

    /// ASVS 12.3.2, 16.5.3: a function does not fall back to other authorities. It says why it does not start.
    #[test]
    fn a_file_that_cannot_be_used_is_a_fault_and_its_path_is_not_repeated() {
        let authority = Authority::with_a_server_named("a.example.com");
        let certificate = std::fs::read_to_string(authority.file("ca.pem")).unwrap();
        let key = std::fs::read_to_string(authority.file("server.key")).unwrap();
        let cut = certificate[..certificate.len() / 2].to_owned();
        let empty = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".to_owned();
        for (number, text) in
            [String::new(), "secret".to_owned(), key, cut.clone(), certificate.clone() + &cut, certificate + &empty]
                .iter()
                .enumerate()
        {
            let path = authority.file(&format!("secret-{number}.pem"));
            std::fs::write(&path, text).unwrap();
            let faults = read(path.to_str().unwrap()).unwrap_err();
            assert!(faults.contains("SSL_CERT_FILE: is a file ") && !faults.contains("secret"), "{number}: {faults}");
        }
        for path in ["/nowhere/secret.pem", "/"] {
            let faults = read(path).unwrap_err();
            assert_eq!(faults, "unusable settings: SSL_CERT_FILE: is a file that cannot be read");
        }
    }

    #[test]
    fn nothing_is_made_before_it_is_needed_and_then_once() {
        let roots = read("").unwrap();
        assert!(roots.0.https.get().is_none());
        assert_eq!(roots.https().alpn_protocols, [b"http/1.1"]);
        assert!(roots.clone().0.https.get().is_some());
    }
}
