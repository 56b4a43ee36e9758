//! Reading an import: the next piece of its text, what was made of it, and the end.

use std::time::Duration;

use assent_domain::audit::AuditAct;
use assent_domain::clock::Timestamp;
use assent_domain::id::ImportId;
use assent_domain::import::{
    Brought, Cells, Field, Flaw, ImportField, ImportStatus, Sheet, Terms, read as read_person,
};
use assent_domain::webhook::event::Event;
use sea_orm::FromQueryResult;

use super::{Problem, by_id, dry_run, people, problem, table};
use crate::audit::Change;
use crate::error::StoreError;
use crate::live::Subject;
use crate::row::people_import as row;
use crate::tx::{TenantTx, Write};
use crate::{custom_field, tenant_life};

/// A piece of the text that is still to be read.
#[derive(Debug)]
pub struct Piece {
    sheet: Sheet,
    /// The text, from the beginning of a row on.
    text: String,
    line: u64,
    is_end: bool,
    terms: Terms,
    is_dry_run: bool,
    max_rows: u64,
    rows_read: u64,
    /// Where it begins, in octets.
    begins_at: u64,
}

/// Why a piece gives no rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// No row ends in it, and more of the table follows: a larger one is needed.
    Short,
    /// A quote is opened in this line and closed nowhere.
    InAQuote(u64),
    /// There are more rows than may be read.
    TooMany,
}

/// Rows of a piece, as they were read.
#[derive(Debug)]
pub struct Batch {
    /// Each row with the line it begins in.
    rows: Vec<(u64, Result<Brought, Flaw>)>,
    /// How many octets of the piece they take.
    octets: usize,
    /// The line that follows them.
    line: u64,
}

impl Batch {
    /// How many rows it has.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

impl Piece {
    /// The line in which it begins.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// The most rows that are read of the whole table.
    pub fn max_rows(&self) -> u64 {
        self.max_rows
    }

    /// Whether people may be asked because of its rows, which takes more than to take them in.
    pub fn asks(&self) -> bool {
        let brings_evidence =
            self.terms.evidence.is_some() || self.sheet.place_of(ImportField::CollectedAt).is_some();
        !brings_evidence && !self.is_dry_run
    }

