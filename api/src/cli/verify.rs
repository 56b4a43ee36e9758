//! `assent verify`: the ledgers of all tenants, row by row.

use std::process::ExitCode;

use assent_entity::{Store, verify};

use super::{Failure, say};

/// Checks, and fails if anything is wrong.
pub(super) async fn run(store: &Store) -> Result<ExitCode, Failure> {
    let progress = |slug: &str, rows: u64| tracing::info!(tenant = slug, rows, "checked");
    let reports = verify::all(store, progress).await?;
    let mut code = ExitCode::SUCCESS;
    for report in reports {
        let erased = match report.erased {
            0 => String::new(),
            erased => format!(", {erased} of them erased"),
        };
        let (slug, rows) = (&report.tenant.slug, report.rows);
        match report.fault {
            None => say(format_args!("{slug}: {rows} rows hold{erased}")),
            Some(fault) => {
                say(format_args!("{slug}: BROKEN after {rows} rows: {fault}"));
                code = ExitCode::FAILURE;
            }
        }
    }
    Ok(code)
}
