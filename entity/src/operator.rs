//! The operator's own tenant: its policy is the operator's towards the members of all others. It is a tenant like any
//! other, and there is one at most, which the schema sees to. Who is its subscriber by membership: see
//! [`crate::membership`].

use assent_domain::audit::{Actor, AuditAct};
use assent_domain::clock::Timestamp;
use assent_domain::id::{MemberId, PolicyVersionId, TenantId, stored};
use assent_domain::policy::PolicyStatus;
use sea_orm::{ConnectionTrait, FromQueryResult, SqlErr};
use serde_json::json;
use uuid::Uuid;

use crate::audit::Change;
use crate::error::StoreError;
use crate::store::Store;
use crate::tx::{PlatformTx, TenantCtx, TenantTx, Write};
use crate::{policy, tenant};

/// Makes a tenant the operator's own. The members of all others become its subscribers with the next chores.
pub async fn mark(tx: &mut TenantTx<Write>) -> Result<(), StoreError> {
    let tenant = tenant::current(tx).await?;
    if tenant.operator_since.is_some() {
        return Err(StoreError::conflict(
            "tenant",
            "this tenant is the operator's already",
        ));
    }
    if let Some(closing) = tenant.life.closing() {
        return Err(StoreError::Closed(closing));
    }
    let sql = "UPDATE tenant SET operator_since = $2, operator_mark = 1 WHERE id = $1";
    let marked = tx
        .conn()
        .execute_raw(tx.statement(sql, [tx.now().micros().into()]));
    marked.await.map_err(|error| match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => {
            let advice = "another tenant is the operator's: there is one at most";
            StoreError::conflict("tenant", advice)
        }
        _ => error.into(),
    })?;
    let change = Change::to(json!({ "at": tx.now().to_string() }));
    tx.audit(AuditAct::OperatorTenantSet, tenant.id, &change)
}

#[derive(FromQueryResult)]
struct Found {
    id: Uuid,
}

/// The operator's tenant, as anybody may look at it; none where no tenant is the operator's.
async fn find(store: &Store) -> Result<Option<TenantCtx>, StoreError> {
    let tx = PlatformTx::read(store).await?;
    let sql = "SELECT id FROM tenant WHERE operator_mark = 1";
    let found = Found::find_by_statement(tx.statement(sql, []))
        .one(tx.conn())
        .await?;
    Ok(found.map(|of| TenantCtx::new(stored(of.id), Actor::Visitor)))
}

/// The operator's policy in force: where it stands is published, so anybody may be told.
#[derive(Clone, Debug)]
pub struct OperatorPolicy {
    /// Whose it is, as people read it.
    pub company: String,
    /// Their name in addresses.
    pub slug: String,
    /// The number of the version.
    pub number: i32,
    version: PolicyVersionId,
    ctx: TenantCtx,
}

impl OperatorPolicy {
    /// The path of the page on which it stands for good.
    pub fn path(&self) -> String {
        format!("/t/{}/policy/{}", self.slug, self.number)
    }
}

/// What members are told before they become one, and whenever they ask; none where no tenant is the operator's, or it
/// has no policy in force.
pub async fn policy_in_force(store: &Store) -> Result<Option<OperatorPolicy>, StoreError> {
    let Some(ctx) = find(store).await? else {
        return Ok(None);
    };
    let tx = TenantTx::read(store, ctx).await?;
    let standings = policy::standings(&tx).await?;
    let in_force = standings
        .into_iter()
        .find(|of| of.status == PolicyStatus::InForce);
    let Some(in_force) = in_force else {
        return Ok(None);
    };
    let tenant = tenant::current(&tx).await?;
    Ok(Some(OperatorPolicy {
        company: tenant.name,
        slug: tenant.slug,
        number: in_force.times.number,
        version: in_force.id,
        ctx,
    }))
}

/// The operator's policy in force towards the members of a tenant; none for the operator's own, who are no subscribers
/// by membership.
pub async fn policy_towards(store: &Store, tenant: TenantId) -> Result<Option<OperatorPolicy>, StoreError> {
    let policy = policy_in_force(store).await?;
    Ok(policy.filter(|policy| policy.ctx.tenant() != tenant))
}

#[derive(FromQueryResult)]
struct Told {
    at: Option<i64>,
}

/// When the notice of a version was handed over to a member's mail server (P08), if it was. The version under which
/// they became a member has none for them: they were shown it.
pub async fn told_at(
    store: &Store,
    of: &OperatorPolicy,
    tenant: TenantId,
    member: MemberId,
) -> Result<Option<Timestamp>, StoreError> {
    let tx = TenantTx::read(store, of.ctx).await?;
    let sql = "SELECT MIN(a.ended_at) AS at FROM membership s
               JOIN mailing m ON m.tenant_id = s.tenant_id AND m.policy_version_id = $4 AND m.news = 'POSTED'
               JOIN delivery d ON d.tenant_id = m.tenant_id AND d.mailing_id = m.id
                              AND d.recipient_id = s.subscriber_id
               JOIN attempt a ON a.tenant_id = d.tenant_id AND a.delivery_id = d.id AND a.outcome = 'SENT'
               WHERE s.tenant_id = $1 AND s.member_tenant_id = $2 AND s.member_id = $3";
    let values = [
        tenant.uuid().into(),
        member.uuid().into(),
        of.version.uuid().into(),
    ];
    let told: Option<Told> = tx.one(sql, values).await?;
    Ok(told.and_then(|told| told.at).map(Timestamp::from_micros))
}
