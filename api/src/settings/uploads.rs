//! How large the files may be that come in.

use std::path::Path;

use super::{Options, SettingsError, wrong};
use crate::uploads::Uploads;

const MIB: u64 = 1024 * 1024;

impl Options {
    pub(super) fn uploads(&self, data_dir: &Path) -> Result<Uploads, SettingsError> {
        let defaults = Uploads::in_dir(data_dir);
        let octets = |name, given: Option<u64>, default| match given {
            None => Ok(default),
            Some(mib @ 1..=1_048_576) => Ok(mib * MIB),
            Some(_) => Err(wrong(name, "give 1 to 1048576 MiB")),
        };
        let rows = match self.import_rows {
            Some(0) => return Err(wrong("ASSENT_IMPORT_ROWS", "a table has at least one row")),
            given => given.unwrap_or(defaults.table_rows),
        };
        Ok(Uploads {
            table_octets: octets("ASSENT_IMPORT_MIB", self.import_mib, defaults.table_octets)?,
            table_rows: rows,
            file_octets: octets("ASSENT_UPLOAD_MIB", self.upload_mib, defaults.file_octets)?,
            ..defaults
        })
    }
}
