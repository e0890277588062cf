use environment::{Form, Path, ServiceUrl, service_url};
use redis::{ConnectionAddr, ConnectionInfo, IntoConnectionInfo, ProtocolVersion, RedisConnectionInfo, RedisResult};
use std::fmt;

pub(super) const FORM: Form = Form {
    schemes: &["redis", "rediss"],
    login: true,
    path: Path::Number,
    members: &[("cluster", &["true", "false"]), ("protocol", &["resp2", "resp3"])],
    must: "must be redis://host:6379 or, with TLS, rediss://user:password@host:6379, with the number of a database or \
           ?cluster=true behind it, and nothing else",
};

/// Where Redis is and whether it is a cluster.
pub(super) struct Place {
    pub server: ConnectionInfo,
    pub cluster: bool,
}

impl Place {
    /// Reads `redis://` or `rediss://` (TLS), with the number of a database or with `cluster=true` in its query. A
    /// password is never sent unencrypted to another machine.
    ///
    /// # Errors
    /// When the text is not such a URL. The reason does not repeat the text: it may hold a password.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let url = service_url(text, &FORM)?;
        let cluster = url.member("cluster") == Some("true");
        match () {
            () if url.scheme == "redis" && url.login.is_some() && !url.is_this_machine() => {
                Err("must be rediss:// (TLS) where a password leaves this machine")
            }
            () if cluster && url.path.len() > 1 => Err("must not name a database of a cluster, which has one"),
            () => Ok(Self { server: server(url).map_err(|_| FORM.must)?, cluster }),
        }
    }

    /// Whether the way there is TLS.
    pub fn is_encrypted(&self) -> bool {
        matches!(self.server.addr(), ConnectionAddr::TcpTls { .. })
    }
}

/// The parts in the client's own type. The client does not read the URL itself.
fn server(url: ServiceUrl) -> RedisResult<ConnectionInfo> {
    let (host, port) = (url.host.clone(), url.port.unwrap_or(6379));
    let address = match url.scheme {
        "rediss" => ConnectionAddr::TcpTls { host, port, insecure: false, tls_params: None },
        _ => ConnectionAddr::Tcp(host, port),
    };
    let mut settings = RedisConnectionInfo::default();
    if let Some(number) = url.path.get(1..).filter(|number| !number.is_empty()) {
        settings = settings.set_db(number.parse().map_err(|_| std::io::Error::from(std::io::ErrorKind::InvalidInput))?);
    }
    if url.member("protocol") == Some("resp3") {
        settings = settings.set_protocol(ProtocolVersion::RESP3);
    }
    if let Some(login) = url.login {
        settings = settings.set_password(login.password);
        if !login.user.is_empty() {
            settings = settings.set_username(login.user);
        }
    }
    Ok(address.into_connection_info()?.set_redis_settings(settings))
}

impl fmt::Debug for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Place({}, cluster: {})", self.server.addr(), self.cluster)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What the client gets from a URL: TLS or not, host, port, user, password, database and protocol.
    type Meaning = (bool, String, u16, Option<String>, Option<String>, i64, ProtocolVersion);

    fn meaning(server: &ConnectionInfo) -> Meaning {
        let (tls, host, port) = match server.addr() {
            ConnectionAddr::Tcp(host, port) => (false, host, port),
            ConnectionAddr::TcpTls { host, port, insecure: false, .. } => (true, host, port),
            other => panic!("{other}"),
        };
        let settings = server.redis_settings();
        let text = |part: Option<&str>| part.map(str::to_owned);
        let login = (text(settings.username()), text(settings.password()));
        (tls, host.clone(), *port, login.0, login.1, settings.db(), settings.protocol())
    }

    fn meant(text: &str) -> Meaning {
        meaning(&Place::parse(text).unwrap_or_else(|reason| panic!("{text}: {reason}")).server)
    }

    #[test]
    fn one_url_says_where_as_whom_and_whether_by_tls_and_in_a_cluster() {
        let text = "rediss://user:p%40%3a%23@Cache.example.com:6380/?cluster=true&protocol=resp3";
        let login = (Some("user".to_owned()), Some("p@:#".to_owned()));
        let host = "cache.example.com".to_owned();
        assert_eq!(meant(text), (true, host.clone(), 6380, login.0, login.1, 0, ProtocolVersion::RESP3));
        assert!(Place::parse(text).unwrap().cluster);
        assert_eq!(meant("redis://cache.example.com/3"), (false, host, 6379, None, None, 3, ProtocolVersion::RESP2));
        assert!(!Place::parse("redis://127.0.0.1?cluster=false").unwrap().cluster);
        let password = Some("secret".to_owned());
        assert_eq!(
            meant("redis://:secret@[::1]"),
            (false, "::1".to_owned(), 6379, None, password, 0, ProtocolVersion::RESP2)
        );
    }

    /// ASVS 12.3.1: each of these was once accepted and then connected to another server, without TLS or without
    /// checking a certificate.
    #[test]
    fn what_could_mean_something_else_is_refused_without_being_repeated() {
        for text in [
            "redis://user:secret@host:6379?ssl=true",
            "redis://user:secret@host:6379?tls=true",
            "redis://user:secret@host:6379",
            "redis://:secret@10.0.0.1",
            "redis://default:12#secret@host",
            "redis://default:12/secret@host",
            "redis://default:12?secret@host",
            "rediss://default:12#secret@host",
            "rediss://host#insecure",
            "rediss://secret@host",
            "rediss://host/secret",
            "rediss://host/1?cluster=true",
            "rediss://host/99999999999999999999",
            "rediss://host?cluster=true&cluster=false",
            "rediss://host?cluster=yes",
            "rediss://host?user=secret",
            "redis:///",
            "redis://",
            "redis+unix:///secret",
            "unix:///secret",
            "valkey://secret",
            "http://secret",
            "secret",
            "redis://0.0.0.0",
            "redis://ho\tst",
            "redis://host ",
        ] {
            let reason = Place::parse(text).expect_err(text);
            assert!(!reason.contains("secret"), "{reason}");
        }
    }

    #[test]
    fn debug_shows_no_password() {
        let place = Place::parse("rediss://user:secret@cache.example.com").unwrap();
        assert_eq!(format!("{place:?}"), "Place(cache.example.com:6379, cluster: false)");
    }

    proptest! {
        /// The client reads the same text in the same way: an operator writes the setting for readers other than this
        /// one.
        #[test]
        fn what_is_taken_means_the_same_to_the_client(
            scheme in "rediss?", login in "([a-z%0-9@:#]{0,6}:[a-z%0-9@:/#;=]{0,8}@)?", host in "[a-zA-Z0-9._-]{0,8}|\\[::[0-9a-f]{1,4}\\]",
            port in "(:[0-9]{0,5})?", rest in "/?[0-9]{0,3}|[/a-z0-9?#&=]{0,8}|/?\\?protocol=resp[23]",
        ) {
            let text = format!("{scheme}://{login}{host}{port}{rest}");
            if let Ok(place) = Place::parse(&text) {
                let clients = text.as_str().into_connection_info().unwrap();
                let (ours, mut theirs) = (meaning(&place.server), meaning(&clients));
                theirs.1.make_ascii_lowercase();
                prop_assert_eq!(ours, theirs, "{}", text);
            }
        }

        #[test]
        fn no_text_breaks_the_parser(text in "rediss?://\\PC*|\\PC*") {
            let _ = Place::parse(&text);
        }
    }
}
