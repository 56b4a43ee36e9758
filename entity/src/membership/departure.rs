//! Memberships that end: who was there by membership alone is erased, by the road of every erasure.

use assent_domain::audit::AuditAct;
use assent_domain::id::{SubscriberId, stored};
use assent_domain::membership::{Departure, Ties};
use sea_orm::FromQueryResult;
use uuid::Uuid;

use super::{MemberKey, PEOPLE, noted, roll};
use crate::audit::Change;
use crate::erasure::{self, Why};
use crate::error::StoreError;
use crate::store::Store;
use crate::subscriber;
use crate::tx::{TenantCtx, TenantTx, Write};

/// Notes who is not a member any more. What becomes of them is settled after that.
pub(super) async fn note(store: &Store, ctx: TenantCtx) -> Result<(), StoreError> {
    loop {
        let gone = roll::gone(store, ctx).await?;
        if gone.is_empty() {
            return Ok(());
        }
        for some in gone.chunks(PEOPLE) {
            let mut tx = TenantTx::write(store, ctx).await?;
            for of in some {
                end(&mut tx, *of).await?;
            }
            tx.commit().await?;
        }
    }
}

async fn end(tx: &mut TenantTx<Write>, of: MemberKey) -> Result<(), StoreError> {
    let Some(row) = noted(tx, of).await? else {
        return Ok(());
    };
    let sql = "UPDATE membership SET ended_at = $4
               WHERE tenant_id = $1 AND member_tenant_id = $2 AND member_id = $3 AND ended_at IS NULL";
    // Clocks may be apart.
    let now = tx.now().micros().max(row.began_at);
    let ended = tx.execute(sql, [of.tenant.into(), of.member.into(), now.into()]);
    if ended.await? == 0 {
        return Ok(());
    }
    let about = row.subscriber_id.map(stored);
    tx.audit_about(
        AuditAct::MembershipEnded,
        about,
        &Change::from_to(of.named(), serde_json::Value::Null),
    )
}

#[derive(FromQueryResult)]
struct Person {
    subscriber_id: Uuid,
}

/// Settles what becomes of those whose membership has ended.
pub(super) async fn settle(store: &Store, ctx: TenantCtx) -> Result<(), StoreError> {
    let mut after = Uuid::nil();
    loop {
        let mut tx = TenantTx::write(store, ctx).await?;
        let nobody =
            "DELETE FROM membership WHERE tenant_id = $1 AND subscriber_id IS NULL AND ended_at IS NOT NULL";
        tx.execute(nobody, []).await?;
        let sql = format!(
            "SELECT DISTINCT subscriber_id FROM membership
             WHERE tenant_id = $1 AND ended_at IS NOT NULL AND subscriber_id > $2
             ORDER BY subscriber_id LIMIT {PEOPLE}"
        );
        let people: Vec<Person> = tx.all(&sql, [after.into()]).await?;
        for person in &people {
            part(&mut tx, stored(person.subscriber_id)).await?;
            after = person.subscriber_id;
        }
        tx.commit().await?;
        if people.len() < PEOPLE {
            return Ok(());
        }
    }
}

async fn part(tx: &mut TenantTx<Write>, of: SubscriberId) -> Result<(), StoreError> {
    subscriber::lock(tx, of).await?;
    match ties(tx, of, None).await?.departure() {
        Departure::Goes => erasure::erase(tx, of, Why::MembershipEnded).await,
        Departure::Waits => Ok(()),
        Departure::Stays => {
            let sql =
                "DELETE FROM membership WHERE tenant_id = $1 AND subscriber_id = $2 AND ended_at IS NOT NULL";
            tx.execute(sql, [of.uuid().into()]).await?;
            Ok(())
        }
    }
}

#[derive(FromQueryResult)]
struct TiesRow {
    other_membership: i32,
    own_doing: i32,
    answer_owed: i32,
}

/// What keeps a person, who is held, beside `but`, one of their memberships, and those that have ended.
pub(super) async fn ties<M>(
    tx: &TenantTx<M>,
    of: SubscriberId,
    but: Option<MemberKey>,
) -> Result<Ties, StoreError> {
    let sql = "SELECT
         CASE WHEN EXISTS (SELECT 1 FROM membership m WHERE m.tenant_id = $1 AND m.subscriber_id = $2
                             AND m.ended_at IS NULL AND NOT (m.member_tenant_id = $3 AND m.member_id = $4))
           THEN 1 ELSE 0 END AS other_membership,
         CASE WHEN EXISTS (SELECT 1 FROM subscription u WHERE u.tenant_id = $1 AND u.subscriber_id = $2)
                OR EXISTS (SELECT 1 FROM consent c WHERE c.tenant_id = $1 AND c.subscriber_id = $2
                             AND c.state = 'GIVEN')
                OR EXISTS (SELECT 1 FROM permission p WHERE p.tenant_id = $1 AND p.subscriber_id = $2
                             AND p.state = 'GIVEN')
           THEN 1 ELSE 0 END AS own_doing,
         CASE WHEN EXISTS (SELECT 1 FROM privacy_request r WHERE r.tenant_id = $1 AND r.subscriber_id = $2
                             AND r.closed_at IS NULL)
           THEN 1 ELSE 0 END AS answer_owed";
    let but = but.unwrap_or(MemberKey {
        tenant: Uuid::nil(),
        member: Uuid::nil(),
    });
    let values = [of.uuid().into(), but.tenant.into(), but.member.into()];
    let row: Option<TiesRow> = tx.one(sql, values).await?;
    let row = row.ok_or(StoreError::NotFound("subscriber"))?;
    Ok(Ties {
        other_membership: row.other_membership != 0,
        own_doing: row.own_doing != 0,
        answer_owed: row.answer_owed != 0,
    })
}
