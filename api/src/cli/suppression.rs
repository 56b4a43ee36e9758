//! `assent suppression`: addresses that the operator holds back from every tenant, after complaints against the platform.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use assent_domain::address::EmailAddress;
use assent_entity::Store;
use assent_entity::suppression::operator;
use clap::Subcommand;
use data_encoding::HEXLOWER;

use super::{Failure, say};

/// What can be done with addresses that are held back.
#[derive(Debug, Subcommand)]
pub(super) enum SuppressionCommand {
    /// Hold an address back from every tenant. It is kept as a keyed hash.
    Add {
        /// The address.
        email: String,
        /// What is to be remembered of it, as the number of a complaint. Not the address.
        #[arg(long, default_value = "")]
        note: String,
    },
    /// Print the hash, the time and the note of each.
    List,
    /// Hold the addresses of a file back, one a line.
    Import {
        /// The file; `-` is standard input.
        file: PathBuf,
        /// What is to be remembered of all of them.
        #[arg(long, default_value = "")]
        note: String,
    },
}

/// Does as told.
pub(super) async fn run(store: &Store, command: SuppressionCommand) -> Result<(), Failure> {
    match command {
        SuppressionCommand::Add { email, note } => add(store, &email, &note).await,
        SuppressionCommand::List => list(store).await,
        SuppressionCommand::Import { file, note } => import(store, &file, &note).await,
    }
}

async fn add(store: &Store, email: &str, note: &str) -> Result<(), Failure> {
    let email = EmailAddress::parse(email).map_err(Failure::new)?;
    say(if operator::hold(store, &email, note).await? {
        "The address is held back from every tenant."
    } else {
        "The address was held back before."
    });
    Ok(())
}

async fn list(store: &Store) -> Result<(), Failure> {
    for held in operator::all(store).await? {
        let hash = HEXLOWER.encode(&held.address_hash.0);
        say(format_args!("{hash} {} {}", held.held_at, held.note));
    }
    Ok(())
}

/// Reads the whole file first: if a line is wrong, nothing is done.
async fn import(store: &Store, file: &Path, note: &str) -> Result<(), Failure> {
    let of_file = |error: io::Error| Failure(format!("{}: {error}", file.display()));
    let from: Box<dyn Read> = if file == Path::new("-") {
        Box::new(io::stdin())
    } else {
        Box::new(File::open(file).map_err(of_file)?)
    };
    let mut addresses = Vec::new();
    for (number, line) in BufReader::new(from).lines().enumerate() {
        let line = line.map_err(of_file)?;
        if line.trim().is_empty() {
            continue;
        }
        let wrong = |error| Failure(format!("{}, line {}: {error}", file.display(), number + 1));
        addresses.push(EmailAddress::parse(line.trim()).map_err(wrong)?);
    }
    let mut added = 0_usize;
    for address in &addresses {
        added += usize::from(operator::hold(store, address, note).await?);
    }
    let known = addresses.len() - added;
    say(format_args!(
        "{added} addresses are held back from now on, {known} were before."
    ));
    Ok(())
}
