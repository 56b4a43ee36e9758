//! The table of an import as it is kept: in pieces, from when it comes until it has been read.

use std::time::Duration;

use assent_domain::audit::{Actor, AuditAct};
use assent_domain::custom_field::FieldKey;
use assent_domain::id::{ImportId, stored};
use assent_domain::import::{Decoded, Layout, Sheet};
use assent_domain::job::Job;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, FromQueryResult, QueryFilter};
use uuid::Uuid;

use super::create::{note, written};
use super::{reading, row};
use crate::custom_field;
use crate::error::StoreError;
use crate::live::Subject;
use crate::row::import_text;
use crate::store::Store;
use crate::tx::{TenantCtx, TenantTx, Write};

/// How many octets a piece of the text has at most.
const PIECE_OCTETS: usize = 256 * 1024;

/// How much of a table is looked at to see how it is laid out, in octets.
const BEGINNING_OCTETS: i64 = 1024 * 1024;

/// How many pieces are forgotten in one transaction: on SQLite, what is forgotten is overwritten.
const PIECES_AT_ONCE: u64 = 64;

/// For how long an import waits for its table.
const WAITS_FOR: Duration = Duration::from_hours(24);

/// A table that has come whole.
pub(super) struct Whole {
    /// SHA-256 of it as it came.
    pub(super) hash: Vec<u8>,
    pub(super) decoded: Decoded,
    /// How many octets it has in UTF-8.
    pub(super) octets: usize,
}

/// Keeps some of the text, which begins there, in pieces that end where a character does.
pub(super) async fn keep(
    tx: &TenantTx<Write>,
    id: ImportId,
    text: &str,
    begins_at: usize,
) -> Result<(), StoreError> {
    let (mut begins_at, mut rest) = (begins_at, text);
    while !rest.is_empty() {
        let length = rest.floor_char_boundary(PIECE_OCTETS);
        let (piece, behind) = rest.split_at(length);
        let row = import_text::ActiveModel {
            tenant_id: Set(tx.uuid()),
            import_id: Set(id.uuid()),
            begins_at: Set(i64::try_from(begins_at).unwrap_or(i64::MAX)),
            piece: Set(piece.as_bytes().to_vec()),
        };
        import_text::Entity::insert(row)
            .exec_without_returning(tx.conn())
            .await?;
        begins_at += length;
        rest = behind;
    }
    Ok(())
}

#[derive(FromQueryResult)]
struct PieceRow {
    piece: Vec<u8>,
}

/// Finds out how a table is laid out that has come whole, and lets a worker read it. `field` is where the table came in.
pub(super) async fn settle(
    tx: &mut TenantTx<Write>,
    id: ImportId,
    whole: Whole,
    field: &'static str,
) -> Result<(), StoreError> {
    tx.require_open()?;
    let row = tx.get::<row::Entity>(id.uuid()).await?;
    let layout: Layout =
        serde_json::from_str(&row.layout).map_err(|_| StoreError::Corrupt(format!("the layout of {id}")))?;
    let sql = "SELECT piece FROM import_text WHERE tenant_id = $1 AND import_id = $2 AND begins_at < $3
               ORDER BY begins_at";
    let pieces: Vec<PieceRow> = tx.all(sql, [id.uuid().into(), BEGINNING_OCTETS.into()]).await?;
    let octets: Vec<u8> = pieces.into_iter().flat_map(|row| row.piece).collect();
    let is_all = octets.len() == whole.octets;
    let beginning = String::from_utf8_lossy(&octets);
    let custom: Vec<FieldKey> = custom_field::all(tx)
        .await?
        .into_iter()
        .map(|of| of.key)
        .collect();
    let found = Sheet::find(&beginning, is_all, &layout, &custom);
    let (sheet, header) = found.map_err(|flaw| StoreError::invalid(field, flaw))?;
    if sheet.speaks_of_permission() && row.names_purposes == 0 {
        let advice = "rows say how permissions were come by: say for which of the list's purposes";
        return Err(StoreError::invalid("purposes", advice));
    }
    let sql =
        "UPDATE people_import SET status = 'QUEUED', table_hash = $3, encoding = $4, is_encoding_guess = $5,
                 delimiter = $6, columns = $7, octets = $8, read_to = $9, line = $10, upload_id = NULL
               WHERE tenant_id = $1 AND id = $2";
    let number = |of: usize| i64::try_from(of).unwrap_or(i64::MAX);
    let values = [
        id.uuid().into(),
        whole.hash.into(),
        whole.decoded.encoding.name().into(),
        i32::from(whole.decoded.is_guess).into(),
        sheet.delimiter.to_string().into(),
        written(&sheet.columns)?.into(),
        number(whole.octets).into(),
        number(header.octets).into(),
        i64::try_from(header.line).unwrap_or(1).into(),
    ];
    tx.execute(sql, values).await?;
    note(
        tx,
        AuditAct::PeopleImported,
        id,
        stored(row.list_id),
        row.is_dry_run != 0,
    )
    .await?;
    let job = Job::ImportPeople {
        tenant: tx.tenant(),
        import: id,
    };
    let now = tx.now();
    tx.enqueue(&job, now).await?;
    tx.moves_on(Subject::Import(id));
    Ok(())
}

