//! The `assent` command line: what can be said to it, and what becomes of it.

mod backup;
mod bounce;
mod create;
mod demo;
mod private;
mod requests;
mod second_factor;
mod sending_limit;
mod serve;
mod suppression;
mod tenant_life;
mod verify;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use assent_domain::clock::{Clock, SystemClock, Timestamp};
use assent_entity::Store;
use clap::{Parser, Subcommand};
use tracing_subscriber::EnvFilter;

use crate::settings::{Options, Settings};

/// What is logged unless told otherwise: our own news, and the libraries' troubles.
const DEFAULT_LOG: &str = "warn,assent_api=info,assent_entity=info,assent_worker=info";

/// Permission-based e-mail marketing: no mail leaves without a consent decision.
///
/// Without a command it serves. Settings come from assent.toml, then ASSENT_* variables, then flags; none is
/// needed to try things out.
#[derive(Debug, Parser)]
#[command(name = "assent", version)]
struct Cli {
    /// A settings file to read in place of ./assent.toml.
    #[arg(long, env = "ASSENT_CONFIG", global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    options: Options,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the API and the hosted pages, and work off jobs (the default).
    Serve {
        /// Leave the jobs to `assent worker`; for PostgreSQL.
        #[arg(long)]
        no_worker: bool,
    },
    /// Work off jobs only; for PostgreSQL, beside `serve --no-worker`.
    Worker,
    /// Show the product in a minute, on a database that is thrown away.
    Demo {
        /// Print the report and stop, instead of serving until interrupted.
        #[arg(long)]
        once: bool,
    },
    /// Bring the database up to this release.
    Migrate,
    /// Tenants.
    #[command(subcommand)]
    Tenant(create::TenantCommand),
    /// Members of a tenant.
    #[command(subcommand)]
    Member(create::MemberCommand),
    /// How much a tenant sends in which time, and its share of the workers.
    #[command(subcommand)]
    Limits(sending_limit::LimitsCommand),
    /// Print the GraphQL schema.
    Schema,
    /// Print what each role of a member may do.
    Roles,
    /// Print the request log.
    Requests {
        /// From when on, as in 2026-03-01T09:00:00Z. [default: the last 24 hours]
        #[arg(long, value_name = "TIME", value_parser = requests::time)]
        since: Option<Timestamp>,
    },
    /// Check the ledgers of all tenants.
    Verify {
        /// A file with what `assent checkpoint` printed: finds rows that were cut off, or a ledger written anew, since.
        #[arg(long, value_name = "FILE")]
        checkpoint: Option<PathBuf>,
    },
    /// Print where the ledgers stand, signed: keep it away from the database.
    Checkpoint,
    /// Copy the whole database into one sealed file, while the server runs.
    Backup {
        /// The file to write; one that exists is not touched.
        file: PathBuf,
    },
    /// Put a backup into an empty database, and check it. Nothing that was scheduled starts again by itself.
    Restore(backup::Restore),
    /// Mails that came back.
    #[command(subcommand)]
    Bounce(bounce::BounceCommand),
    /// Addresses that are held back from every tenant.
    #[command(subcommand)]
    Suppression(suppression::SuppressionCommand),
    /// The noes, to be entered again after a restore.
    #[command(subcommand)]
    Nos(backup::NosCommand),
}

/// Why a command did not do what it should, in words for the operator.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Failure(String);

impl Failure {
    fn new(error: impl std::fmt::Display) -> Self {
        Self(format!("{error}"))
    }
}

macro_rules! failures {
    ($($error:ty),+) => {
        $(impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Self(error.to_string())
            }
        })+
    };
}

failures!(
    crate::settings::SettingsError,
    assent_entity::OpenError,
    assent_entity::StoreError,
    assent_entity::backup::BackupError,
    assent_entity::tenant_export::ExportError,
    assent_worker::StartError,
    std::io::Error
);

/// Runs the command that the process was started with.
pub async fn run() -> ExitCode {
    private::keep_new_files();
    let Cli {
        config,
        options,
        command,
    } = Cli::parse();
    match perform(
        config,
        options,
        command.unwrap_or(Command::Serve { no_worker: false }),
    )
    .await
    {
        Ok(code) => code,
        Err(failure) => {
            tracing::debug!(%failure, "the command failed");
            let _ = writeln!(std::io::stderr(), "assent: {failure}");
            ExitCode::FAILURE
        }
    }
}

async fn perform(config: Option<PathBuf>, options: Options, command: Command) -> Result<ExitCode, Failure> {
    if let Command::Schema = command {
        say(crate::graphql::sdl().trim_end());
        return Ok(ExitCode::SUCCESS);
    }
    if let Command::Roles = command {
        crate::graphql::access::table().iter().for_each(say);
        return Ok(ExitCode::SUCCESS);
    }
    if let Command::Bounce(command) = &command {
        return Ok(bounce::run(command));
    }
    if let Command::Demo { once } = command {
        log(options.log.as_deref().unwrap_or("warn"))?;
        return demo::run(options, once).await.map(|()| ExitCode::SUCCESS);
    }
    let options = options.over(Options::from_file(config.as_deref())?);
    log(options.log.as_deref().unwrap_or(DEFAULT_LOG))?;
    let settings = options.resolve()?;
    match command {
        Command::Serve { no_worker } => serve::serve(settings, !no_worker).await?,
        Command::Worker => serve::work(settings).await?,
        Command::Migrate => {
            open(&settings, Arc::new(SystemClock)).await?.migrate().await?;
            say("The database is up to date.");
        }
        Command::Tenant(command) => create::tenant(&opened(&settings).await?, &settings, command).await?,
        Command::Member(command) => create::member(&opened(&settings).await?, &settings, command).await?,
        Command::Limits(command) => sending_limit::run(&opened(&settings).await?, command).await?,
        Command::Requests { since } => requests::print(&opened(&settings).await?, since).await?,
        Command::Verify { checkpoint } => {
            return verify::run(&opened(&settings).await?, checkpoint.as_deref()).await;
        }
        Command::Checkpoint => verify::mark(&opened(&settings).await?).await?,
        Command::Backup { file } => backup::make(&opened(&settings).await?, &settings, &file).await?,
        Command::Restore(restore) => backup::restore(&settings, &restore).await?,
        Command::Nos(command) => backup::nos(&opened(&settings).await?, &settings, command).await?,
        Command::Suppression(command) => suppression::run(&opened(&settings).await?, command).await?,
        Command::Schema | Command::Roles | Command::Bounce(_) | Command::Demo { .. } => {}
    }
    Ok(ExitCode::SUCCESS)
}

async fn open(settings: &Settings, clock: Arc<dyn Clock>) -> Result<Store, Failure> {
    Ok(Store::open(&settings.store, settings.keys.clone(), clock).await?)
}

/// Opens a database that has to be up to date.
async fn opened(settings: &Settings) -> Result<Store, Failure> {
    let store = open(settings, Arc::new(SystemClock)).await?;
    store.check_migrated().await?;
    Ok(store)
}

/// Logs go to standard error, so that what a command says can be piped.
fn log(filter: &str) -> Result<(), Failure> {
    let filter = EnvFilter::try_new(filter).map_err(|error| Failure(format!("ASSENT_LOG: {error}")))?;
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
    Ok(())
}

/// Says a line to whoever started the command.
fn say(line: impl std::fmt::Display) {
    let mut out = std::io::stdout().lock();
    // Nobody may be listening any more, as in `assent schema | head`.
    let _ = writeln!(out, "{line}");
    let _ = out.flush();
}
