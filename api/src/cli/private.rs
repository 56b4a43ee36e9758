//! What lies on the disk is personal data: nobody else who has an account on the machine reads it.

use std::os::unix::fs::PermissionsExt;

use rustix::fs::Mode;

use super::{Failure, say};
use crate::settings::{Environment, Settings};

/// What group and others may not have.
const OTHERS: u32 = 0o077;

/// Lets files and directories that this process makes be its user's alone: databases, their logs, mails, exports.
pub(super) fn keep_new_files() {
    rustix::process::umask(Mode::RWXG | Mode::RWXO);
}

/// Makes sure that the data directory, which may be older, is its user's alone: in production it is an error, elsewhere
/// a warning.
pub(super) fn check(settings: &Settings) -> Result<(), Failure> {
    let directory = &settings.data_dir;
    let metadata = std::fs::metadata(directory)
        .map_err(|error| Failure(format!("ASSENT_DATA_DIR: {}: {error}", directory.display())))?;
    let mode = metadata.permissions().mode() & 0o777;
    if mode & OTHERS == 0 {
        return Ok(());
    }
    let advice = format!(
        "ASSENT_DATA_DIR: {place} is open to other users of this machine (mode {mode:o}), and holds personal data: \
         chmod -R go= {place}",
        place = directory.display()
    );
    if settings.environment == Environment::Production {
        return Err(Failure(advice));
    }
    say(advice);
    Ok(())
}
