//! The rows that an import left out: in which line each began and why, and never what stands in it. The first of them are kept,
//! for a time; how many there were for each reason is kept for good.

use std::collections::{BTreeMap, HashMap};

use assent_domain::id::{ImportId, stored};
use assent_domain::import::{Flaw, Holds, RowProblem};
use assent_domain::retention::IMPORT_PROBLEMS;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, EntityTrait, FromQueryResult};
use uuid::Uuid;

use super::create::written;
use super::{Import, Problem};
use crate::chore::CHUNK;
use crate::error::{StoreError, read_code};
use crate::page::each::{Key, Lists};
use crate::page::{Page, PageRequest};
use crate::row::import_problem;
use crate::store::Store;
use crate::tx::{TenantCtx, TenantTx, Write};

/// How many rows that were left out are kept of one import, the first of the table: who mends these imports the rest anew.
pub const MAX_KEPT: u64 = 10_000;

/// Rows of one statement: both databases take fewer than 32,767 values in one.
const ROWS_A_STATEMENT: usize = 2000;

/// How many rows were left out for each reason, by its code.
pub(super) type Counts = BTreeMap<String, u64>;

pub(super) fn read_counts(text: &str) -> Option<Counts> {
    serde_json::from_str(text).ok()
}

/// Keeps what is wrong with rows of an import that is held, as far as there is room, and counts all of it.
pub(super) async fn note(
    tx: &TenantTx<Write>,
    import: &Import,
    mut problems: Vec<Problem>,
) -> Result<(), StoreError> {
    use import_problem::Column;
    if problems.is_empty() {
        return Ok(());
    }
    let mut counts = match &import.reasons {
        Some(counts) => counts.clone(),
        None => counted(tx, import.id).await?,
    };
    for problem in &problems {
        *counts.entry(problem.flaw.problem.to_string()).or_default() += 1;
    }
    let sql = "UPDATE people_import SET reasons = $3 WHERE tenant_id = $1 AND id = $2";
    tx.execute(sql, [import.id.uuid().into(), written(&counts)?.into()])
        .await?;
    let room = MAX_KEPT.saturating_sub(import.rows_refused);
    problems.sort_by_key(|problem| problem.line);
    problems.truncate(usize::try_from(room).unwrap_or(usize::MAX));
    let rows = problems.into_iter().map(|problem| import_problem::ActiveModel {
        tenant_id: Set(tx.uuid()),
        import_id: Set(import.id.uuid()),
        line: Set(i64::try_from(problem.line).unwrap_or(i64::MAX)),
        reason: Set(problem.flaw.problem.to_string()),
        field: Set(problem.flaw.field.map(|field| field.code().to_owned())),
    });
    // Of a line that two rows share, the first is noted.
    let noted = OnConflict::columns([Column::TenantId, Column::ImportId, Column::Line])
        .do_nothing()
        .to_owned();
    let rows: Vec<_> = rows.collect();
    for some in rows.chunks(ROWS_A_STATEMENT) {
        import_problem::Entity::insert_many(some.to_vec())
            .on_conflict(noted.clone())
            .exec_without_returning(tx.conn())
            .await?;
    }
    Ok(())
}

#[derive(FromQueryResult)]
struct Counted {
    reason: String,
    rows: i64,
}

/// What an import is about of which only the rows are there: it began before they were counted beside.
async fn counted<M>(tx: &TenantTx<M>, id: ImportId) -> Result<Counts, StoreError> {
    let sql = "SELECT reason, COUNT(*) AS rows FROM import_problem
               WHERE tenant_id = $1 AND import_id = $2 GROUP BY reason";
    let rows: Vec<Counted> = tx.all(sql, [id.uuid().into()]).await?;
    let count = |of: Counted| (of.reason, u64::try_from(of.rows).unwrap_or(0));
    Ok(rows.into_iter().map(count).collect())
}

#[derive(FromQueryResult)]
struct Known {
    reasons: Option<String>,
}

