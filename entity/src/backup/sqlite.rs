//! A backup of an SQLite file is an SQLite file: `VACUUM INTO` copies one moment of it while others write, and leaves
//! behind what was erased. A restore makes a whole new file ready beside the old one, and then swaps the names.

use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use assent_domain::clock::Clock;
use assent_domain::keys::Keys;
use sea_orm::sqlx::sqlite::SqliteConnectOptions;
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseBackend, DatabaseConnection, DbErr, FromQueryResult,
    Statement,
};

use super::census;
use super::error::{BackupError, of_file};
use super::file::{About, BackupFile, DatabaseKind, Digest, FORMAT};
use super::scratch::{self, Scratch};
use crate::checkpoint;
use crate::store::{Store, StoreSettings};

/// What SQLite may keep beside a file.
const COMPANIONS: [&str; 2] = ["-wal", "-shm"];

/// One connection, past the store's pools: `VACUUM INTO` is refused on one that may only read.
async fn connect(url: &str) -> Result<DatabaseConnection, DbErr> {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(1)
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(|sqlite| {
            sqlite
                .create_if_missing(false)
                .busy_timeout(Duration::from_secs(10))
        });
    Database::connect(options).await
}

fn path_of(url: &str) -> Result<PathBuf, BackupError> {
    let options = SqliteConnectOptions::from_str(url).map_err(|error| DbErr::Custom(error.to_string()))?;
    Ok(options.get_filename().to_owned())
}

fn url_of(path: &Path) -> String {
    let path = path.display().to_string();
    let path = path.replace('%', "%25").replace('?', "%3F").replace('#', "%23");
    format!("sqlite://{path}")
}

fn named(path: &Path, companion: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(companion);
    PathBuf::from(name)
}

/// Copies the database into an empty file.
pub(super) async fn copy(store: &Store, settings: &StoreSettings, into: &Path) -> Result<About, BackupError> {
    let created_at = store.now();
    let source = connect(&settings.url).await?;
    let name = into.display().to_string();
    let vacuum = Statement::from_sql_and_values(DatabaseBackend::Sqlite, "VACUUM INTO $1", [name.into()]);
    source.execute_raw(vacuum).await?;
    source.close().await?;
    let copied = connect(&url_of(into)).await?;
    check(&copied).await?;
    let about = About {
        format: FORMAT,
        database: DatabaseKind::Sqlite,
        release: env!("CARGO_PKG_VERSION").to_owned(),
        schema: None,
        migrations: census::migrations(&copied).await?,
        created_at,
        checkpoint: checkpoint::of(&copied, store.keys(), created_at).await?,
        rows: census::count(&copied).await?,
        payload: Digest::default(),
    };
    copied.close().await?;
    Ok(about)
}

#[derive(FromQueryResult)]
struct Checked {
    quick_check: String,
}

/// Reads every page of a copy.
async fn check(copied: &DatabaseConnection) -> Result<(), BackupError> {
    let check = Statement::from_string(DatabaseBackend::Sqlite, "PRAGMA quick_check(1)");
    let checked = Checked::find_by_statement(check).one(copied).await?;
    let said = checked.map_or_else(String::new, |checked| checked.quick_check);
    if said == "ok" {
        Ok(())
    } else {
        Err(BackupError::Broken(said))
    }
}

/// Where a restored file stands that is whole, and about to take the place of `path`: while it is there, the database is
/// neither the old one nor the new.
pub(crate) fn ready_for(path: &Path) -> PathBuf {
    scratch::with(path, "restored")
}

/// The file that an address names.
pub(crate) fn file_of(url: &str) -> Option<PathBuf> {
    path_of(url).ok()
}

/// The file that is to be replaced, or to come into being.
#[derive(Debug)]
pub(super) struct Place {
    path: PathBuf,
}

/// A restored file that stands beside its place.
#[derive(Debug)]
pub(super) struct Side {
    file: Scratch,
}

#[derive(FromQueryResult)]
struct Found {
    found: i64,
}

impl Place {
    /// Refuses a file that holds tenants, unless it may be replaced.
    pub(super) async fn prepare(settings: &StoreSettings, replace: bool) -> Result<Self, BackupError> {
        let path = path_of(&settings.url)?;
        if !replace && path.exists() && holds_tenants(&settings.url).await? {
            return Err(BackupError::NotEmpty);
        }
        Ok(Self { path })
    }

    /// Writes the data of a backup beside the place.
    pub(super) fn unpack(&self, backup: &BackupFile) -> Result<Side, BackupError> {
        let file = scratch::beside(&self.path, "restoring")?;
        for companion in COMPANIONS {
            scratch::remove(&named(file.path(), companion))?;
        }
        let written = || -> io::Result<()> {
            let mut to = std::fs::File::options().write(true).open(file.path())?;
            io::copy(&mut backup.data()?, &mut to)?;
            to.sync_all()
        };
        written().map_err(of_file(file.path()))?;
        Ok(Side { file })
    }

    /// Puts the restored file in its place. The queue beside it goes too: what is open stands in the outbox. Broken off in
    /// the middle, it leaves a database that is not opened, see [`ready_for`].
    pub(super) async fn take(&self, side: Side, store: Store) -> Result<(), BackupError> {
        store.fold_log().await?;
        store.close().await;
        let ready = ready_for(&self.path);
        std::fs::rename(side.file.path(), &ready).map_err(of_file(&ready))?;
        scratch::sync_directory_of(&ready)?;
        // What the old file had not taken in yet would be taken for the new one's.
        for path in [self.path.clone(), self.path.with_file_name("jobs.db")] {
            for companion in COMPANIONS {
                scratch::remove(&named(&path, companion))?;
            }
        }
        scratch::remove(&self.path.with_file_name("jobs.db"))?;
        std::fs::rename(&ready, &self.path).map_err(of_file(&self.path))?;
        scratch::sync_directory_of(&self.path)
    }
}

impl Drop for Side {
    fn drop(&mut self) {
        for companion in COMPANIONS {
            let _ = std::fs::remove_file(named(self.file.path(), companion));
        }
    }
}

impl Side {
    /// Opens the restored file.
    pub(super) async fn open(
        &self,
        settings: &StoreSettings,
        keys: &Keys,
        clock: &Arc<dyn Clock>,
    ) -> Result<Store, BackupError> {
        let settings = StoreSettings {
            url: url_of(self.file.path()),
            ..settings.clone()
        };
        Ok(Store::open(&settings, keys.clone(), Arc::clone(clock)).await?)
    }
}

async fn holds_tenants(url: &str) -> Result<bool, BackupError> {
    let conn = connect(url).await?;
    let ask = |sql: &str| Found::find_by_statement(Statement::from_string(DatabaseBackend::Sqlite, sql));
    let table = "SELECT COUNT(*) AS found FROM sqlite_master WHERE type = 'table' AND name = 'tenant'";
    let has_table = ask(table).one(&conn).await?.is_some_and(|row| row.found > 0);
    let tenants = "SELECT COUNT(*) AS found FROM tenant";
    let holds = has_table && ask(tenants).one(&conn).await?.is_some_and(|row| row.found > 0);
    conn.close().await?;
    Ok(holds)
}
