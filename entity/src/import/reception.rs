//! A table that comes in piece by piece, from whatever it is sent through. It is never whole in memory, and an upload that
//! ends in the middle leaves nothing behind.

use assent_domain::audit::Actor;
use assent_domain::id::{ImportId, stored};
use assent_domain::import::{Decoder, ImportStatus, Layout};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::create::{NewImport, find_or_insert, other_table};
use super::row;
use super::table::{self, Whole};
use crate::error::{StoreError, read_code};
use crate::store::Store;
use crate::tx::{TenantCtx, TenantTx, Write};

/// How much text is kept in one transaction, in octets.
const KEPT_AT_ONCE: usize = 1024 * 1024;

/// A table that is coming in.
pub struct Reception {
    store: Store,
    ctx: TenantCtx,
    import: ImportId,
    hasher: Sha256,
    kind: Kind,
    /// Whether the import was made for this upload, and goes with it.
    is_own: bool,
}

enum Kind {
    /// It is kept.
    Fresh(Box<Fresh>),
    /// There is one already: it is compared with that.
    Again { hash: Vec<u8> },
}

struct Fresh {
    /// Tells this upload from another of the same table: the last that began counts.
    upload: Uuid,
    decoder: Decoder,
    text: String,
    /// How many octets of the text are kept.
    kept: usize,
}

impl Reception {
    /// Begins to take a table in. Another upload for the same import that has not ended is over.
    pub async fn begin(store: &Store, ctx: TenantCtx, import: ImportId) -> Result<Self, StoreError> {
        let job = as_job(ctx);
        let tx = TenantTx::write(store, job).await?;
        tx.require_open()?;
        tx.lock::<row::Entity>(import.uuid()).await?;
        let row = tx.get::<row::Entity>(import.uuid()).await?;
        let status: ImportStatus = read_code(&row.status)?;
        let kind = match row.table_hash {
            Some(hash) => Kind::Again { hash },
            None if status == ImportStatus::AwaitingTable => {
                let layout: Layout = serde_json::from_str(&row.layout)
                    .map_err(|_| StoreError::Corrupt(format!("the layout of {import}")))?;
                let upload = assent_domain::id::new_id::<assent_domain::id::Import>(tx.now()).uuid();
                let sql = "UPDATE people_import SET upload_id = $3 WHERE tenant_id = $1 AND id = $2";
                tx.execute(sql, [import.uuid().into(), upload.into()]).await?;
                Kind::Fresh(Box::new(Fresh {
                    upload,
                    decoder: Decoder::new(layout.encoding),
                    text: String::new(),
                    kept: 0,
                }))
            }
            None => {
                let advice =
                    format!("this import is {status} and takes no table any more: prepare a new one");
                return Err(StoreError::conflict("id", advice));
            }
        };
        tx.commit().await?;
        if let Kind::Fresh(fresh) = &kind {
            table::forget_former(store, job, import, Some(fresh.upload)).await?;
        }
        Ok(Self {
            store: store.clone(),
            ctx,
            import,
            hasher: Sha256::new(),
            kind,
            is_own: false,
        })
    }

    /// Makes an import, or finds the one with the same key, and begins to take its table in. It is on the record when the
    /// table has come whole; if that does not come about, there is no import.
    pub async fn begin_new(store: &Store, ctx: TenantCtx, new: &NewImport) -> Result<Self, StoreError> {
        let tx = TenantTx::write(store, as_job(ctx)).await?;
        let (import, is_new) = find_or_insert(&tx, new).await?;
        tx.commit().await?;
        let begun = Self::begin(store, ctx, import).await?;
        Ok(Self {
            is_own: is_new,
            ..begun
        })
    }

    /// The import whose table this is.
    pub fn import(&self) -> ImportId {
        self.import
    }

