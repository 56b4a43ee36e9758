//! Taking in people whom a tenant brought along, some rows a transaction, for one slice of time.

use std::time::Instant;

use assent_domain::id::ImportId;
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
        let (piece, batch) = match next(world, job, id).await? {
            Next::Rows(piece, batch) => (piece, batch),
            Next::Nothing => return close(world, job).await,
            Next::Endless(line) => {
                let why = format!(
                    "the row that begins in line {line} does not end within 1 MiB: a quote is opened there and not closed"
                );
                return give_up(world, job, id, &why).await;
            }
        };
        let mut tx = TenantTx::write(&world.store, job.ctx).await?;
        let went = import::take(&mut tx, id, &piece, batch).await?;
        tx.commit().await?;
        match went {
            Went::Over => return close(world, job).await,
            Went::Elsewhere => return Ok(()),
            Went::On => {}
        }
        if world.stopping.is_cancelled() || began.elapsed() >= world.settings.slice {
            return put_off(world, job).await;
        }
    }
}

/// What is to be taken in next.
enum Next {
    Rows(Piece, Batch),
    /// Nothing: the import has ended.
    Nothing,
    /// The row that begins in this line does not end in what is looked at.
    Endless(u64),
}

async fn next(world: &World, job: &OpenJob, id: ImportId) -> Result<Next, JobError> {
    let tx = TenantTx::read(&world.store, job.ctx).await?;
    let mut line = 0;
    for octets in [OCTETS, OCTETS_OF_A_LONG_ROW] {
        let Some(piece) = import::piece(&tx, id, octets).await? else {
            return Ok(Next::Nothing);
        };
        let rows = if piece.brings_evidence() {
            ROWS
        } else {
            ROWS_TO_ASK
        };
        if let Some(batch) = piece.rows(rows, tx.now()) {
            return Ok(Next::Rows(piece, batch));
        }
        line = piece.line();
    }
    Ok(Next::Endless(line))
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
