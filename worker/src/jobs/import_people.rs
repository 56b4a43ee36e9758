//! Taking in people whom a tenant brought along, some rows a transaction, for one slice of time.

use std::time::Instant;

use assent_domain::id::ImportId;
use assent_domain::import::{Cells, Flaw, Read, read};
use assent_entity::TenantTx;
use assent_entity::import::{self, Batch, Piece};
use assent_entity::outbox::{self, OpenJob};

use crate::jobs::JobError;
use crate::run::World;

/// Rows of one transaction: few enough that nobody waits long for it.
const ROWS: usize = 500;

/// How much of the text is looked at: more than so many rows take, for the most part.
const OCTETS: usize = 64 * 1024;

/// How much is looked at where no row ends in that.
const OCTETS_OF_A_LONG_ROW: usize = 1024 * 1024;

/// Works on an import for one slice.
pub(crate) async fn slice(world: &World, job: &OpenJob, id: ImportId) -> Result<(), JobError> {
    let began = Instant::now();
    loop {
        let Some(piece) = next(world, job, id).await? else {
            return close(world, job).await;
        };
        let found = piece.sheet.read(&piece.text, piece.line, piece.is_end, ROWS);
        if found.rows.is_empty() && !piece.is_end {
            return give_up(world, job, id, found.line).await;
        }
        let goes_on = take(world, job, id, &piece, found).await?;
        if !goes_on {
            return close(world, job).await;
        }
        if world.stopping.is_cancelled() || began.elapsed() >= world.settings.slice {
            return put_off(world, job).await;
        }
    }
}

/// The next piece in which a row ends, if there is one.
async fn next(world: &World, job: &OpenJob, id: ImportId) -> Result<Option<Piece>, JobError> {
    let tx = TenantTx::read(&world.store, job.ctx).await?;
    let piece = import::piece(&tx, id, OCTETS).await?;
    let ends_in_it = |piece: &Piece| {
        let found = piece.sheet.read(&piece.text, piece.line, piece.is_end, 1);
        piece.is_end || !found.rows.is_empty()
    };
    match piece {
        Some(piece) if !ends_in_it(&piece) => Ok(import::piece(&tx, id, OCTETS_OF_A_LONG_ROW).await?),
        piece => Ok(piece),
    }
}

async fn take(
    world: &World,
    job: &OpenJob,
    id: ImportId,
    piece: &Piece,
    found: Read,
) -> Result<bool, JobError> {
    let mut tx = TenantTx::write(&world.store, job.ctx).await?;
    let now = tx.now();
    let is_all = piece.is_end && found.rows.len() < ROWS;
    let octets = if is_all { piece.text.len() } else { found.octets };
    let person = |row: Cells| {
        let flaw = |problem| Flaw { problem, field: None };
        let person = row
            .cells
            .map_err(flaw)
            .and_then(|cells| read(&piece.sheet, &cells, piece.evidence.as_ref(), now));
        (row.line, person)
    };
    let batch = Batch {
        rows: found.rows.into_iter().map(person).collect(),
        octets,
        line: found.line,
    };
    let goes_on = import::take(&mut tx, id, piece, batch).await?;
    tx.commit().await?;
    Ok(goes_on)
}

async fn give_up(world: &World, job: &OpenJob, id: ImportId, line: u64) -> Result<(), JobError> {
    let mut tx = TenantTx::write(&world.store, job.ctx).await?;
    let why = format!(
        "the row that begins in line {line} does not end within 1 MiB: a quote is opened there and not closed"
    );
    import::fail(&mut tx, id, &why).await?;
    outbox::close(&mut tx, job.id).await?;
    Ok(tx.commit().await?)
}

async fn close(world: &World, job: &OpenJob) -> Result<(), JobError> {
    let mut tx = TenantTx::write(&world.store, job.ctx).await?;
    outbox::close(&mut tx, job.id).await?;
    Ok(tx.commit().await?)
}

/// Lets others have their turn, and goes on.
async fn put_off(world: &World, job: &OpenJob) -> Result<(), JobError> {
    let mut tx = TenantTx::write(&world.store, job.ctx).await?;
    let now = tx.now();
    outbox::put_off(&mut tx, job.id, now).await?;
    Ok(tx.commit().await?)
}
