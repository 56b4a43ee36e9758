//! Entering requests that came by post or telephone, putting answers off, carrying out, answering; and restricting.

use assent_domain::address::EmailAddress;
use assent_domain::id::{PrivacyRequestId, SubscriberId};
use assent_domain::privacy as domain;
use assent_entity::privacy::PrivacyRequest as Row;
use assent_entity::privacy::by_member::{self, About, Recorded, Verdict};
use assent_entity::{StoreError, TenantTx, Write, restriction, subscriber};
use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};

use super::{PrivacyRequest, PrivacyRequestKind};
use crate::graphql::context::World;
use crate::graphql::error::{ApiError, Result};
use crate::graphql::id;
use crate::graphql::subscriber::Subscriber;
use crate::graphql::time::Time;

/// How a request reached a member.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RecordedChannel {
    /// In a mail to the privacy contact.
    Mail,
    /// In a letter.
    Post,
    /// By telephone.
    Phone,
}

impl From<RecordedChannel> for domain::RequestChannel {
    fn from(channel: RecordedChannel) -> Self {
        match channel {
            RecordedChannel::Mail => Self::Mail,
            RecordedChannel::Post => Self::Post,
            RecordedChannel::Phone => Self::Phone,
        }
    }
}

/// A request that reached a member.
#[derive(InputObject)]
pub(crate) struct RecordPrivacyRequestInput {
    /// What is asked for.
    kind: PrivacyRequestKind,
    /// How it came.
    channel: RecordedChannel,
    /// Whom it is about: an id that begins with subscriber_. Give this or `email`.
    subscriber_id: Option<ID>,
    /// Where whoever asks is reached, known or not. Give this or `subscriberId`.
    #[graphql(secret)]
    email: Option<String>,
    /// What they wrote or said, in at most 5,000 characters.
    #[graphql(secret, default)]
    message: String,
    /// When it came: the month to answer runs from then. Left out: now.
    received_at: Option<Time>,
    /// Whether you made sure that it comes from the person: without that nothing can be carried out.
    #[graphql(default)]
    identity_verified: bool,
    /// Whether the person, if they are known, gets a mail with a link to their own page.
    #[graphql(default)]
    send_link: bool,
}

/// The request that was entered.
#[derive(SimpleObject)]
pub(crate) struct RecordPrivacyRequestPayload {
    /// The request.
    privacy_request: PrivacyRequest,
}

/// A request whose answer takes longer.
#[derive(InputObject)]
pub(crate) struct ExtendPrivacyRequestInput {
    /// Which: an id that begins with request_.
    id: ID,
    /// Until when the answer is put off: at most two months more (GDPR, article 12(3)).
    until: Time,
    /// Why. The person is told.
    #[graphql(secret)]
    reason: String,
}

/// The request whose answer takes longer.
#[derive(SimpleObject)]
pub(crate) struct ExtendPrivacyRequestPayload {
    /// The request.
    privacy_request: PrivacyRequest,
}

/// What a request came to.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PrivacyRequestOutcome {
    /// It was done.
    Done,
    /// It was refused.
    Refused,
}

/// A request to be answered.
#[derive(InputObject)]
pub(crate) struct AnswerPrivacyRequestInput {
    /// Which: an id that begins with request_.
    id: ID,
    /// What it came to.
    outcome: PrivacyRequestOutcome,
    /// The answer, or why it is refused. The person gets it by mail, if they are known.
    #[graphql(secret)]
    text: String,
}

/// The request that was answered.
#[derive(SimpleObject)]
pub(crate) struct AnswerPrivacyRequestPayload {
    /// The request.
    privacy_request: PrivacyRequest,
}

/// A request to be carried out.
#[derive(InputObject)]
pub(crate) struct CarryOutPrivacyRequestInput {
    /// Which: an id that begins with request_.
    id: ID,
}

/// The request that was carried out.
#[derive(SimpleObject)]
pub(crate) struct CarryOutPrivacyRequestPayload {
    /// The request.
    privacy_request: PrivacyRequest,
}

/// A person the use of whose data is to be restricted.
#[derive(InputObject)]
pub(crate) struct RestrictSubscriberInput {
    /// Who: an id that begins with subscriber_.
    id: ID,
}

/// The person the use of whose data is restricted.
#[derive(SimpleObject)]
pub(crate) struct RestrictSubscriberPayload {
    /// The person.
    subscriber: Subscriber,
}