/// How many rows were left out for each reason, of several imports, the most frequent first.
pub async fn reasons_of_each<M>(
    tx: &TenantTx<M>,
    imports: &[ImportId],
) -> Result<HashMap<ImportId, Vec<(RowProblem, u64)>>, StoreError> {
    let sql = "SELECT id AS of_id, reasons FROM people_import WHERE tenant_id = $1 AND id IN ({ids})";
    let read = |row: Known| Ok(row.reasons.as_deref().and_then(read_counts));
    let (mut all, mut before) = (HashMap::new(), Vec::new());
    for (id, counts) in tx.each_about(sql, imports, read).await? {
        let Some(counts) = counts else {
            before.push(id);
            continue;
        };
        let reasons = counts
            .into_iter()
            .map(|(reason, rows)| Ok((read_code(&reason)?, rows)));
        all.insert(id, reasons.collect::<Result<Vec<_>, StoreError>>()?);
    }
    if !before.is_empty() {
        let sql = "SELECT import_id AS of_id, reason, COUNT(*) AS rows FROM import_problem
                   WHERE tenant_id = $1 AND import_id IN ({ids}) GROUP BY import_id, reason ORDER BY import_id, reason";
        let read = |of: Counted| Ok((read_code(&of.reason)?, u64::try_from(of.rows).unwrap_or(0)));
        all.extend(tx.lists_about(sql, &before, read).await?);
    }
    for reasons in all.values_mut() {
        reasons.sort_by_key(|(_, rows): &(RowProblem, u64)| std::cmp::Reverse(*rows));
    }
    Ok(all)
}

fn read_column(code: &str) -> Result<Holds, StoreError> {
    Holds::of_code(code).ok_or_else(|| StoreError::Corrupt(format!("the column {code:?}")))
}

/// The rows that were left out and are kept, of several imports: a page of each.
pub async fn problems_of<M>(
    tx: &TenantTx<M>,
    imports: &[ImportId],
    request: PageRequest,
) -> Result<HashMap<ImportId, Page<Problem>>, StoreError> {
    let lists = Lists {
        table: "import_problem",
        of: "import_id",
        key: Key::Number("line"),
        only: String::new(),
        key_of: |row: &import_problem::Model| key_of_line(u64::try_from(row.line).unwrap_or(0)),
    };
    let ids: Vec<_> = imports.iter().map(ImportId::uuid).collect();
    let pages = request.run_each(tx, &lists, &ids).await?.into_iter();
    pages
        .map(|(of, page)| Ok((stored(of), page.try_map(read_problem)?)))
        .collect()
}

/// The key of a row that was left out, as a page's cursor holds it.
fn key_of_line(line: u64) -> Uuid {
    Uuid::from_u128(line.into())
}

fn read_problem(row: import_problem::Model) -> Result<Problem, StoreError> {
    let flaw = Flaw {
        problem: read_code(&row.reason)?,
        field: row.field.as_deref().map(read_column).transpose()?,
    };
    Ok(Problem {
        line: u64::try_from(row.line).unwrap_or(0),
        flaw,
    })
}

#[derive(FromQueryResult)]
struct Old {
    id: Uuid,
}

/// Forgets the rows that imports left out which ended long ago.
pub(crate) async fn forget_old(store: &Store, ctx: TenantCtx) -> Result<(), StoreError> {
    let tx = TenantTx::read(store, ctx).await?;
    let sql = "SELECT i.id FROM people_import i
               WHERE i.tenant_id = $1 AND i.finished_at < $2
                 AND EXISTS (SELECT 1 FROM import_problem p WHERE p.tenant_id = i.tenant_id AND p.import_id = i.id)";
    let before = tx.now().before(IMPORT_PROBLEMS).micros();
    let old: Vec<Old> = tx.all(sql, [before.into()]).await?;
    drop(tx);
    let sql = format!(
        "DELETE FROM import_problem WHERE tenant_id = $1 AND import_id = $2 AND line IN (
           SELECT line FROM import_problem WHERE tenant_id = $1 AND import_id = $2 ORDER BY line LIMIT {CHUNK})"
    );
    for Old { id } in old {
        loop {
            let tx = TenantTx::write(store, ctx).await?;
            let forgotten = tx.execute(&sql, [id.into()]).await?;
            tx.commit().await?;
            if forgotten < u64::from(CHUNK) {
                break;
            }
        }
    }
    Ok(())
}
