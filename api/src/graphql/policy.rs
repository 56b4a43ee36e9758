//! The privacy policy: its versions, what they name, and the notices of them.

use assent_domain::policy::PolicyStatus as DomainStatus;
use assent_entity::delivery::Progress;
use assent_entity::outside_party::OutsideParty as Party;
use assent_entity::policy::{self, NamedParty, NamedPurpose, PolicyVersion as Row};
use async_graphql::{Context, Description, Enum, ID, Object, SimpleObject};

use super::connection::{Connection, List, page_cost};
use super::context::World;
use super::error::Result;
use super::id;
use super::loaders::{NamedPartiesOf, NamedPurposesOf, NoticesOf};
use super::outside_party::{OutsideParty, PersonField, fields};
use super::permit::{RefusalCount, counts};
use super::purpose::PurposeKind;
use super::time::Time;

mod change;
mod upcoming;

pub(crate) use change::PolicyMutation;
pub(crate) use upcoming::UpcomingPolicyMutation;

/// Where a policy version stands. It follows from the time and from what was done with the version.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "DomainStatus")]
pub(crate) enum PolicyStatus {
    /// Being written.
    Draft,
    /// Posted and announced; it does not count yet.
    Posted,
    /// The one that counts.
    InForce,
    /// A later one counts.
    Superseded,
    /// Taken back before it counted.
    Withdrawn,
}

/// One version of the tenant's privacy policy. Once posted, its words stand for good.
#[derive(Description)]
pub(crate) struct PolicyVersion(pub(crate) Row);

/// A purpose as a policy version names it.
#[derive(SimpleObject)]
pub(crate) struct PolicyPurpose {
    /// Its code within the tenant.
    code: String,
    /// Its name in this version.
    name: String,
    /// What it covers, in plain words.
    description: String,
    /// Whether people have to agree to it.
    kind: PurposeKind,
}

/// Somebody else who gets information, as a policy version names them.
#[derive(SimpleObject)]
pub(crate) struct PolicyOutsideParty {
    /// The party, the same in all versions.
    outside_party: OutsideParty,
    /// Who it is.
    name: String,
    /// Why they get information.
    why: String,
    /// What they get, in words.
    what: String,
    /// Which fields they may get of people who permit it.
    fields: Vec<PersonField>,
    /// The hosts from which they serve content that mails may load.
    hosts: Vec<String>,
}

/// How far the notices of a policy version are: one for each member and each subscriber.
#[derive(SimpleObject)]
pub(crate) struct PolicyNotices {
    /// How many there are. Zero for a draft, and growing while a version just posted is planned.
    total: u64,
    /// Taken by the person's mail server.
    sent: u64,
    /// Still to be sent, or to be tried again.
    pending: u64,
    /// Given up, or nobody knows whether they arrived.
    failed: u64,
    /// Given up because their server refuses the sender. Whoever that is can be reached, and has not been told: while there
    /// is somebody, the version does not take effect, unless a member says that it need not wait (`overridePolicyNotices`).
    /// `retryPolicyNotices` tries them again.
    blocked: u64,
    /// Not sent because the person may not be written to, by reason.
    excluded: Vec<RefusalCount>,
}

impl From<NamedPurpose> for PolicyPurpose {
    fn from(named: NamedPurpose) -> Self {
        Self {
            code: named.code,
            name: named.name,
            description: named.description,
            kind: named.kind.into(),
        }
    }
}

impl From<NamedParty> for PolicyOutsideParty {
    fn from(named: NamedParty) -> Self {
        Self {
            outside_party: OutsideParty(Party {
                id: named.id,
                name: named.name.clone(),
            }),
            name: named.name,
            why: named.why,
            what: named.what,
            fields: fields(&named.fields),
            hosts: named.hosts.iter().map(ToString::to_string).collect(),
        }
    }
}

impl From<Progress> for PolicyNotices {
    fn from(progress: Progress) -> Self {
        use assent_domain::delivery::{DeliveryStatus as Status, Failure};
        let sum = |statuses: &[Status]| statuses.iter().map(|status| progress.of(*status)).sum();
        Self {
            total: progress.total(),
            sent: progress.of(Status::Sent),
            pending: sum(&[Status::Queued, Status::Claimed, Status::Deferred]),
            failed: sum(&[Status::Bounced, Status::Unknown, Status::Cancelled]),
            blocked: progress.failed_for(Failure::Blocked),
            excluded: counts(progress.refused),
        }
    }
}

