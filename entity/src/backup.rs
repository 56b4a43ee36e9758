//! Backups: the whole database in one sealed file, made while the server runs, and put back into a database (P06).
//!
//! What a restore brings back is the past: what has been said since is in no backup. So it starts no old schedule
//! again (see `calm`), and takes the noes said since from a list that was kept elsewhere (see [`crate::noes`]).

use std::path::Path;
use std::sync::Arc;

use assent_domain::clock::Clock;
use assent_domain::keys::Keys;

use crate::checkpoint;
use crate::noes::Noes;
use crate::store::{Store, StoreSettings};
use crate::{noes, tenant, verify};

mod calm;
mod census;
mod error;
mod file;
mod postgres;
pub(crate) mod scratch;
mod sqlite;

pub use error::BackupError;
pub(crate) use error::of_file;
pub use file::{About, DatabaseKind, Digest};
pub(crate) use postgres::UNFINISHED;
pub(crate) use sqlite::{file_of, ready_for};

use file::BackupFile;

/// Told what is being done, a sentence at a time.
pub type Progress<'a> = &'a mut (dyn FnMut(String) + Send);

/// What [`restore`] works with.
#[derive(Clone, Copy, Debug)]
pub struct Restoring<'a> {
    /// The backup.
    pub file: &'a Path,
    /// The noes said since, if there is a list of them.
    pub noes: Option<&'a Path>,
    /// Whether what the database holds may be given up.
    pub replace: bool,
    /// A directory of ours for what is needed on the way; it will hold personal data for a moment.
    pub scratch: &'a Path,
}

/// Copies the whole database into a new file: one moment of it, while others read and write. Returns what the file
/// says of itself.
pub async fn make(
    store: &Store,
    settings: &StoreSettings,
    to: &Path,
    progress: Progress<'_>,
) -> Result<About, BackupError> {
    if to.exists() {
        return Err(BackupError::Exists(to.to_owned()));
    }
    let data = scratch::beside(to, "data")?;
    progress("Copying the database as it is at this moment.".to_owned());
    let about = if store.is_sqlite() {
        sqlite::copy(store, settings, data.path()).await?
    } else {
        postgres::copy(store, settings, data.path()).await?
    };
    progress("Sealing the file, and reading it again.".to_owned());
    file::write(store.keys(), store.now(), about, data.path(), to)
}

/// Puts a backup into a database that is empty, or may be replaced, and checks it. The file is checked before anything
/// is changed.
pub async fn restore(
    settings: &StoreSettings,
    keys: &Keys,
    clock: &Arc<dyn Clock>,
    what: Restoring<'_>,
    progress: Progress<'_>,
) -> Result<About, BackupError> {
    progress("Checking the file.".to_owned());
    let backup = BackupFile::open(keys, clock.now(), what.file)?;
    let noes = what
        .noes
        .map(|path| Noes::read(keys, clock.now(), path, backup.about.created_at))
        .transpose()?;
    backup.about.check_fit(settings)?;
    let about = &backup.about;
    progress(format!(
        "It was made on {} by release {}: {} rows, {} octets. Its seal and its checksum hold.",
        about.created_at,
        about.release,
        about.rows.values().sum::<u64>(),
        about.payload.octets
    ));
    match about.database {
        DatabaseKind::Sqlite => {
            let place = sqlite::Place::prepare(settings, what.replace).await?;
            let side = place.unpack(&backup)?;
            let store = side.open(settings, keys, clock).await?;
            settle(&store, about, noes, progress).await?;
            place.take(side, store).await?;
        }
        DatabaseKind::Postgres => {
            postgres::prepare(settings, what.replace).await?;
            progress("Putting the rows into the database.".to_owned());
            postgres::put_back(settings, &backup, what.scratch).await?;
            let store = Store::open_unfinished(settings, keys.clone(), Arc::clone(clock)).await?;
            settle(&store, about, noes, progress).await?;
            postgres::finish(&store).await?;
            store.close().await;
        }
    }
    Ok(backup.about)
}

/// Makes a restored database fit to go on from: all rows are there, of this release's schema, nothing old starts by
/// itself, the noes hold, and the ledgers are those of the backup.
async fn settle(
    store: &Store,
    about: &About,
    noes: Option<Noes>,
    progress: Progress<'_>,
) -> Result<(), BackupError> {
    census::compare(&about.rows, &census::of(store).await?)?;
    progress("Every row of the backup has arrived.".to_owned());
    store.migrate().await?;
    for (ctx, tenant) in tenant::all(store).await? {
        let calmed = calm::tenant(store, ctx, about.created_at).await?;
        progress(format!("{}: {calmed}", tenant.slug));
    }
    match noes {
        Some(list) => {
            let applied = noes::apply(store, list, about.created_at).await?;
            progress(format!("{applied}"));
        }
        None => progress(format!(
            "No list of noes was given: opt-outs and erasures after {} are not known here.",
            about.created_at
        )),
    }
    let checkpoint = checkpoint::open(store, &about.checkpoint).map_err(|_| BackupError::Seal)?;
    let verified = verify::against(store, Some(&checkpoint), |_, _| {}).await?;
    for report in verified.reports {
        let slug = report.tenant.slug;
        match report.fault {
            None => progress(format!("{slug}: {} rows of the ledger hold", report.rows)),
            Some(fault) => return Err(BackupError::Ledger(format!("{slug}: {fault}"))),
        }
    }
    match verified.gone.first() {
        Some(gone) => Err(BackupError::Ledger(format!("{gone} is gone"))),
        None => Ok(()),
    }
}
