//! A shift of a slice: a crew with connections, and a few at the database who give it work in turns. While one of them is
//! there, the crew is busy with what the others claimed, so that neither the database nor the mail server waits.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use assent_entity::claim::{Begun, Claims, Place};
use assent_entity::mailing;
use assent_entity::outcome::{self, Ended};
use futures::future::join_all;

use super::Slice;
use crate::bounce::refusal;
use crate::compose::Composer;
use crate::jobs::JobError;
use crate::post::{self, BROKEN_OFF, Post};

/// How long a slow server may keep us from showing that the owner of the lease lives.
const BEAT: Duration = Duration::from_secs(mailing::LEASE.as_secs() / 3);

/// The longest that a turn waits for more messages to end; it waits no longer than the last one took.
const MAX_PATIENCE: Duration = Duration::from_millis(20);

/// How long one whom the database failed waits before the last try.
const BREATH: Duration = Duration::from_secs(1);

pub(super) struct Shift<'a> {
    slice: &'a Slice<'a>,
    post: Post,
    /// How many take turns.
    at_work: AtomicUsize,
    began: Instant,
}

impl<'a> Shift<'a> {
    /// Begins to open connections.
    pub(super) fn begin(slice: &'a Slice<'a>, composer: &Arc<Composer>, connections: usize) -> Self {
        let post = Post::open(slice.world, &slice.route.transport, composer, connections);
        Self {
            slice,
            post,
            at_work: AtomicUsize::new(post::TAKERS),
            began: Instant::now(),
        }
    }

    /// Claims, hands over and records until nothing is due or the time is over. Gives the reason where the mail server could
    /// not be reached.
    pub(super) async fn work(mut self) -> Result<Option<String>, JobError> {
        while tokio::time::timeout(BEAT, self.post.until_ready()).await.is_err() {
            self.turn(None, &[], 0, &mut Place::default()).await?;
        }
        // Opening connections takes from nobody's slice.
        self.began = Instant::now();
        // Whoever fails lets the others finish what the crew has in its hands.
        let turns = join_all((0..post::TAKERS).map(|_| self.take_turns())).await;
        let (unreachable, has_lost) = (self.post.unreachable(), self.post.has_lost());
        self.post.close().await;
        turns.into_iter().collect::<Result<(), _>>()?;
        if has_lost {
            return Err(JobError::Retry(BROKEN_OFF.to_owned()));
        }
        Ok(unreachable)
    }

    /// Whether more is to be claimed: not when one of them has failed, or found nothing to do.
    fn goes_on(&self) -> bool {
        let all_work = self.at_work.load(Ordering::Relaxed) == post::TAKERS;
        all_work && self.post.stalled().is_none() && !self.slice.is_over_since(self.began)
    }

    async fn take_turns(&self) -> Result<(), JobError> {
        let (mut ended, mut drained, mut beat): (Vec<Ended>, bool, bool) = (Vec::new(), false, false);
        let (mut place, mut patience) = (Place::default(), Duration::ZERO);
        let mut begun = None;
        loop {
            let turn = self.post.begin_turn(ended.len(), !drained && self.goes_on());
            let room = turn.room;
            let has_to_do = std::mem::take(&mut beat) || room > 0 || !ended.is_empty();
            let mut claimed = Vec::new();
            if has_to_do {
                let turned = Instant::now();
                match self.turn(begun.take(), &ended, room, &mut place).await {
                    Ok(claims) => {
                        let none_due = room > 0 && claims.found_nothing();
                        drained = drained || !claims.goes_on || claims.rests || none_due;
                        claimed = claims.claims;
                    }
                    Err(error) => {
                        self.post.end_turn(turn, Vec::new());
                        self.save_what_ended(ended).await;
                        return Err(error);
                    }
                }
                ended.clear();
                patience = turned.elapsed().min(MAX_PATIENCE);
            }
            self.post.end_turn(turn, claimed);
            if !self.post.is_idle() {
                let collecting = self.post.collect(&mut ended, patience, self.begin_meanwhile());
                let collected = tokio::time::timeout(BEAT, collecting).await;
                beat = collected.is_err();
                begun = collected.ok().flatten().flatten();
            } else if !has_to_do {
                self.at_work.fetch_sub(1, Ordering::Relaxed);
                return Ok(());
            }
        }
    }

    /// Begins the next turn while messages end, where that keeps nobody from the database: it is half of what a turn waits
    /// for.
    async fn begin_meanwhile(&self) -> Option<Result<Begun<'_>, JobError>> {
        if !self.slice.world.store.has_idle_connection() {
            return None;
        }
        Some(self.begin_turn().await)
    }

    async fn begin_turn(&self) -> Result<Begun<'_>, JobError> {
        let slice = self.slice;
        let begun = Begun::begin(&slice.world.store, slice.job.ctx, &slice.mailing, &slice.terms);
        Ok(begun.await?)
    }

    async fn turn(
        &self,
        begun: Option<Result<Begun<'_>, JobError>>,
        ended: &[Ended],
        room: usize,
        place: &mut Place,
    ) -> Result<Claims, JobError> {
        // What servers said takes a transaction of its own: nobody waits for a second connection with one in hand.
        let begun = begun.filter(|_| !refusal::is_in(ended));
        take_refusals(self.slice, ended).await?;
        let begun = match begun {
            Some(begun) => begun?,
            None => self.begin_turn().await?,
        };
        let room = u32::try_from(room).unwrap_or(u32::MAX);
        Ok(begun.end(ended, room, place).await?)
    }

    /// After a failure of the database: tries twice more to record what is known, so that a message whose fate is known does
    /// not become unknown. What is in flight is left to the others, or waited for by the last.
    async fn save_what_ended(&self, mut ended: Vec<Ended>) {
        let known = ended.len();
        if self.at_work.fetch_sub(1, Ordering::Relaxed) == 1 {
            while self.post.out() > ended.len() - known {
                self.post
                    .collect(&mut ended, Duration::ZERO, std::future::ready(()))
                    .await;
            }
        }
        let mut recorded = record(self.slice, &ended).await;
        if recorded.is_err() {
            tokio::time::sleep(BREATH).await;
            recorded = record(self.slice, &ended).await;
        }
        if let Err(error) = recorded {
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
