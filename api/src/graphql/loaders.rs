//! Loaders: what many rows of one level point to is read with one query.

use std::collections::HashMap;
use std::hash::Hash;

use assent_domain::id::{
    DeliveryId, MailingListId, OutsidePartyId, PolicyVersionId, PurposeId, SubscriberId, TenantId,
};
use assent_domain::keys::AddressHash;
use assent_entity::bounce::{self, Bounce};
use assent_entity::custom_field::{self, Kept};
use assent_entity::delivery::attempt::{self, Attempt};
use assent_entity::delivery::{self, Delivery};
use assent_entity::outside_party::{self, OutsideParty};
use assent_entity::policy::{self, PolicyVersion};
use assent_entity::purpose::{self, Purpose};
use assent_entity::subscriber::{self, Subscriber, SubscriberStatus};
use assent_entity::tenant::{self, Tenant};
use assent_entity::{Read, Store, TenantCtx, TenantTx};
use async_graphql::dataloader::{self, DataLoader, HashMapCache};

use super::error::{ApiError, Result};

/// The loaders of one request. What was loaded once is not loaded again.
pub(crate) type Loader = DataLoader<Source, HashMapCache>;

/// Where the loaders read.
pub(crate) struct Source {
    store: Store,
    ctx: TenantCtx,
}

/// Loaders within one tenant.
pub(crate) fn of(store: Store, ctx: TenantCtx) -> Loader {
    DataLoader::with_cache(Source { store, ctx }, tokio::spawn, HashMapCache::default())
}

/// Asks for the status of a subscriber.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct StatusOf(pub(crate) SubscriberId);

/// Asks who is reached at an address.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct PersonAt(pub(crate) AddressHash);

/// Asks for the purposes of a list.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct PurposesOf(pub(crate) MailingListId);

/// Asks for the reports about a delivery.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct BouncesOf(pub(crate) DeliveryId);

/// Asks for the attempts at a delivery.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct AttemptsOf(pub(crate) DeliveryId);

/// Asks what is kept of somebody in custom fields.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct KeptOf(pub(crate) SubscriberId);

impl Source {
    async fn read(&self) -> Result<TenantTx<Read>> {
        Ok(TenantTx::read(&self.store, self.ctx).await?)
    }
}

fn by_key<K: Eq + Hash, V>(values: Vec<V>, key: impl Fn(&V) -> K) -> HashMap<K, V> {
    values.into_iter().map(|value| (key(&value), value)).collect()
}

impl dataloader::Loader<SubscriberId> for Source {
    type Value = Subscriber;
    type Error = ApiError;

    async fn load(&self, ids: &[SubscriberId]) -> Result<HashMap<SubscriberId, Subscriber>> {
        let found = subscriber::by_ids(&self.read().await?, ids).await?;
        Ok(by_key(found, |subscriber| subscriber.id))
    }
}

impl dataloader::Loader<KeptOf> for Source {
    type Value = Vec<Kept>;
    type Error = ApiError;

    async fn load(&self, asked: &[KeptOf]) -> Result<HashMap<KeptOf, Vec<Kept>>> {
        let ids: Vec<_> = asked.iter().map(|KeptOf(id)| *id).collect();
        let found = custom_field::of_subscribers(&self.read().await?, &ids).await?;
        Ok(found.into_iter().map(|(id, kept)| (KeptOf(id), kept)).collect())
    }
}

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

impl dataloader::Loader<PurposesOf> for Source {
    type Value = Vec<Purpose>;
    type Error = ApiError;

    async fn load(&self, keys: &[PurposesOf]) -> Result<HashMap<PurposesOf, Vec<Purpose>>> {
        let lists: Vec<_> = keys.iter().map(|key| key.0).collect();
        let found = purpose::of_lists(&self.read().await?, &lists).await?;
        Ok(found
            .into_iter()
            .map(|(list, purposes)| (PurposesOf(list), purposes))
            .collect())
    }
}

impl dataloader::Loader<DeliveryId> for Source {
    type Value = Delivery;
    type Error = ApiError;

    async fn load(&self, ids: &[DeliveryId]) -> Result<HashMap<DeliveryId, Delivery>> {
        let found = delivery::by_ids(&self.read().await?, ids).await?;
        Ok(by_key(found, |delivery| delivery.id))
    }
}

impl dataloader::Loader<BouncesOf> for Source {
    type Value = Vec<Bounce>;
    type Error = ApiError;

    async fn load(&self, keys: &[BouncesOf]) -> Result<HashMap<BouncesOf, Vec<Bounce>>> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let found = bounce::of_deliveries(&self.read().await?, &ids).await?;
        Ok(found
            .into_iter()
            .map(|(id, bounces)| (BouncesOf(id), bounces))
            .collect())
    }
}

impl dataloader::Loader<AttemptsOf> for Source {
    type Value = Vec<Attempt>;
    type Error = ApiError;

    async fn load(&self, keys: &[AttemptsOf]) -> Result<HashMap<AttemptsOf, Vec<Attempt>>> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let found = attempt::of_deliveries(&self.read().await?, &ids).await?;
        Ok(found
            .into_iter()
            .map(|(id, attempts)| (AttemptsOf(id), attempts))
            .collect())
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

impl dataloader::Loader<OutsidePartyId> for Source {
    type Value = OutsideParty;
    type Error = ApiError;

    async fn load(&self, ids: &[OutsidePartyId]) -> Result<HashMap<OutsidePartyId, OutsideParty>> {
        let found = outside_party::by_ids(&self.read().await?, ids).await?;
        Ok(by_key(found, |party| party.id))
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
