//! Taking in people whom a tenant brought along, some rows a transaction, for one slice of time.

use std::time::Instant;

use assent_domain::id::ImportId;
use assent_domain::import::{Cells, Flaw, Read, read};
use assent_entity::TenantTx;
use assent_entity::import::{self, Batch, Piece, Went};
use assent_entity::outbox::{self, OpenJob};

use crate::jobs::JobError;
use crate::run::World;

/// Rows of one transaction: few enough that nobody waits long for it.
const ROWS: usize = 500;

/// The same where people are asked, which takes more.
const ROWS_TO_ASK: usize = 50;

/// How much of the text is looked at: more than so many rows take, for the most part.
const OCTETS: usize = 64 * 1024;

/// How much is looked at where no row ends in that.
const OCTETS_OF_A_LONG_ROW: usize = 1024 * 1024;

/// Works on an import for one slice. One that cannot go on has failed, for its tenant to see.
pub(crate) async fn slice(world: &World, job: &OpenJob, id: ImportId) -> Result<(), JobError> {
    match work(world, job, id).await {
        Err(JobError::Stop(why)) => {
            tracing::error!(import = %id, why, "an import cannot go on");
            give_up(
                world,
                job,
                id,
                "this server cannot read on; its operator finds in the log why",
            )
            .await
        }
        went => went,
    }
}

async fn work(world: &World, job: &OpenJob, id: ImportId) -> Result<(), JobError> {
    let began = Instant::now();
    loop {
        let Some(piece) = next(world, job, id).await? else {
            return close(world, job).await;
        };
        let rows = if piece.brings_evidence() {
            ROWS
        } else {
            ROWS_TO_ASK
        };
        let found = piece.sheet.read(&piece.text, piece.line, piece.is_end, rows);
        if found.rows.is_empty() && !piece.is_end {
            let why = format!(
                "the row that begins in line {} does not end within 1 MiB: a quote is opened there and not closed",
                found.line
            );
            return give_up(world, job, id, &why).await;
        }
        match take(world, job, id, &piece, found, rows).await? {
            Went::Over => return close(world, job).await,
            Went::Elsewhere => return Ok(()),
            Went::On => {}
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
    rows: usize,
) -> Result<Went, JobError> {
    let mut tx = TenantTx::write(&world.store, job.ctx).await?;
    let now = tx.now();
    let is_all = piece.is_end && found.rows.len() < rows;
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
    let went = import::take(&mut tx, id, piece, batch).await?;
    tx.commit().await?;
    Ok(went)
}

async fn give_up(world: &World, job: &OpenJob, id: ImportId, why: &str) -> Result<(), JobError> {
    let mut tx = TenantTx::write(&world.store, job.ctx).await?;
    import::fail(&mut tx, id, why).await?;
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