#[Object(use_type_description)]
impl PolicyVersion {
    /// The version's id.
    pub(crate) async fn id(&self) -> ID {
        id::text(self.0.id)
    }

    /// Its number: versions are numbered from 1 within a tenant.
    async fn number(&self) -> i32 {
        self.0.times.number
    }

    /// Where it stands now.
    async fn status(&self) -> PolicyStatus {
        self.0.status.into()
    }

    /// Its text, in Markdown.
    async fn body(&self) -> &str {
        &self.0.body
    }

    /// What changes, in a few plain words.
    async fn summary(&self) -> &str {
        &self.0.summary
    }

    /// What information is used for, in the order of the text; the purposes that the service itself cannot do
    /// without are always among them.
    #[graphql(complexity = "10 + 5 * child_complexity")]
    async fn purposes(&self, ctx: &Context<'_>) -> Result<Vec<PolicyPurpose>> {
        let named = ctx.loader()?.load_one(NamedPurposesOf(self.0.id)).await?;
        Ok(named
            .unwrap_or_default()
            .into_iter()
            .map(PolicyPurpose::from)
            .collect())
    }

    /// Who else gets information.
    #[graphql(complexity = "10 + 3 * child_complexity")]
    async fn outside_parties(&self, ctx: &Context<'_>) -> Result<Vec<PolicyOutsideParty>> {
        let named = ctx.loader()?.load_one(NamedPartiesOf(self.0.id)).await?;
        Ok(named
            .unwrap_or_default()
            .into_iter()
            .map(PolicyOutsideParty::from)
            .collect())
    }

    /// How far its notices are.
    #[graphql(complexity = "50 + child_complexity")]
    async fn notices(&self, ctx: &Context<'_>) -> Result<PolicyNotices> {
        let progress = ctx.loader()?.load_one(NoticesOf(self.0.id)).await?;
        Ok(progress.unwrap_or_default().into())
    }

    /// When it was drafted.
    async fn created_at(&self) -> Time {
        self.0.created_at.into()
    }

    /// When it was posted; null for a draft.
    async fn posted_at(&self) -> Option<Time> {
        self.0.times.posted_at.map(Time)
    }

    /// When it is meant to take effect; null for a draft. It waits for its notices all the same.
    async fn effective_at(&self) -> Option<Time> {
        self.0.times.effective_at.map(Time)
    }

    /// When a member said that it need not wait for its notices, if one did.
    async fn overridden_at(&self) -> Option<Time> {
        self.0.times.overridden_at.map(Time)
    }

    /// When it was taken back, if it was.
    async fn withdrawn_at(&self) -> Option<Time> {
        self.0.times.withdrawn_at.map(Time)
    }
}

impl PolicyVersion {
    async fn find(ctx: &Context<'_>, id: &ID) -> Result<Self> {
        let id = id::parse("id", id)?;
        Ok(Self(policy::by_id(&ctx.read().await?, id).await?))
    }

    async fn in_force(ctx: &Context<'_>) -> Result<Option<Self>> {
        Ok(policy::in_force(&ctx.read().await?).await?.map(Self))
    }
}

/// What can be asked about the policy.
#[derive(Default)]
pub(crate) struct PolicyQuery;

#[Object]
impl PolicyQuery {
    /// One version. `NOT_FOUND` if the tenant has none with this id.
    async fn policy_version(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "An id that begins with policy_.")] id: ID,
    ) -> Option<Result<PolicyVersion>> {
        Some(PolicyVersion::find(ctx, &id).await)
    }

    /// The versions of the tenant's policy, first to last, drafts included.
    #[graphql(complexity = "page_cost(first, child_complexity)")]
    async fn policy_versions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many rows: 20 if not said, at most 100.")] first: Option<i32>,
        #[graphql(desc = "The cursor to begin behind.")] after: Option<String>,
    ) -> Result<Connection<PolicyVersion>> {
        let list = List::named("policyVersions");
        let request = list.request(ctx, first, after.as_deref())?;
        let page = policy::page(&ctx.read().await?, request).await?;
        Ok(list.page(request, page, PolicyVersion))
    }

    /// The version that counts now; null while there is none.
    async fn policy_in_force(&self, ctx: &Context<'_>) -> Option<Result<PolicyVersion>> {
        PolicyVersion::in_force(ctx).await.transpose()
    }
}
