//! Lists of people that a tenant brings along: how they come in, and where they stand.
//!
//! The text is kept in pieces until it has been read; a worker takes the rows in, some at a time, and notes in the same
//! transaction how far it got, so that whatever ends in the middle goes on from there and every row counts once.

use std::collections::HashMap;

use assent_domain::clock::Timestamp;
use assent_domain::id::{CollectionPointId, ImportId, MailingListId, PurposeId, stored};
use assent_domain::import::{
    Column, Delimiter, Flaw, ImportStatus, PermissionEvidence, RowProblem, Sheet, WithoutEvidence,
};
use sea_orm::{ColumnTrait, QueryFilter};

use crate::error::{StoreError, read_code};
use crate::page::{Page, PageRequest};
use crate::row::{import_purpose, people_import as row};
use crate::tx::{TenantTx, Write};

mod create;
mod dry_run;
mod people;
mod problem;
mod purposes;
mod reading;
mod reception;
mod rows;
mod table;
mod ticket;

pub use create::{MAX_UNDER_WAY, NewEvidence, NewImport, create, create_with};
pub(crate) use problem::forget_old as forget_old_problems;
pub use problem::{MAX_KEPT, problems_of, reasons_of_each};
pub use reading::{Batch, Cut, Piece, Went, fail, piece, take};
pub use reception::Reception;
pub(crate) use table::tend;
pub use ticket::{OPEN_FOR, Opened, Ticket, open, ticket};

/// A list of people that a tenant brought along.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// Its id.
    pub id: ImportId,
    /// The list that people are put on.
    pub list: MailingListId,
    /// The form by whose words those are asked who come without evidence.
    pub form: Option<CollectionPointId>,
    /// Where it stands.
    pub status: ImportStatus,
    /// Why it cannot be read to its end, if it cannot.
    pub failure: Option<String>,
    /// How the permission of those was come by whose rows do not say otherwise.
    pub evidence: Option<PermissionEvidence>,
    /// What becomes of those who come without.
    pub without_evidence: WithoutEvidence,
    /// Whether it only says what would become of each row, and changes nobody.
    pub is_dry_run: bool,
    /// The encoding of the table, as the WHATWG Encoding Standard calls it, once it is there.
    pub encoding: Option<String>,
    /// Whether that is a guess.
    pub is_encoding_guess: bool,
    /// How many octets the table has in UTF-8; 0 before it has come.
    pub octets: u64,
    /// How many of them have been read.
    pub octets_read: u64,
    /// How many rows have been read.
    pub rows_read: u64,
    /// How many people have been taken in with their permission.
    pub rows_imported: u64,
    /// How many were asked to confirm.
    pub rows_held: u64,
    /// How many rows were left out.
    pub rows_refused: u64,
    /// How many people were not known before, or, of a dry run, would be new.
    pub people_new: u64,
    /// The most rows that are read.
    pub max_rows: u64,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    sheet: Sheet,
    line: u64,
    /// `None` of one that began before they were counted.
    reasons: Option<problem::Counts>,
}

/// A row that was left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The line it begins in; the first is 1.
    pub line: u64,
    /// Why, and which column that is about.
    pub flaw: Flaw,
}

impl TryFrom<row::Model> for Import {
    type Error = StoreError;

    fn try_from(row: row::Model) -> Result<Self, StoreError> {
        let count = |of: i64| u64::try_from(of).unwrap_or(0);
        let unreadable = || StoreError::Corrupt(format!("import {}", row.id));
        let columns: Vec<Column> = serde_json::from_str(&row.columns).map_err(|_| unreadable())?;
        let delimiter: Option<Delimiter> = row.delimiter.as_deref().map(read_code).transpose()?;
        let evidence = row.source.zip(row.collected_at).zip(row.statement);
        Ok(Self {
            id: stored(row.id),
            list: stored(row.list_id),
            form: row.collection_point_id.map(stored),
            status: read_code(&row.status)?,
            failure: row.failure,
            evidence: evidence.map(|((source, collected_at), statement)| PermissionEvidence {
                source,
                collected_at: Timestamp::from_micros(collected_at),
                statement,
            }),
            without_evidence: read_code(&row.without_evidence)?,
            is_dry_run: row.is_dry_run != 0,
            encoding: row.encoding,
            is_encoding_guess: row.is_encoding_guess != 0,
            octets: count(row.octets),
            octets_read: count(row.read_to),
            rows_read: count(row.rows_read),
            rows_imported: count(row.rows_imported),
            rows_held: count(row.rows_held),
            rows_refused: count(row.rows_refused),
            people_new: count(row.people_new),
            max_rows: count(row.max_rows),
            created_at: Timestamp::from_micros(row.created_at),
            finished_at: row.finished_at.map(Timestamp::from_micros),
            sheet: Sheet::new(delimiter.unwrap_or(Delimiter::Comma), columns),
            line: count(row.line),
            reasons: row.reasons.as_deref().and_then(problem::read_counts),
        })
    }
}

