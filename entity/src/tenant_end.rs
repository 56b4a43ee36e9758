//! The end of a tenant: when its day has come, all that it holds is deleted, table by table, in chunks. What stays is
//! its row in the directory, without a word about anybody.
//!
//! It goes on where a crash left it: [`begin`] notes that there is no way back, [`delete_rows`] can run any number of
//! times, and [`finish`] says that it is over only when every table is empty.

use assent_domain::audit::Actor;
use assent_domain::clock::Timestamp;
use assent_domain::id::{TenantId, stored};
use assent_domain::ledger::Hash;
use assent_domain::tenant_life::TenantLife;
use sea_orm::FromQueryResult;
use uuid::Uuid;

use crate::catalogue::{self, Table};
use crate::chore::CHUNK;
use crate::error::StoreError;
use crate::ledger::read_hash;
use crate::store::Store;
use crate::tenant_life::{self, LifeRow};
use crate::tx::{PlatformTx, TenantCtx, TenantTx};

/// A tenant whose day has come.
#[derive(Clone, Copy, Debug)]
pub struct Ending {
    ctx: TenantCtx,
}

impl Ending {
    /// Which.
    pub fn tenant(self) -> TenantId {
        self.ctx.tenant()
    }
}

#[derive(FromQueryResult)]
struct Found {
    id: Uuid,
}

/// The tenants whose day has come, and those of which something is left.
pub async fn due(store: &Store) -> Result<Vec<Ending>, StoreError> {
    let tx = PlatformTx::read(store).await?;
    let sql = "SELECT id FROM tenant WHERE delete_at <= $1 AND deleted_at IS NULL ORDER BY id";
    let due = Found::find_by_statement(tx.statement(sql, [tx.now().micros().into()]))
        .all(tx.conn())
        .await?;
    let ending = |found: Found| Ending {
        ctx: TenantCtx::new(stored(found.id), Actor::Job),
    };
    Ok(due.into_iter().map(ending).collect())
}

/// Notes that the tenant is being deleted, and where its ledger ended. From here on its pages and its members' sign-in
/// are gone, and rows that are otherwise final may be deleted. It is asked once more whether its day has come: somebody
/// may have reopened it.
pub async fn begin(store: &Store, ending: Ending) -> Result<(), StoreError> {
    let tx = TenantTx::write(store, ending.ctx).await?;
    let hold = format!("SELECT id FROM tenant WHERE id = $1 {}", tx.for_update());
    tx.execute(&hold, []).await?;
    let life = tenant_life::of(&tx).await?;
    let since = life.begin_deletion(tx.now());
    let since = since.map_err(|error| StoreError::conflict("tenant", error))?;
    if matches!(life, TenantLife::Closing(_)) {
        let note = "UPDATE tenant SET deleting_since = $2, operator_since = NULL, operator_mark = NULL,
               last_seq = (SELECT seq FROM ledger_head WHERE tenant_id = $1),
               last_hash = (SELECT hash FROM ledger_head WHERE tenant_id = $1)
             WHERE id = $1";
        tx.execute(note, [since.micros().into()]).await?;
    }
    tx.commit().await
}

/// Deletes the rows of every table that the catalogue knows, until there are none, and gives how many there were. Each
/// transaction is one of the tenant's own, so that row-level security keeps every other tenant's rows out of reach.
pub async fn delete_rows(store: &Store, ending: Ending) -> Result<u64, StoreError> {
    let tables = catalogue::of_tenant(&TenantTx::read(store, ending.ctx).await?).await?;
    let mut deleted = 0;
    loop {
        let mut in_this_pass = 0;
        for table in &tables {
            in_this_pass += empty(store, ending, table).await?;
        }
        deleted += in_this_pass;
        // Whoever had begun to write before may have finished since.
        if in_this_pass == 0 {
            return Ok(deleted);
        }
    }
}

async fn empty(store: &Store, ending: Ending, table: &Table) -> Result<u64, StoreError> {
    let key = table.key.join(", ");
    let name = &table.name;
    let sql = format!(
        "DELETE FROM {name} WHERE tenant_id = $1 AND ({key}) IN (
           SELECT {key} FROM {name} WHERE tenant_id = $1 LIMIT {CHUNK})"
    );
    let mut deleted = 0;
    loop {
        let tx = TenantTx::write(store, ending.ctx).await?;
        let chunk = tx.execute(&sql, []).await?;
        tx.commit().await?;
        deleted += chunk;
        if chunk < u64::from(CHUNK) {
            return Ok(deleted);
        }
    }
}

/// Says that nothing is left, and takes out of the directory what the tenant told about itself.
pub async fn finish(store: &Store, ending: Ending) -> Result<(), StoreError> {
    let tx = TenantTx::write(store, ending.ctx).await?;
    for table in catalogue::of_tenant(&tx).await? {
        let sql = format!(
            "SELECT tenant_id AS id FROM {} WHERE tenant_id = $1 LIMIT 1",
            table.name
        );
        if tx.one::<Found>(&sql, []).await?.is_some() {
            let problem = format!("{} still holds rows of {}", table.name, tx.tenant());
            return Err(StoreError::Corrupt(problem));
        }
    }
    let now = tx.now().micros();
    tx.execute(
        "UPDATE tenant SET deleted_at = $2, name = '', sender_name = '', sender_address = '',
                privacy_contact = '', postal_address = '-', accent = ''
         WHERE id = $1 AND deleting_since IS NOT NULL AND deleted_at IS NULL",
        [now.into()],
    )
    .await?;
    tx.commit().await
}

/// A tenant that was deleted, or is being deleted.
#[derive(Clone, Debug)]
pub struct Former {
    /// Its id.
    pub id: TenantId,
    /// The short name that it had, which nobody else gets.
    pub slug: String,
    /// How far it is.
    pub life: TenantLife,
    /// The number of the last row of its ledger, and that row's hash.
    pub ledger_end: Option<(i64, Hash)>,
}

#[derive(FromQueryResult)]
struct FormerRow {
    id: Uuid,
    slug: String,
    #[sea_orm(nested)]
    life: LifeRow,
    last_seq: Option<i64>,
    last_hash: Option<Vec<u8>>,
}

/// The tenants that were deleted, or are being deleted, for the operator.
pub async fn former(store: &Store) -> Result<Vec<Former>, StoreError> {
    let tx = PlatformTx::read(store).await?;
    let sql = "SELECT id, slug, closed_at, delete_at, deleting_since, deleted_at, last_seq, last_hash
               FROM tenant WHERE deleting_since IS NOT NULL ORDER BY slug";
    let rows = FormerRow::find_by_statement(tx.statement(sql, []))
        .all(tx.conn())
        .await?;
    let read = |row: FormerRow| -> Result<Former, StoreError> {
        let end = row.last_seq.zip(row.last_hash);
        let end = end.map(|(seq, hash)| Ok::<_, StoreError>((seq, read_hash(&hash)?)));
        Ok(Former {
            id: stored(row.id),
            slug: row.slug,
            life: row.life.life(),
            ledger_end: end.transpose()?,
        })
    };
    rows.into_iter().map(read).collect()
}

impl Former {
    /// When the last of it went, if it has.
    pub fn deleted_at(&self) -> Option<Timestamp> {
        match self.life {
            TenantLife::Deleted { at } => Some(at),
            _ => None,
        }
    }

    /// Whether a ledger that stood at this row once may have been this one.
    pub(crate) fn may_have_been_at(&self, (seq, hash): (i64, Hash)) -> bool {
        self.ledger_end
            .is_some_and(|(end, last)| seq < end || (seq == end && hash == last))
    }
}
