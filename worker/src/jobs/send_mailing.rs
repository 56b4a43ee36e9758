//! Sending one mailing for one slice of time: plan, then claim, hand over and record until the slice is over
//! or no row is due.

use std::time::{Duration, Instant};

use assent_domain::clock::Timestamp;
use assent_domain::id::{MailingId, WorkerId, new_id};
use assent_entity::claim::{self, Claims};
use assent_entity::mailing::{self, Mailing, Turn};
use assent_entity::outbox::{self, OpenJob};
use assent_entity::outcome::{self, Ended};
use assent_entity::{StoreError, TenantTx, delivery, plan};

use crate::bounce::refusal;
use crate::compose::Composer;
use crate::jobs::{JobError, sender_check};
use crate::post::Post;
use crate::run::World;

/// Messages in the hands of one connection: one on its way and one to follow.
const CLAIMS_A_CONNECTION: usize = 2;

/// Rows closed at a time when a mailing is cancelled.
const CANCEL_AT_ONCE: u32 = 5000;

/// How long a slow server may keep us from showing that the owner of the lease lives.
const BEAT: Duration = Duration::from_secs(mailing::LEASE.as_secs() / 3);

/// The longest that a turn waits for more messages to end; it waits no longer than the last one took.
const MAX_PATIENCE: Duration = Duration::from_millis(20);

/// How long a mailing rests after the mail server could not be reached.
const REST: Duration = Duration::from_secs(30);

struct Slice<'a> {
    world: &'a World,
    job: &'a OpenJob,
    mailing: Mailing,
    /// Names this slice in the lease and in its attempts.
    lease: WorkerId,
    began: Instant,
}

/// Works on a mailing for one slice.
pub(crate) async fn slice(world: &World, job: &OpenJob, id: MailingId) -> Result<(), JobError> {
    let mut tx = TenantTx::write(&world.store, job.ctx).await?;
    let lease: WorkerId = new_id(tx.now());
    let turn = mailing::acquire(&mut tx, id, lease).await?;
    match &turn {
        Turn::Finished | Turn::Waiting => outbox::close(&mut tx, job.id).await?,
        Turn::Busy(until) | Turn::TooEarly(until) => outbox::put_off(&mut tx, job.id, *until).await?,
        Turn::Yours(_) | Turn::Cancelled(_) => {}
    }
    tx.commit().await?;
    let began = Instant::now();
    match turn {
        Turn::Yours(mailing) => {
            Slice {
                world,
                job,
                mailing: *mailing,
                lease,
                began,
            }
            .send()
            .await
        }
        Turn::Cancelled(mailing) => {
            Slice {
                world,
                job,
                mailing: *mailing,
                lease,
                began,
            }
            .cancel()
            .await
        }
        _ => Ok(()),
    }
}