impl Import {
    /// What stands between cells, once the table is there.
    pub fn delimiter(&self) -> Option<Delimiter> {
        self.encoding.is_some().then_some(self.sheet.delimiter)
    }

    /// How many rows were left out of which nothing more is kept, where `listed` of them are: not each is kept, and none for good.
    pub fn rows_not_kept(&self, listed: u64) -> u64 {
        // Of one that is being read, more may be kept than were listed a moment ago.
        let kept = match self.finished_at {
            Some(_) => listed,
            None => self.rows_refused.min(MAX_KEPT),
        };
        self.rows_refused.saturating_sub(kept)
    }

    /// The columns of the table; none before it is there.
    pub fn columns(&self) -> &[Column] {
        &self.sheet.columns
    }
}

/// The import with this id.
pub async fn by_id<M>(tx: &TenantTx<M>, id: ImportId) -> Result<Import, StoreError> {
    tx.get::<row::Entity>(id.uuid()).await?.try_into()
}

/// The tenant's imports, oldest first.
pub async fn page<M>(tx: &TenantTx<M>, request: PageRequest) -> Result<Page<Import>, StoreError> {
    request.run(tx, tx.find::<row::Entity>(), Import::try_from).await
}

/// What people on an import are said to have agreed to, or are asked for.
pub async fn purposes_of<M>(tx: &TenantTx<M>, id: ImportId) -> Result<Vec<PurposeId>, StoreError> {
    let mut found = purposes_of_each(tx, &[id]).await?;
    Ok(found.remove(&id).unwrap_or_default())
}

/// The same of several imports.
pub async fn purposes_of_each<M>(
    tx: &TenantTx<M>,
    imports: &[ImportId],
) -> Result<HashMap<ImportId, Vec<PurposeId>>, StoreError> {
    let sql = "SELECT p.*, p.import_id AS of_id FROM import_purpose p
               WHERE p.tenant_id = $1 AND p.import_id IN ({ids}) ORDER BY p.purpose_id";
    let read = |row: import_purpose::Model| Ok(stored(row.purpose_id));
    tx.lists_about(sql, imports, read).await
}

/// The rows that were left out and are kept, in the order of the table. The key of a row is its line.
pub async fn problems<M>(
    tx: &TenantTx<M>,
    id: ImportId,
    request: PageRequest,
) -> Result<Page<Problem>, StoreError> {
    let mut pages = problems_of(tx, &[id], request).await?;
    Ok(pages.remove(&id).unwrap_or_else(Page::empty))
}

/// How many rows were left out for each reason, the most frequent first.
pub async fn reasons<M>(tx: &TenantTx<M>, id: ImportId) -> Result<Vec<(RowProblem, u64)>, StoreError> {
    Ok(reasons_of_each(tx, &[id]).await?.remove(&id).unwrap_or_default())
}

/// Stops the taking in of an import; what has been taken in stays.
pub async fn cancel(tx: &mut TenantTx<Write>, id: ImportId) -> Result<(), StoreError> {
    tx.lock::<row::Entity>(id.uuid()).await?;
    let import = by_id(tx, id).await?;
    if !import.status.can_be_stopped() {
        let advice = format!("this import is {}: there is nothing to stop", import.status);
        return Err(StoreError::conflict("id", advice));
    }
    reading::stop(tx, id).await
}

/// Stops all imports that are open, and says how many there were.
pub(crate) async fn end_all(tx: &mut TenantTx<Write>) -> Result<usize, StoreError> {
    let query =
        tx.find::<row::Entity>()
            .filter(row::Column::Status.is_in(["AWAITING_TABLE", "QUEUED", "RUNNING"]));
    let open = query.all(tx.conn()).await?;
    for row in &open {
        reading::stop(tx, stored(row.id)).await?;
    }
    Ok(open.len())
}
