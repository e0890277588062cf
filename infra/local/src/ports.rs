use crate::failure::Failure;
use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, TcpListener, TcpStream},
    time::Duration,
};

/// Checks that `port` is free for the gateway; the next one for the OpenID Connect provider, if there will be one; and
/// the two after that for the mail server and its page, if there will be one.
///
/// # Errors
/// [`Failure::Port`] for the first port that is taken.
pub fn check(port: u16, with_provider: bool, with_mail: bool) -> Result<(), Failure> {
    let other = if port > 60_000 { port - 10 } else { port + 10 };
    let parts = [
        (port, "", true),
        (port + 1, " (of the local OpenID Connect provider)", with_provider),
        (port + 2, " (of the page that shows mails)", with_mail),
        (port + 3, " (of the local mail server)", with_mail),
    ];
    match parts.into_iter().find(|(port, _, wanted)| *wanted && is_taken(*port)) {
        Some((port, purpose, _)) => Err(Failure::Port { port, purpose, other }),
        None => Ok(()),
    }
}

/// A port on which no process listens, for a part that only this program asks. Before that part listens, another process
/// may take it; then the part ends.
///
/// # Errors
/// When there is none.
pub fn free() -> Result<u16, Failure> {
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr());
    let port = port.map_err(|source| Failure::Program { program: "a server".to_owned(), source })?;
    Ok(port.port())
}

/// Whether a process listens on the port, on either address of `localhost`: a browser that tries the IPv6 address first
/// would reach that process. Binding alone does not show this everywhere, as some systems allow a listener on one
/// address next to another's on all addresses.
fn is_taken(port: u16) -> bool {
    let addresses: [IpAddr; 2] = [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
    let answers =
        |address: &IpAddr| TcpStream::connect_timeout(&(*address, port).into(), Duration::from_millis(200)).is_ok();
    addresses.iter().any(answers) || TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_err()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_busy_port_is_named_with_a_way_out() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let text = check(port, true, true).unwrap_err().to_string();
        assert!(text.contains(&format!("port {port} is taken")) && text.contains(" make dev`"), "{text}");
    }

    #[test]
    fn the_ports_of_the_other_parts_count_when_there_are_such() {
        for (offset, provider, mail) in [(1, true, false), (2, false, true), (3, false, true)] {
            // A port near a taken one may be another process's, so there are several tries.
            let tried = std::iter::repeat_with(|| {
                let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
                let port = listener.local_addr().unwrap().port();
                let named = check(port - offset, provider, mail).map_err(|failure| failure.to_string());
                named.is_err_and(|text| text.contains(&format!("port {port} (of the")))
                    && check(port - offset, !provider, !mail).is_ok()
            });
            assert!(tried.take(20).any(|seen| seen), "{offset}");
        }
    }

    #[test]
    fn a_listener_on_every_address_or_on_ipv6_alone_is_noticed() {
        for address in ["0.0.0.0:0", "[::1]:0"] {
            // Not every machine has IPv6.
            let Ok(listener) = TcpListener::bind(address) else { continue };
            assert!(check(listener.local_addr().unwrap().port(), false, false).is_err(), "{address}");
        }
    }
}
