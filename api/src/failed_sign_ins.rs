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

/// The most names that are counted of which nobody knows whether they are a tenant's: whoever guesses makes up as many as
/// they like. They take no place of those that are.
const MAX_UNKNOWN: usize = 10_000;

/// By the beginning of the hour and what was given as the tenant's name.
type ByName = BTreeMap<(Timestamp, String), u64>;

#[derive(Debug, Default)]
struct Counts {
    /// Names that are a tenant's.
    known: ByName,
    /// Names that may be anything.
    unknown: ByName,
}

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

    /// Counts one that was refused before it was looked whether there is such a tenant.
    pub fn count(&self, at: Timestamp, tenant: &str) {
        let Ok(slug) = Slug::parse(tenant) else { return };
        let key = (hour_of(at), slug.as_str().to_owned());
        self.counts(|counts| {
            if let Some(known) = counts.known.get_mut(&key) {
                *known += 1;
            } else if counts.unknown.len() < MAX_UNKNOWN || counts.unknown.contains_key(&key) {
                *counts.unknown.entry(key).or_insert(0) += 1;
            }
        });
    }

    /// Counts one at a tenant that there is. What was counted under its name before goes with it.
    pub fn count_at(&self, at: Timestamp, tenant: &Slug) {
        let key = (hour_of(at), tenant.as_str().to_owned());
        self.counts(|counts| {
            let before = counts.unknown.remove(&key).unwrap_or(0);
            *counts.known.entry(key).or_insert(0) += before + 1;
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
            let over = |names: &mut ByName| {
                let rest = names.split_off(&(hour, String::new()));
                std::mem::replace(names, rest)
            };
            (over(&mut counts.known), over(&mut counts.unknown))
        });
        for ((since, tenant), failures) in over.0.into_iter().chain(over.1) {
            if let Err(error) = session::note_failures(store, &tenant, since, failures).await {
                tracing::warn!(%error, failures, "sign-ins that failed could not be noted");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(of: &FailedSignIns, slug: &str) -> (u64, u64) {
        let key = (hour_of(Timestamp::from_micros(0)), slug.to_owned());
        of.counts(|counts| {
            let number = |names: &ByName| names.get(&key).copied().unwrap_or(0);
            (number(&counts.known), number(&counts.unknown))
        })
    }

    #[test]
    fn names_that_strangers_make_up_take_no_place_of_a_tenants() {
        let failures = FailedSignIns::default();
        let now = Timestamp::from_micros(5);
        failures.count(now, "acme");
        for number in 0..2 * MAX_UNKNOWN {
            failures.count(now, &format!("made-up-{number}"));
        }
        failures.count(now, "no slug at all");
        let (acme, brook) = (Slug::parse("acme").unwrap(), Slug::parse("brook").unwrap());
        failures.count_at(now, &acme);
        failures.count_at(now, &brook);
        failures.count(now, "brook");
        assert_eq!(
            counted(&failures, "acme"),
            (2, 0),
            "with what was counted before it was known"
        );
        assert_eq!(counted(&failures, "brook"), (2, 0));
        let kept = failures.counts(|counts| (counts.known.len(), counts.unknown.len()));
        assert_eq!(kept, (2, MAX_UNKNOWN - 1));
    }
}
