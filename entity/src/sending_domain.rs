//! Domains that a tenant's mail comes from, with the keys that sign it.

use assent_domain::audit::AuditAct;
use assent_domain::clock::Timestamp;
use assent_domain::dkim::{DkimAlgorithm, DkimKeyState, Selector};
use assent_domain::id::{DkimKeyId, SendingDomainId, new_id, stored};
use assent_domain::sending_domain::{
    Alignment, DnsRecord, Finding, Found, KeyStanding, KeyToPublish, SendingDomainName, Standing,
    Surroundings, records,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::json;
use uuid::Uuid;

use crate::audit::Change;
use crate::error::{StoreError, read_code};
use crate::page::{Page, PageRequest};
use crate::row::{dkim_key, sending_domain as row};
use crate::sending_limit;
use crate::transport;
use crate::tx::{TenantTx, Write};

mod check;
mod keys;
mod sender;
mod signing;
pub mod warm_up;

pub use check::{Checked, due, record_check};
pub(crate) use keys::tend;
pub use keys::{NewKeys, rotate};
pub use sender::{problems, require_verified};
pub use signing::{Signing, SigningKey, signing};
use warm_up::Warming;

/// The most domains of a tenant: each is looked at in DNS again and again.
const MAX_DOMAINS: u64 = 50;

/// A domain that mail comes from.
#[derive(Clone, Debug)]
pub struct SendingDomain {
    /// Its id.
    pub id: SendingDomainId,
    /// Its name.
    pub name: SendingDomainName,
    /// Its keys, oldest first.
    pub keys: Vec<DkimKey>,
    /// What was found of SPF.
    pub spf: Finding,
    /// What was found of DMARC.
    pub dmarc: Finding,
    /// What the DMARC policy asks of signatures.
    pub alignment: Alignment,
    /// What was found of the `CNAME` of return paths.
    pub return_path: Finding,
    /// How far it is warmed up, if it is being.
    pub warming: Option<Warming>,
    /// When its records were last looked for.
    pub checked_at: Option<Timestamp>,
    /// When they are looked for next.
    pub next_check_at: Timestamp,
    /// When it was added.
    pub created_at: Timestamp,
}

/// A key that signs, or signed, or will.
#[derive(Clone, Debug)]
pub struct DkimKey {
    /// Its id.
    pub id: DkimKeyId,
    /// The name it is published under.
    pub selector: Selector,
    /// With what it signs.
    pub algorithm: DkimAlgorithm,
    /// Its public part.
    pub public_key: Vec<u8>,
    /// Where it is in its life.
    pub state: DkimKeyState,
    /// What was found of its record.
    pub finding: Finding,
    /// When it was made.
    pub created_at: Timestamp,
    /// Since when it signs, or signed.
    pub activated_at: Option<Timestamp>,
    /// Since when it signs no more.
    pub retired_at: Option<Timestamp>,
}

impl TryFrom<dkim_key::Model> for DkimKey {
    type Error = StoreError;

    fn try_from(row: dkim_key::Model) -> Result<Self, StoreError> {
        Ok(Self {
            id: stored(row.id),
            selector: Selector::stored(row.selector),
            algorithm: read_code(&row.algorithm)?,
            public_key: row.public_key,
            state: read_code(&row.state)?,
            finding: finding(&row.record_state, row.record_reason)?,
            created_at: Timestamp::from_micros(row.created_at),
            activated_at: row.activated_at.map(Timestamp::from_micros),
            retired_at: row.retired_at.map(Timestamp::from_micros),
        })
    }
}

fn finding(state: &str, reason: String) -> Result<Finding, StoreError> {
    let state = read_code(state)?;
    Ok(Finding { state, reason })
}

impl SendingDomain {
    fn read(row: row::Model, keys: Vec<DkimKey>, warming: Option<Warming>) -> Result<Self, StoreError> {
        let name = SendingDomainName::parse(&row.name);
        Ok(Self {
            id: stored(row.id),
            name: name.map_err(|error| StoreError::Corrupt(error.to_string()))?,
            keys,
            spf: finding(&row.spf_state, row.spf_reason)?,
            dmarc: finding(&row.dmarc_state, row.dmarc_reason)?,
            alignment: read_code(&row.alignment)?,
            return_path: finding(&row.return_path_state, row.return_path_reason)?,
            warming,
            checked_at: row.checked_at.map(Timestamp::from_micros),
            next_check_at: Timestamp::from_micros(row.next_check_at),
            created_at: Timestamp::from_micros(row.created_at),
        })
    }

    /// How it stands.
    pub fn standing(&self) -> Standing {
        let keys = self.keys.iter().map(|key| KeyStanding {
            algorithm: key.algorithm,
            state: key.state,
            finding: key.finding.clone(),
        });
        Standing {
            keys: keys.collect(),
            spf: self.spf.clone(),
            dmarc: self.dmarc.clone(),
        }
    }

    /// What is to be published for it.
    pub fn records(&self, around: &Surroundings) -> Vec<DnsRecord> {
        let keys = self.keys.iter().map(|key| KeyToPublish {
            selector: key.selector.clone(),
            algorithm: key.algorithm,
            public_key: key.public_key.clone(),
            state: key.state,
            finding: key.finding.clone(),
        });
        let found = Found {
            spf: &self.spf,
            dmarc: &self.dmarc,
            return_path: &self.return_path,
        };
        records(&self.name, &keys.collect::<Vec<_>>(), around, &found)
    }

    /// The keys in a state.
    pub fn keys_in(&self, state: DkimKeyState) -> impl Iterator<Item = &DkimKey> {
        self.keys.iter().filter(move |key| key.state == state)
    }
}

/// Adds a domain with its first keys, which sign as soon as their records are seen in DNS.
pub async fn create(
    tx: &mut TenantTx<Write>,
    name: &SendingDomainName,
    new: NewKeys,
) -> Result<SendingDomainId, StoreError> {
    let of_tenant = tx.find::<row::Entity>();
    let known = of_tenant.clone().filter(row::Column::Name.eq(name.as_str()));
    if known.one(tx.conn()).await?.is_some() {
        return Err(StoreError::conflict(
            "name",
            format!("{name} is a sending domain already"),
        ));
    }
    if of_tenant.count(tx.conn()).await? >= MAX_DOMAINS {
        let rule = format!("at most {MAX_DOMAINS} sending domains: remove one that is not used");
        return Err(StoreError::conflict("name", rule));
    }
    let id: SendingDomainId = new_id(tx.now());
    let unchecked = Finding::unchecked();
    let (state, reason) = (
        || Set(unchecked.state.to_string()),
        || Set(unchecked.reason.clone()),
    );
    let row = row::ActiveModel {
        tenant_id: Set(tx.uuid()),
        id: Set(id.uuid()),
        name: Set(name.to_string()),
        spf_state: state(),
        spf_reason: reason(),
        dmarc_state: state(),
        dmarc_reason: reason(),
        alignment: Set(Alignment::Relaxed.to_string()),
        return_path_state: state(),
        return_path_reason: reason(),
        checked_at: Set(None),
        next_check_at: Set(tx.now().micros()),
        created_at: Set(tx.now().micros()),
    };
    row::Entity::insert(row).exec_without_returning(tx.conn()).await?;
    let selectors = keys::insert(tx, id, new).await?;
    let created = Change::to(json!({ "name": name, "selectors": selectors }));
    tx.audit(AuditAct::SendingDomainCreated, id, &created)?;
    Ok(id)
}

/// Takes a domain away, with its keys. What they signed and is on its way cannot be checked once their records are gone.
pub async fn remove(tx: &mut TenantTx<Write>, id: SendingDomainId) -> Result<(), StoreError> {
    let domain = by_id(tx, id).await?;
    sending_limit::hold(tx).await?;
    transport::require_none_for(tx, id).await?;
    warm_up::end(tx, id).await?;
    for sql in [
        "DELETE FROM dkim_key WHERE tenant_id = $1 AND sending_domain_id = $2",
        "DELETE FROM sending_domain WHERE tenant_id = $1 AND id = $2",
    ] {
        tx.execute(sql, [id.uuid().into()]).await?;
    }
    sending_limit::take_effect(tx).await?;
    let removed = Change::from_to(json!({ "name": domain.name }), serde_json::Value::Null);
    tx.audit(AuditAct::SendingDomainRemoved, id, &removed)
}

/// The domain with this id.
pub async fn by_id<M>(tx: &TenantTx<M>, id: SendingDomainId) -> Result<SendingDomain, StoreError> {
    let row = tx.get::<row::Entity>(id.uuid()).await?;
    let keys = keys_of(tx, &[row.id]).await?;
    with_parts(row, keys, warm_up::all(tx, "").await?)
}

/// Reads a domain for a change: nobody else changes it until the transaction ends.
async fn locked(tx: &TenantTx<Write>, id: SendingDomainId) -> Result<SendingDomain, StoreError> {
    tx.lock::<row::Entity>(id.uuid()).await?;
    by_id(tx, id).await
}

/// The tenant's domains, oldest first.
pub async fn page<M>(tx: &TenantTx<M>, request: PageRequest) -> Result<Page<SendingDomain>, StoreError> {
    let page = request.run(tx, tx.find::<row::Entity>(), Ok).await?;
    let ids: Vec<Uuid> = page.rows.iter().map(|(id, _)| *id).collect();
    let keys = keys_of(tx, &ids).await?;
    let warm_ups = warm_up::all(tx, "").await?;
    page.try_map(|row| with_parts(row, keys.clone(), warm_ups.clone()))
}

/// All of the tenant's domains.
async fn all<M>(tx: &TenantTx<M>) -> Result<Vec<SendingDomain>, StoreError> {
    let rows = tx.find::<row::Entity>().all(tx.conn()).await?;
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let keys = keys_of(tx, &ids).await?;
    let warm_ups = warm_up::all(tx, "").await?;
    let with_parts = |row| with_parts(row, keys.clone(), warm_ups.clone());
    rows.into_iter().map(with_parts).collect()
}

async fn keys_of<M>(tx: &TenantTx<M>, domains: &[Uuid]) -> Result<Vec<dkim_key::Model>, StoreError> {
    let query = tx
        .find::<dkim_key::Entity>()
        .filter(dkim_key::Column::SendingDomainId.is_in(domains.iter().copied()));
    Ok(query.all(tx.conn()).await?)
}

fn with_parts(
    row: row::Model,
    keys: Vec<dkim_key::Model>,
    warm_ups: Vec<Warming>,
) -> Result<SendingDomain, StoreError> {
    let own = keys.into_iter().filter(|key| key.sending_domain_id == row.id);
    let mut own = own.map(DkimKey::try_from).collect::<Result<Vec<_>, _>>()?;
    own.sort_by_key(|key| (key.created_at, key.algorithm));
    let warming = warm_ups
        .into_iter()
        .find(|warming| warming.domain == stored(row.id));
    SendingDomain::read(row, own, warming)
}
