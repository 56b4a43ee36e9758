//! Attempts to sign in that failed: counted by hour and tenant, and noted in its audit log when the hour is over. Who
//! tried, and from where, is not (P02).

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use assent_domain::clock::Timestamp;
use assent_domain::tenant::Slug;
use assent_entity::{Store, session};
use tokio_util::sync::CancellationToken;

const HOUR: Duration = Duration::from_hours(1);

/// How often it is looked whether an hour is over.
const LOOK_AFTER: Duration = Duration::from_mins(1);

/// The most names that are counted: whoever guesses makes up as many as they like.
const MAX_NAMES: usize = 10_000;

/// By the beginning of the hour and what was given as the tenant's name.
type Counts = BTreeMap<(Timestamp, String), u64>;

/// What waits to be noted. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct FailedSignIns(Arc<Mutex<Counts>>);

fn hour_of(at: Timestamp) -> Timestamp {
    let hour = i64::try_from(HOUR.as_micros()).unwrap_or(i64::MAX);
    Timestamp::from_micros(at.micros().div_euclid(hour).saturating_mul(hour))
}

impl FailedSignIns {
    fn counts<T>(&self, work: impl FnOnce(&mut Counts) -> T) -> T {
        // What a panic may have left is counts, each whole.
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Counts one. Whether there is such a tenant is asked later, so that the answer takes as long for all.
    pub fn count(&self, at: Timestamp, tenant: &str) {
        let Ok(slug) = Slug::parse(tenant) else { return };
        let key = (hour_of(at), slug.as_str().to_owned());
        self.counts(|counts| {
            if counts.len() < MAX_NAMES || counts.contains_key(&key) {
                *counts.entry(key).or_insert(0) += 1;
            }
        });
    }

    /// Notes the hours that are over, now and then, until `stop`, and then what is left.
    pub async fn keep(self, store: Store, stop: CancellationToken) {
        let rest = async || {
            let wait = tokio::time::sleep(LOOK_AFTER);
            stop.run_until_cancelled(wait).await.is_some()
        };
        while rest().await {
            self.note_before(&store, hour_of(store.now())).await;
        }
        self.note_before(&store, store.now().after(HOUR)).await;
    }

    /// Notes the hours that began before this. What the database refuses is lost, and said to be.
    pub async fn note_before(&self, store: &Store, hour: Timestamp) {
        let over = self.counts(|counts| {
            let rest = counts.split_off(&(hour, String::new()));
            std::mem::replace(counts, rest)
        });
        for ((since, tenant), failures) in over {
            if let Err(error) = session::note_failures(store, &tenant, since, failures).await {
                tracing::warn!(%error, failures, "sign-ins that failed could not be noted");
            }
        }
    }
}
