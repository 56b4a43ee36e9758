//! Files that are needed for a moment, hold personal data, and are taken away whatever happens.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::error::{BackupError, of_file};

/// A file that is removed when dropped.
#[derive(Debug)]
pub(crate) struct Scratch {
    path: PathBuf,
}

impl Scratch {
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

/// `path` with one more extension.
pub(super) fn with(path: &Path, extension: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(extension);
    PathBuf::from(name)
}

/// An empty file beside another, for our eyes only. What an earlier run left there is taken away.
pub(crate) fn beside(path: &Path, extension: &str) -> Result<Scratch, BackupError> {
    let path = with(path, extension);
    remove(&path)?;
    create(&path)?;
    Ok(Scratch { path })
}

/// Creates a file that only its owner can read.
pub(super) fn create(path: &Path) -> Result<File, BackupError> {
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .map_err(of_file(path))
}

/// Takes a file away, if there is one.
pub(super) fn remove(path: &Path) -> Result<(), BackupError> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(of_file(path)(error)),
        _ => Ok(()),
    }
}

/// Lets what is read of a file from now on come from the disk, and not from what the system still has of its writing.
/// Where the system offers no such thing, it is as the system has it.
pub(super) fn forget_cached(file: &File) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    rustix::fs::fadvise(file, 0, None, rustix::fs::Advice::DontNeed)?;
    #[cfg(not(target_os = "linux"))]
    let _ = file;
    Ok(())
}

/// Makes sure that the names in the directory of `path` are on the disk.
pub(crate) fn sync_directory_of(path: &Path) -> Result<(), BackupError> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let parent = parent.unwrap_or(Path::new("."));
    File::open(parent)
        .and_then(|directory| directory.sync_all())
        .map_err(of_file(parent))
}
