//! Which policy versions name a purpose: what the rule asks of every consent record (P10).

use std::collections::HashSet;

use assent_domain::clock::Timestamp;
use assent_domain::id::PurposeId;
use assent_domain::policy::{self, VersionTimes};
use sea_orm::FromQueryResult;
use uuid::Uuid;

use crate::error::StoreError;
use crate::tx::TenantTx;

/// Which versions name one purpose, and whether the one in force does.
#[derive(Clone, Debug, Default)]
pub(crate) struct Naming {
    naming: HashSet<Uuid>,
    in_force: Option<Uuid>,
}

impl Naming {
    /// Whether a version names the purpose.
    pub(crate) fn by(&self, version: Uuid) -> bool {
        self.naming.contains(&version)
    }

    /// Whether the version in force names it.
    pub(crate) fn in_force(&self) -> bool {
        self.in_force.is_some_and(|version| self.by(version))
    }

    /// Whether there is a version in force.
    pub(crate) fn is_ruled(&self) -> bool {
        self.in_force.is_some()
    }
}

#[derive(FromQueryResult)]
struct NamingRow {
    id: Uuid,
    number: i32,
    posted_at: Option<i64>,
    effective_at: Option<i64>,
    withdrawn_at: Option<i64>,
    notices_settled_at: Option<i64>,
    overridden_at: Option<i64>,
    named: Option<Uuid>,
}

/// Reads which versions name a purpose: one small query, since a tenant has few versions.
pub(crate) async fn naming<M>(tx: &TenantTx<M>, purpose: PurposeId) -> Result<Naming, StoreError> {
    let sql = "SELECT v.id, v.number, v.posted_at, v.effective_at, v.withdrawn_at, v.notices_settled_at,
                      v.overridden_at, n.purpose_id AS named
               FROM policy_version v LEFT JOIN policy_purpose n
                 ON n.tenant_id = v.tenant_id AND n.policy_version_id = v.id AND n.purpose_id = $2
               WHERE v.tenant_id = $1 AND v.posted_at IS NOT NULL";
    let rows: Vec<NamingRow> = tx.all(sql, [purpose.uuid().into()]).await?;
    let at = |micros: Option<i64>| micros.map(Timestamp::from_micros);
    let times: Vec<_> = rows
        .iter()
        .map(|row| VersionTimes {
            number: row.number,
            posted_at: at(row.posted_at),
            effective_at: at(row.effective_at),
            withdrawn_at: at(row.withdrawn_at),
            notices_settled_at: at(row.notices_settled_at),
            overridden_at: at(row.overridden_at),
        })
        .collect();
    let number = policy::in_force(&times, tx.store().now());
    let in_force = rows
        .iter()
        .find(|row| Some(row.number) == number)
        .map(|row| row.id);
    let naming = rows
        .iter()
        .filter(|row| row.named.is_some())
        .map(|row| row.id)
        .collect();
    Ok(Naming { naming, in_force })
}
