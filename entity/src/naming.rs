//! Which policy versions name a purpose: what the rule asks of every consent record (P10).

use std::collections::HashSet;

use assent_domain::clock::Timestamp;
use assent_domain::expiry::ConsentExpiry;
use assent_domain::id::PurposeId;
use assent_domain::policy;
use assent_domain::tenant::TenantStatus;
use assent_domain::tenant_life::TenantLife;
use sea_orm::FromQueryResult;
use uuid::Uuid;

use crate::error::{StoreError, read_code};
use crate::policy::TimesRow;
use crate::purpose::read_expiry;
use crate::tenant_life::LifeRow;
use crate::tx::TenantTx;

/// Which versions name one purpose, and whether the one in force does.
#[derive(Clone, Debug)]
pub(crate) struct Naming {
    by: HashSet<Uuid>,
    in_force: Option<Uuid>,
    tenant_life: TenantLife,
    tenant_status: TenantStatus,
    expiry: Option<ConsentExpiry>,
}

impl Naming {
    /// How long a yes to the purpose lasts.
    pub(crate) fn expiry(&self) -> Option<ConsentExpiry> {
        self.expiry
    }

    /// The versions that name the purpose.
    pub(crate) fn versions(&self) -> impl Iterator<Item = Uuid> {
        self.by.iter().copied()
    }

    /// Whether a version names the purpose.
    pub(crate) fn by(&self, version: Uuid) -> bool {
        self.by.contains(&version)
    }

    /// Whether the version in force names it.
    pub(crate) fn in_force(&self) -> bool {
        self.in_force.is_some_and(|version| self.by(version))
    }

    /// Where the tenant is in its life.
    pub(crate) fn tenant_life(&self) -> TenantLife {
        self.tenant_life
    }

    /// Whether the operator lets the tenant send.
    pub(crate) fn tenant_status(&self) -> TenantStatus {
        self.tenant_status
    }

    /// The version in force.
    pub(crate) fn version_in_force(&self) -> Option<Uuid> {
        self.in_force
    }

    /// Whether there is a version in force.
    pub(crate) fn is_ruled(&self) -> bool {
        self.in_force.is_some()
    }
}

/// A version that may name the purpose, with what is true of the tenant and the purpose, whichever version it is.
#[derive(FromQueryResult)]
pub(crate) struct NamingRow {
    tenant_status: String,
    #[sea_orm(nested)]
    life: LifeRow,
    expires_after_days: Option<i32>,
    expiry_set_at: Option<i64>,
    #[sea_orm(nested)]
    version: Option<TimesRow>,
    named: Option<Uuid>,
}

/// The columns from which [`NamingRow`] reads.
pub(crate) const COLUMNS: &str = "
    t.status AS tenant_status, t.closed_at, t.delete_at, t.deleting_since, t.deleted_at, p.expires_after_days,
    p.expiry_set_at, v.id, v.number, v.posted_at, v.effective_at, v.withdrawn_at, v.notices_settled_at, v.overridden_at,
    n.purpose_id AS named";

/// Where these columns come from, besides a tenant `t`: a row a version, since a tenant has few. `$2` is the purpose.
pub(crate) const ITS_VERSIONS: &str = "
    LEFT JOIN purpose p ON p.tenant_id = t.id AND p.id = $2
    LEFT JOIN policy_version v
      ON v.tenant_id = t.id AND v.posted_at IS NOT NULL AND v.withdrawn_at IS NULL
    LEFT JOIN policy_purpose n
      ON n.tenant_id = v.tenant_id AND n.policy_version_id = v.id AND n.purpose_id = $2";

/// Reads which versions name a purpose, but for those that were taken back and so never counted, how long a yes to it
/// lasts, and whether the tenant may send.
pub(crate) async fn naming<M>(tx: &TenantTx<M>, purpose: PurposeId) -> Result<Naming, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM tenant t {ITS_VERSIONS} WHERE t.id = $1");
    let rows: Vec<NamingRow> = tx.all(&sql, [purpose.uuid().into()]).await?;
    Naming::of(&rows, tx.store().now())
}

impl Naming {
    /// What the rows of all its versions say at a time.
    pub(crate) fn of(rows: &[NamingRow], now: Timestamp) -> Result<Self, StoreError> {
        let first = rows.first().ok_or(StoreError::NotFound("tenant"))?;
        let tenant_status = read_code(&first.tenant_status)?;
        let expiry = read_expiry(first.expires_after_days, first.expiry_set_at)?;
        let versions: Vec<_> = rows
            .iter()
            .filter_map(|row| Some((row.version.as_ref()?, row.named)))
            .collect();
        let times: Vec<_> = versions.iter().map(|(version, _)| version.times()).collect();
        let number = policy::in_force(&times, now);
        let in_force = versions
            .iter()
            .find(|(version, _)| Some(version.number) == number);
        let naming = versions.iter().filter(|(_, named)| named.is_some());
        Ok(Self {
            by: naming.map(|(version, _)| version.id).collect(),
            in_force: in_force.map(|(version, _)| version.id),
            tenant_life: first.life.life(),
            tenant_status,
            expiry,
        })
    }
}
