//! Hearing from the other processes what has moved on.
//!
//! Over a connection of its own, which no request waits for. It is in no transaction, so a pooler in front of the database
//! has to lend it for as long as it lasts; one that does not leaves watchers to look for themselves.

use std::pin::pin;
use std::time::Duration;

use sea_orm::sqlx::postgres::{PgListener, PgPoolOptions};
use sea_orm::sqlx::{self, PgPool};

use super::tell::CHANNEL;
use super::{Live, Place};
use crate::store::Store;

/// How long after a connection broke another is tried.
const RECONNECT_AFTER: Duration = Duration::from_secs(1);

/// How long the connection may take to close.
const CLOSES_WITHIN: Duration = Duration::from_secs(1);

impl Store {
    /// Wakes those who watch in this process when another says that something has moved on, until `stop`. With SQLite there
    /// is no other process.
    pub async fn listen(&self, stop: impl Future<Output = ()>) {
        if self.is_sqlite() {
            return;
        }
        let shared = self.writer().get_postgres_connection_pool();
        let own = PgPoolOptions::new()
            .max_connections(1)
            .max_lifetime(None)
            .idle_timeout(None)
            .connect_lazy_with(shared.connect_options().as_ref().clone());
        {
            let stop = pin!(stop);
            let listening = pin!(keep_listening(self.live(), &own));
            tokio::select! {
                () = stop => {}
                () = listening => {}
            }
        }
        if tokio::time::timeout(CLOSES_WITHIN, own.close()).await.is_err() {
            tracing::warn!("the connection that listened did not close");
        }
    }
}

/// Listens for good, over one connection after the other.
async fn keep_listening(live: &Live, pool: &PgPool) {
    loop {
        match listen(live, pool).await {
            Ok(()) => tracing::warn!("the connection that listens broke; trying another"),
            Err(error) => tracing::warn!(%error, "nothing is heard from other processes; trying again"),
        }
        tokio::time::sleep(RECONNECT_AFTER).await;
    }
}

/// Listens until the connection breaks. What was said while nobody listened is not said again, so everybody looks first.
async fn listen(live: &Live, pool: &PgPool) -> Result<(), sqlx::Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.eager_reconnect(false);
    listener.listen(CHANNEL).await?;
    live.wake_all();
    while let Some(word) = listener.try_recv().await? {
        if let Some(place) = Place::read(word.payload()) {
            live.wake(place);
        }
    }
    Ok(())
}