/// Forgets some of the text, and says how many pieces that were.
pub(super) async fn forget_some(tx: &TenantTx<Write>, id: ImportId) -> Result<u64, StoreError> {
    let sql = format!(
        "DELETE FROM import_text WHERE tenant_id = $1 AND import_id = $2 AND begins_at <= (
           SELECT MAX(begins_at) FROM (
             SELECT begins_at FROM import_text WHERE tenant_id = $1 AND import_id = $2
             ORDER BY begins_at LIMIT {PIECES_AT_ONCE}) AS oldest)"
    );
    tx.execute(&sql, [id.uuid().into()]).await
}

/// Takes an import back that waits for its table, as though nobody had asked for it.
pub(super) async fn discard(tx: &TenantTx<Write>, id: ImportId) -> Result<(), StoreError> {
    let is_waiting = "SELECT 1 FROM people_import i WHERE i.tenant_id = $1 AND i.id = $2
                        AND i.status = 'AWAITING_TABLE' AND i.upload_id IS NULL";
    let purposes = format!(
        "DELETE FROM import_purpose WHERE tenant_id = $1 AND import_id = $2 AND EXISTS ({is_waiting})"
    );
    tx.execute(&purposes, [id.uuid().into()]).await?;
    let import = "DELETE FROM people_import
                  WHERE tenant_id = $1 AND id = $2 AND status = 'AWAITING_TABLE' AND upload_id IS NULL";
    tx.execute(import, [id.uuid().into()]).await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct Known {
    id: Uuid,
}

/// Gives up imports whose table did not come, and forgets what is left of others that have ended.
pub(crate) async fn tend(store: &Store, ctx: TenantCtx) -> Result<(), StoreError> {
    let tx = TenantTx::read(store, ctx).await?;
    let before = tx.now().before(WAITS_FOR).micros();
    let waiting = tx
        .find::<row::Entity>()
        .filter(row::Column::Status.eq("AWAITING_TABLE"))
        .filter(row::Column::CreatedAt.lt(before));
    let waiting = waiting.all(tx.conn()).await?;
    let sql = "SELECT i.id FROM people_import i
               WHERE i.tenant_id = $1 AND i.status IN ('FINISHED', 'CANCELLED', 'FAILED')
                 AND (EXISTS (SELECT 1 FROM import_text t WHERE t.tenant_id = i.tenant_id AND t.import_id = i.id)
                   OR EXISTS (SELECT 1 FROM import_seen s WHERE s.tenant_id = i.tenant_id AND s.import_id = i.id))";
    let left: Vec<Known> = tx.all(sql, []).await?;
    drop(tx);
    let ctx = TenantCtx::new(ctx.tenant(), Actor::Job);
    let mut ended = Vec::new();
    for row in &waiting {
        let mut tx = TenantTx::write(store, ctx).await?;
        if reading::fail_waiting(&mut tx, stored(row.id), "its table did not come within a day").await? {
            ended.push(row.id);
        }
        tx.commit().await?;
    }
    for id in ended.into_iter().chain(left.into_iter().map(|row| row.id)) {
        forget(store, ctx, stored(id)).await?;
    }
    Ok(())
}

/// Forgets what came of a table in an upload before this one, or, with none, in one that broke off; what comes in another upload
/// meanwhile is left alone.
pub(super) async fn forget_former(
    store: &Store,
    ctx: TenantCtx,
    id: ImportId,
    upload: Option<Uuid>,
) -> Result<(), StoreError> {
    loop {
        let tx = TenantTx::write(store, ctx).await?;
        tx.lock::<row::Entity>(id.uuid()).await?;
        let row = tx.get::<row::Entity>(id.uuid()).await?;
        if row.upload_id != upload || row.table_hash.is_some() || forget_some(&tx, id).await? == 0 {
            return Ok(());
        }
        tx.commit().await?;
    }
}

/// Forgets all of the text and what a dry run has met, little by little.
pub(super) async fn forget(store: &Store, ctx: TenantCtx, id: ImportId) -> Result<(), StoreError> {
    loop {
        let tx = TenantTx::write(store, ctx).await?;
        let forgotten = forget_some(&tx, id).await? + super::dry_run::forget_some(&tx, id).await?;
        tx.commit().await?;
        if forgotten == 0 {
            return Ok(());
        }
    }
}
