use lettre::transport::smtp::{
    Error,
    client::{Certificate, CertificateStore, TlsParameters},
};
use std::sync::OnceLock;
use trust::Roots;

/// How servers prove who they are.
pub(crate) struct Tls {
    roots: Roots,
    /// Made for the first mail.
    parameters: OnceLock<TlsParameters>,
}

impl Tls {
    /// By certificates that these authorities vouch for.
    pub fn new(roots: Roots) -> Self {
        Self { roots, parameters: OnceLock::new() }
    }

    /// What the server named `host` has to prove.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn parameters(&self, host: &str) -> Result<TlsParameters, Error> {
        if let Some(parameters) = self.parameters.get() {
            return Ok(parameters.clone());
        }
        let builder = TlsParameters::builder(host.to_owned());
        let builder = match self.roots.pem() {
            Some(pem) => {
                builder.certificate_store(CertificateStore::None).add_root_certificate(Certificate::from_pem(pem)?)
            }
            None => builder.certificate_store(CertificateStore::WebpkiRoots),
        };
        let parameters = builder.build()?;
        Ok(self.parameters.get_or_init(|| parameters).clone())
    }
}
