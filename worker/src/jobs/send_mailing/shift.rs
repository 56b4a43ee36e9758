//! A shift of a slice: connections of its own, and turns of its own. While the messages of one shift are on their way,
//! another claims its next ones, so that neither the database nor the mail server waits for the other.

use std::sync::Arc;
use std::time::{Duration, Instant};

use assent_entity::claim::{self, Claims, Place};
use assent_entity::mailing;
use assent_entity::outcome::{self, Ended};

use super::Slice;
use crate::bounce::refusal;
use crate::compose::Composer;
use crate::jobs::JobError;
use crate::post::{BROKEN_OFF, Post};

/// Messages in the hands of one connection: one on its way and one to follow.
const CLAIMS_A_CONNECTION: usize = 2;

/// How long a slow server may keep us from showing that the owner of the lease lives.
const BEAT: Duration = Duration::from_secs(mailing::LEASE.as_secs() / 3);

/// The longest that a turn waits for more messages to end; it waits no longer than the last one took.
const MAX_PATIENCE: Duration = Duration::from_millis(20);

/// How far a shift got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Handed {
    /// Nothing more was due, or its time was over.
    Everything,
    /// There was nothing for it to do it with.
    NoConnections,
    /// The mail server could not be reached, for this reason, or refused us whatever we sent.
    UntilStalled(String),
}

pub(super) struct Shift<'a> {
    slice: &'a Slice<'a>,
    post: Post,
    place: Place,
}

impl<'a> Shift<'a> {
    /// Begins to open connections.
    pub(super) fn begin(slice: &'a Slice<'a>, composer: &Arc<Composer>, connections: usize) -> Self {
        let post = Post::open(slice.world, &slice.route.transport, composer, connections);
        Self {
            slice,
            post,
            place: Place::default(),
        }
    }

    /// Claims, hands over and records until nothing is due or the time is over.
    pub(super) async fn work(mut self) -> Result<Handed, JobError> {
        while tokio::time::timeout(BEAT, self.post.until_ready()).await.is_err() {
            self.turn(&[], 0).await?;
        }
        // Opening connections takes from nobody's slice.
        let began = Instant::now();
        let (mut ended, mut drained, mut beat): (Vec<Ended>, bool, bool) = (Vec::new(), false, false);
        let mut patience = Duration::ZERO;
        loop {
            let wants_more = !drained && self.post.stalled().is_none() && !self.slice.is_over_since(began);
            let room = if wants_more { self.room() } else { 0 };
            if room > 0 || !ended.is_empty() || beat {
                let turned = Instant::now();
                let claims = match self.turn(&ended, room).await {
                    Ok(claims) => claims,
                    Err(error) => {
                        self.save_what_ended(ended).await;
                        return Err(error);
                    }
                };
                ended.clear();
                patience = turned.elapsed().min(MAX_PATIENCE);
                let none_due = room > 0 && claims.found_nothing();
                drained = drained || !claims.goes_on || claims.rests || none_due;
                self.post.hand(claims.claims);
            } else if self.post.in_flight() == 0 {
                break;
            }
            if self.post.in_flight() > 0 {
                let collecting = self.post.collect(&mut ended, patience);
                beat = tokio::time::timeout(BEAT, collecting).await.is_err();
            }
        }
        let (stalled, has_lost) = (self.post.stalled(), self.post.has_lost());
        self.post.close().await;
        if has_lost {
            return Err(JobError::Retry(BROKEN_OFF.to_owned()));
        }
        Ok(stalled.map_or(Handed::Everything, Handed::UntilStalled))
    }

    /// How many more messages the connections can take.
    fn room(&self) -> usize {
        let most = self.post.ready() * CLAIMS_A_CONNECTION;
        most.saturating_sub(self.post.in_flight())
    }

    async fn turn(&mut self, ended: &[Ended], room: usize) -> Result<Claims, JobError> {
        take_refusals(self.slice, ended).await?;
        let mut tx = self.slice.write().await?;
        let room = u32::try_from(room).unwrap_or(u32::MAX);
        let (mailing, terms) = (&self.slice.mailing, &self.slice.terms);
        let claims = claim::turn(&mut tx, mailing, terms, ended, room, &mut self.place).await?;
        tx.commit().await?;
        Ok(claims)
    }

    /// After a failure of the database: lets what is in flight finish, and tries once more to record it, so
    /// that a message whose fate is known does not become unknown.
    async fn save_what_ended(mut self, mut ended: Vec<Ended>) {
        while self.post.in_flight() > 0 {
            self.post.collect(&mut ended, Duration::ZERO).await;
        }
        self.post.close().await;
        if let Err(error) = record(self.slice, &ended).await {
            let (mailing, lost) = (self.slice.mailing.id, ended.len());
            tracing::error!(%mailing, lost, %error, "what became of messages could not be recorded");
        }
    }
}

/// Records what ended, whoever owns the mailing by now.
async fn record(slice: &Slice<'_>, ended: &[Ended]) -> Result<(), JobError> {
    take_refusals(slice, ended).await?;
    let mut tx = slice.write().await?;
    outcome::record(&mut tx, &slice.mailing, &slice.terms, ended).await?;
    Ok(tx.commit().await?)
}

/// What servers said of recipients counts before the next are decided.
async fn take_refusals(slice: &Slice<'_>, ended: &[Ended]) -> Result<(), JobError> {
    let limit = slice.world.settings.soft_limit;
    Ok(refusal::take(&slice.world.store, slice.job.ctx, ended, limit).await?)
}
