//! `assent backup`, `assent restore` and `assent nos`: the database in a file, and back again.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use assent_domain::clock::{Clock, SystemClock, Timestamp};
use assent_entity::backup::{self, Restoring};
use assent_entity::{Store, noes};
use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};

use super::{Failure, say, serve};
use crate::settings::Settings;

#[derive(Debug, Args)]
pub(super) struct Restore {
    /// What `assent backup` wrote.
    file: PathBuf,
    /// Give up what the database holds now.
    #[arg(long)]
    replace: bool,
    /// Enter the noes said since the backup again: a list that `assent nos export` wrote.
    #[arg(long, value_name = "FILE")]
    nos: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(super) enum NosCommand {
    /// Write the opt-outs, erasures and withdrawals since a time into a signed file, to be kept away from the database.
    Export {
        /// The file to write.
        file: PathBuf,
        /// From when on, as in 2026-01-31T00:00:00Z: no later than the backup it is to go with.
        #[arg(long, value_name = "TIME")]
        since: DateTime<Utc>,
    },
}

/// Copies the database into a file.
pub(super) async fn make(store: &Store, settings: &Settings, file: &Path) -> Result<(), Failure> {
    let about = backup::make(store, &settings.store, file, &mut say).await?;
    say(format_args!(
        "{}: {} rows as of {}. Keep it, and ASSENT_SECRET apart from it: without the secret it cannot be restored.",
        file.display(),
        about.rows.values().sum::<u64>(),
        about.created_at
    ));
    Ok(())
}

/// Puts a backup into the database that the settings name.
pub(super) async fn restore(settings: &Settings, restore: &Restore) -> Result<(), Failure> {
    let _lock = serve::lock_sqlite(settings)?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let what = Restoring {
        file: &restore.file,
        noes: restore.nos.as_deref(),
        replace: restore.replace,
        scratch: &settings.data_dir,
    };
    backup::restore(&settings.store, &settings.keys, &clock, what, &mut say).await?;
    say("Restored. Campaigns that were under way are paused, and everybody has to sign in again.");
    Ok(())
}

/// Writes a list of noes.
pub(super) async fn nos(store: &Store, settings: &Settings, command: NosCommand) -> Result<(), Failure> {
    let NosCommand::Export { file, since } = command;
    let list = noes::gather(store, Timestamp::from(since)).await?;
    list.write(&settings.keys, &file)?;
    say(format_args!(
        "{}: {} noes since {since}",
        file.display(),
        list.count()
    ));
    Ok(())
}