    /// Reads at most `limit` rows.
    pub fn rows(&self, limit: usize, now: Timestamp) -> Result<Batch, Cut> {
        let read = self.sheet.read(&self.text, self.line, self.is_end, limit);
        if read.rows.is_empty() {
            if let Some(line) = read.open_quote {
                return Err(Cut::InAQuote(line));
            }
            if !self.is_end {
                return Err(Cut::Short);
            }
        }
        if self.rows_read + read.rows.len() as u64 > self.max_rows {
            return Err(Cut::TooMany);
        }
        let is_all = self.is_end && read.rows.len() < limit && read.open_quote.is_none();
        let octets = if is_all { self.text.len() } else { read.octets };
        let person = |row: Cells| {
            let cells = row.cells.map_err(|problem| Flaw { problem, field: None });
            let person = cells.and_then(|cells| read_person(&self.sheet, &cells, &self.terms, now));
            (row.line, person)
        };
        Ok(Batch {
            rows: read.rows.into_iter().map(person).collect(),
            octets,
            line: read.line,
        })
    }
}

#[derive(FromQueryResult)]
struct TextRow {
    begins_at: i64,
    piece: Vec<u8>,
}

/// The next piece of an import, of at least so many octets if there are as many; `None` where nothing is to be read.
pub async fn piece<M>(tx: &TenantTx<M>, id: ImportId, octets: usize) -> Result<Option<Piece>, StoreError> {
    let import = by_id(tx, id).await?;
    if !import.status.is_open() {
        return Ok(None);
    }
    let from = i64::try_from(import.octets_read).unwrap_or(i64::MAX);
    let to = from.saturating_add(i64::try_from(octets).unwrap_or(i64::MAX));
    // From the piece that begins here or before on.
    let sql =
        "SELECT begins_at, piece FROM import_text WHERE tenant_id = $1 AND import_id = $2 AND begins_at < $4
                 AND begins_at >= (SELECT MAX(begins_at) FROM import_text
                                   WHERE tenant_id = $1 AND import_id = $2 AND begins_at <= $3)
               ORDER BY begins_at";
    let rows: Vec<TextRow> = tx.all(sql, [id.uuid().into(), from.into(), to.into()]).await?;
    let mut text = Vec::with_capacity(octets);
    let mut at = from;
    for row in rows {
        let missing = || StoreError::Corrupt(format!("the text of {id} from octet {at} on"));
        let skip = usize::try_from(at - row.begins_at).map_err(|_| missing())?;
        let rest = row.piece.get(skip..).ok_or_else(missing)?;
        text.extend_from_slice(rest);
        at += i64::try_from(rest.len()).unwrap_or(i64::MAX);
    }
    let has_ended = u64::try_from(at).is_ok_and(|at| at >= import.octets);
    if !has_ended && at < to {
        return Err(StoreError::Corrupt(format!(
            "the text of {id} from octet {at} on"
        )));
    }
    Ok(Some(Piece {
        text: String::from_utf8(text).map_err(|_| StoreError::Corrupt(format!("the text of {id}")))?,
        line: import.line,
        is_end: has_ended,
        begins_at: import.octets_read,
        is_dry_run: import.is_dry_run,
        max_rows: import.max_rows,
        rows_read: import.rows_read,
        terms: Terms {
            fields: fields(tx, &import.sheet).await?,
            evidence: import.evidence,
            without_evidence: import.without_evidence,
        },
        sheet: import.sheet,
    }))
}

/// The tenant's own fields that a table has columns for.
async fn fields<M>(tx: &TenantTx<M>, sheet: &Sheet) -> Result<Vec<Field>, StoreError> {
    if sheet.custom().next().is_none() {
        return Ok(Vec::new());
    }
    let all = custom_field::all(tx).await?.into_iter();
    Ok(all
        .map(|field| Field {
            key: field.key,
            kind: field.kind,
            choices: field.choices,
        })
        .collect())
}

/// How a batch went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Went {
    /// It was taken in, and more follows.
    On,
    /// That was the end: of the table, or because the import was stopped.
    Over,
    /// Another worker had taken it in before, and goes on.
    Elsewhere,
}

/// Takes a batch of a piece in. An import of a tenant that was closed is stopped: it takes nobody in.
pub async fn take(
    tx: &mut TenantTx<Write>,
    id: ImportId,
    of: &Piece,
    batch: Batch,
) -> Result<Went, StoreError> {
    tx.lock::<row::Entity>(id.uuid()).await?;
    let import = by_id(tx, id).await?;
    if !import.status.is_open() {
        return Ok(Went::Over);
    }
    if import.octets_read != of.begins_at {
        return Ok(Went::Elsewhere);
    }
    if !tenant_life::of(tx).await?.is_open() {
        stop(tx, id).await?;
        return Ok(Went::Over);
    }
    let rows = batch.rows.len();
    let mut problems = Vec::new();
    let mut brought = Vec::with_capacity(rows);
    for (line, row) in batch.rows {
        match row {
            Ok(person) => brought.push((line, person)),
            Err(flaw) => problems.push(Problem { line, flaw }),
        }
    }
    let taken = if import.is_dry_run {
        dry_run::weigh(tx, &import, brought).await?
    } else {
        people::take_in(tx, &import, brought).await?
    };
    problems.extend(taken.problems);
    let refused = problems.len();
    problem::note(tx, &import, problems).await?;
    let read_to = of.begins_at + batch.octets as u64;
    let counts = [
        read_to,
        batch.line,
        rows as u64,
        taken.imported,
        taken.held,
        refused as u64,
        taken.new,
    ];
    let sql = "UPDATE people_import SET status = 'RUNNING', read_to = $3, line = $4, rows_read = rows_read + $5,
                 rows_imported = rows_imported + $6, rows_held = rows_held + $7, rows_refused = rows_refused + $8,
                 people_new = people_new + $9
               WHERE tenant_id = $1 AND id = $2";
    let counts = counts.map(|count| i64::try_from(count).unwrap_or(i64::MAX).into());
    tx.execute(sql, [id.uuid().into()].into_iter().chain(counts))
        .await?;
    tx.moves_on(Subject::Import(id));
    let is_over = of.is_end && batch.octets == of.text.len();
    if is_over {
        end(tx, id, ImportStatus::Finished, None).await?;
        return Ok(Went::Over);
    }
    forget_read(tx, id, read_to).await?;
    Ok(Went::On)
}

