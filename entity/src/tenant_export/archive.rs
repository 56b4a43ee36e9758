//! The ZIP archive: files written one after the other, each hashed and counted on its way.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use data_encoding::HEXLOWER;
use serde::Serialize;
use sha2::{Digest, Sha256};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::{ExportError, Manifest, TableFile, in_file};

/// An archive under way.
pub(super) struct Archive {
    zip: ZipWriter<BufWriter<File>>,
}

fn options() -> SimpleFileOptions {
    // A table may well have more than four gigabytes.
    SimpleFileOptions::default()
        .large_file(true)
        .unix_permissions(0o600)
}

impl Archive {
    /// Begins an archive in a file that is there and empty.
    pub(super) fn create(path: &Path) -> Result<Self, ExportError> {
        let file = File::options().write(true).open(path).map_err(in_file(path))?;
        Ok(Self {
            zip: ZipWriter::new(BufWriter::new(file)),
        })
    }

    /// Begins the file of a table.
    pub(super) fn table(&mut self, name: &str) -> Result<Lines<'_>, ExportError> {
        let file = format!("{name}.jsonl");
        self.zip.start_file(&file, options())?;
        Ok(Lines {
            zip: &mut self.zip,
            hasher: Sha256::new(),
            about: TableFile {
                table: name.to_owned(),
                file,
                rows: 0,
                octets: 0,
                sha256: String::new(),
            },
        })
    }

    /// Writes the manifest, and brings everything to the disk.
    pub(super) fn finish(mut self, manifest: &Manifest) -> io::Result<()> {
        self.zip.start_file("manifest.json", options())?;
        serde_json::to_writer_pretty(&mut self.zip, manifest)?;
        self.zip.write_all(b"\n")?;
        let mut buffered = self.zip.finish()?;
        buffered.flush()?;
        buffered.get_ref().sync_all()
    }
}

/// The file of a table under way.
pub(super) struct Lines<'a> {
    zip: &'a mut ZipWriter<BufWriter<File>>,
    hasher: Sha256,
    about: TableFile,
}

impl Lines<'_> {
    /// Writes a row.
    pub(super) fn add(&mut self, row: &impl Serialize) -> Result<(), ExportError> {
        let of_zip = |error: io::Error| ExportError::Archive(error.into());
        let mut line = serde_json::to_vec(row).map_err(|error| of_zip(error.into()))?;
        line.push(b'\n');
        self.hasher.update(&line);
        self.about.rows += 1;
        self.about.octets += line.len() as u64;
        self.zip.write_all(&line).map_err(of_zip)
    }

    /// Ends the file.
    pub(super) fn end(self) -> TableFile {
        TableFile {
            sha256: HEXLOWER.encode(&self.hasher.finalize()),
            ..self.about
        }
    }
}
