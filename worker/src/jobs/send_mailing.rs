//! Sending one mailing for one slice of time: plan, then claim, hand over and record until the slice is over
//! or no row is due.

mod route;
mod shift;

use std::sync::Arc;
use std::time::{Duration, Instant};

use assent_domain::circuit::Pass;
use assent_domain::clock::Timestamp;
use assent_domain::id::{MailingId, new_id};
use assent_entity::claim::{self, Place};
use assent_entity::mailing::{self, Mailing, Turn};
use assent_entity::outbox::{self, OpenJob};
use assent_entity::outcome::Terms;
use assent_entity::{StoreError, TenantTx, circuit, delivery, plan, sending_limit, transport};

use crate::compose::Composer;
use crate::jobs::{JobError, sender_check};
use crate::run::World;

use self::route::Route;
use self::shift::Shift;

/// Rows closed at a time when a mailing is cancelled, or is not to go out any more.
const CLOSE_AT_ONCE: u32 = 5000;

/// By how much whoever tried a server that refuses everything comes after the others with the next try, so that it is
/// not always the same people whom it is tried with.
const AFTER_OTHERS: Duration = Duration::from_secs(1);

/// How handing over went.
#[derive(Clone, Copy)]
struct Went {
    /// How the way stood at the beginning.
    began_with: Pass,
    /// Whether others had all the connections that the server takes.
    found_full: bool,
}

impl Went {
    fn with(began_with: Pass) -> Self {
        Self {
            began_with,
            found_full: false,
        }
    }
}

struct Slice<'a> {
    world: &'a World,
    job: &'a OpenJob,
    mailing: Box<Mailing>,
    /// Which way its mail takes.
    route: Route,
    /// On what terms it sends; the worker that they name is this slice.
    terms: Terms,
    /// When planning or cancelling began; each shift has its own time.
    began: Instant,
}

