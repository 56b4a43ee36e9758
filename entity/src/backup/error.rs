//! Why a backup was not made, or not put back.

use std::path::{Path, PathBuf};

use assent_domain::clock::Timestamp;
use sea_orm::DbErr;

use super::DatabaseKind;
use crate::error::StoreError;
use crate::store::OpenError;

/// Why a backup was not made, or not put back. Unless a variant says otherwise, nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// A backup is never written over another file.
    #[error("{0} exists already: name a file that does not")]
    Exists(PathBuf),
    /// Some other file.
    #[error("{0} is no backup of Assent")]
    NotABackup(PathBuf),
    /// Its first line was altered, or sealed with other keys.
    #[error(
        "the file's first line was altered, or it was sealed under another ASSENT_SECRET: give the one it was made with"
    )]
    Seal,
    /// Its end is missing.
    #[error("the file is cut off: {found} of {expected} octets of data are there; take another copy of it")]
    CutOff {
        /// As many as the first line says.
        expected: u64,
        /// As many as there are.
        found: u64,
    },
    /// Its data are not those that were sealed.
    #[error("the file's data were altered: take another copy of it")]
    Altered,
    /// A backup of the other database.
    #[error("this is a backup of {file}, and ASSENT_DATABASE_URL names {database}: the two do not mix")]
    WrongKind {
        /// What the file holds.
        file: DatabaseKind,
        /// What the settings name.
        database: DatabaseKind,
    },
    /// A later release made it.
    #[error("the backup was made by release {0}, which is newer than this one: restore it with that release")]
    NewerRelease(String),
    /// There is something to lose.
    #[error("the database holds tenants: restore into an empty one, or give all of it up with --replace")]
    NotEmpty,
    /// Processes of Assent are at work on it.
    #[error("another process of Assent is connected to the database: stop it first")]
    InUse,
    /// A file that was just written reads differently. No backup was made.
    #[error(
        "what was written to {0} is not what the disk gives back: use another disk, and look after this one"
    )]
    NotKept(PathBuf),
    /// The copy that was made cannot be read. No backup was made.
    #[error("the copy of the database is broken ({0}), so no backup was made: the database may be, too")]
    Broken(String),
    /// A program of PostgreSQL is not installed.
    #[error("{0} was not found: install PostgreSQL's client programs, no older than the server")]
    ToolMissing(&'static str),
    /// A program of PostgreSQL failed.
    #[error("{name} failed: {said}")]
    Tool {
        /// The program.
        name: &'static str,
        /// What it said last.
        said: String,
    },
    /// A table has other than the rows that were counted when the backup was made. On PostgreSQL the database holds
    /// them, and will not be served.
    #[error("{table} had {expected} rows in the backup, and has {found} now: the restore is not complete")]
    Rows {
        /// The table.
        table: String,
        /// How many there were.
        expected: u64,
        /// How many arrived.
        found: u64,
    },
    /// The ledgers are not those of the backup. On PostgreSQL the database holds them, and will not be served.
    #[error("a ledger does not hold: {0}")]
    Ledger(String),
    /// The list of noes begins after the backup, so some may be missing.
    #[error(
        "the list of noes begins on {since}, after the backup of {backup}: export one with --since {backup}"
    )]
    NoesTooLate {
        /// From when on it has them.
        since: Timestamp,
        /// When the backup was made.
        backup: Timestamp,
    },
    /// Not a list of noes, or altered, or of other keys.
    #[error("{0} is no list of noes of this server, or was altered")]
    NoNoes(PathBuf),
    /// A file cannot be read or written.
    #[error("{path}: {error}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The database cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
}

impl BackupError {
    /// What a fault means in a file that was written a moment ago.
    pub(super) fn of_own(self, path: &Path) -> Self {
        match self {
            Self::NotABackup(_) | Self::Seal | Self::CutOff { .. } | Self::Altered => {
                Self::NotKept(path.to_owned())
            }
            other => other,
        }
    }
}

impl From<DbErr> for BackupError {
    fn from(error: DbErr) -> Self {
        Self::Store(error.into())
    }
}

/// Says which file an error is about.
pub(crate) fn of_file(path: &Path) -> impl FnOnce(std::io::Error) -> BackupError {
    let path = path.to_owned();
    move |error| BackupError::File { path, error }
}
