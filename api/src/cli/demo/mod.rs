//! `assent demo`: the product in a minute. Two tenants with a past, a campaign through the whole pipeline, a
//! report of who got it and who did not and why, and the addresses to open next.

mod people;
mod report;
mod story;

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use assent_domain::clock::ShiftedClock;
use assent_entity::{Store, outbox};
use assent_worker::Workers;

use super::serve::{app, until_stopped};
use super::{Failure, open, say};
use crate::server;
use crate::settings::Options;

/// A directory that goes when the demo does.
struct Scratch(PathBuf);

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Tells the story, then serves until interrupted, unless it is to be told `once`.
pub(super) async fn run(options: Options, once: bool) -> Result<(), Failure> {
    say("Assent demo: setting up two tenants and their past ...");
    let scratch = Scratch(std::env::temp_dir().join(format!("assent-demo-{}", std::process::id())));
    let listener = listen(options.listen)?;
    let settings = Options {
        data_dir: Some(scratch.0.clone()),
        listen: Some(listener.local_addr()?),
        base_url: options.base_url,
        mailings_at_once: options.mailings_at_once,
        ..Options::default()
    }
    .resolve()?;
    let clock = ShiftedClock::default();
    let store = open(&settings, Arc::new(clock.clone())).await?;
    store.migrate().await?;
    let mut app = app(&settings, &store);
    app.lists_tenants = true;
    let server = server::start(app, listener)?;
    let workers = Workers::start(store.clone(), settings.worker.clone()).await?;
    let told = story::tell(&store, &clock, &settings.base_url).await?;
    report::print(&told, &settings.base_url, &settings.data_dir);
    if once {
        server.stop().await;
        workers.stop().await;
        return Ok(());
    }
    say("\nServing until you press Ctrl-C; then all of it is thrown away.");
    until_stopped(Some(server), None, Some(workers)).await
}

/// The usual port, or another where it is taken.
fn listen(wanted: Option<SocketAddr>) -> Result<TcpListener, Failure> {
    let usual = SocketAddr::from(([127, 0, 0, 1], 8080));
    match TcpListener::bind(wanted.unwrap_or(usual)) {
        Ok(listener) => Ok(listener),
        Err(_) if wanted.is_none() => Ok(TcpListener::bind(("127.0.0.1", 0))?),
        Err(error) => Err(Failure(format!("ASSENT_LISTEN: {error}"))),
    }
}

/// Waits until the workers have done all there is to do.
async fn drain(store: &Store) -> Result<(), Failure> {
    while outbox::count_open(store).await? > 0 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}
