//! `assent serve` and `assent worker`: running until told to stop.

use std::fs::{File, TryLockError};
use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use assent_domain::clock::SystemClock;
use assent_entity::{Store, password, tenant};
use assent_worker::Workers;
use assent_worker::bounce::Inbox;
use assent_worker::identity_provider::Web;
use assent_worker::settings::{QueueSettings, Transport};
use tokio::signal::unix::{SignalKind, signal};

use super::{Failure, open, private, say};
use crate::app::{App, Stopping};
use crate::failed_sign_ins::FailedSignIns;
use crate::limits::{Limits, Rate};
use crate::listener::{self, Listening};
use crate::server::{self, Running};
use crate::settings::{Environment, Settings};
use crate::setup::SetupCode;
use crate::visits::Visits;

/// Serves, and works off jobs too unless told otherwise.
pub(super) async fn serve(settings: Settings, with_worker: bool) -> Result<(), Failure> {
    private::check(&settings)?;
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
    let tenants = tenant::all(&store).await?;
    if tenants.iter().all(|(_, tenant)| tenant.operator_since.is_some()) {
        let code = app.setup.issue();
        let but_one = if tenants.is_empty() {
            ""
        } else {
            " but the operator's own"
        };
        say(format_args!(
            "No tenant{but_one} yet. Create the first one here, once: {}/setup/{code}",
            settings.base_url
        ));
    }
    let listening = listen(&settings, &store)?;
    let server = server::start(app, listener)?;
    let workers = if with_worker {
        Some(Workers::start(store, settings.worker).await?)
    } else {
        None
    };
    until_stopped(Some(server), listening, workers).await
}

/// Listens for mail that comes back, where that is set.
fn listen(settings: &Settings, store: &Store) -> Result<Option<Listening>, Failure> {
    let Some(listen) = &settings.bounce_listen else {
        return Ok(None);
    };
    let socket = TcpListener::bind(listen.address)
        .map_err(|error| Failure(format!("ASSENT_BOUNCE_LISTEN: {}: {error}", listen.address)))?;
    let inbox = Inbox::new(store, Some(listen.domain.clone()), settings.bounces.limit);
    let minute = Duration::from_mins(1);
    let messages = Rate::new(store, listen.messages_a_minute, minute);
    let (protocol, domain) = (listen.protocol, listen.domain.clone());
    let listening = listener::start(
        socket,
        protocol,
        domain,
        inbox,
        messages,
        listener::Limits::default(),
    )?;
    say(format_args!(
        "Mail for {} is taken in at {}",
        listen.domain, listening.address
    ));
    Ok(Some(listening))
}

/// Works off jobs only.
pub(super) async fn work(settings: Settings) -> Result<(), Failure> {
    private::check(&settings)?;
    if matches!(settings.worker.queue, QueueSettings::Sqlite { .. }) {
        let advice = "an SQLite file is served by one process, which also works off jobs: use `assent serve`, or PostgreSQL";
        return Err(Failure(advice.to_owned()));
    }
    let store = open(&settings, Arc::new(SystemClock)).await?;
    store.migrate().await?;
    let workers = Workers::start(store, settings.worker).await?;
    say("Assent works off jobs.");
    until_stopped(None, None, Some(workers)).await
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
        documents: settings.documents.clone(),
        lists_tenants: false,
        mailbox,
        tenant_grace: settings.tenant_grace,
        limits: Limits::new(
            store,
            settings.form_posts_per_source,
            settings.operations_per_tenant,
        ),
        failed_sign_ins: FailedSignIns::default(),
        setup: SetupCode::default(),
        bounces: settings.bounces.clone(),
        webhooks: settings.webhooks.clone(),
        sender: settings.worker.sender.clone(),
        relays: settings.worker.relays.clone(),
        endpoints: settings.worker.webhooks.clone(),
        identity: Web::new(&settings.identity, settings.worker.sender.dns_server),
        uploads: settings.uploads.clone(),
        visits: Visits::new(settings.visits.clone()),
        stopping: Stopping::new(),
    }
}

/// Runs until a signal, then lets requests and messages in flight finish.
pub(super) async fn until_stopped(
    server: Option<Running>,
    listening: Option<Listening>,
    workers: Option<Workers>,
) -> Result<(), Failure> {
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
    if let Some(listening) = listening {
        listening.stop().await;
    }
    if let Some(error) = failure {
        if let Some(workers) = &workers {
            workers.let_finish().await;
        }
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
