//! Transports added, changed and taken away.

use assent_domain::id::{SendingDomainId, TransportId};
use assent_domain::sending_limit::Limits;
use assent_domain::site::HostName;
use assent_domain::transport::{Encryption, Relay};
use assent_entity::transport;
use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, SimpleObject};
use secrecy::SecretString;

use super::{Transport, TransportTls};
use crate::graphql::context::World;
use crate::graphql::error::{ApiError, Result};
use crate::graphql::id;

/// A mail server of the tenant's own, to be added.
#[derive(InputObject)]
pub(crate) struct CreateTransportInput {
    /// What to call it: 100 characters at most, and no other transport's name.
    name: String,
    /// Its host: a name on the public internet, as in smtp.example.com.
    host: String,
    /// Its port: 25, 465, 587 or 2525. If not said, the usual one for `tls`.
    port: Option<i32>,
    /// How connections are encrypted: STARTTLS if not said.
    tls: Option<TransportTls>,
    /// As whom to sign in there; nobody if not said.
    user: Option<String>,
    /// The password, which goes with a user. It is sealed, and never shown again.
    password: Option<String>,
    /// For mail from which sending domain, an id that begins with domain_; from any if not said.
    sending_domain_id: Option<ID>,
    /// From 1 to 100, 1 if not said: those of a lower rank come first, as long as they take mail.
    rank: Option<u32>,
    /// Its share among those of its rank, from 0 to 100, 1 if not said; with 0 it stands by.
    weight: Option<u32>,
    /// How many connections to open at most, from all workers together: from 1 to 100; not limited beyond the server's own
    /// setting if not said.
    connections: Option<u32>,
    /// How many messages a second it takes, from 1 to 10,000; not limited if not said.
    per_second: Option<u32>,
    /// How many messages an hour it takes, from 1 to 100,000,000; not limited if not said.
    per_hour: Option<u32>,
    /// Whether it is used: it is if not said.
    enabled: Option<bool>,
}

/// What is to change of a transport; what is left out stays as it is.
#[derive(InputObject)]
pub(crate) struct UpdateTransportInput {
    /// Which: an id that begins with transport_.
    id: ID,
    /// What to call it.
    name: Option<String>,
    /// Its host. With another host, the password has to be given again.
    host: Option<String>,
    /// Its port. With another port, the password has to be given again.
    port: Option<i32>,
    /// How connections are encrypted. With another way, the password has to be given again.
    tls: Option<TransportTls>,
    /// As whom to sign in there; null: nobody. With another user, the password has to be given again.
    user: MaybeUndefined<String>,
    /// A new password.
    password: Option<String>,
    /// For mail from which sending domain, an id that begins with domain_; null: from any.
    sending_domain_id: MaybeUndefined<ID>,
    /// From 1 to 100: those of a lower rank come first, as long as they take mail.
    rank: Option<u32>,
    /// Its share among those of its rank, from 0 to 100.
    weight: Option<u32>,
    /// How many connections to open at most, from 1 to 100; null: not limited beyond the server's own setting.
    connections: MaybeUndefined<u32>,
    /// How many messages a second it takes, from 1 to 10,000; null: not limited.
    per_second: MaybeUndefined<u32>,
    /// How many messages an hour it takes, from 1 to 100,000,000; null: not limited.
    per_hour: MaybeUndefined<u32>,
    /// Whether it is used.
    enabled: Option<bool>,
}

/// A transport to be taken away.
#[derive(InputObject)]
pub(crate) struct DeleteTransportInput {
    /// Which: an id that begins with transport_.
    id: ID,
}

/// The transport as it is since.
#[derive(SimpleObject)]
pub(crate) struct TransportPayload {
    /// The transport.
    transport: Transport,
}

/// The transport that was taken away.
#[derive(SimpleObject)]
pub(crate) struct DeleteTransportPayload {
    /// The transport as it was.
    transport: Transport,
}

fn host(text: &str) -> Result<HostName> {
    HostName::parse(text).map_err(|error| ApiError::bad_input("host", error))
}

fn port(number: i32) -> Result<u16> {
    u16::try_from(number).map_err(|_| ApiError::bad_input("port", "a port is a number from 1 to 65535"))
}

fn domain(id: &ID) -> Result<SendingDomainId> {
    id::parse("sendingDomainId", id)
}

