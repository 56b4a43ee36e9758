//! Telling the other processes what has moved on.
//!
//! Commits that `NOTIFY` take a lock of all the server's, one after the other, so there is one for all that has moved on in
//! this process, at most twice a second, in a statement of its own: never in a transaction that holds anything.

use std::collections::HashSet;
use std::mem::take;
use std::sync::{Arc, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use sea_orm::sqlx::{self, PgPool};
use tokio::runtime::Handle;

use super::{Live, Place};
use crate::store::Store;

/// On which channel.
pub(super) const CHANNEL: &str = "assent_live";

/// How long lies between two statements.
const PAUSE: Duration = Duration::from_millis(500);

/// The same after one that failed. Watchers look for themselves meanwhile.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(5);

/// What others have yet to be told.
#[derive(Debug, Default)]
pub(super) struct Untold {
    places: HashSet<Place>,
    /// In whose hands that is: it goes with them, however they end.
    in_hand: Weak<()>,
}

impl Live {
    fn untold(&self) -> MutexGuard<'_, Untold> {
        self.untold.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is to be told next. Where there is nothing, the telling has ended, and the next change begins it anew.
    fn take_untold(&self) -> Option<HashSet<Place>> {
        let mut untold = self.untold();
        let places = take(&mut untold.places);
        if places.is_empty() {
            untold.in_hand = Weak::new();
            return None;
        }
        Some(places)
    }
}

impl Store {
    /// Lets the others know before long. Whatever moves on meanwhile is told with the next statement, so the last word is
    /// never older than the last change.
    pub(super) fn tell_others(&self, places: impl Iterator<Item = Place>) {
        let mut untold = self.live().untold();
        untold.places.extend(places);
        let Ok(runtime) = Handle::try_current() else {
            return;
        };
        if untold.in_hand.strong_count() == 0 {
            let hand = Arc::new(());
            untold.in_hand = Arc::downgrade(&hand);
            let pool = self.writer().get_postgres_connection_pool().clone();
            runtime.spawn(tell(Arc::clone(self.live()), pool, hand));
        }
    }
}

/// Tells the others until there is nothing to tell.
async fn tell(live: Arc<Live>, pool: PgPool, _hand: Arc<()>) {
    while let Some(places) = live.take_untold() {
        let pause = match notify(&pool, &places).await {
            Ok(()) => PAUSE,
            Err(sqlx::Error::PoolClosed) => return,
            Err(error) => {
                tracing::warn!(%error, "other processes were not told what has moved on; trying again");
                live.untold().places.extend(places);
                PAUSE_AFTER_FAILURE
            }
        };
        tokio::time::sleep(pause).await;
    }
}

/// A payload has ids and nothing else: row-level security does not keep it from anybody.
async fn notify(pool: &PgPool, places: &HashSet<Place>) -> Result<(), sqlx::Error> {
    let payloads: Vec<String> = places.iter().map(Place::to_string).collect();
    let sql = "SELECT pg_notify($1, payload) FROM unnest($2::text[]) AS payload";
    sqlx::query(sql)
        .bind(CHANNEL)
        .bind(payloads)
        .execute(pool)
        .await?;
    Ok(())
}
