//! `assent bounce`: what mails that came back say, read from files. Needs neither settings nor a database.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use assent_domain::bounce::BounceClass;
use assent_worker::bounce::{READ_OCTETS, Report, classify};
use clap::Subcommand;
use serde::Serialize;

use super::say;

/// How deep folders are walked.
const MAX_DEPTH: usize = 32;

/// What can be done with mails that came back.
#[derive(Debug, Subcommand)]
pub(super) enum BounceCommand {
    /// Print a line of JSON for each mail: class, recipients, status, reason.
    Classify {
        /// Mails as they came in; a folder is walked, `-` is standard input.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
}

/// One line of what is printed.
#[derive(Serialize)]
struct Line<'a> {
    file: &'a str,
    /// The gravest of what is said of the recipients.
    class: BounceClass,
    recipients: Vec<&'a str>,
    status: Option<&'a str>,
    reason: &'a str,
    text: &'a str,
    failures: Vec<OfRecipient<'a>>,
}

#[derive(Serialize)]
struct OfRecipient<'a> {
    recipient: Option<&'a str>,
    class: BounceClass,
    status: Option<&'a str>,
    reason: &'a str,
}

/// Does as told. What cannot be read is named on standard error, the others are done all the same.
pub(super) fn run(command: &BounceCommand) -> ExitCode {
    let BounceCommand::Classify { files } = command;
    let mut code = ExitCode::SUCCESS;
    for file in files {
        let done = if file == Path::new("-") {
            read(io::stdin().lock()).map(|raw| print("-", &raw))
        } else {
            walk(file, MAX_DEPTH, &mut code)
        };
        if let Err(error) = done {
            complain(file, &error, &mut code);
        }
    }
    code
}

fn walk(path: &Path, depth: usize, code: &mut ExitCode) -> io::Result<()> {
    if !fs::metadata(path)?.is_dir() {
        let raw = read(File::open(path)?)?;
        print(&path.to_string_lossy(), &raw);
        return Ok(());
    }
    let entries: io::Result<Vec<_>> = fs::read_dir(path)?.map(|entry| Ok(entry?.path())).collect();
    let mut entries = entries?;
    entries.sort();
    for entry in entries {
        // A link to a folder may lead back up.
        let is_linked_folder = entry.is_symlink() && entry.is_dir();
        if is_linked_folder || depth == 0 {
            continue;
        }
        if let Err(error) = walk(&entry, depth - 1, code) {
            complain(&entry, &error, code);
        }
    }
    Ok(())
}

/// As much of a mail as is looked at.
fn read(from: impl Read) -> io::Result<Vec<u8>> {
    let mut raw = Vec::new();
    let most = u64::try_from(READ_OCTETS).unwrap_or(u64::MAX);
    from.take(most).read_to_end(&mut raw)?;
    Ok(raw)
}

fn print(file: &str, raw: &[u8]) {
    let report = classify(raw);
    if let Ok(line) = serde_json::to_string(&line(file, &report)) {
        say(line);
    }
}

fn line<'a>(file: &'a str, report: &'a Report) -> Line<'a> {
    let gravest = report.gravest();
    let failures = report.failures.iter().map(|failure| OfRecipient {
        recipient: failure.recipient.as_deref(),
        class: failure.class,
        status: failure.status.as_deref(),
        reason: &failure.reason,
    });
    Line {
        file,
        class: report.class,
        recipients: report.recipients(),
        status: gravest.and_then(|failure| failure.status.as_deref()),
        reason: gravest.map_or("no_report", |failure| &failure.reason),
        text: gravest.map_or("", |failure| &failure.text),
        failures: failures.collect(),
    }
}

fn complain(path: &Path, error: &io::Error, code: &mut ExitCode) {
    let _ = writeln!(io::stderr(), "assent: {}: {error}", path.display());
    *code = ExitCode::FAILURE;
}
