//! Attempts at deliveries, as clients see them.

use assent_domain::delivery::AttemptOutcome as DomainOutcome;
use assent_domain::permit::Recipient;
use assent_entity::delivery::attempt::Attempt as Row;
use async_graphql::{Context, Description, Enum, Object};

use super::error::Result;
use super::person;
use super::time::Time;

/// What became of an attempt.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "DomainOutcome")]
pub(crate) enum AttemptOutcome {
    /// The server took the message.
    Sent,
    /// The server said not now, or the line was lost before the message was under way.
    Deferred,
    /// The server refused the sender or the message, not the recipient.
    Blocked,
    /// The server said no to the recipient.
    Rejected,
    /// The line broke, or the worker died, when the message may have been taken.
    Unknown,
    /// It was not fit to leave, or was not to be sent any more.
    Refused,
}

/// An attempt at a delivery that has ended.
#[derive(Description)]
pub(crate) struct DeliveryAttempt {
    row: Row,
    recipient: Recipient,
}

impl DeliveryAttempt {
    pub(crate) fn new(row: Row, recipient: Recipient) -> Self {
        Self { row, recipient }
    }
}

#[Object(use_type_description)]
impl DeliveryAttempt {
    /// Its number, from 1.
    async fn number(&self) -> i32 {
        self.row.number
    }

    /// When it began.
    async fn started_at(&self) -> Time {
        self.row.started_at.into()
    }

    /// When it ended.
    async fn ended_at(&self) -> Time {
        self.row.ended_at.into()
    }

    /// What became of it.
    async fn outcome(&self) -> AttemptOutcome {
        self.row.outcome.into()
    }

    /// The mail server, by its name and port; null where nobody knows any more.
    async fn server(&self) -> Option<&str> {
        Some(self.row.server.as_str()).filter(|server| !server.is_empty())
    }

    /// The server's reply code (RFC 5321), if it replied.
    async fn reply_code(&self) -> Option<i32> {
        self.row.reply_code
    }

    /// The enhanced status code (RFC 3463), if there was one.
    async fn enhanced_status(&self) -> Option<&str> {
        self.row.enhanced_status.as_deref()
    }

    /// The server's words, or ours where it said nothing; null when they were forgotten, and for roles that see people
    /// masked, since servers name people in many ways. Reading them is noted in the audit log.
    async fn reply(&self, ctx: &Context<'_>) -> Result<Option<&str>> {
        let reply = Some(self.row.reply.as_str()).filter(|reply| !reply.is_empty());
        let person = match self.recipient {
            Recipient::Subscriber(id) => Some(id),
            Recipient::Member(_) | Recipient::Invitee(_) => None,
        };
        person::words(ctx, person, "reply", reply).await
    }
}
