//! Domains that mail comes from: their keys, the records to publish for them, and what was found in DNS.

use assent_domain::dkim::{DkimAlgorithm as DomainAlgorithm, DkimKeyState as DomainKeyState};
use assent_domain::sending_domain::RecordState as DomainRecordState;
use assent_entity::sending_domain::{self, DkimKey as KeyRow, SendingDomain as Row};
use async_graphql::{Context, Description, Enum, ID, Object};

use super::connection::{Connection, List, page_cost};
use super::context::World;
use super::error::Result;
use super::id;
use super::time::Time;

mod change;
mod record;
mod warm_up;

pub(crate) use change::SendingDomainMutation;
use record::DnsRecord;
use warm_up::WarmUp;
pub(crate) use warm_up::WarmUpMutation;

/// With what a key signs.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "DomainAlgorithm")]
pub(crate) enum DkimAlgorithm {
    /// RSA with 2048 bits: what all receivers can check.
    #[graphql(name = "RSA_2048")]
    Rsa2048,
    /// Ed25519: shorter and faster, and not checked everywhere yet.
    #[graphql(name = "ED25519")]
    Ed25519,
}

/// Where a key is in its life.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "DomainKeyState")]
pub(crate) enum DkimKeyState {
    /// Waits until its record is seen in DNS.
    Pending,
    /// Signs.
    Active,
    /// Signs no more. Its record has to stay for 7 days, for mail that is on its way.
    Retiring,
}

/// What was found of a record when it was last looked for.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "DomainRecordState")]
pub(crate) enum RecordState {
    /// It has not been looked for.
    Unchecked,
    /// It is there, and says what it has to say.
    Published,
    /// There is none.
    Missing,
    /// There is one, and it does not do.
    Wrong,
    /// No name server answered.
    Unreachable,
}

/// A key that signs mail. Its private part is sealed in the database and shown to nobody.
#[derive(Description)]
pub(crate) struct DkimKey(KeyRow);

#[Object(use_type_description)]
impl DkimKey {
    /// The name it is published under, below `_domainkey` and the domain.
    async fn selector(&self) -> &str {
        self.0.selector.as_str()
    }

    /// With what it signs.
    async fn algorithm(&self) -> DkimAlgorithm {
        self.0.algorithm.into()
    }

    /// Where it is in its life.
    async fn state(&self) -> DkimKeyState {
        self.0.state.into()
    }

    /// What was found of its record.
    async fn record_state(&self) -> RecordState {
        self.0.finding.state.into()
    }

    /// When it was made.
    async fn created_at(&self) -> Time {
        self.0.created_at.into()
    }

    /// Since when it signs; null while it waits.
    async fn activated_at(&self) -> Option<Time> {
        self.0.activated_at.map(Time)
    }

    /// Since when it signs no more; null until then.
    async fn retired_at(&self) -> Option<Time> {
        self.0.retired_at.map(Time)
    }
}

/// A domain that mail comes from.
#[derive(Description)]
pub(crate) struct SendingDomain(pub(crate) Row);

#[Object(use_type_description)]
impl SendingDomain {
    /// The domain's id.
    pub(crate) async fn id(&self) -> ID {
        id::text(self.0.id)
    }

    /// Its name, in lower case and ASCII. It speaks for senders in it and below it.
    async fn name(&self) -> &str {
        self.0.name.as_str()
    }

    /// Whether DKIM, SPF and DMARC are published as they have to be. In production, a campaign needs a sender whose domain
    /// is verified.
    async fn verified(&self) -> bool {
        self.0.standing().is_verified()
    }

    /// What keeps it from being verified, in words; none where it is.
    async fn problems(&self) -> Vec<String> {
        self.0.standing().problems()
    }

    /// The records to publish in DNS, with what was found of each.
    #[expect(clippy::unused_async, reason = "fields are asynchronous")]
    async fn records(&self, ctx: &Context<'_>) -> Result<Vec<DnsRecord>> {
        let records = self.0.records(&ctx.app()?.sender.around);
        Ok(records.into_iter().map(DnsRecord::from).collect())
    }

    /// Its keys, oldest first: those that sign, that wait, and that signed less than 7 days ago.
    async fn keys(&self) -> Vec<DkimKey> {
        self.0.keys.iter().cloned().map(DkimKey).collect()
    }

    /// How far it is warmed up; null where it is not, or was not begun.
    async fn warm_up(&self) -> Option<WarmUp> {
        self.0.warming.clone().map(WarmUp)
    }

    /// When its records were last looked for; null if they never were.
    async fn checked_at(&self) -> Option<Time> {
        self.0.checked_at.map(Time)
    }

    /// When a worker looks for them next.
    async fn next_check_at(&self) -> Time {
        self.0.next_check_at.into()
    }

    /// When it was added.
    async fn created_at(&self) -> Time {
        self.0.created_at.into()
    }
}

impl SendingDomain {
    pub(crate) async fn find(ctx: &Context<'_>, id: &ID) -> Result<Self> {
        let id = id::parse("id", id)?;
        Ok(Self(sending_domain::by_id(&ctx.read().await?, id).await?))
    }
}

/// What can be asked about sending domains.
#[derive(Default)]
pub(crate) struct SendingDomainQuery;

#[Object]
impl SendingDomainQuery {
    /// One sending domain. `NOT_FOUND` if the tenant has none with this id.
    async fn sending_domain(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "An id that begins with domain_.")] id: ID,
    ) -> Option<Result<SendingDomain>> {
        Some(SendingDomain::find(ctx, &id).await)
    }

    /// The domains that the tenant's mail comes from, oldest first.
    #[graphql(complexity = "page_cost(first, child_complexity)")]
    async fn sending_domains(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many rows: 20 if not said, at most 100.")] first: Option<i32>,
        #[graphql(desc = "The cursor to begin behind.")] after: Option<String>,
    ) -> Result<Connection<SendingDomain>> {
        let list = List::named("sendingDomains");
        let request = list.request(ctx, first, after.as_deref())?;
        let page = sending_domain::page(&ctx.read().await?, request).await?;
        Ok(list.page(request, page, SendingDomain))
    }
}
