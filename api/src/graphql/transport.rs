//! Mail servers of the tenant's own, which its mail leaves through.

use assent_domain::transport::Encryption;
use assent_entity::circuit::Waiting;
use assent_entity::transport::{self, Transport as Row};
use async_graphql::{Context, Description, Enum, ID, Object, SimpleObject};

use super::connection::{Connection, List, page_cost};
use super::context::World;
use super::error::Result;
use super::id;
use super::loaders::RestOf;
use super::sending_domain::SendingDomain;
use super::time::Time;

mod change;
mod trial;

pub(crate) use change::TransportMutation;
pub(crate) use trial::TransportTrialMutation;

/// How connections to a mail server are encrypted. Nothing falls back to plain text.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "Encryption")]
pub(crate) enum TransportTls {
    /// By STARTTLS (RFC 3207), usually at port 587: a server that does not offer it gets nothing.
    #[graphql(name = "STARTTLS")]
    StartTls,
    /// From the first octet (RFC 8314), usually at port 465.
    Implicit,
    /// Not at all, usually at port 25: then there is no user either.
    None,
}

/// Why nothing is handed to a mail server for now.
#[derive(SimpleObject)]
pub(crate) struct TransportRest {
    /// The server's words, without addresses, or what keeps us from reaching it.
    reason: String,
    /// Since when.
    since: Time,
    /// When a message is tried again; if it is taken, all go on.
    next_try_at: Time,
}

impl From<Waiting> for TransportRest {
    fn from(waiting: Waiting) -> Self {
        Self {
            reason: waiting.reason,
            since: waiting.since.into(),
            next_try_at: waiting.next_try_at.into(),
        }
    }
}

/// A mail server of the tenant's own. Where there is one that is enabled and for the sender's domain, mail goes through it, and
/// otherwise through that of whoever runs the server. Its password is sealed in the database and shown to nobody.
#[derive(Description)]
pub(crate) struct Transport(pub(crate) Row);

#[Object(use_type_description)]
impl Transport {
    /// The transport's id.
    pub(crate) async fn id(&self) -> ID {
        id::text(self.0.id)
    }

    /// What the tenant calls it.
    async fn name(&self) -> &str {
        &self.0.relay.name
    }

    /// Its host, whose name its certificate has to bear.
    async fn host(&self) -> &str {
        self.0.relay.host.as_str()
    }

    /// Its port.
    async fn port(&self) -> u16 {
        self.0.relay.port
    }

    /// How connections to it are encrypted.
    async fn tls(&self) -> TransportTls {
        self.0.relay.encryption.into()
    }

    /// As whom we sign in there, with AUTH PLAIN or LOGIN; null where we do not.
    async fn user(&self) -> Option<&str> {
        self.0.relay.user.as_deref()
    }

    /// For mail from which sending domain; null: from any that has no transport of its own.
    #[graphql(complexity = "10 + child_complexity")]
    async fn sending_domain(&self, ctx: &Context<'_>) -> Result<Option<SendingDomain>> {
        match self.0.relay.sending_domain {
            Some(domain) => Ok(Some(SendingDomain::find(ctx, &id::text(domain)).await?)),
            None => Ok(None),
        }
    }

    /// Those of a lower rank come first, as long as they take mail.
    async fn rank(&self) -> u32 {
        self.0.relay.rank
    }

    /// Its share of the mail among those of its rank: with 3, three times that of one with 1. With 0 it gets some only where no
    /// other of them takes any. It is drawn for a few seconds' worth of a campaign at a time.
    async fn weight(&self) -> u32 {
        self.0.relay.weight
    }

    /// How many connections to it are open at most, from all workers together; null: as many a campaign as whoever runs the
    /// server has set.
    async fn connections(&self) -> Option<u32> {
        self.0.relay.connections
    }

    /// How many messages a second it is handed at most; null where there is no limit. A single mail that a person waits for goes
    /// at once, and counts.
    async fn per_second(&self) -> Option<u32> {
        self.0.relay.limits.per_second
    }

    /// How many messages an hour it is handed at most; null where there is no limit.
    async fn per_hour(&self) -> Option<u32> {
        self.0.relay.limits.per_hour
    }

    /// Whether it is used.
    async fn enabled(&self) -> bool {
        self.0.relay.is_enabled
    }

    /// Why nothing is handed to it for now: it refuses all that the tenant sends, or cannot be reached. Null while it is not so.
    #[graphql(complexity = "10 + child_complexity")]
    async fn rest(&self, ctx: &Context<'_>) -> Result<Option<TransportRest>> {
        let waiting = ctx.loader()?.load_one(RestOf(self.0.id)).await?;
        Ok(waiting.map(TransportRest::from))
    }

    /// When it was added.
    async fn created_at(&self) -> Time {
        self.0.created_at.into()
    }
}

/// What can be asked about transports.
#[derive(Default)]
pub(crate) struct TransportQuery;

#[Object]
impl TransportQuery {
    /// One transport. `NOT_FOUND` if the tenant has none with this id.
    async fn transport(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "An id that begins with transport_.")] id: ID,
    ) -> Option<Result<Transport>> {
        let found = async {
            let id = id::parse("id", &id)?;
            Ok(Transport(transport::by_id(&ctx.read().await?, id).await?))
        };
        Some(found.await)
    }

    /// The mail servers of the tenant's own, oldest first.
    #[graphql(complexity = "page_cost(first, child_complexity)")]
    async fn transports(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many rows: 20 if not said, at most 100.")] first: Option<i32>,
        #[graphql(desc = "The cursor to begin behind.")] after: Option<String>,
    ) -> Result<Connection<Transport>> {
        let list = List::named("transports");
        let request = list.request(ctx, first, after.as_deref())?;
        let page = transport::page(&ctx.read().await?, request).await?;
        Ok(list.page(request, page, Transport))
    }
}
