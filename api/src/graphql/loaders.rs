//! Loaders: what many rows of one level point to is read with one query.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;
use std::time::Duration;

use assent_domain::id::{PolicyVersionId, PurposeId, SubscriberId, TenantId};
use assent_domain::keys::AddressHash;
use assent_entity::policy::{self, PolicyVersion};
use assent_entity::purpose::{self, Purpose};
use assent_entity::sending_domain;
use assent_entity::subscriber::{self, Subscriber, SubscriberStatus};
use assent_entity::tenant::{self, Tenant};
use assent_entity::{Read, TenantTx};
use async_graphql::dataloader::{self, DataLoader, HashMapCache};

use super::error::{ApiError, Result};
use super::reader::Reader;

mod pages;
mod parts;
mod rows;

pub(crate) use pages::{BouncesTo, ConsentsOf, DeliveriesOf, DisclosuresOf, ProblemsOf};
pub(crate) use parts::{
    AttemptsOf, BouncesOf, ContentOf, FieldsOf, HistoryOf, KeptOf, LinksOf, ListsOf, ListsOfForm,
    NamedPartiesOf, NamedPurposesOf, NoticesOf, PartiesOf, PeopleOf, ProgressOf, PurposesOf,
    PurposesOfImport, ReasonsOf, RestOf, SegmentOf, SubscriptionsOf, TextsOf, TrackedFor, WaitingOf, WordsOf,
};

/// The loaders of one operation.
pub(crate) type Loader = DataLoader<Source, HashMapCache>;

/// Where the loaders read.
pub(crate) struct Source(Arc<Reader>);

/// Loaders for one operation. The rows of a level ask in one turn of a server's thread, so there is nothing to wait for. What
/// was loaded once is not loaded again, unless the operation changes it meanwhile, or goes on for long.
pub(crate) fn of(reader: Arc<Reader>) -> Loader {
    let keeps = reader.sees_one_moment();
    let loader = DataLoader::with_cache(Source(reader), tokio::spawn, HashMapCache::default());
    loader.enable_all_cache(keeps);
    loader.delay(Duration::ZERO)
}

impl Source {
    async fn read(&self) -> Result<TenantTx<Read>> {
        self.0.read().await
    }
}

fn by_key<K: Eq + Hash, V>(values: Vec<V>, key: impl Fn(&V) -> K) -> HashMap<K, V> {
    values.into_iter().map(|value| (key(&value), value)).collect()
}

/// Asks for the status of a subscriber.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct StatusOf(pub(crate) SubscriberId);

/// Asks who is reached at an address.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct PersonAt(pub(crate) AddressHash);

/// Asks what keeps receivers from checking whom the tenant's mail comes from.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct SenderProblems;

impl dataloader::Loader<PersonAt> for Source {
    type Value = Subscriber;
    type Error = ApiError;

    async fn load(&self, keys: &[PersonAt]) -> Result<HashMap<PersonAt, Subscriber>> {
        let hashes: Vec<_> = keys.iter().map(|key| key.0).collect();
        let found = subscriber::by_addresses(&self.read().await?, &hashes).await?;
        let found = found.into_iter();
        Ok(found.map(|(hash, person)| (PersonAt(hash), person)).collect())
    }
}

impl dataloader::Loader<StatusOf> for Source {
    type Value = SubscriberStatus;
    type Error = ApiError;

    async fn load(&self, keys: &[StatusOf]) -> Result<HashMap<StatusOf, SubscriberStatus>> {
        let tx = self.read().await?;
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let found = subscriber::by_ids(&tx, &ids).await?;
        let statuses = subscriber::statuses(&tx, &found).await?;
        let of_each = found.iter().map(|subscriber| StatusOf(subscriber.id));
        Ok(of_each.zip(statuses).collect())
    }
}

impl dataloader::Loader<PurposeId> for Source {
    type Value = Purpose;
    type Error = ApiError;

    async fn load(&self, _: &[PurposeId]) -> Result<HashMap<PurposeId, Purpose>> {
        // A tenant has few: reading all is one short statement.
        let all = purpose::all(&self.read().await?).await?;
        Ok(by_key(all, |purpose| purpose.id))
    }
}

impl dataloader::Loader<PolicyVersionId> for Source {
    type Value = PolicyVersion;
    type Error = ApiError;

    async fn load(&self, _: &[PolicyVersionId]) -> Result<HashMap<PolicyVersionId, PolicyVersion>> {
        // The status of one version follows from all of them.
        let all = policy::all(&self.read().await?).await?;
        Ok(by_key(all, |version| version.id))
    }
}

impl dataloader::Loader<TenantId> for Source {
    type Value = Tenant;
    type Error = ApiError;

    async fn load(&self, _: &[TenantId]) -> Result<HashMap<TenantId, Tenant>> {
        let tenant = tenant::current(&self.read().await?).await?;
        Ok(by_key(vec![tenant], |tenant| tenant.id))
    }
}

impl dataloader::Loader<SenderProblems> for Source {
    type Value = Vec<String>;
    type Error = ApiError;

    async fn load(&self, _: &[SenderProblems]) -> Result<HashMap<SenderProblems, Vec<String>>> {
        let problems = sending_domain::problems(&self.read().await?).await?;
        Ok(HashMap::from([(SenderProblems, problems)]))
    }
}