impl Slice<'_> {
    fn is_over(&self) -> bool {
        self.world.stopping.is_cancelled() || self.began.elapsed() >= self.world.settings.slice
    }

    async fn write(&self) -> Result<TenantTx<assent_entity::Write>, JobError> {
        Ok(TenantTx::write(&self.world.store, self.job.ctx).await?)
    }

    async fn send(mut self) -> Result<(), JobError> {
        let result = match self.plan().await {
            Ok(true) => self.hand_over().await,
            Ok(false) => Ok(None),
            Err(error) => Err(error),
        };
        match result {
            Ok(rest_until) => self.end(rest_until).await,
            Err(error) => {
                let mut tx = self.write().await?;
                mailing::release(&mut tx, self.mailing.id, self.lease).await?;
                tx.commit().await?;
                Err(error)
            }
        }
    }

    /// Plans chunk by chunk, and says whether every recipient has a row.
    async fn plan(&mut self) -> Result<bool, JobError> {
        let mut has_grown = false;
        while self.mailing.planned_at.is_none() {
            if self.is_over() {
                return Ok(false);
            }
            let mut tx = self.write().await?;
            let mut planned = self.mailing.clone();
            if !claim::turn(&mut tx, &self.mailing, self.lease, &[], 0)
                .await?
                .goes_on
            {
                return Ok(false);
            }
            if self.mailing.is_unplanned() {
                if !sender_check::lets_begin(self.world, &mut tx, &self.mailing).await? {
                    tx.commit().await?;
                    return Ok(false);
                }
                Composer::keep_links(self.world, &tx, self.job.ctx, &self.mailing).await?;
            }
            let is_large = !plan::chunk(&mut tx, &mut planned).await?;
            tx.commit().await?;
            let is_first = self.mailing.is_unplanned();
            self.mailing = planned;
            if is_large && is_first {
                self.world.store.take_stock().await.map_err(StoreError::from)?;
            }
            has_grown |= is_large;
        }
        if has_grown {
            self.world.store.take_stock().await.map_err(StoreError::from)?;
        }
        Ok(true)
    }

    /// Hands over what is due. Gives a time before which there is no use in trying again, if there is one.
    async fn hand_over(&mut self) -> Result<Option<Timestamp>, JobError> {
        let composer = Composer::load(self.world, self.job.ctx, &self.mailing).await?;
        let connections = self.world.settings.connections.max(1);
        let mut post = Post::open(self.world, composer, connections);
        while tokio::time::timeout(BEAT, post.until_ready()).await.is_err() {
            self.turn(&[], 0).await?;
        }
        // Opening connections takes from nobody's slice.
        self.began = Instant::now();
        let (mut ended, mut drained, mut beat): (Vec<Ended>, bool, bool) = (Vec::new(), false, false);
        let mut patience = Duration::ZERO;
        loop {
            let wants_more = !drained && !post.is_stalled() && !self.is_over();
            let most = post.ready() * CLAIMS_A_CONNECTION;
            let room = if wants_more {
                most.saturating_sub(post.in_flight())
            } else {
                0
            };
            if room > 0 || !ended.is_empty() || beat {
                let turned = Instant::now();
                let claims = match self.turn(&ended, room).await {
                    Ok(claims) => claims,
                    Err(error) => {
                        self.save_what_ended(post, ended).await;
                        return Err(error);
                    }
                };
                ended.clear();
                patience = turned.elapsed().min(MAX_PATIENCE);
                let none_due = room > 0 && claims.claims.is_empty() && claims.refused == 0;
                drained = drained || !claims.goes_on || none_due;
                post.hand(claims.claims);
            } else if post.in_flight() == 0 {
                break;
            }
            if post.in_flight() > 0 {
                beat = tokio::time::timeout(BEAT, post.collect(&mut ended, patience))
                    .await
                    .is_err();
            }
        }
        let is_stalled = post.is_stalled();
        post.close().await;
        Ok(is_stalled.then(|| self.world.store.now().after(REST)))
    }

    /// After a failure of the database: lets what is in flight finish, and tries once more to record it, so
    /// that a message whose fate is known does not become unknown.
    async fn save_what_ended(&self, mut post: Post, mut ended: Vec<Ended>) {
        while post.in_flight() > 0 {
            post.collect(&mut ended, Duration::ZERO).await;
        }
        post.close().await;
        if let Err(error) = self.record(&ended).await {
            let (mailing, lost) = (self.mailing.id, ended.len());
            tracing::error!(%mailing, lost, %error, "what became of messages could not be recorded");
        }
    }

    /// Records what ended, whoever owns the mailing by now.
    async fn record(&self, ended: &[Ended]) -> Result<(), JobError> {
        self.take_refusals(ended).await?;
        let mut tx = self.write().await?;
        outcome::record(&mut tx, &self.mailing, self.lease, ended).await?;
        Ok(tx.commit().await?)
    }

    /// What servers said of recipients counts before the next are decided.
    async fn take_refusals(&self, ended: &[Ended]) -> Result<(), JobError> {
        let limit = self.world.settings.soft_limit;
        Ok(refusal::take(&self.world.store, self.job.ctx, ended, limit).await?)
    }

    async fn turn(&self, ended: &[Ended], room: usize) -> Result<Claims, JobError> {
        self.take_refusals(ended).await?;
        let mut tx = self.write().await?;
        let room = u32::try_from(room).unwrap_or(u32::MAX);
        let claims = claim::turn(&mut tx, &self.mailing, self.lease, ended, room).await?;
        tx.commit().await?;
        Ok(claims)
    }

    /// Ends the slice: the mailing is finished, or its job is due again.
    async fn end(&self, rest_until: Option<Timestamp>) -> Result<(), JobError> {
        let mut tx = self.write().await?;
        if mailing::finish(&mut tx, &self.mailing).await? {
            outbox::close(&mut tx, self.job.id).await?;
        } else {
            mailing::release(&mut tx, self.mailing.id, self.lease).await?;
            let next = delivery::next_due_at(&tx, self.mailing.id)
                .await?
                .unwrap_or(tx.now());
            let due_at = next.max(rest_until.unwrap_or(next));
            outbox::put_off(&mut tx, self.job.id, due_at).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    async fn cancel(self) -> Result<(), JobError> {
        while !self.is_over() {
            let mut tx = self.write().await?;
            let closed = delivery::cancel_some(&mut tx, self.mailing.id, CANCEL_AT_ONCE).await?;
            tx.commit().await?;
            if closed < u64::from(CANCEL_AT_ONCE) {
                break;
            }
        }
        self.end(None).await
    }
}
