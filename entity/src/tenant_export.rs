//! All that a tenant has, in a file for it to take along: a ZIP archive with one file of JSON Lines a table, as the
//! database's catalogue lists them, and a manifest with counts, hashes and where the ledger stood.
//!
//! It is the tenant's own data for the tenant, so no gate is asked; that the operator wrote it stands in the audit log,
//! before anything is read. One transaction reads it all, a page at a time, so it is of one moment and memory stays flat.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use assent_domain::audit::AuditAct;
use assent_domain::id::TenantId;
use serde::Serialize;
use serde_json::json;

use crate::audit::Change;
use crate::backup::{BackupError, scratch};
use crate::catalogue::{self, Table};
use crate::checkpoint;
use crate::error::StoreError;
use crate::store::Store;
use crate::tenant;
use crate::tx::{Read, TenantCtx, TenantTx};

mod archive;
mod left_out;
mod rows;

pub use left_out::{LEFT_OUT, LeftOut};

use archive::Archive;

/// The form of the archive.
const FORMAT: u32 = 1;

/// How a reader is to take what the files hold.
const READING: &str = "Each line of a file is a row. Times are microseconds since 1970-01-01T00:00:00Z. Octets are in \
     hexadecimal digits, and where they are 16 as a UUID: the ids of the API are the same UUIDs, with their type before \
     them, in the letters of the TypeID specification. The ledger is a chain of hashes: see domain/src/ledger.rs.";

/// Why a tenant was not exported. The file is not there then.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// An export is never written over another file.
    #[error("{0} exists already: name a file that does not")]
    Exists(PathBuf),
    /// The file cannot be written.
    #[error("{0}: {1}")]
    File(PathBuf, std::io::Error),
    /// The place of the file is not to be written to.
    #[error(transparent)]
    Place(#[from] BackupError),
    /// The rows cannot be packed.
    #[error("the archive cannot be written: {0}")]
    Archive(#[from] zip::result::ZipError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A file of the archive.
#[derive(Clone, Debug, Serialize)]
pub struct TableFile {
    /// The table.
    pub table: String,
    /// The file's name within the archive.
    pub file: String,
    /// How many lines it has: one a row.
    pub rows: u64,
    /// How many octets it has.
    pub octets: u64,
    /// Its SHA-256, in hex.
    pub sha256: String,
}

/// What an archive says of itself.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    format: u32,
    release: &'static str,
    reading: &'static str,
    /// Whose it is.
    pub tenant: TenantId,
    /// Its short name.
    pub slug: String,
    /// The moment whose rows it holds.
    pub created_at: String,
    /// Where the ledger stood, signed by the operator, as `assent checkpoint` prints it.
    pub checkpoint: String,
    /// The files.
    pub files: Vec<TableFile>,
    left_out: &'static [LeftOut],
}

impl Manifest {
    /// How many rows there are, by table.
    pub fn rows(&self) -> BTreeMap<&str, u64> {
        let rows = self.files.iter().map(|file| (file.table.as_str(), file.rows));
        rows.collect()
    }
}

/// Writes all that a tenant has into a new file, which appears under its name only when it is whole.
pub async fn write(store: &Store, ctx: TenantCtx, to: &Path) -> Result<Manifest, ExportError> {
    if to.exists() {
        return Err(ExportError::Exists(to.to_owned()));
    }
    let part = scratch::beside(to, "part")?;
    note(store, ctx).await?;
    let tx = TenantTx::read(store, ctx).await?;
    tx.see_one_moment().await?;
    let mut archive = Archive::create(part.path())?;
    let manifest = fill(&tx, &mut archive).await?;
    archive.finish(&manifest).map_err(in_file(to))?;
    // A link, because it does not replace what has come to stand there meanwhile.
    std::fs::hard_link(part.path(), to).map_err(in_file(to))?;
    scratch::sync_directory_of(to)?;
    Ok(manifest)
}

fn in_file<E: Into<std::io::Error>>(path: &Path) -> impl Fn(E) -> ExportError {
    let path = path.to_owned();
    move |error| ExportError::File(path.clone(), error.into())
}

async fn note(store: &Store, ctx: TenantCtx) -> Result<(), StoreError> {
    let mut tx = TenantTx::write(store, ctx).await?;
    let exported = Change::to(json!({ "through": "assent tenant export" }));
    let id = tx.tenant();
    tx.audit(AuditAct::TenantExported, id, &exported)?;
    tx.commit().await
}

async fn fill(tx: &TenantTx<Read>, archive: &mut Archive) -> Result<Manifest, ExportError> {
    let mut files = Vec::new();
    for table in tables(tx).await? {
        files.push(rows::write(tx, &table, archive).await?);
    }
    let tenant = tenant::current(tx).await?;
    Ok(Manifest {
        format: FORMAT,
        release: env!("CARGO_PKG_VERSION"),
        reading: READING,
        tenant: tenant.id,
        slug: tenant.slug,
        created_at: tx.now().to_string(),
        checkpoint: checkpoint::of_tenant(tx).await?,
        files,
        left_out: LEFT_OUT,
    })
}

/// The tables that go into the archive, without the columns that do not.
async fn tables(tx: &TenantTx<Read>) -> Result<Vec<Table>, StoreError> {
    let mut tables = catalogue::of_tenant(tx).await?;
    tables.push(catalogue::directory(tx).await?);
    tables.retain(|table| !left_out::is_whole_table(&table.name));
    for table in &mut tables {
        let name = table.name.clone();
        table
            .columns
            .retain(|column| !left_out::is_column(&name, &column.name));
    }
    tables.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(tables)
}
