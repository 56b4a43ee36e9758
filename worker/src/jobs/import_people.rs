//! Taking in people whom a tenant brought along, some rows a transaction, for one slice of time.

use std::time::{Duration, Instant};

use assent_domain::id::ImportId;
use assent_entity::TenantTx;
use assent_entity::import::{self, Batch, Cut, Piece, Went};
use assent_entity::outbox::{self, OpenJob};

use crate::jobs::JobError;
use crate::run::World;

/// Rows of the first transaction. How many the next have follows from how long it took: whoever opts out, and on SQLite
/// whoever writes, waits no longer than for one.
const FIRST_ROWS: usize = 250;

/// The same where people are asked, which takes more.
const FIRST_ROWS_TO_ASK: usize = 25;

/// The most rows of one transaction. Both databases take fewer than 32,767 values in one statement, and a new person is 12.
const MAX_ROWS: usize = 2500;

/// How long a transaction is to take.
const TAKES: Duration = Duration::from_millis(200);

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
    let mut rows = None;
    loop {
        let (piece, batch) = match next(world, job, id, rows).await? {
            Next::Rows(piece, batch) => (piece, batch),
            Next::Nothing => return close(world, job).await,
            Next::No(why) => return give_up(world, job, id, &why).await,
        };
        let taken = batch.len();
        let mut tx = TenantTx::write(&world.store, job.ctx).await?;
        // From when it is our turn to write: waiting for that keeps nobody.
        let turn = Instant::now();
        let went = import::take(&mut tx, id, &piece, batch).await?;
        tx.commit().await?;
        rows = Some(rows_after(taken, turn.elapsed()));
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

/// How many rows the next transaction has, after one of so many that took so long.
fn rows_after(rows: usize, took: Duration) -> usize {
    let fits = if took * 2 < TAKES {
        rows * 2
    } else {
        let fits = rows as u128 * TAKES.as_micros() / took.as_micros().max(1);
        usize::try_from(fits).unwrap_or(MAX_ROWS)
    };
    fits.clamp(FIRST_ROWS_TO_ASK, MAX_ROWS)
}

/// What is to be taken in next.
enum Next {
    Rows(Box<Piece>, Batch),
    /// Nothing: the import has ended.
    Nothing,
    /// The table cannot be read on, for this reason.
    No(String),
}

async fn next(world: &World, job: &OpenJob, id: ImportId, rows: Option<usize>) -> Result<Next, JobError> {
    let tx = TenantTx::read(&world.store, job.ctx).await?;
    let mut line = 0;
    for octets in [OCTETS, OCTETS_OF_A_LONG_ROW] {
        let Some(piece) = import::piece(&tx, id, octets).await? else {
            return Ok(Next::Nothing);
        };
        let first = if piece.asks() {
            FIRST_ROWS_TO_ASK
        } else {
            FIRST_ROWS
        };
        match piece.rows(rows.unwrap_or(first), tx.now()) {
            Ok(batch) => return Ok(Next::Rows(Box::new(piece), batch)),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_rows_are_taken_as_nobody_waits_long_for() {
        let ms = Duration::from_millis;
        assert_eq!(rows_after(250, ms(10)), 500);
        assert_eq!(rows_after(2000, ms(10)), MAX_ROWS);
        assert_eq!(rows_after(2000, ms(400)), 1000);
        assert_eq!(rows_after(1000, ms(150)), 1333);
        assert_eq!(rows_after(100, Duration::from_mins(1)), FIRST_ROWS_TO_ASK);
    }
}
