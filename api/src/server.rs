//! The HTTP server: which face answers under which path.

use std::net::{SocketAddr, TcpListener};

use actix_web::dev::{Server, ServerHandle};
use actix_web::web::{self, ServiceConfig};
use actix_web::{App as Actix, HttpServer};
use tokio::task::JoinHandle;

use crate::app::App;

/// The longest body of any request that is not a GraphQL operation, in octets.
pub const MAX_FORM_OCTETS: usize = 64 * 1024;

/// Puts all routes in place.
pub fn configure(app: App) -> impl Fn(&mut ServiceConfig) + Clone {
    move |config| {
        config
            .app_data(web::Data::new(app.clone()))
            .app_data(web::FormConfig::default().limit(MAX_FORM_OCTETS))
            .configure(crate::graphql::configure)
            .configure(crate::pages::configure);
    }
}

/// A server that runs.
#[derive(Debug)]
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    handle: ServerHandle,
    task: JoinHandle<std::io::Result<()>>,
}

impl Running {
    /// Answers what has been asked, then stops.
    pub async fn stop(self) {
        self.handle.stop(true).await;
        let _ = self.task.await;
    }
}

/// Starts to serve on a socket that listens.
pub fn start(app: App, listener: TcpListener) -> std::io::Result<Running> {
    let address = listener.local_addr()?;
    let configure = configure(app);
    let server: Server = HttpServer::new(move || Actix::new().configure(configure.clone()))
        .workers(4)
        .shutdown_timeout(10)
        .disable_signals()
        .listen(listener)?
        .run();
    Ok(Running {
        address,
        handle: server.handle(),
        task: tokio::spawn(server),
    })
}
