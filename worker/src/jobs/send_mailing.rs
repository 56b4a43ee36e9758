//! Sending one mailing for one slice of time: plan, then claim, hand over and record until the slice is over
//! or no row is due.

mod shift;

use std::sync::Arc;
use std::time::{Duration, Instant};

use assent_domain::clock::Timestamp;
use assent_domain::id::{MailingId, WorkerId, new_id};
use assent_entity::claim;
use assent_entity::mailing::{self, Mailing, Turn};
use assent_entity::outbox::{self, OpenJob};
use assent_entity::{StoreError, TenantTx, delivery, plan, sending_limit};

use crate::compose::Composer;
use crate::jobs::{JobError, sender_check};
use crate::run::World;

use self::shift::{Handed, Shift};

/// Rows closed at a time when a mailing is cancelled.
const CANCEL_AT_ONCE: u32 = 5000;

/// How long a mailing rests after the mail server could not be reached.
const REST: Duration = Duration::from_secs(30);

struct Slice<'a> {
    world: &'a World,
    job: &'a OpenJob,
    mailing: Mailing,
    /// Names this slice in the lease and in its attempts.
    lease: WorkerId,
    /// When planning or cancelling began; each shift has its own time.
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
        self.is_over_since(self.began)
    }

    fn is_over_since(&self, began: Instant) -> bool {
        self.world.stopping.is_cancelled() || began.elapsed() >= self.world.settings.slice
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

    /// Hands over what is due, in shifts that take turns. Gives a time before which there is no use in trying again, if
    /// there is one.
    async fn hand_over(&self) -> Result<Option<Timestamp>, JobError> {
        let room = sending_limit::room(&self.world.store, self.job.ctx, &self.mailing).await?;
        let room = room.map_or(usize::MAX, |room| usize::try_from(room).unwrap_or(usize::MAX));
        if room == 0 {
            return Ok(None);
        }
        let composer = Composer::load(self.world, self.job.ctx, &self.mailing).await?;
        let composer = Arc::new(composer);
        let connections = self.world.settings.connections.clamp(1, room);
        let (early, late) = (connections.div_ceil(2), connections / 2);
        let shift = |connections| Shift::begin(self, Arc::clone(&composer), connections);
        let late = async {
            match late {
                0 => Ok(Handed::Everything),
                connections => shift(connections).work().await,
            }
        };
        // Whoever fails lets the other finish what it has in its hands.
        let (early, late) = tokio::join!(shift(early).work(), late);
        let is_stalled = [early?, late?].contains(&Handed::UntilStalled);
        Ok(is_stalled.then(|| self.world.store.now().after(REST)))
    }

    /// Ends the slice: the mailing is finished, or its job is due again.
    async fn end(&self, rest_until: Option<Timestamp>) -> Result<(), JobError> {
        let mut tx = self.write().await?;
        if mailing::finish(&mut tx, &self.mailing).await? {
            outbox::close(&mut tx, self.job.id).await?;
        } else {
            mailing::release(&mut tx, self.mailing.id, self.lease).await?;
            let next = delivery::next_due_at(&tx, &self.mailing)
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
