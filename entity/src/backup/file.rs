//! The file of a backup: a line of JSON that says what it is and is sealed with the operator's key, then the data.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::Path;

use assent_domain::clock::Timestamp;
use assent_domain::keys::{KeyUse, Keys};
use assent_migration::{Migrator, MigratorTrait};
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use strum::Display;

use super::error::{BackupError, of_file};
use super::scratch;
use crate::store::StoreSettings;
use crate::token;

/// The form of the file. A reader refuses any other.
pub(super) const FORMAT: u32 = 1;

/// The longest first line: a checkpoint has about 200 octets a tenant.
const MAX_LINE: u64 = 256 << 20;

/// Which database a backup is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display)]
pub enum DatabaseKind {
    /// A file that SQLite opens.
    #[serde(rename = "SQLITE")]
    #[strum(serialize = "SQLite")]
    Sqlite,
    /// An archive in `pg_dump`'s custom form.
    #[serde(rename = "POSTGRES")]
    #[strum(serialize = "PostgreSQL")]
    Postgres,
}

/// The length and the SHA-256 of data.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Digest {
    /// How many octets.
    pub octets: u64,
    /// The hash, in hex.
    pub sha256: String,
}

/// What a backup says of itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// The form of the file.
    pub(super) format: u32,
    /// Which database it is of.
    pub database: DatabaseKind,
    /// The release that made it.
    pub release: String,
    /// The schema that the tables lie in, on PostgreSQL.
    pub(super) schema: Option<String>,
    /// The migrations that had run.
    pub(super) migrations: Vec<String>,
    /// A moment right before the one whose rows it holds.
    pub created_at: Timestamp,
    /// Where the ledgers stood, as `assent checkpoint` prints it.
    pub checkpoint: String,
    /// How many rows each table had.
    pub rows: BTreeMap<String, u64>,
    /// What follows the line.
    pub payload: Digest,
}

/// The first line. What a file says of itself is sealed as it stands, whichever release can make sense of it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    assent_backup: Value,
    seal: String,
}

/// What files of any form say of themselves.
#[derive(Deserialize)]
struct Form {
    format: u32,
    release: String,
}

#[derive(PartialEq, Eq, Serialize, Deserialize)]
struct Seal {
    about_sha256: String,
}

impl About {
    /// Refuses what this release cannot read, and the other database.
    pub(super) fn check_fit(&self, settings: &StoreSettings) -> Result<(), BackupError> {
        let database = if settings.url.starts_with("sqlite:") {
            DatabaseKind::Sqlite
        } else {
            DatabaseKind::Postgres
        };
        if self.database != database {
            return Err(BackupError::WrongKind {
                file: self.database,
                database,
            });
        }
        let known: Vec<_> = Migrator::migrations()
            .iter()
            .map(|migration| migration.name().to_owned())
            .collect();
        if self.migrations.iter().all(|name| known.contains(name)) {
            Ok(())
        } else {
            Err(BackupError::NewerRelease(self.release.clone()))
        }
    }

    fn read(said: Value) -> Result<Self, BackupError> {
        let form: Form = serde_json::from_value(said.clone()).map_err(|_| BackupError::Seal)?;
        if form.format != FORMAT {
            return Err(BackupError::NewerRelease(form.release));
        }
        // With a seal of ours, what cannot be read is what this release does not know.
        serde_json::from_value(said).map_err(|_| BackupError::NewerRelease(form.release))
    }
}

fn seal_of(said: &Value) -> Seal {
    // The names of a JSON object are in the order of the alphabet here, however they were written.
    let text = serde_json::to_vec(said).unwrap_or_default();
    Seal {
        about_sha256: HEXLOWER.encode(&Sha256::digest(text)),
    }
}

/// Writes a backup whose data lie in a file of their own. It appears under its name only when it is whole, and has been
/// read again from the disk.
pub(super) fn write(
    keys: &Keys,
    now: Timestamp,
    mut about: About,
    data: &Path,
    to: &Path,
) -> Result<About, BackupError> {
    about.payload = digest(File::open(data).map_err(of_file(data))?).map_err(of_file(data))?;
    let said = serde_json::to_value(&about).map_err(|error| of_file(to)(error.into()))?;
    let line = Line {
        seal: token::sign(keys, KeyUse::Backup, None, seal_of(&said)),
        assent_backup: said,
    };
    let part = scratch::beside(to, "part")?;
    let written = || -> io::Result<()> {
        let mut file = File::options().write(true).open(part.path())?;
        serde_json::to_writer(&mut file, &line)?;
        file.write_all(b"\n")?;
        io::copy(&mut File::open(data)?, &mut file)?;
        file.sync_all()?;
        scratch::forget_cached(&file)
    };
    written().map_err(of_file(to))?;
    let reread = BackupFile::open(keys, now, part.path());
    let about = reread.map_err(|error| error.of_own(to))?.about;
    // A link, because it does not replace what has come to stand there meanwhile.
    std::fs::hard_link(part.path(), to).map_err(of_file(to))?;
    scratch::sync_directory_of(to)?;
    Ok(about)
}

/// A backup whose seal and checksum hold.
#[derive(Debug)]
pub(super) struct BackupFile {
    pub(super) about: About,
    file: File,
    data_at: u64,
}

impl BackupFile {
    /// Opens a backup and reads all of it, to know that nothing was altered.
    pub(super) fn open(keys: &Keys, now: Timestamp, path: &Path) -> Result<Self, BackupError> {
        let mut reader = BufReader::new(File::open(path).map_err(of_file(path))?);
        let mut line = Vec::new();
        (&mut reader)
            .take(MAX_LINE)
            .read_until(b'\n', &mut line)
            .map_err(of_file(path))?;
        let not_ours = || BackupError::NotABackup(path.to_owned());
        if !line.starts_with(b"{\"assent_backup\":") {
            return Err(not_ours());
        }
        let Line {
            assent_backup: said,
            seal,
        } = serde_json::from_slice(&line).map_err(|_| BackupError::Seal)?;
        let sealed: Seal = token::open(keys, KeyUse::Backup, &seal, now).map_err(|_| BackupError::Seal)?;
        if sealed != seal_of(&said) {
            return Err(BackupError::Seal);
        }
        let about = About::read(said)?;
        let mut file = reader.into_inner();
        let data_at = line.len() as u64;
        let found = file
            .metadata()
            .map_err(of_file(path))?
            .len()
            .saturating_sub(data_at);
        let expected = about.payload.octets;
        if found < expected {
            return Err(BackupError::CutOff { expected, found });
        }
        file.seek(SeekFrom::Start(data_at)).map_err(of_file(path))?;
        if digest(&file).map_err(of_file(path))? != about.payload {
            return Err(BackupError::Altered);
        }
        Ok(Self { about, file, data_at })
    }

    /// The data, from the first octet.
    pub(super) fn data(&self) -> io::Result<&File> {
        (&self.file).seek(SeekFrom::Start(self.data_at))?;
        Ok(&self.file)
    }
}

fn digest(mut data: impl Read) -> io::Result<Digest> {
    let (mut hasher, mut octets, mut buffer) = (Sha256::new(), 0, vec![0; 1 << 16]);
    loop {
        let read = data.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        octets += read as u64;
        hasher.update(buffer.get(..read).unwrap_or_default());
    }
    Ok(Digest {
        octets,
        sha256: HEXLOWER.encode(&hasher.finalize()),
    })
}
