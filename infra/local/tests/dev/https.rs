//! `HTTPS=1`: the same API with a certificate of its own.

use crate::supervised::{Place, free_port};
use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use std::{os::unix::fs::PermissionsExt, path::Path, sync::Arc};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_rustls::{
    TlsConnector,
    rustls::{
        ClientConfig, RootCertStore,
        pki_types::{CertificateDer, ServerName, pem::PemObject},
    },
};

/// The answer to a client that trusts this certificate alone.
async fn answer(port: u16, name: &str, certificate: &Path) -> std::io::Result<String> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(certificate).unwrap()).unwrap();
    let config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    let stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let name = ServerName::try_from(name.to_owned()).unwrap();
    let mut stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await?;
    stream.write_all(b"GET /it/1 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await?;
    let mut answer = String::new();
    // A server that closes without a word of TLS has told everything too.
    drop(stream.read_to_string(&mut answer).await);
    Ok(answer)
}

#[tokio::test]
async fn a_browser_that_trusts_the_certificate_once_is_answered_from_then_on() {
    let place = Place::new();
    let port = free_port();
    let (certificate, key) = (place.path("data/https/certificate.pem"), place.path("data/https/key.pem"));
    let mut files = Vec::new();
    for _ in 0..2 {
        let mut dev = place.dev(port, &[("HTTPS", "1")]);
        let greeting = dev.until_ready();
        assert!(greeting.contains(&format!("The login API runs at https://localhost:{port}\n")), "{greeting}");
        let file = certificate.display().to_string();
        assert!(greeting.matches(&format!("curl -s --cacert '{file}'")).count() == 3, "{greeting}");
        assert!(greeting.lines().any(|line| line.contains(&file) && !line.contains("curl")), "{greeting}");
        assert!(greeting.contains("`APP_URL=https://localhost:5173 make dev HTTPS=1`"), "{greeting}");
        let settings = place.settings();
        assert_eq!(settings["PUBLIC_URL"], format!("https://localhost:{port}"));
        let origins = format!("https://localhost:{port},https://localhost:5173,https://localhost:3000");
        assert_eq!(settings["ALLOWED_ORIGINS"], origins);
        for name in ["localhost", "127.0.0.1"] {
            let answer = answer(port, name, &certificate).await.unwrap();
            assert!(answer.starts_with("HTTP/1.1 204 ") && answer.contains("x-asked: GET /it/1\r\n"), "{answer}");
            // Browsers would ask every port of localhost by https from then on.
            assert!(!answer.contains("strict-transport-security"), "{answer}");
        }
        assert!(answer(port, "example.com", &certificate).await.is_err());
        assert_eq!(key.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        files.push([&certificate, &key].map(|file| std::fs::read(file).unwrap()));
        dev.close_stdin();
        assert_eq!(dev.exit_code(), Some(0));
    }
    assert_eq!(files[0], files[1]);
}

#[tokio::test]
async fn a_certificate_that_is_no_longer_good_is_replaced() {
    let expired = |names: &[&str]| {
        let mut params = CertificateParams::new(names.iter().map(ToString::to_string).collect::<Vec<_>>()).unwrap();
        (params.not_before, params.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(2021, 1, 1));
        let key = KeyPair::generate().unwrap();
        [params.self_signed(&key).unwrap().pem(), key.serialize_pem()]
    };
    let another = |names: &[&str]| {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(names.iter().map(ToString::to_string).collect::<Vec<_>>()).unwrap();
        [params.self_signed(&key).unwrap().pem(), key.serialize_pem()]
    };
    let names = ["localhost", "127.0.0.1", "::1"];
    let mixed = [another(&names)[0].clone(), another(&names)[1].clone()];
    let place = Place::new();
    std::fs::create_dir_all(place.path("data/https")).unwrap();
    let [certificate, key] = ["certificate.pem", "key.pem"].map(|name| place.path("data/https").join(name));
    for (what, [pem, private]) in [
        ("expired", expired(&names)),
        ("for another name", another(&["example.com"])),
        ("of another key", mixed),
        ("no certificate", ["nonsense".to_owned(), String::new()]),
    ] {
        std::fs::write(&certificate, &pem).unwrap();
        std::fs::write(&key, private).unwrap();
        let port = free_port();
        let mut dev = place.dev(port, &[("HTTPS", "1")]);
        dev.until_ready();
        assert_ne!(std::fs::read_to_string(&certificate).unwrap(), pem, "{what}");
        assert!(answer(port, "localhost", &certificate).await.unwrap().starts_with("HTTP/1.1 204 "), "{what}");
        assert_eq!(key.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{what}");
        dev.close_stdin();
        dev.exit_code();
    }
}

#[test]
fn without_it_the_greeting_tells_of_safari() {
    let place = Place::new();
    for no in ["", "0", "false"] {
        let mut dev = place.dev(free_port(), &[("HTTPS", no)]);
        let greeting = dev.until_ready();
        assert!(greeting.contains("runs at http://") && greeting.contains("`make dev HTTPS=1`"), "{no}: {greeting}");
        dev.close_stdin();
        dev.exit_code();
    }
}
