//! The HTTP server: which face answers under which path.

use std::net::{SocketAddr, TcpListener};

use actix_web::dev::{Server, ServerHandle};
use actix_web::middleware::from_fn;
use actix_web::web::{self, ServiceConfig};
use actix_web::{App as Actix, HttpServer};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::{patience, visits};

/// The longest body of any request that is not a GraphQL operation, in octets.
pub const MAX_FORM_OCTETS: usize = 64 * 1024;

/// Puts all routes in place.
pub fn configure(app: App) -> impl Fn(&mut ServiceConfig) + Clone {
    move |config| {
        config
            .app_data(web::Data::new(app.clone()))
            .app_data(web::FormConfig::default().limit(MAX_FORM_OCTETS))
            .configure(crate::graphql::configure)
            .configure(crate::bounces::configure)
            .configure(crate::exports::configure)
            .configure(crate::imports::configure)
            .configure(crate::webhooks::configure)
            .configure(crate::pages::configure);
    }
}

/// A server that runs.
#[derive(Debug)]
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    handle: ServerHandle,
    stopping: CancellationToken,
    task: JoinHandle<std::io::Result<()>>,
    stop_noting: CancellationToken,
    noting: JoinHandle<()>,
    listening: JoinHandle<()>,
}

impl Running {
    /// Answers what has been asked, writes down what was noted of it, then stops.
    pub async fn stop(self) {
        self.stopping.cancel();
        self.handle.stop(true).await;
        let _ = self.task.await;
        self.stop_noting.cancel();
        let _ = tokio::join!(self.noting, self.listening);
    }
}

/// Writes down what requests leave behind, until `stop`.
fn note(app: &App, stop: CancellationToken) -> impl Future<Output = ()> + use<> {
    let visits = app.visits.clone().keep(app.store.clone(), stop.clone());
    let failures = app.failed_sign_ins.clone().keep(app.store.clone(), stop);
    async {
        tokio::join!(visits, failures);
    }
}

/// Hears from other processes what has moved on, for those who watch it here, until `stop`.
fn listen(app: &App, stop: CancellationToken) -> impl Future<Output = ()> + use<> {
    let store = app.store.clone();
    async move { store.listen(stop.cancelled()).await }
}

/// The threads that answer.
const THREADS: usize = 4;

/// Starts to serve on a socket that listens.
pub fn start(app: App, listener: TcpListener) -> std::io::Result<Running> {
    let address = listener.local_addr()?;
    let (stop_noting, stopping) = (CancellationToken::new(), CancellationToken::new());
    let noting = note(&app, stop_noting.clone());
    let listening = listen(&app, stopping.clone());
    let app = App {
        stopping: stopping.clone(),
        ..app
    };
    let server: Server = HttpServer::new(move || {
        // The threads that answer have runtimes of their own, which are gone when the rest still winds up. A connection of
        // another thread's would be heard there first, and wake this one.
        let configure = configure(App {
            store: app.store.with_own_connections(THREADS),
            ..app.clone()
        });
        Actix::new()
            .wrap(from_fn(crate::pages::in_language))
            .wrap(from_fn(patience::ends))
            .wrap(from_fn(visits::note))
            .configure(configure)
    })
    .workers(THREADS)
    .shutdown_timeout(10)
    .disable_signals()
    .listen(listener)?
    .run();
    Ok(Running {
        address,
        handle: server.handle(),
        stopping,
        task: tokio::spawn(server),
        stop_noting,
        noting: tokio::spawn(noting),
        listening: tokio::spawn(listening),
    })
}
