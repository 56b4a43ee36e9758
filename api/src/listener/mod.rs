//! The SMTP and LMTP listener (RFC 5321, RFC 2033): mail that comes back arrives here, where no mail server stands before
//! us. It takes mail for the return paths that were made here, and for nobody else; what it has answered for with 250 is
//! in the database.
//!
//! `smtp-proto` reads commands and finds the end of a message; what they mean is decided in [`session`], who may
//! connect in [`gate`], and octets move in [`conversation`].

mod conversation;
mod gate;
mod incoming;
mod reply;
mod session;

use std::net::{SocketAddr, TcpListener as StdListener};
use std::sync::Arc;
use std::time::Duration;

use assent_domain::site::HostName;
use assent_worker::bounce::Inbox;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::limits::Rate;
use conversation::Conversation;
use gate::Gate;

/// How long nothing is accepted after the system has refused a connection, as when it has no more files to give.
const BREATHER: Duration = Duration::from_millis(100);

/// What is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// RFC 5321: one answer a message.
    Smtp,
    /// RFC 2033: one answer a recipient, from a mail server that keeps what we put off.
    Lmtp,
}

/// How much is taken from whom.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The largest message, in octets. Only its beginning is kept in memory.
    pub octets: usize,
    /// The most recipients of a message; 100 is the least there may be (RFC 5321, 4.5.3.1.8).
    pub recipients: usize,
    /// The most connections at once.
    pub connections: usize,
    /// The most connections at once from one network.
    pub connections_of_source: usize,
    /// How many commands of a connection may fail.
    pub errors: u32,
    /// How long the other side may keep silent (RFC 5321, 4.5.3.2.7).
    pub silence: Duration,
    /// How long a message may take.
    pub message: Duration,
    /// How long a connection may last.
    pub connection: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            octets: crate::bounces::MAX_OCTETS,
            recipients: 100,
            connections: 100,
            connections_of_source: 20,
            errors: 20,
            silence: Duration::from_mins(5),
            message: Duration::from_mins(10),
            connection: Duration::from_hours(1),
        }
    }
}

/// What every conversation can reach.
#[derive(Debug)]
pub(crate) struct World {
    protocol: Protocol,
    /// The domain of the return paths, which is also our name.
    domain: HostName,
    inbox: Inbox,
    gate: Gate,
    limits: Limits,
    stopping: CancellationToken,
}

/// A listener that runs.
#[derive(Debug)]
pub struct Listening {
    /// Where it listens.
    pub address: SocketAddr,
    stopping: CancellationToken,
    under_way: TaskTracker,
    accepting: JoinHandle<()>,
}

impl Listening {
    /// Takes no more, and lets the messages that are being taken in finish.
    pub async fn stop(self) {
        self.stopping.cancel();
        let _ = self.accepting.await;
        self.under_way.close();
        self.under_way.wait().await;
    }
}

/// Starts to listen on a socket. `messages` counts those of each source.
pub fn start(
    listener: StdListener,
    protocol: Protocol,
    domain: HostName,
    inbox: Inbox,
    messages: Rate,
    limits: Limits,
) -> std::io::Result<Listening> {
    listener.set_nonblocking(true)?;
    let listener = TcpListener::from_std(listener)?;
    let address = listener.local_addr()?;
    let (stopping, under_way) = (CancellationToken::new(), TaskTracker::new());
    let world = Arc::new(World {
        protocol,
        domain,
        inbox,
        gate: Gate::new(limits, messages),
        limits,
        stopping: stopping.clone(),
    });
    let accepting = tokio::spawn(accept(listener, world, under_way.clone()));
    Ok(Listening {
        address,
        stopping,
        under_way,
        accepting,
    })
}

async fn accept(listener: TcpListener, world: Arc<World>, under_way: TaskTracker) {
    loop {
        let accepted = tokio::select! {
            () = world.stopping.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, from)) => {
                let conversation = Conversation::new(stream, from.ip(), Arc::clone(&world));
                under_way.spawn(conversation.hold());
            }
            Err(error) => {
                tracing::warn!(%error, "a connection to the listener was not accepted");
                tokio::time::sleep(BREATHER).await;
            }
        }
    }
}
