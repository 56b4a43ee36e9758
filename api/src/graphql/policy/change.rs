//! Drafting and posting policy versions.

use assent_domain::disclosure::PersonField as DomainField;
use assent_domain::policy::PurposeDraft;
use assent_domain::purpose::PurposeCode;
use assent_domain::site::HostName;
use assent_entity::policy::{self, NewVersion, PartyDraft};
use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use strum::IntoEnumIterator;

use super::PolicyVersion;
use crate::graphql::context::World;
use crate::graphql::error::{ApiError, Result};
use crate::graphql::id;
use crate::graphql::outside_party::PersonField;
use crate::graphql::purpose::PurposeKind;
use crate::graphql::time::Time;

/// A purpose for a draft to name.
#[derive(InputObject)]
pub(crate) struct PurposeInput {
    /// Its code: 1 to 40 of `a-z`, `0-9`, `_` and `-`, a letter first. A code keeps its kind in all versions.
    code: String,
    /// Its name, as people read it: one line of at most 200 characters.
    name: String,
    /// What it covers, in plain words.
    #[graphql(default)]
    description: String,
    /// Whether people have to agree to it.
    kind: PurposeKind,
}

/// Somebody else who gets information, for a draft to name.
#[derive(InputObject)]
pub(crate) struct OutsidePartyInput {
    /// Who it is: one line of at most 200 characters.
    name: String,
    /// Why they get information.
    why: String,
    /// What they get, in words.
    what: String,
    /// Which fields they may get of people who permit it, field by field: all, if not said.
    fields: Option<Vec<PersonField>>,
    /// The hosts from which they serve content that mails may load, such as cdn.example.com: each by its name, no
    /// wildcard, at most 50.
    #[graphql(default)]
    hosts: Vec<String>,
}

/// A policy version to be drafted.
#[derive(InputObject)]
pub(crate) struct DraftPolicyVersionInput {
    /// Its text, in Markdown: at most 1 MiB.
    body: String,
    /// What changes, in at most 2,000 characters. The notices carry it.
    summary: String,
    /// What information is used for, at least one purpose. Confirmation, policy notice and answer to a request
    /// are added where they are left out.
    purposes: Vec<PurposeInput>,
    /// Who else gets information.
    #[graphql(default)]
    outside_parties: Vec<OutsidePartyInput>,
}

/// The version that was drafted.
#[derive(SimpleObject)]
pub(crate) struct DraftPolicyVersionPayload {
    /// The version.
    policy_version: PolicyVersion,
}

/// A policy version to be posted.
#[derive(InputObject)]
pub(crate) struct PostPolicyVersionInput {
    /// Which: an id that begins with policy_.
    id: ID,
    /// When it is to take effect: at least 7 days ahead. A first version may take effect at once while the
    /// tenant holds no subscribers; a time that has just passed then means now.
    effective_at: Time,
}

/// The version that was posted.
#[derive(SimpleObject)]
pub(crate) struct PostPolicyVersionPayload {
    /// The version.
    policy_version: PolicyVersion,
}

impl TryFrom<DraftPolicyVersionInput> for NewVersion {
    type Error = ApiError;

    fn try_from(input: DraftPolicyVersionInput) -> Result<Self> {
        let purposes = input.purposes.into_iter().map(|purpose| {
            let code = PurposeCode::parse(&purpose.code);
            Ok(PurposeDraft {
                code: code.map_err(|error| ApiError::bad_input("purposes", error))?,
                name: purpose.name,
                description: purpose.description,
                kind: purpose.kind.into(),
            })
        });
        let parties = input.outside_parties.into_iter().map(|party| {
            let hosts = party.hosts.iter().map(|host| HostName::parse(host));
            let hosts = hosts.collect::<std::result::Result<_, _>>();
            Ok(PartyDraft {
                name: party.name,
                why: party.why,
                what: party.what,
                fields: match party.fields {
                    Some(fields) => fields.into_iter().map(DomainField::from).collect(),
                    None => DomainField::iter().collect(),
                },
                hosts: hosts.map_err(|error| ApiError::bad_input("outsideParties", error))?,
            })
        });
        Ok(Self {
            purposes: purposes.collect::<Result<_>>()?,
            parties: parties.collect::<Result<_>>()?,
            body: input.body,
            summary: input.summary,
        })
    }
}

/// What can be done with the policy.
#[derive(Default)]
pub(crate) struct PolicyMutation;

#[Object]
impl PolicyMutation {
    /// Drafts a version; it gets the next number. Only members see it before it is posted.
    #[graphql(complexity = "50 + child_complexity")]
    async fn draft_policy_version(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The version to be drafted.")] input: DraftPolicyVersionInput,
    ) -> Result<DraftPolicyVersionPayload> {
        let new = input.try_into()?;
        let mut tx = ctx.write().await?;
        let id = policy::draft(&mut tx, new).await?;
        let policy_version = PolicyVersion(policy::by_id(&tx, id).await?);
        tx.commit().await?;
        Ok(DraftPolicyVersionPayload { policy_version })
    }

    /// Posts a draft: from now on its words stand, and every member and subscriber is told. A time less than 7
    /// days ahead is refused with `NOTICE_PERIOD_TOO_SHORT`.
    #[graphql(complexity = "50 + child_complexity")]
    async fn post_policy_version(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which version, and from when it is to count.")] input: PostPolicyVersionInput,
    ) -> Result<PostPolicyVersionPayload> {
        let id = id::parse("id", &input.id)?;
        let mut tx = ctx.write().await?;
        policy::post(&mut tx, id, input.effective_at.0).await?;
        let policy_version = PolicyVersion(policy::by_id(&tx, id).await?);
        tx.commit().await?;
        Ok(PostPolicyVersionPayload { policy_version })
    }
}
