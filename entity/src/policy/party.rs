//! The outside parties that a version of the policy names: who, why, what they get, and where they serve from.

use std::collections::BTreeSet;

use std::collections::HashMap;

use assent_domain::disclosure::Fields;
use assent_domain::id::{OutsidePartyId, PolicyVersionId, stored};
use assent_domain::site::HostName;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter};
use uuid::Uuid;

use super::MAX_DESCRIPTION_CHARS;
use crate::content;
use crate::error::StoreError;
use crate::outside_party;
use crate::row::{policy_party, policy_party_site};
use crate::text;
use crate::tx::{TenantTx, Write};

/// The most hosts of one outside party.
const MAX_HOSTS: usize = 50;

/// An outside party as a version names it.
#[derive(Clone, Debug)]
pub struct NamedParty {
    /// The party.
    pub id: OutsidePartyId,
    /// Who it is.
    pub name: String,
    /// Why it gets information.
    pub why: String,
    /// What it gets, in words.
    pub what: String,
    /// Which fields it may get of people who permit it.
    pub fields: Fields,
    /// The hosts from which it serves content that a mail may load.
    pub hosts: Vec<HostName>,
}

/// An outside party as a draft names it.
#[derive(Clone, Debug)]
pub struct PartyDraft {
    /// Who it is.
    pub name: String,
    /// Why it gets information.
    pub why: String,
    /// What it gets, in words.
    pub what: String,
    /// Which fields it may get of people who permit it.
    pub fields: Fields,
    /// The hosts from which it serves content that a mail may load.
    pub hosts: Vec<HostName>,
}

#[derive(FromQueryResult)]
struct NamedPartyRow {
    id: Uuid,
    name: String,
    why: String,
    what: String,
    fields: String,
}

/// The outside parties that a version names, in its order.
pub async fn parties_of<M>(tx: &TenantTx<M>, id: PolicyVersionId) -> Result<Vec<NamedParty>, StoreError> {
    let mut named = parties_of_each(tx, &[id]).await?;
    Ok(named.remove(&id).unwrap_or_default())
}

/// The same of several versions.
pub async fn parties_of_each<M>(
    tx: &TenantTx<M>,
    ids: &[PolicyVersionId],
) -> Result<HashMap<PolicyVersionId, Vec<NamedParty>>, StoreError> {
    let sql = "SELECT n.policy_version_id AS of_id, p.id, p.name, n.why, n.what, n.fields FROM policy_party n
               JOIN outside_party p ON p.tenant_id = n.tenant_id AND p.id = n.outside_party_id
               WHERE n.tenant_id = $1 AND n.policy_version_id IN ({ids})
               ORDER BY n.policy_version_id, n.position";
    let mut named = tx.lists_about(sql, ids, |row: NamedPartyRow| named(row)).await?;
    for (version, sites) in content::sites_of_each(tx, ids).await? {
        let Some(parties) = named.get_mut(&version) else {
            continue;
        };
        for site in sites {
            let of = parties
                .iter_mut()
                .find(|party| party.id.uuid() == site.outside_party_id);
            let host = HostName::parse(&site.site).map_err(|error| StoreError::Corrupt(error.to_string()))?;
            if let Some(party) = of {
                party.hosts.push(host);
            }
        }
    }
    Ok(named)
}

/// A party whose hosts are not known so far.
fn named(row: NamedPartyRow) -> Result<NamedParty, StoreError> {
    Ok(NamedParty {
        hosts: Vec::new(),
        id: stored(row.id),
        name: row.name,
        why: row.why,
        what: row.what,
        fields: outside_party::read_fields(&row.fields)?,
    })
}

/// Names outside parties in a draft.
pub(super) async fn name_parties(
    tx: &TenantTx<Write>,
    id: PolicyVersionId,
    parties: &[PartyDraft],
) -> Result<(), StoreError> {
    for (position, draft) in (1..).zip(parties) {
        let party = outside_party::settle(tx, "outsideParties", &draft.name).await?;
        let twice = tx
            .find::<policy_party::Entity>()
            .filter(policy_party::Column::PolicyVersionId.eq(id.uuid()))
            .filter(policy_party::Column::OutsidePartyId.eq(party.uuid()))
            .count(tx.conn())
            .await?;
        if twice > 0 {
            return Err(StoreError::invalid(
                "outsideParties",
                format!("{:?} is named twice", draft.name),
            ));
        }
        let row = policy_party::ActiveModel {
            tenant_id: Set(tx.uuid()),
            policy_version_id: Set(id.uuid()),
            outside_party_id: Set(party.uuid()),
            position: Set(position),
            why: Set(text::lines("outsideParties", &draft.why, MAX_DESCRIPTION_CHARS)?),
            what: Set(text::lines("outsideParties", &draft.what, MAX_DESCRIPTION_CHARS)?),
            fields: Set(outside_party::write_fields(&draft.fields)),
        };
        policy_party::Entity::insert(row)
            .exec_without_returning(tx.conn())
            .await?;
        name_sites(tx, id, party.uuid(), &draft.hosts).await?;
    }
    Ok(())
}

async fn name_sites(
    tx: &TenantTx<Write>,
    id: PolicyVersionId,
    party: Uuid,
    hosts: &[HostName],
) -> Result<(), StoreError> {
    let hosts: BTreeSet<_> = hosts.iter().collect();
    if hosts.len() > MAX_HOSTS {
        let rule = format!("an outside party has at most {MAX_HOSTS} hosts");
        return Err(StoreError::invalid("outsideParties", rule));
    }
    for host in hosts {
        let row = policy_party_site::ActiveModel {
            tenant_id: Set(tx.uuid()),
            policy_version_id: Set(id.uuid()),
            outside_party_id: Set(party),
            site: Set(host.to_string()),
        };
        policy_party_site::Entity::insert(row)
            .exec_without_returning(tx.conn())
            .await?;
    }
    Ok(())
}
