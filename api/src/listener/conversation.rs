//! A conversation: octets come in, answers go out, each in its time.

use std::future::Future;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;

use assent_entity::StoreError;
use assent_worker::bounce::Arrived;
use smtp_proto::Error;
use smtp_proto::request::receiver::RequestReceiver;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::incoming::Incoming;
use super::reply::Reply;
use super::session::{Door, Next, Session};
use super::{Protocol, World};

/// How much is read at a time, in octets.
const CHUNK: usize = 8 * 1024;

/// What of the world a session asks.
struct Source {
    world: Arc<World>,
    from: IpAddr,
}

impl Door for Source {
    fn takes(&self, address: &str) -> bool {
        self.world.inbox.takes(address)
    }

    fn is_ours(&self, address: &str) -> bool {
        let domain = address.rsplit_once('@').map(|(_, domain)| domain);
        domain.is_some_and(|domain| domain.eq_ignore_ascii_case(self.world.domain.as_str()))
    }

    fn takes_one_more(&self) -> bool {
        self.world.gate.takes_message(self.from)
    }
}

/// Why a conversation ended before its time.
enum Broken {
    /// The line is gone.
    Line(io::Error),
    /// The other side was silent, or took, for too long.
    Slow,
    /// We stop.
    Stopping,
}

impl From<io::Error> for Broken {
    fn from(error: io::Error) -> Self {
        Self::Line(error)
    }
}

/// A conversation with who connected.
pub(super) struct Conversation {
    stream: TcpStream,
    from: IpAddr,
    world: Arc<World>,
    /// What has come and not been looked at.
    unread: Vec<u8>,
    answers: String,
}

impl Conversation {
    pub(super) fn new(stream: TcpStream, from: IpAddr, world: Arc<World>) -> Self {
        Self {
            stream,
            from,
            world,
            unread: Vec::new(),
            answers: String::new(),
        }
    }

    /// Holds it to its end.
    pub(super) async fn hold(mut self) {
        let limit = self.world.limits.connection;
        let ended = timeout(limit, self.converse()).await.unwrap_or(Err(Broken::Slow));
        let goodbye = match ended {
            Ok(()) => return,
            Err(Broken::Line(error)) => {
                tracing::debug!(%error, "a conversation broke off");
                return;
            }
            Err(Broken::Slow) => Reply::new(421, "4.4.2 that takes too long, goodbye"),
            Err(Broken::Stopping) => Reply::new(421, "4.3.2 the service stops, try again later"),
        };
        self.say(&goodbye);
        let _ = timeout(self.world.limits.silence, self.flush()).await;
    }

    async fn converse(&mut self) -> Result<(), Broken> {
        let world = Arc::clone(&self.world);
        let _place = match world.gate.enter(self.from) {
            Ok(place) => place,
            Err(reply) => {
                self.say(&reply);
                return self.flush().await;
            }
        };
        let door = Source {
            world: Arc::clone(&world),
            from: self.from,
        };
        let mut session = Session::new(world.protocol, world.domain.as_str(), world.limits, door);
        let mut receiver = RequestReceiver::default();
        self.say(&session.greeting());
        loop {
            match self.next(&mut receiver, &mut session) {
                None => {
                    self.flush().await?;
                    if !self.read().await? {
                        return Ok(());
                    }
                }
                Some(Next::Say(reply)) => self.say(&reply),
                Some(Next::Leave(reply)) => {
                    self.say(&reply);
                    return self.flush().await;
                }
                Some(Next::Message(reply)) => {
                    self.say(&reply);
                    self.flush().await?;
                    let taking = timeout(world.limits.message, self.message());
                    let Some(message) = taking.await.unwrap_or(Err(Broken::Slow))? else {
                        return Ok(());
                    };
                    self.take(message, session.recipients()).await;
                }
            }
        }
    }

    /// What follows the next command, if one has come whole.
    fn next(&mut self, receiver: &mut RequestReceiver, session: &mut Session<Source>) -> Option<Next> {
        if self.unread.is_empty() {
            return None;
        }
        let mut octets = self.unread.iter();
        let next = match receiver.ingest(&mut octets) {
            Err(Error::NeedsMoreData { .. }) => None,
            command => Some(session.answer(command)),
        };
        let rest = if next.is_some() { octets.len() } else { 0 };
        self.unread.drain(..self.unread.len() - rest);
        next
    }

    /// The message that follows; `None` where it was broken off.
    async fn message(&mut self) -> Result<Option<Incoming>, Broken> {
        let mut incoming = Incoming::new();
        loop {
            let mut octets = self.unread.iter();
            let has_ended = incoming.take(&mut octets);
            let rest = octets.len();
            self.unread.drain(..self.unread.len() - rest);
            if has_ended {
                return Ok(Some(incoming));
            }
            // Whoever sends twice of what is allowed does not mean to end.
            if incoming.octets() / 2 > self.world.limits.octets {
                self.say(&too_large());
                self.flush().await?;
                return Ok(None);
            }
            if !self.read().await? {
                return Ok(None);
            }
        }
    }

    /// Takes a message in, and answers for it.
    async fn take(&mut self, message: Incoming, to: Vec<String>) {
        let is_lmtp = self.world.protocol == Protocol::Lmtp;
        if message.octets() > self.world.limits.octets {
            let answers = if is_lmtp { to.len() } else { 1 };
            (0..answers).for_each(|_| self.say(&too_large()));
            return;
        }
        let taken = self.world.inbox.take_for(&to, message.into_start()).await;
        if is_lmtp {
            for taken in &taken {
                self.say(&answer_for(taken));
            }
        } else {
            // What was taken in for others stands; sent again it changes nothing.
            let failed = taken.iter().find(|taken| taken.is_err());
            if let Some(answer) = failed.or(taken.first()).map(answer_for) {
                self.say(&answer);
            }
        }
    }

    fn say(&mut self, reply: &Reply) {
        reply.write_to(&mut self.answers);
    }

    async fn flush(&mut self) -> Result<(), Broken> {
        let written = in_time(&self.world, self.stream.write_all(self.answers.as_bytes())).await;
        self.answers.clear();
        written
    }

    /// Reads more; false where the other side has left.
    async fn read(&mut self) -> Result<bool, Broken> {
        self.unread.reserve(CHUNK);
        let stopping = self.world.stopping.clone();
        tokio::select! {
            () = stopping.cancelled() => Err(Broken::Stopping),
            read = in_time(&self.world, self.stream.read_buf(&mut self.unread)) => Ok(read? > 0),
        }
    }
}

async fn in_time<T>(world: &World, step: impl Future<Output = io::Result<T>>) -> Result<T, Broken> {
    match timeout(world.limits.silence, step).await {
        Ok(done) => Ok(done?),
        Err(_) => Err(Broken::Slow),
    }
}

fn too_large() -> Reply {
    Reply::new(552, "5.3.4 the message is too large")
}

fn answer_for(taken: &Result<Arrived, StoreError>) -> Reply {
    match taken {
        Ok(_) => Reply::new(250, "2.0.0 taken in"),
        Err(error) => {
            tracing::error!(%error, "a mail that came back was not taken in");
            Reply::new(451, "4.3.0 it could not be kept: send it again later")
        }
    }
}
