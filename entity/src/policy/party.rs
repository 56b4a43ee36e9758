//! The outside parties that a version of the policy names: who, why, what they get, and where they serve from.

use std::collections::BTreeSet;

use assent_domain::id::{OutsidePartyId, PolicyVersionId, new_id, stored};
use assent_domain::site::HostName;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter};
use uuid::Uuid;

use super::MAX_DESCRIPTION_CHARS;
use crate::content;
use crate::error::StoreError;
use crate::row::{outside_party, policy_party, policy_party_site};
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
    /// What it gets.
    pub what: String,
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
    /// What it gets.
    pub what: String,
    /// The hosts from which it serves content that a mail may load.
    pub hosts: Vec<HostName>,
}

#[derive(FromQueryResult)]
struct NamedPartyRow {
    id: Uuid,
    name: String,
    why: String,
    what: String,
}

/// The outside parties that a version names, in its order.
pub async fn parties_of<M>(tx: &TenantTx<M>, id: PolicyVersionId) -> Result<Vec<NamedParty>, StoreError> {
    let sql = "SELECT p.id, p.name, n.why, n.what FROM policy_party n
               JOIN outside_party p ON p.tenant_id = n.tenant_id AND p.id = n.outside_party_id
               WHERE n.tenant_id = $1 AND n.policy_version_id = $2 ORDER BY n.position";
    let rows: Vec<NamedPartyRow> = tx.all(sql, [id.uuid().into()]).await?;
    let sites = content::sites_of(tx, id).await?;
    let hosts = |party: Uuid| {
        let of_party = sites.iter().filter(move |site| site.outside_party_id == party);
        let host = |site: &policy_party_site::Model| HostName::parse(&site.site);
        of_party
            .map(host)
            .collect::<Result<_, _>>()
            .map_err(|error| StoreError::Corrupt(error.to_string()))
    };
    let named = rows.into_iter().map(|row| {
        Ok(NamedParty {
            hosts: hosts(row.id)?,
            id: stored(row.id),
            name: row.name,
            why: row.why,
            what: row.what,
        })
    });
    named.collect()
}

/// Names outside parties in a draft.
pub(super) async fn name_parties(
    tx: &TenantTx<Write>,
    id: PolicyVersionId,
    parties: &[PartyDraft],
) -> Result<(), StoreError> {
    for (position, draft) in (1..).zip(parties) {
        let party = settle_party(tx, text::name("outsideParties", &draft.name)?).await?;
        let twice = tx
            .find::<policy_party::Entity>()
            .filter(policy_party::Column::PolicyVersionId.eq(id.uuid()))
            .filter(policy_party::Column::OutsidePartyId.eq(party))
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
            outside_party_id: Set(party),
            position: Set(position),
            why: Set(text::lines("outsideParties", &draft.why, MAX_DESCRIPTION_CHARS)?),
            what: Set(text::lines("outsideParties", &draft.what, MAX_DESCRIPTION_CHARS)?),
        };
        policy_party::Entity::insert(row)
            .exec_without_returning(tx.conn())
            .await?;
        name_sites(tx, id, party, &draft.hosts).await?;
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

async fn settle_party(tx: &TenantTx<Write>, name: String) -> Result<Uuid, StoreError> {
    use outside_party::{ActiveModel, Column, Entity};
    let known = tx
        .find::<Entity>()
        .filter(Column::Name.eq(name.as_str()))
        .one(tx.conn())
        .await?;
    if let Some(known) = known {
        return Ok(known.id);
    }
    let id: OutsidePartyId = new_id(tx.now());
    let row = ActiveModel {
        tenant_id: Set(tx.uuid()),
        id: Set(id.uuid()),
        name: Set(name),
    };
    Entity::insert(row).exec_without_returning(tx.conn()).await?;
    Ok(id.uuid())
}
