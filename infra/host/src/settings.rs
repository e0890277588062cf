use crate::tasks::Secret;
use environment::Environment;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// Where the host listens unless it is told.
const PORT: u16 = 8080;

/// What the host reads beside the settings of its functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Where to listen.
    pub address: SocketAddr,
    /// Whether a scheduler calls for the background work, so that it is not done unasked.
    pub scheduled: bool,
}

impl Settings {
    /// Reads `HOST` (an address of this machine; absent: all of them), `PORT` (8080) and `TASKS_SECRET`; faults stay in
    /// `environment`.
    pub fn from_environment(environment: &mut Environment) -> Self {
        let host = environment.default("HOST", IpAddr::from(Ipv4Addr::UNSPECIFIED), |text| {
            text.parse().map_err(|_| "is not an IP address such as 0.0.0.0, 127.0.0.1 or ::")
        });
        let port = environment.default("PORT", PORT, environment::port);
        Self { address: (host, port).into(), scheduled: Secret::from_environment(environment).is_some() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<String, Vec<String>> {
        let mut environment = Environment::of(pairs.iter().copied());
        let settings = Settings::from_environment(&mut environment);
        let faults = environment.finish(Some(settings));
        faults
            .map(|settings| settings.address.to_string())
            .map_err(|faults| faults.0.into_iter().map(|f| f.name).collect())
    }

    #[test]
    fn it_listens_where_it_is_told_and_otherwise_everywhere_on_8080() {
        assert_eq!(read(&[]).unwrap(), "0.0.0.0:8080");
        assert_eq!(read(&[("HOST", "127.0.0.1"), ("PORT", "9000")]).unwrap(), "127.0.0.1:9000");
        assert_eq!(read(&[("HOST", "::"), ("PORT", "1")]).unwrap(), "[::]:1");
        for port in ["0", "65536", "080", "http"] {
            assert_eq!(read(&[("HOST", "localhost"), ("PORT", port)]).unwrap_err(), ["HOST", "PORT"], "{port}");
        }
    }
}