    /// Takes the next octets.
    pub async fn push(&mut self, octets: &[u8]) -> Result<(), StoreError> {
        self.hasher.update(octets);
        let Kind::Fresh(fresh) = &mut self.kind else {
            return Ok(());
        };
        fresh.decoder.push(octets, &mut fresh.text);
        if fresh.text.len() < KEPT_AT_ONCE {
            return Ok(());
        }
        let tx = TenantTx::write(&self.store, as_job(self.ctx)).await?;
        keep(&tx, self.import, fresh).await?;
        tx.commit().await
    }

    /// That was all: a worker may read it. `field` is where the table came in. Whatever goes wrong, nothing of it is kept.
    pub async fn finish(mut self, field: &'static str) -> Result<(), StoreError> {
        let hash = self.hasher.finalize_reset().to_vec();
        let fresh = match std::mem::replace(&mut self.kind, Kind::Again { hash: Vec::new() }) {
            Kind::Again { hash: known } => {
                return if known == hash { Ok(()) } else { Err(other_table()) };
            }
            Kind::Fresh(fresh) => *fresh,
        };
        let upload = fresh.upload;
        let went = settle(&self.store, self.ctx, self.import, fresh, hash, field).await;
        if went.is_err() {
            self.leave(upload).await?;
        }
        went
    }

    /// It broke off, or is too large: nothing of it is kept, and another may come in its place.
    pub async fn abandon(self) -> Result<(), StoreError> {
        match &self.kind {
            Kind::Fresh(fresh) => self.leave(fresh.upload).await,
            Kind::Again { .. } => Ok(()),
        }
    }

    async fn leave(&self, upload: Uuid) -> Result<(), StoreError> {
        let job = as_job(self.ctx);
        let tx = TenantTx::write(&self.store, job).await?;
        let sql = "UPDATE people_import SET upload_id = NULL
                   WHERE tenant_id = $1 AND id = $2 AND upload_id = $3 AND status = 'AWAITING_TABLE'";
        let was_ours = tx
            .execute(sql, [self.import.uuid().into(), upload.into()])
            .await?
            > 0;
        tx.commit().await?;
        if was_ours {
            table::forget_former(&self.store, job, self.import, None).await?;
        }
        if was_ours && self.is_own {
            let tx = TenantTx::write(&self.store, job).await?;
            table::discard(&tx, self.import).await?;
            tx.commit().await?;
        }
        Ok(())
    }
}

/// What is kept while it comes is nobody's act: the end of it is.
fn as_job(ctx: TenantCtx) -> TenantCtx {
    TenantCtx::new(ctx.tenant(), Actor::Job)
}

async fn settle(
    store: &Store,
    ctx: TenantCtx,
    import: ImportId,
    fresh: Fresh,
    hash: Vec<u8>,
    field: &'static str,
) -> Result<(), StoreError> {
    let mut fresh = fresh;
    let reading = std::mem::replace(&mut fresh.decoder, Decoder::new(None));
    let decoded = reading.finish(&mut fresh.text);
    let mut tx = TenantTx::write(store, ctx).await?;
    keep(&tx, import, &mut fresh).await?;
    let whole = Whole {
        hash,
        decoded,
        octets: fresh.kept,
    };
    table::settle(&mut tx, import, whole, field).await?;
    tx.commit().await
}

/// Keeps the text that has come, unless another upload counts by now.
async fn keep(tx: &TenantTx<Write>, import: ImportId, fresh: &mut Fresh) -> Result<(), StoreError> {
    tx.lock::<row::Entity>(import.uuid()).await?;
    let row = tx.get::<row::Entity>(import.uuid()).await?;
    let counts = row.upload_id == Some(fresh.upload) && row.status == "AWAITING_TABLE";
    if !counts {
        let advice =
            "another upload of this table has begun, or the import was stopped: this one does not count";
        return Err(StoreError::conflict("id", advice));
    }
    table::keep(tx, stored(row.id), &fresh.text, fresh.kept).await?;
    fresh.kept += fresh.text.len();
    fresh.text.clear();
    Ok(())
}
