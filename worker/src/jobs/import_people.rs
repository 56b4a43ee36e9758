//! Taking in people whom a tenant brought along, some rows a transaction, for one slice of time.

use std::time::Instant;

use assent_domain::id::ImportId;
use assent_entity::TenantTx;
use assent_entity::import::{self, Batch, Cut, Piece, Went};
use assent_entity::outbox::{self, OpenJob};

use crate::jobs::JobError;
use crate::run::World;

/// Rows of one transaction: few enough that nobody waits long for it.
const ROWS: usize = 500;

/// The same where people are asked, which takes more.
const ROWS_TO_ASK: usize = 50;

/// How much of the text is looked at: more than so many rows take, for the most part.
const OCTETS: usize = 256 * 1024;

/// How much is looked at where no row ends in that: a cell may be large, although nothing of it is kept.
const OCTETS_OF_A_LONG_ROW: usize = 16 * 1024 * 1024;

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
            Next::No(why) => return give_up(world, job, id, &why).await,
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
    /// The table cannot be read on, for this reason.
    No(String),
}

async fn next(world: &World, job: &OpenJob, id: ImportId) -> Result<Next, JobError> {
    let tx = TenantTx::read(&world.store, job.ctx).await?;
    let mut line = 0;
    for octets in [OCTETS, OCTETS_OF_A_LONG_ROW] {
        let Some(piece) = import::piece(&tx, id, octets).await? else {
            return Ok(Next::Nothing);
        };
        let rows = if piece.asks() { ROWS_TO_ASK } else { ROWS };
        match piece.rows(rows, tx.now()) {
            Ok(batch) => return Ok(Next::Rows(piece, batch)),
            Err(Cut::Short) => line = piece.line(),
            Err(Cut::InAQuote(line)) => {
                let why = format!(
                    "a quote is opened in line {line} and not closed: what follows it was not read. Close it, or write it \
                     twice where it is part of the text, and bring the table along again"
                );
                return Ok(Next::No(why));
            }
            Err(Cut::TooMany) => {
                let why = format!(
                    "the table has more than {} rows: bring it along in parts",
                    piece.max_rows()
                );
                return Ok(Next::No(why));
            }
        }
    }
    let why = format!(
        "the row that begins in line {line} does not end within 16 MiB: a quote is opened there and not closed. Close it, or \
         write it twice where it is part of the text, and bring the table along again"
    );
    Ok(Next::No(why))
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