fn about(subscriber_id: Option<&ID>, email: Option<&str>) -> Result<About> {
    match (subscriber_id, email) {
        (Some(id), None) => Ok(About::Person(id::parse("subscriberId", id)?)),
        (None, Some(email)) => EmailAddress::parse(email)
            .map(About::Address)
            .map_err(|error| ApiError::bad_input("email", error)),
        _ => {
            let advice = "say whom it is about: by subscriberId or by email, not by both";
            Err(ApiError::bad_input("email", advice))
        }
    }
}

/// Does one thing to a request, and gives it as it is then.
async fn act(
    mut tx: TenantTx<Write>,
    id: &ID,
    act: impl AsyncFnOnce(&mut TenantTx<Write>, PrivacyRequestId) -> Result<Row, StoreError>,
) -> Result<PrivacyRequest> {
    let id = id::parse("id", id)?;
    let request = act(&mut tx, id).await?;
    tx.commit().await?;
    Ok(PrivacyRequest(request))
}

/// What can be done about requests.
#[derive(Default)]
pub(crate) struct PrivacyMutation;

#[Object]
impl PrivacyMutation {
    /// Enters a request that came by mail, post or telephone.
    #[graphql(complexity = "50 + child_complexity")]
    async fn record_privacy_request(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What came, and from whom.")] input: RecordPrivacyRequestInput,
    ) -> Result<RecordPrivacyRequestPayload> {
        let now = ctx.now()?;
        let recorded = Recorded {
            kind: input.kind.into(),
            channel: input.channel.into(),
            about: about(input.subscriber_id.as_ref(), input.email.as_deref())?,
            message: input.message,
            received_at: input.received_at.map_or(now, |at| at.0),
            identity: if input.identity_verified {
                domain::IdentityCheck::Verified
            } else {
                domain::IdentityCheck::Unverified
            },
            sends_link: input.send_link,
        };
        let mut tx = ctx.write().await?;
        let request = by_member::record(&mut tx, recorded).await?;
        tx.commit().await?;
        Ok(RecordPrivacyRequestPayload {
            privacy_request: PrivacyRequest(request),
        })
    }

    /// Puts the answer to a request off: once, before it is due, by two months at most. The person is told.
    #[graphql(complexity = "50 + child_complexity")]
    async fn extend_privacy_request(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which request, until when, and why.")] input: ExtendPrivacyRequestInput,
    ) -> Result<ExtendPrivacyRequestPayload> {
        let privacy_request = act(ctx.write().await?, &input.id, async |tx, id| {
            by_member::extend(tx, id, input.until.0, &input.reason).await
        })
        .await?;
        Ok(ExtendPrivacyRequestPayload { privacy_request })
    }

    /// Answers a request, or refuses it with the reason. What can be carried out is not answered as done: see
    /// carryOutPrivacyRequest.
    #[graphql(complexity = "50 + child_complexity")]
    async fn answer_privacy_request(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which request, and the answer.")] input: AnswerPrivacyRequestInput,
    ) -> Result<AnswerPrivacyRequestPayload> {
        let verdict = match input.outcome {
            PrivacyRequestOutcome::Done => Verdict::Done(input.text),
            PrivacyRequestOutcome::Refused => Verdict::Refused(input.text),
        };
        let privacy_request = act(ctx.write().await?, &input.id, async |tx, id| {
            by_member::answer(tx, id, verdict).await
        })
        .await?;
        Ok(AnswerPrivacyRequestPayload { privacy_request })
    }

    /// Does what a request asks for, once it is known to come from the person: restricts the use of their data or lifts
    /// that, ends all that they are sent, or erases them. An erasure cannot be undone; the person is `NOT_FOUND` then.
    #[graphql(complexity = "50 + child_complexity")]
    async fn carry_out_privacy_request(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which request.")] input: CarryOutPrivacyRequestInput,
    ) -> Result<CarryOutPrivacyRequestPayload> {
        // What a person asks about their data is theirs to have, in a closed tenant too.
        let tx = ctx.write_although_closed().await?;
        let privacy_request = act(tx, &input.id, by_member::carry_out).await?;
        Ok(CarryOutPrivacyRequestPayload { privacy_request })
    }

    /// Restricts the use of a person's data, while it is disputed, say: nothing is sent for it. They lift it themselves,
    /// or ask for it: see carryOutPrivacyRequest.
    #[graphql(complexity = "50 + child_complexity")]
    async fn restrict_subscriber(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose data.")] input: RestrictSubscriberInput,
    ) -> Result<RestrictSubscriberPayload> {
        let id: SubscriberId = id::parse("id", &input.id)?;
        let mut tx = ctx.write().await?;
        restriction::by_member(&mut tx, id).await?;
        let person = subscriber::by_id(&tx, id).await?;
        tx.commit().await?;
        Ok(RestrictSubscriberPayload {
            subscriber: Subscriber::known(person),
        })
    }
}
