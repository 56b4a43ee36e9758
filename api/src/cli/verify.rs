//! `assent verify` and `assent checkpoint`: the ledgers of all tenants, row by row, and where they stand.

use std::path::Path;
use std::process::ExitCode;

use assent_entity::checkpoint::{self, Checkpoint};
use assent_entity::{Store, verify};

use super::{Failure, say};

/// Checks, and fails if anything is wrong.
pub(super) async fn run(store: &Store, checkpoint: Option<&Path>) -> Result<ExitCode, Failure> {
    let checkpoint = checkpoint.map(|path| read(store, path)).transpose()?;
    let progress = |slug: &str, rows: u64| tracing::info!(tenant = slug, rows, "checked");
    let verified = verify::against(store, checkpoint.as_ref(), progress).await?;
    let mut code = ExitCode::SUCCESS;
    for report in verified.reports {
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
    for former in verified.former {
        match former.deleted_at() {
            Some(at) => say(format_args!("{}: deleted on {at}, with its ledger", former.slug)),
            None => say(format_args!("{}: is being deleted, with its ledger", former.slug)),
        }
    }
    for tenant in verified.gone {
        say(format_args!(
            "{tenant}: GONE: the checkpoint knows this tenant or rows of its ledger, the database does not"
        ));
        code = ExitCode::FAILURE;
    }
    Ok(code)
}

fn read(store: &Store, path: &Path) -> Result<Checkpoint, Failure> {
    let failure =
        |error: &dyn std::fmt::Display| Failure(format!("--checkpoint: {}: {error}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| failure(&error))?;
    checkpoint::open(store, &text).map_err(|error| failure(&error))
}

/// Prints where the ledgers stand, as a line to be kept elsewhere.
pub(super) async fn mark(store: &Store) -> Result<(), Failure> {
    say(checkpoint::take(store).await?);
    Ok(())
}
