//! Bounces: what came back of messages, and what the servers said.

use assent_domain::bounce::BounceClass as DomainClass;
use assent_domain::permit::Recipient;
use assent_entity::bounce::Bounce as Row;
use async_graphql::{Context, Description, Enum, ID, Object};

use super::context::World;
use super::delivery::Delivery;
use super::error::{ApiError, Result};
use super::time::Time;
use super::{id, person};

/// What a report says about a message.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "DomainClass")]
pub(crate) enum BounceClass {
    /// It is no report; never kept.
    NotBounce,
    /// The message arrived; never kept.
    Delivered,
    /// A program answered in the recipient's place; never kept.
    AutoReply,
    /// A receiver tells how signatures fared; never kept.
    AuthReport,
    /// The sender or the message is refused, not the recipient. It cuts nobody off.
    Block,
    /// It did not work out this time. Several within some weeks cut off.
    Soft,
    /// There is no such mailbox, or no such domain. It cuts off at once.
    Hard,
    /// The person asked their provider to be taken off what the message was sent for.
    Optout,
    /// The person told their provider that the mail is spam. They get none any more.
    Complaint,
}

/// A report about a message: a bounce, or a complaint.
#[derive(Description)]
pub(crate) struct Bounce(pub(crate) Row);

#[Object(use_type_description)]
impl Bounce {
    /// The report's id.
    pub(crate) async fn id(&self) -> ID {
        id::text(self.0.id)
    }

    /// What it says.
    async fn class(&self) -> BounceClass {
        self.0.class.into()
    }

    /// The enhanced status code (RFC 3463), if there was one.
    async fn status(&self) -> Option<&str> {
        self.0.status.as_deref()
    }

    /// Which kind of thing went wrong, as a stable code.
    async fn reason(&self) -> &str {
        &self.0.reason
    }

    /// The server's words, without addresses, at most 500 characters; null when they were forgotten, and for roles that
    /// see people masked, since servers name people in many ways. Reading them is noted in the audit log.
    async fn said(&self, ctx: &Context<'_>) -> Result<Option<&str>> {
        let said = Some(self.0.said.as_str()).filter(|said| !said.is_empty());
        let delivery = ctx.loader()?.load_one(self.0.delivery).await?;
        let person = delivery.and_then(|delivery| match delivery.recipient {
            Recipient::Subscriber(id) => Some(id),
            Recipient::Member(_) | Recipient::Invitee(_) => None,
        });
        person::words(ctx, person, "said", said).await
    }

    /// When it came.
    async fn received_at(&self) -> Time {
        self.0.received_at.into()
    }

    /// The message that it is about.
    async fn delivery(&self, ctx: &Context<'_>) -> Result<Delivery> {
        let found = ctx.loader()?.load_one(self.0.delivery).await?;
        found
            .map(Delivery)
            .ok_or_else(|| ApiError::internal("a bounce points to no delivery"))
    }
}
