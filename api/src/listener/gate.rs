//! Who may connect, and how often: no source takes the place of the others.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use super::Limits;
use super::reply::Reply;
use crate::limits::{Network, Rate};

/// The connections there are, by network. Kept while they last, and nowhere else (P02).
type Connections = HashMap<Network, usize>;

/// Counts connections and messages.
#[derive(Debug)]
pub(super) struct Gate {
    connections: Arc<Mutex<Connections>>,
    messages: Rate,
    limits: Limits,
}

/// A place that a connection takes up while this lasts.
#[derive(Debug)]
pub(super) struct Place {
    network: Network,
    connections: Arc<Mutex<Connections>>,
}

impl Gate {
    pub(super) fn new(limits: Limits, messages: Rate) -> Self {
        Self {
            connections: Arc::default(),
            messages,
            limits,
        }
    }

    /// Lets a connection in, or says why not.
    pub(super) fn enter(&self, from: IpAddr) -> Result<Place, Reply> {
        let network = Network::from(from);
        let mut connections = self.connections.lock().unwrap_or_else(PoisonError::into_inner);
        if connections.values().sum::<usize>() >= self.limits.connections {
            return Err(Reply::new(421, "4.3.2 too many connections, try again later"));
        }
        let of_source = connections.entry(network.clone()).or_default();
        if *of_source >= self.limits.connections_of_source {
            return Err(Reply::new(
                421,
                "4.7.0 too many connections from your network, try again later",
            ));
        }
        *of_source += 1;
        Ok(Place {
            network,
            connections: Arc::clone(&self.connections),
        })
    }

    /// Counts a message, and says whether it may be taken.
    pub(super) fn takes_message(&self, from: IpAddr) -> bool {
        self.messages.take(Network::from(from).octets()).is_ok()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut connections = self.connections.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = connections.get_mut(&self.network) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                connections.remove(&self.network);
            }
        }
    }
}
