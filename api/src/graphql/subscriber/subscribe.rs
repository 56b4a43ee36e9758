//! Joining through a tenant's own integration.

use std::collections::BTreeMap;

use assent_domain::address::EmailAddress;
use assent_domain::consent::ConsentSource;
use assent_domain::permit;
use assent_entity::access::Access;
use assent_entity::collection_point;
use assent_entity::opt_in::{self, JoinRequest, Joined};
use async_graphql::{Context, Enum, InputObject, Object, SimpleObject};

use super::Subscriber;
use crate::graphql::context::World;
use crate::graphql::error::{ApiError, ErrorCode, Result};
use crate::graphql::permit::Refusal;

/// The answer to one choice of a collection point.
#[derive(InputObject)]
pub(crate) struct ChoiceInput {
    /// The code of the purpose.
    purpose: String,
    /// Whether the person said yes.
    given: bool,
}

/// Somebody who wants to join.
#[derive(InputObject)]
pub(crate) struct SubscribeInput {
    /// The collection point's name in addresses.
    collection_point: String,
    /// Their e-mail address.
    #[graphql(secret)]
    email: String,
    /// Their name, if the collection point asks for it.
    #[graphql(secret)]
    name: Option<String>,
    /// Their company, if the collection point asks for it.
    #[graphql(secret)]
    company: Option<String>,
    /// Their answers. A choice without an answer is a no; at least one has to be a yes.
    #[graphql(default)]
    choices: Vec<ChoiceInput>,
    /// How you came by the permission, for the record: where and when they said so, in at most 2,000
    /// characters. Without it, people are asked to confirm whatever the lists are. It is deleted with the person's
    /// data.
    #[graphql(secret)]
    evidence: Option<String>,
}

/// What became of a request to join.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SubscribeStatus {
    /// A confirmation mail is on its way, or was a few minutes ago.
    ConfirmationSent,
    /// They are on the lists: all of them were single opt-in, and you gave evidence.
    Subscribed,
    /// They had all of it already.
    AlreadySubscribed,
    /// Their address is held back; `reason` says why. Nothing was changed.
    Refused,
    /// It was taken. What became of it is for tokens that may read subscribers: it tells who is known.
    Taken,
}

/// What became of a request to join.
#[derive(SimpleObject)]
pub(crate) struct SubscribePayload {
    /// What became of it.
    status: SubscribeStatus,
    /// Why it was refused, if it was.
    reason: Option<Refusal>,
    /// The person; null where they are refused and not known, and for a token that may not read subscribers.
    subscriber: Option<Subscriber>,
}

fn answers(choices: Vec<ChoiceInput>) -> Result<BTreeMap<String, bool>> {
    let mut answers = BTreeMap::new();
    for choice in choices {
        if answers.insert(choice.purpose, choice.given).is_some() {
            return Err(ApiError::bad_input("choices", "each purpose is answered once"));
        }
    }
    Ok(answers)
}

impl TryFrom<SubscribeInput> for JoinRequest {
    type Error = ApiError;

    fn try_from(input: SubscribeInput) -> Result<Self> {
        let evidence = input
            .evidence
            .as_deref()
            .map(str::trim)
            .filter(|text| !text.is_empty());
        Ok(Self {
            evidence: evidence.map(str::to_owned),
            email: EmailAddress::parse(&input.email).map_err(|error| ApiError::bad_input("email", error))?,
            name: input.name.unwrap_or_default(),
            company: input.company.unwrap_or_default(),
            choices: answers(input.choices)?,
            source: ConsentSource::Api,
        })
    }
}

/// What can be done with subscribers.
#[derive(Default)]
pub(crate) struct SubscriberMutation;

#[Object]
impl SubscriberMutation {
    /// Takes a request to join, for the tenant's own integrations. Where a list has double opt-in, you give no evidence, or
    /// a policy notice asked them and they did not answer, the person gets a confirmation mail; an earlier no stands.
    #[graphql(complexity = "50 + child_complexity")]
    async fn subscribe(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who wants to join, and what they said.")] input: SubscribeInput,
    ) -> Result<SubscribePayload> {
        let slug = input.collection_point.clone();
        let request = input.try_into()?;
        let mut tx = ctx.write().await?;
        let point = collection_point::by_slug(&tx, &slug).await?.ok_or_else(|| {
            let message = "there is no collection point with this name";
            ApiError::new(ErrorCode::NotFound, message).at("collectionPoint")
        })?;
        let may_know = match ctx.access()? {
            Access::Member(_) => true,
            token @ Access::Token(..) => token.sees_persons(),
        };
        let (joined, subscriber) = opt_in::join(&mut tx, point, &request).await?;
        tx.commit().await?;
        let (status, reason) = if may_know {
            outcome(joined)
        } else {
            (SubscribeStatus::Taken, None)
        };
        Ok(SubscribePayload {
            status,
            reason: reason.map(Refusal::from),
            subscriber: subscriber.filter(|_| may_know).map(Subscriber::known),
        })
    }
}

fn outcome(joined: Joined) -> (SubscribeStatus, Option<permit::Refusal>) {
    match joined {
        Joined::ConfirmationSent => (SubscribeStatus::ConfirmationSent, None),
        Joined::Subscribed => (SubscribeStatus::Subscribed, None),
        Joined::AlreadySubscribed => (SubscribeStatus::AlreadySubscribed, None),
        Joined::Refused(reason) => (SubscribeStatus::Refused, Some(reason)),
    }
}
