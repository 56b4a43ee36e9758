//! Word that something has moved on, for whoever watches it. It says only what: watchers look for themselves, through the
//! door that is theirs.
//!
//! Who commits a change tells at once those who watch in this process; those in others by `NOTIFY`, see [`tell`] and
//! [`listen`]. Word may get lost where a connection breaks: watchers look anew from time to time without it.

use std::collections::HashMap;
use std::fmt;
use std::future::pending;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use assent_domain::id::{CampaignId, ImportId, PolicyVersionId, TenantId};
use tokio::sync::watch;

use crate::store::Store;

mod listen;
mod tell;

/// What can be watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    /// How far a campaign is.
    Campaign(CampaignId),
    /// How far an import is.
    Import(ImportId),
    /// How far the notices of a policy version are.
    PolicyVersion(PolicyVersionId),
}

impl Subject {
    fn read(id: &str) -> Option<Self> {
        let campaign = id.parse().map(Self::Campaign);
        let import = campaign.or_else(|_| id.parse().map(Self::Import));
        import.or_else(|_| id.parse().map(Self::PolicyVersion)).ok()
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Campaign(id) => id.fmt(f),
            Self::Import(id) => id.fmt(f),
            Self::PolicyVersion(id) => id.fmt(f),
        }
    }
}

/// A subject, and whose it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Place {
    tenant: TenantId,
    subject: Subject,
}

impl Place {
    /// Reads what [`Place`] writes. Whoever may connect to the database may notify, so it may be anything.
    fn read(payload: &str) -> Option<Self> {
        let (tenant, subject) = payload.split_once(' ')?;
        Some(Self {
            tenant: tenant.parse().ok()?,
            subject: Subject::read(subject)?,
        })
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.tenant, self.subject)
    }
}

/// Who watches in this process, and what others have yet to be told.
#[derive(Debug, Default)]
pub(crate) struct Live {
    watched: Mutex<HashMap<Place, watch::Sender<()>>>,
    untold: Mutex<tell::Untold>,
}

impl Live {
    fn watched(&self) -> MutexGuard<'_, HashMap<Place, watch::Sender<()>>> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wake(&self, place: Place) {
        if let Some(watchers) = self.watched().get(&place) {
            watchers.send_replace(());
        }
    }

    fn wake_all(&self) {
        for watchers in self.watched().values() {
            watchers.send_replace(());
        }
    }
}

/// Somebody who watches a subject, until dropped.
#[derive(Debug)]
pub struct Watching {
    live: Arc<Live>,
    place: Place,
    word: watch::Receiver<()>,
}

impl Watching {
    /// Resolves when there was word of a change since this last resolved, or since the watching began.
    pub async fn changed(&mut self) {
        if self.word.changed().await.is_err() {
            pending::<()>().await;
        }
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let mut watched = self.live.watched();
        let is_last = |watchers: &watch::Sender<()>| watchers.receiver_count() <= 1;
        if watched.get(&self.place).is_some_and(is_last) {
            watched.remove(&self.place);
        }
    }
}

impl Store {
    /// Watches a subject of a tenant. Who begins before they first look misses nothing.
    pub fn watch(&self, tenant: TenantId, subject: Subject) -> Watching {
        let (live, place) = (Arc::clone(self.live()), Place { tenant, subject });
        let word = live.watched().entry(place).or_default().subscribe();
        Watching { live, place, word }
    }

    /// Tells whoever watches that these have moved on. They look at once, so it comes after the commit.
    pub(crate) fn moved_on(&self, tenant: TenantId, subjects: &[Subject]) {
        let places = subjects.iter().map(|&subject| Place { tenant, subject });
        places.clone().for_each(|place| self.live().wake(place));
        if !subjects.is_empty() && !self.is_sqlite() {
            self.tell_others(places);
        }
    }
}

#[cfg(test)]
mod tests {
    use assent_domain::clock::Timestamp;
    use assent_domain::id::new_id;

    use super::*;

    #[test]
    fn word_is_read_as_it_was_written_and_anything_else_is_ignored() {
        let at = Timestamp::from_micros(1_800_000_000_000_000);
        let tenant: TenantId = new_id(at);
        for subject in [
            Subject::Campaign(new_id(at)),
            Subject::Import(new_id(at)),
            Subject::PolicyVersion(new_id(at)),
        ] {
            let place = Place { tenant, subject };
            assert_eq!(Place::read(&place.to_string()), Some(place));
            for payload in [
                format!("{tenant}{subject}"),
                format!("{subject} {tenant}"),
                format!("{tenant} {tenant}"),
                format!("{tenant} {subject} "),
                format!("{tenant}  {subject}"),
                subject.to_string(),
                String::new(),
                " ".to_owned(),
                "\u{0}\u{fffd} campaign_".to_owned(),
            ] {
                assert_eq!(Place::read(&payload), None, "{payload:?}");
            }
        }
    }

    #[test]
    fn nothing_is_kept_of_what_nobody_watches_any_more() {
        let live = Arc::new(Live::default());
        let at = Timestamp::from_micros(1_800_000_000_000_000);
        let place = Place {
            tenant: new_id(at),
            subject: Subject::Import(new_id(at)),
        };
        let watching = || Watching {
            word: live.watched().entry(place).or_default().subscribe(),
            live: Arc::clone(&live),
            place,
        };
        let (one, other) = (watching(), watching());
        drop(one);
        assert_eq!(live.watched().len(), 1);
        drop(other);
        assert!(live.watched().is_empty());
        live.wake(place);
    }
}
