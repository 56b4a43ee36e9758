//! Transports tried out.

use assent_domain::id::TransportId;
use assent_entity::{member, tenant, transport};
use assent_worker::transport::{Envelope, TestStage, Tested};
use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};

use super::Transport;
use crate::graphql::context::World;
use crate::graphql::error::{ApiError, Result};
use crate::graphql::id;

/// A step of a test.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "TestStage")]
pub(crate) enum TransportStage {
    /// Finding the host and connecting.
    Connecting,
    /// Encrypting the connection.
    Tls,
    /// The server's greeting, and its answer to ours; also where each step was in time, and all together took too long.
    Greeting,
    /// Signing in.
    Authentication,
    /// Whether it takes mail from the tenant's sender to the member.
    Envelope,
}

/// A transport to be tried out.
#[derive(InputObject)]
pub(crate) struct TestTransportInput {
    /// Which: an id that begins with transport_.
    id: ID,
    /// Whether to ask as well if it would take mail from the tenant's sender to the member who asks (MAIL and RCPT). That is
    /// taken back then (RSET): no mail is sent.
    #[graphql(default)]
    with_envelope: bool,
}

/// What came of a test.
#[derive(SimpleObject)]
pub(crate) struct TestTransportPayload {
    /// The transport.
    transport: Transport,
    /// Whether all went well.
    works: bool,
    /// The step at which it did not; null where all went well.
    failed_at: Option<TransportStage>,
    /// The server's reply code (RFC 5321, 4.2) to the last step; null where it gave none.
    reply_code: Option<u16>,
    /// The enhanced status of that reply (RFC 3463), such as 5.7.8; null where it has none.
    enhanced_status: Option<String>,
    /// What happened, in plain words: the server's own where there are any.
    words: String,
}

impl TestTransportPayload {
    fn of(transport: Transport, tested: Tested) -> Self {
        Self {
            transport,
            works: tested.failed_at.is_none(),
            failed_at: tested.failed_at.map(TransportStage::from),
            reply_code: tested.reply.as_ref().map(|reply| reply.code),
            enhanced_status: tested.reply.and_then(|reply| reply.enhanced),
            words: tested.words,
        }
    }
}

/// What can be tried out.
#[derive(Default)]
pub(crate) struct TransportTrialMutation;

#[Object]
impl TransportTrialMutation {
    /// Tries whether a transport works, enabled or not: connects, greets, encrypts and signs in, and says how far it came and
    /// what the server said. It takes 8 seconds at most. `TOO_MANY_REQUESTS` after 20 tries of a member within ten minutes.
    #[graphql(complexity = "300 + child_complexity")]
    async fn test_transport(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which transport.")] input: TestTransportInput,
    ) -> Result<TestTransportPayload> {
        let id: TransportId = id::parse("id", &input.id)?;
        let (app, member) = (ctx.app()?, ctx.member()?);
        if let Err(often) = app.limits.try_out(member.member) {
            return Err(ApiError::too_often("you have tried transports too often", often));
        }
        let tx = ctx.read().await?;
        let transport = Transport(transport::by_id(&tx, id).await?);
        let from = tenant::current(&tx).await?.sender_address;
        let to = member::by_id(&tx, member.member).await?.email;
        drop(tx);
        let envelope = input.with_envelope.then_some(Envelope { from: &from, to: &to });
        let ctx = member.ctx;
        let tested = assent_worker::transport::try_out(&app.store, ctx, id, &app.relays, envelope).await?;
        Ok(TestTransportPayload::of(transport, tested))
    }
}