impl CreateTransportInput {
    fn relay(&self) -> Result<Relay> {
        let encryption = self.tls.map_or(Encryption::StartTls, Encryption::from);
        Ok(Relay {
            name: self.name.trim().to_owned(),
            host: host(&self.host)?,
            port: self
                .port
                .map(port)
                .transpose()?
                .unwrap_or(encryption.usual_port()),
            encryption,
            user: self.user.clone(),
            sending_domain: self.sending_domain_id.as_ref().map(domain).transpose()?,
            rank: self.rank.unwrap_or(1),
            weight: self.weight.unwrap_or(1),
            connections: self.connections,
            limits: Limits {
                per_second: self.per_second,
                per_hour: self.per_hour,
                per_day: None,
            },
            is_enabled: self.enabled.unwrap_or(true),
        })
    }
}

/// What is to change, read.
struct Changes {
    input: UpdateTransportInput,
    host: Option<HostName>,
    port: Option<u16>,
    sending_domain: MaybeUndefined<SendingDomainId>,
}

impl Changes {
    fn read(input: UpdateTransportInput) -> Result<Self> {
        Ok(Self {
            host: input.host.as_deref().map(host).transpose()?,
            port: input.port.map(port).transpose()?,
            sending_domain: input
                .sending_domain_id
                .clone()
                .map_value(|id| domain(&id))
                .transpose()?,
            input,
        })
    }

    fn apply(self, relay: &mut Relay) {
        fn set<T>(to: &mut T, new: Option<T>) {
            if let Some(new) = new {
                *to = new;
            }
        }
        let input = self.input;
        set(&mut relay.name, input.name.map(|name| name.trim().to_owned()));
        set(&mut relay.host, self.host);
        set(&mut relay.port, self.port);
        set(&mut relay.encryption, input.tls.map(Encryption::from));
        input.user.update_to(&mut relay.user);
        self.sending_domain.update_to(&mut relay.sending_domain);
        set(&mut relay.rank, input.rank);
        set(&mut relay.weight, input.weight);
        input.connections.update_to(&mut relay.connections);
        input.per_second.update_to(&mut relay.limits.per_second);
        input.per_hour.update_to(&mut relay.limits.per_hour);
        set(&mut relay.is_enabled, input.enabled);
    }
}

/// What can be done with transports.
#[derive(Default)]
pub(crate) struct TransportMutation;

#[Object]
impl TransportMutation {
    /// Adds a mail server of the tenant's own, through which its mail goes from then on: a campaign that is being sent, too,
    /// within seconds. `CONFLICT` with 20 already, or where the name is taken. Whether it works, `testTransport` tells.
    #[graphql(complexity = "50 + child_complexity")]
    async fn create_transport(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The mail server.")] input: CreateTransportInput,
    ) -> Result<TransportPayload> {
        let relay = input.relay()?;
        let mut tx = ctx.write().await?;
        let id = transport::create(&mut tx, relay, input.password.map(SecretString::from)).await?;
        let transport = Transport(transport::by_id(&tx, id).await?);
        tx.commit().await?;
        Ok(TransportPayload { transport })
    }

    /// Changes a transport. If nothing was handed to it for a while, it is tried again at once.
    #[graphql(complexity = "50 + child_complexity")]
    async fn update_transport(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to change.")] mut input: UpdateTransportInput,
    ) -> Result<TransportPayload> {
        let id: TransportId = id::parse("id", &input.id)?;
        let password = input.password.take().map(SecretString::from);
        let changes = Changes::read(input)?;
        let mut tx = ctx.write().await?;
        transport::update(&mut tx, id, |relay| changes.apply(relay), password).await?;
        let transport = Transport(transport::by_id(&tx, id).await?);
        tx.commit().await?;
        Ok(TransportPayload { transport })
    }

    /// Takes a transport away, with its password. What waits for it goes another way; without any other for its domain, through
    /// the mail server of whoever runs the server.
    #[graphql(complexity = "50 + child_complexity")]
    async fn delete_transport(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which transport.")] input: DeleteTransportInput,
    ) -> Result<DeleteTransportPayload> {
        let id: TransportId = id::parse("id", &input.id)?;
        let mut tx = ctx.write().await?;
        let transport = Transport(transport::by_id(&tx, id).await?);
        transport::remove(&mut tx, id).await?;
        tx.commit().await?;
        Ok(DeleteTransportPayload { transport })
    }
}