/// Works on a mailing for one slice.
pub(crate) async fn slice(world: &World, job: &OpenJob, id: MailingId) -> Result<(), JobError> {
    let mut tx = TenantTx::write(&world.store, job.ctx).await?;
    let route = Route::choose(world, &tx).await?;
    let terms = Terms {
        worker: new_id(tx.now()),
        server: route.transport.name(),
        transport: route.own(),
        retry_for: world.settings.retry_for,
    };
    let turn = mailing::acquire(&mut tx, id, terms.worker).await?;
    match &turn {
        Turn::Finished | Turn::Waiting => outbox::close(&mut tx, job.id).await?,
        Turn::Busy(until) => outbox::leave_to_owner(&mut tx, job.id, *until).await?,
        Turn::TooEarly(until) => outbox::put_off(&mut tx, job.id, *until).await?,
        Turn::Yours(_) | Turn::Cancelled(_) => {}
    }
    tx.commit().await?;
    let slice = |mailing: Box<Mailing>| Slice {
        world,
        job,
        mailing,
        route,
        terms,
        began: Instant::now(),
    };
    match turn {
        Turn::Yours(mailing) => slice(mailing).send().await,
        Turn::Cancelled(mailing) => slice(mailing).cancel().await,
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
            Ok(false) => Ok(Went::with(Pass::Free)),
            Err(error) => Err(error),
        };
        match result {
            Ok(went) => self.end(went).await,
            Err(error) => {
                let mut tx = self.write().await?;
                mailing::leave(&mut tx, self.mailing.id, self.terms.worker).await?;
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
            let mut place = Place::default();
            let turn = claim::turn(&mut tx, &self.mailing, &self.terms, &[], 0, &mut place);
            if !turn.await?.goes_on {
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

    /// Hands over what is due, or what there is, as far as the mail server takes it. Says how the way stood at the beginning.
    async fn hand_over(&self) -> Result<Went, JobError> {
        if self.mailing.is_too_late(self.world.store.now()) {
            self.close(delivery::close_too_late).await?;
            return Ok(Went::with(Pass::Free));
        }
        let tx = TenantTx::read(&self.world.store, self.job.ctx).await?;
        let pass = circuit::pass(&tx, &self.terms.circuit()).await?;
        drop(tx);
        let store = &self.world.store;
        let room = sending_limit::room(store, self.job.ctx, &self.mailing, self.route.own()).await?;
        let room = room.map_or(usize::MAX, |room| usize::try_from(room).unwrap_or(usize::MAX));
        let wanted = match pass {
            Pass::Wait(_) => 0,
            Pass::Try => room.min(1),
            Pass::Free => self.world.settings.connections.min(room),
        };
        if wanted == 0 {
            return Ok(Went::with(pass));
        }
        let connections = self.take_connections(wanted).await?;
        if connections == 0 {
            return Ok(Went {
                found_full: true,
                ..Went::with(pass)
            });
        }
        let composer = Composer::load(self.world, self.job.ctx, &self.mailing).await?;
        let shift = Shift::begin(self, &Arc::new(composer), connections);
        if let Some(reason) = Box::pin(shift.work()).await? {
            let mut tx = self.write().await?;
            circuit::shut(&mut tx, &self.terms.circuit(), &reason).await?;
            tx.commit().await?;
        }
        Ok(Went::with(pass))
    }

    /// Takes connections of a server that has only so many for all.
    async fn take_connections(&self, wanted: usize) -> Result<usize, JobError> {
        let Some(way) = self
            .route
            .way
            .as_ref()
            .filter(|way| way.relay.connections.is_some())
        else {
            return Ok(wanted);
        };
        let tx = self.write().await?;
        let taken = transport::take_connections(&tx, &self.mailing, way, wanted).await?;
        tx.commit().await?;
        Ok(taken)
    }

    /// Ends the slice: the mailing is finished, or its job is due again.
    async fn end(&self, went: Went) -> Result<(), JobError> {
        let mut tx = self.write().await?;
        if mailing::finish(&mut tx, &self.mailing).await? {
            outbox::close(&mut tx, self.job.id).await?;
        } else {
            mailing::release(&mut tx, self.mailing.id, self.terms.worker).await?;
            let due_at = self.due_again(&mut tx, went).await?;
            outbox::put_off(&mut tx, self.job.id, due_at).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// When there is something to do again: rows are due and a mail server may be asked, or the time is over. Where this
    /// one is not to be asked, another of the tenant's may.
    async fn due_again(
        &self,
        tx: &mut TenantTx<assent_entity::Write>,
        went: Went,
    ) -> Result<Timestamp, JobError> {
        let next = Route::choose(self.world, tx).await?;
        let mut due_at = delivery::next_due_at(tx, &self.mailing, next.own())
            .await?
            .unwrap_or(tx.now());
        let server = next.circuit();
        let rests_until = match circuit::pass(tx, &server).await? {
            Pass::Wait(until) => Some(until),
            Pass::Try => Some(tx.now()),
            Pass::Free => None,
        };
        let waits_for = rests_until.is_some().then_some(server.as_str());
        mailing::wait_for(tx, self.mailing.id, waits_for).await?;
        if let Some(until) = rests_until {
            let has_tried = went.began_with == Pass::Try && server == self.terms.circuit();
            let until = if has_tried {
                until.after(AFTER_OTHERS)
            } else {
                until
            };
            due_at = due_at.max(until);
        }
        if went.found_full {
            due_at = due_at.max(tx.now().after(AFTER_OTHERS));
        }
        let too_late = self.mailing.too_late_from().map(|at| at.max(tx.now()));
        Ok(too_late.map_or(due_at, |at| due_at.min(at)))
    }

    async fn cancel(self) -> Result<(), JobError> {
        self.close(delivery::cancel_some).await?;
        self.end(Went::with(Pass::Free)).await
    }

    /// Closes what is open, some rows a transaction.
    async fn close(
        &self,
        some: impl AsyncFn(&mut TenantTx<assent_entity::Write>, MailingId, u32) -> Result<u64, StoreError>,
    ) -> Result<(), JobError> {
        while !self.is_over() {
            let mut tx = self.write().await?;
            let closed = some(&mut tx, self.mailing.id, CLOSE_AT_ONCE).await?;
            tx.commit().await?;
            if closed < u64::from(CLOSE_AT_ONCE) {
                break;
            }
        }
        Ok(())
    }
}