/// Ends an import that cannot be read on: `why` is for the tenant.
pub async fn fail(tx: &mut TenantTx<Write>, id: ImportId, why: &str) -> Result<(), StoreError> {
    tx.lock::<row::Entity>(id.uuid()).await?;
    if by_id(tx, id).await?.status.can_be_stopped() {
        end(tx, id, ImportStatus::Failed, Some(why)).await?;
    }
    Ok(())
}

/// How long an upload may take at most, and longer: one that began before that has lost its process.
const UPLOAD_LASTS: Duration = Duration::from_hours(2);

/// Ends an import whose table has not come, and is not coming; says whether it did.
pub(super) async fn fail_waiting(
    tx: &mut TenantTx<Write>,
    id: ImportId,
    why: &str,
) -> Result<bool, StoreError> {
    tx.lock::<row::Entity>(id.uuid()).await?;
    let row = tx.get::<row::Entity>(id.uuid()).await?;
    // The id of an upload tells when it began (RFC 9562, 5.7).
    let began = row.upload_id.and_then(|upload| upload.get_timestamp());
    let began = began.map(|began| began.to_unix().0);
    let long_ago = tx.now().before(UPLOAD_LASTS).micros() / 1_000_000;
    let is_coming = began.is_some_and(|began| i64::try_from(began).unwrap_or(0) > long_ago);
    let is_over = row.status == ImportStatus::AwaitingTable.to_string() && !is_coming;
    if is_over {
        end(tx, id, ImportStatus::Failed, Some(why)).await?;
    }
    Ok(is_over)
}

/// Stops an import that is open, on the record.
pub(super) async fn stop(tx: &mut TenantTx<Write>, id: ImportId) -> Result<(), StoreError> {
    end(tx, id, ImportStatus::Cancelled, None).await?;
    tx.audit(AuditAct::ImportCancelled, id, &Change::default())
}

/// Ends an import. Nothing of the text is kept for long: of much, the rest is forgotten later, see [`table::tend`].
async fn end(
    tx: &mut TenantTx<Write>,
    id: ImportId,
    status: ImportStatus,
    failure: Option<&str>,
) -> Result<(), StoreError> {
    let sql = "UPDATE people_import SET status = $3, failure = $4, finished_at = $5, upload_id = NULL WHERE tenant_id = $1 AND id = $2";
    let values = [
        id.uuid().into(),
        status.to_string().into(),
        failure.map(str::to_owned).into(),
        tx.now().micros().into(),
    ];
    tx.execute(sql, values).await?;
    table::forget_some(tx, id).await?;
    dry_run::forget_some(tx, id).await?;
    tx.moves_on(Subject::Import(id));
    tx.tell(Event::import_finished(id, status));
    Ok(())
}

/// Forgets the pieces that have been read whole: those before the one in which the next row begins.
async fn forget_read(tx: &TenantTx<Write>, id: ImportId, read_to: u64) -> Result<(), StoreError> {
    let sql = "DELETE FROM import_text WHERE tenant_id = $1 AND import_id = $2 AND begins_at < (
                 SELECT MAX(begins_at) FROM import_text WHERE tenant_id = $1 AND import_id = $2 AND begins_at <= $3)";
    let read_to = i64::try_from(read_to).unwrap_or(i64::MAX);
    tx.execute(sql, [id.uuid().into(), read_to.into()]).await?;
    Ok(())
}
