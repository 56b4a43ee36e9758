//! `assent serve` and `assent worker`: running until told to stop.

use std::fs::{File, TryLockError};
use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;

use assent_domain::clock::SystemClock;
use assent_entity::{Store, password, tenant};
use assent_worker::Workers;
use assent_worker::settings::{QueueSettings, Transport};
use tokio::signal::unix::{SignalKind, signal};

use super::{Failure, open, say};
use crate::app::App;
use crate::server::{self, Running};
use crate::settings::{Environment, Settings};
use crate::setup::SetupCode;
use crate::source_limit::SourceLimit;
use crate::visits::Visits;

/// Serves, and works off jobs too unless told otherwise.
pub(super) async fn serve(settings: Settings, with_worker: bool) -> Result<(), Failure> {
    let _lock = lock_sqlite(&settings)?;
    if !with_worker && matches!(settings.worker.queue, QueueSettings::Sqlite { .. }) {
        let advice = "an SQLite file is served by one process: leave out --no-worker, or use PostgreSQL";
        return Err(Failure(advice.to_owned()));
    }
    let store = open(&settings, Arc::new(SystemClock)).await?;
    store.migrate().await?;
    let listener = TcpListener::bind(settings.listen)
        .map_err(|error| Failure(format!("ASSENT_LISTEN: {}: {error}", settings.listen)))?;
    let app = app(&settings, &store);
    password::warm_up().await;
    say(format_args!("Assent serves {}", settings.base_url));
    if tenant::all(&store).await?.is_empty() {
        let code = app.setup.issue();
        say(format_args!(
            "No tenant yet. Create the first one here, once: {}/setup/{code}",
            settings.base_url
        ));
    }
    let server = server::start(app, listener)?;
    let workers = if with_worker {
        Some(Workers::start(store, settings.worker).await?)
    } else {
        None
    };
    until_stopped(Some(server), workers).await
}

/// Works off jobs only.
pub(super) async fn work(settings: Settings) -> Result<(), Failure> {
    if matches!(settings.worker.queue, QueueSettings::Sqlite { .. }) {
        let advice = "an SQLite file is served by one process, which also works off jobs: use `assent serve`, or PostgreSQL";
        return Err(Failure(advice.to_owned()));
    }
    let store = open(&settings, Arc::new(SystemClock)).await?;
    store.migrate().await?;
    let workers = Workers::start(store, settings.worker).await?;
    say("Assent works off jobs.");
    until_stopped(None, Some(workers)).await
}

/// The world of the requests.
pub(super) fn app(settings: &Settings, store: &Store) -> App {
    let mailbox = match &settings.worker.transport {
        Transport::Mailbox(mailbox) if settings.environment == Environment::Development => {
            Some(mailbox.clone())
        }
        _ => None,
    };
    App {
        store: store.clone(),
        base_url: settings.base_url.clone(),
        secure_cookies: settings.base_url.starts_with("https://"),
        explorer: settings.explorer,
        lists_tenants: false,
        mailbox,
        tenant_grace: settings.tenant_grace,
        sources: SourceLimit::new(store, settings.form_posts_per_source),
        setup: SetupCode::default(),
        bounces: settings.bounces.clone(),
        sender: settings.worker.sender.clone(),
        visits: Visits::new(settings.visits.clone()),
    }
}

/// Runs until a signal, then lets requests and messages in flight finish.
pub(super) async fn until_stopped(server: Option<Running>, workers: Option<Workers>) -> Result<(), Failure> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut workers = workers;
    let failed = async {
        match &mut workers {
            Some(workers) => workers.failed().await,
            None => std::future::pending().await,
        }
    };
    let failure = tokio::select! {
        _ = terminate.recv() => None,
        _ = tokio::signal::ctrl_c() => None,
        error = failed => Some(error),
    };
    if let Some(server) = server {
        server.stop().await;
    }
    if let Some(error) = failure {
        return Err(Failure(error));
    }
    if let Some(workers) = workers {
        workers.stop().await;
    }
    Ok(())
}

/// Makes sure that one process serves an SQLite file: two would not know of each other's work. The lock goes
/// with the process, however it ends.
pub(super) fn lock_sqlite(settings: &Settings) -> Result<Option<File>, Failure> {
    let QueueSettings::Sqlite { path } = &settings.worker.queue else {
        return Ok(None);
    };
    let path = path.with_file_name("assent.lock");
    lock_file(&path).map(Some)
}

fn lock_file(path: &Path) -> Result<File, Failure> {
    let file = File::create(path).map_err(|error| Failure(format!("{}: {error}", path.display())))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Failure(format!(
            "another process serves this database (it holds {})",
            path.display()
        ))),
        Err(TryLockError::Error(error)) => Err(Failure(format!("{}: {error}", path.display()))),
    }
}
