use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Mutex, PoisonError},
};

/// The clients' ends of the connections that were used so far, and whether each is dead.
#[derive(Default)]
pub(super) struct Sockets(Mutex<BTreeMap<SocketAddr, bool>>);

impl Sockets {
    /// Whether data from this connection is lost. From now on the connection counts as used.
    pub fn is_dead(&self, client: SocketAddr) -> bool {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(client).or_default()
    }

    /// Makes every connection that was used so far dead.
    pub fn silence(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).values_mut().for_each(|dead| *dead = true);
    }
}
