use crate::failure::Failure;
use std::{
    net::{SocketAddr, TcpListener, TcpStream, ToSocketAddrs},
    time::Duration,
};

/// Checks that the gateway can have `port`, and the OpenID Connect provider the one after it.
///
/// # Errors
/// [`Failure::Port`] for the first that cannot be had.
pub fn check(port: u16) -> Result<(), Failure> {
    let other = if port > 60_000 { port - 10 } else { port + 10 };
    for (port, purpose) in [(port, ""), (port + 1, " (of the local OpenID Connect provider)")] {
        if is_taken(port) {
            return Err(Failure::Port { port, purpose, other });
        }
    }
    Ok(())
}

/// Whether somebody listens on the port, on any address that `localhost` may mean: a browser that tries the IPv6
/// one first would talk to them. Binding alone does not tell everywhere, as some systems let a listener on one
/// address stand beside another's on all.
fn is_taken(port: u16) -> bool {
    let addresses: Vec<SocketAddr> = ("localhost", port).to_socket_addrs().into_iter().flatten().collect();
    let answers = |address| TcpStream::connect_timeout(address, Duration::from_millis(200)).is_ok();
    addresses.iter().any(answers) || TcpListener::bind(("127.0.0.1", port)).is_err()
}
