use crate::failure::Failure;
use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, TcpListener, TcpStream},
    time::Duration,
};

/// Checks that the gateway can have `port`, and the OpenID Connect provider, if there will be one, the port after it.
///
/// # Errors
/// [`Failure::Port`] for the first that cannot be had.
pub fn check(port: u16, with_provider: bool) -> Result<(), Failure> {
    let other = if port > 60_000 { port - 10 } else { port + 10 };
    let wanted = [(port, ""), (port + 1, " (of the local OpenID Connect provider)")];
    for (port, purpose) in wanted.into_iter().take(if with_provider { 2 } else { 1 }) {
        if is_taken(port) {
            return Err(Failure::Port { port, purpose, other });
        }
    }
    Ok(())
}

/// Whether somebody listens on the port, on either address that `localhost` may mean: a browser that tries the IPv6
/// one first would talk to them. Binding alone does not tell everywhere, as some systems let a listener on one
/// address stand beside another's on all.
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
        let text = check(port, true).unwrap_err().to_string();
        assert!(text.contains(&format!("port {port} is taken")) && text.contains(" make dev`"), "{text}");
    }

    #[test]
    fn the_port_of_the_provider_counts_when_there_is_one() {
        // The port before a taken one may be somebody else's, so there are several tries.
        let tried = std::iter::repeat_with(|| {
            let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
            let port = listener.local_addr().unwrap().port();
            let text = check(port - 1, true).unwrap_err().to_string();
            text.contains(&format!("port {port} (of the")) && check(port - 1, false).is_ok()
        });
        assert!(tried.take(20).any(|seen| seen));
    }

    #[test]
    fn a_listener_on_every_address_or_on_ipv6_alone_is_noticed() {
        for address in ["0.0.0.0:0", "[::1]:0"] {
            // Not every machine has IPv6.
            let Ok(listener) = TcpListener::bind(address) else { continue };
            assert!(check(listener.local_addr().unwrap().port(), false).is_err(), "{address}");
        }
    }
}
