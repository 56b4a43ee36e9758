//! How large the files may be that come in, and where they are put down meanwhile.

use std::path::{Path, PathBuf};

pub use crate::pace::LeastPace;

/// What is taken of files.
#[derive(Clone, Debug)]
pub struct Uploads {
    /// Where a file within a GraphQL request lies until it is read. It has no name there, so it goes with the process.
    pub dir: PathBuf,
    /// The largest file within a GraphQL request, in octets.
    pub file_octets: u64,
    /// The largest table of people that is uploaded by itself, in octets, as it is once unpacked.
    pub table_octets: u64,
    /// The most rows of a table of people.
    pub table_rows: u64,
    /// How fast a file has to come.
    pub least_pace: LeastPace,
}

impl Uploads {
    /// What is taken unless somebody says otherwise.
    pub fn in_dir(dir: &Path) -> Self {
        Self {
            dir: dir.to_owned(),
            file_octets: 64 * 1024 * 1024,
            table_octets: 1024 * 1024 * 1024,
            table_rows: 5_000_000,
            least_pace: LeastPace::default(),
        }
    }
}
