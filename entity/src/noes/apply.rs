//! Entering a list again after a restore, by the operator, in chunks.

use std::collections::BTreeMap;
use std::fmt;

use assent_domain::audit::AuditAct;
use assent_domain::clock::Timestamp;
use assent_domain::id::{LegalOrderId, SubscriberId};
use serde_json::json;

use super::enter::{self, Became, Formers};
use super::{Erased, Forbidden, HeldBack, Left, Merged, Noes, OfTenant, Withdrawn};
use crate::audit::Change;
use crate::error::StoreError;
use crate::store::Store;
use crate::tenant;
use crate::tx::{TenantCtx, TenantTx, Write};

/// Noes entered in one transaction.
const CHUNK: usize = 500;

/// What became of a list.
#[derive(Clone, Copy, Debug, Default)]
pub struct Applied {
    /// Noes that hold now: each was read again after it was entered.
    pub hold: usize,
    /// Noes that have nothing to stop: of people, or about things, that came after the backup.
    pub moot: usize,
}

impl Applied {
    /// Counts one, by whether it holds.
    pub(super) fn take(&mut self, holds: bool) {
        if holds {
            self.hold += 1;
        } else {
            self.moot += 1;
        }
    }
}

impl fmt::Display for Applied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} noes that were said since hold now; {} have nothing to stop, since whom or what they are about came after \
             the backup",
            self.hold, self.moot
        )
    }
}

/// One line of the list. They are entered in this order: who is who first, so that every no finds its person.
enum Line {
    Merged(Merged),
    Erased(Erased),
    HeldBack(HeldBack),
    Restricted(SubscriberId),
    Withdrawn(Withdrawn),
    Left(Left),
    Forbidden(Forbidden),
    Revoked(LegalOrderId),
}

fn lines_of(of: OfTenant) -> Vec<Line> {
    let mut lines: Vec<_> = of.merged.into_iter().map(Line::Merged).collect();
    lines.extend(of.erased.into_iter().map(Line::Erased));
    lines.extend(of.addresses.into_iter().map(Line::HeldBack));
    lines.extend(of.restricted.into_iter().map(Line::Restricted));
    lines.extend(of.purposes.into_iter().map(Line::Withdrawn));
    lines.extend(of.lists.into_iter().map(Line::Left));
    lines.extend(of.parties.into_iter().map(Line::Forbidden));
    lines.extend(of.orders.into_iter().map(Line::Revoked));
    lines
}

/// Enters the noes of a list. Those that hold already change nothing.
pub(crate) async fn apply(store: &Store, list: Noes, backup_of: Timestamp) -> Result<Applied, StoreError> {
    let known: BTreeMap<_, _> = tenant::all(store)
        .await?
        .into_iter()
        .map(|(ctx, _)| (ctx.tenant(), ctx))
        .collect();
    let mut applied = Applied::default();
    for of_tenant in list.tenants {
        match known.get(&of_tenant.tenant) {
            Some(ctx) => of_one(store, *ctx, of_tenant, backup_of, &mut applied).await?,
            None => applied.moot += of_tenant.count(),
        }
    }
    Ok(applied)
}

async fn of_one(
    store: &Store,
    ctx: TenantCtx,
    mut of_tenant: OfTenant,
    backup_of: Timestamp,
    applied: &mut Applied,
) -> Result<(), StoreError> {
    let formers = Formers::of(&of_tenant.merged);
    let decided = std::mem::take(&mut of_tenant.decided);
    for chunk in lines_of(of_tenant).chunks(CHUNK) {
        let mut tx = TenantTx::write(store, ctx).await?;
        let mut of_chunk = Applied::default();
        for line in chunk {
            match one(&mut tx, &formers, line).await? {
                None => {}
                Some(Became::Holding) => of_chunk.hold += 1,
                Some(Became::Moot) => of_chunk.moot += 1,
            }
        }
        let entered = json!({ "backupOf": backup_of.to_string(), "noes": of_chunk.hold });
        let id = tx.tenant();
        tx.audit(AuditAct::NoesReapplied, id, &Change::to(entered))?;
        tx.commit().await?;
        applied.hold += of_chunk.hold;
        applied.moot += of_chunk.moot;
    }
    if decided.count() > 0 {
        let mut tx = TenantTx::write(store, ctx).await?;
        let entered = decided.enter(&mut tx).await?;
        let noes = json!({ "backupOf": backup_of.to_string(), "decisions": entered.hold });
        let id = tx.tenant();
        tx.audit(AuditAct::NoesReapplied, id, &Change::to(noes))?;
        tx.commit().await?;
        applied.hold += entered.hold;
        applied.moot += entered.moot;
    }
    Ok(())
}

/// Enters one line, and says what became of it, if it is a no.
async fn one(tx: &mut TenantTx<Write>, formers: &Formers, line: &Line) -> Result<Option<Became>, StoreError> {
    let became = match line {
        Line::Merged(merged) => {
            enter::merge(tx, merged).await?;
            return Ok(None);
        }
        Line::Erased(no) => enter::erase(tx, formers, no).await?,
        Line::HeldBack(no) => enter::hold_back(tx, formers, no).await?,
        Line::Restricted(no) => enter::restrict(tx, formers, *no).await?,
        Line::Withdrawn(no) => enter::withdraw(tx, formers, no).await?,
        Line::Left(no) => enter::leave(tx, formers, no).await?,
        Line::Forbidden(no) => enter::forbid(tx, formers, no).await?,
        Line::Revoked(no) => enter::revoke(tx, *no).await?,
    };
    Ok(Some(became))
}
