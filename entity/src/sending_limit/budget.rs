//! What a claim may take: the tenant's buckets, those of receiving domains and the warm-up of the sending domain, held
//! until the transaction ends. What is not spent was never taken.

use assent_domain::clock::Timestamp;
use assent_domain::delivery::MailingKind;
use assent_domain::id::TransportId;
use assent_domain::sending_limit::Patience;
use assent_domain::time_zone::Moment;
use sea_orm::FromQueryResult;

use super::of_transport::OfTransport;
use super::{SendingLimit, read, rest};
use crate::error::StoreError;
use crate::mailing::Mailing;
use crate::sending_domain::warm_up::{self, Warming};
use crate::store::Store;
use crate::tx::{TenantCtx, TenantTx, Write};

/// The buckets that a mailing draws from.
pub(crate) struct Budget {
    patience: Patience,
    moment: Moment,
    /// When the quiet hours end that hold the mailing, if any do.
    quiet_until: Option<Timestamp>,
    limits: Vec<Drawn>,
    warming: Option<Warming>,
    transport: Option<OfTransport>,
    /// Whether anything was counted that is not written down.
    has_counted: bool,
}

struct Drawn {
    limit: SendingLimit,
    has_counted: bool,
}

impl From<SendingLimit> for Drawn {
    fn from(limit: SendingLimit) -> Self {
        Self {
            limit,
            has_counted: false,
        }
    }
}

impl Budget {
    /// Reads the buckets, and holds them: others of this tenant wait until the transaction ends, others of none.
    pub(crate) async fn open(
        tx: &TenantTx<Write>,
        mailing: &Mailing,
        through: Option<TransportId>,
    ) -> Result<Self, StoreError> {
        Self::read(tx, mailing, through, tx.for_update()).await
    }

    async fn read<M>(
        tx: &TenantTx<M>,
        mailing: &Mailing,
        through: Option<TransportId>,
        hold: &str,
    ) -> Result<Self, StoreError> {
        let rest = rest(tx).await?;
        let patience = mailing.kind.patience();
        let quiet = rest
            .quiet_hours
            .filter(|_| mailing.kind == MailingKind::Campaign)
            .and_then(|quiet| quiet.end(tx.now(), rest.time_zone));
        let limits = read(tx, hold).await?.into_iter();
        let warming = warm_up::of_sender(tx, hold).await?;
        let transport = match through {
            Some(id) => OfTransport::read(tx, id, hold).await?,
            None => None,
        };
        Ok(Self {
            patience,
            moment: rest.time_zone.moment(tx.now()),
            quiet_until: quiet,
            limits: limits.map(Drawn::from).collect(),
            warming,
            transport,
            has_counted: false,
        })
    }

    /// Whether what is held back for a receiving domain has to be looked after.
    pub(crate) fn goes_by_domain(&self) -> bool {
        self.patience != Patience::Never && self.domains().next().is_some()
    }

    /// How many messages may be claimed now, wherever they go; `None` where nothing limits them.
    pub(crate) fn left(&self) -> Option<u32> {
        if self.quiet_until.is_some() {
            return Some(0);
        }
        let whole = self.whole().and_then(|whole| self.left_of(whole));
        let warming = self
            .warming
            .as_ref()
            .filter(|_| self.patience == Patience::ForAll)
            .and_then(|warming| warming.progress.left(&self.moment));
        let transport = self
            .transport
            .and_then(|of| of.meter.left(self.patience, &self.moment));
        whole.into_iter().chain(warming).chain(transport).min()
    }

    fn left_of(&self, drawn: &Drawn) -> Option<u32> {
        drawn.limit.meter.left(self.patience, &self.moment)
    }

    fn whole(&self) -> Option<&Drawn> {
        self.limits
            .iter()
            .find(|drawn| drawn.limit.receiving_domain.is_none())
    }

    /// The receiving domains that have limits, or had while rows were held for them, with how many messages may go there
    /// now; `None` where nothing limits them.
    pub(crate) fn domains(&self) -> impl Iterator<Item = (&str, Option<u32>)> {
        self.limits.iter().filter_map(|drawn| {
            let name = drawn.limit.receiving_domain.as_deref()?;
            Some((name, self.left_of(drawn)))
        })
    }

    /// Counts messages to a domain, wherever they count; fewer than none where some were not sent after all.
    pub(crate) fn count(&mut self, domain: &str, messages: i32) {
        for drawn in &mut self.limits {
            if drawn
                .limit
                .receiving_domain
                .as_deref()
                .is_none_or(|name| name == domain)
            {
                drawn.limit.meter.count(messages, &self.moment);
                drawn.has_counted = true;
            }
        }
        if let Some(warming) = &mut self.warming {
            warming.progress.count(messages, &self.moment);
        }
        if let Some(transport) = &mut self.transport {
            transport.meter.count(messages, &self.moment);
        }
        self.has_counted = true;
    }

    /// Writes down what was counted.
    pub(crate) async fn keep(self, tx: &TenantTx<Write>) -> Result<(), StoreError> {
        let sql =
            "UPDATE sending_limit SET second_spent_until = $3, hour_spent_until = $4, day = $5, sent = $6
                   WHERE tenant_id = $1 AND receiving_domain = $2";
        for drawn in self.limits.into_iter().filter(|drawn| drawn.has_counted) {
            let meter = drawn.limit.meter;
            let values = [
                drawn.limit.receiving_domain.unwrap_or_default().into(),
                meter.second_spent_until.micros().into(),
                meter.hour_spent_until.micros().into(),
                meter.day.into(),
                i32::try_from(meter.sent).unwrap_or(i32::MAX).into(),
            ];
            tx.execute(sql, values).await?;
        }
        if let Some(warming) = self.warming.filter(|_| self.has_counted) {
            warm_up::keep(tx, &warming).await?;
        }
        if let Some(transport) = self.transport.filter(|_| self.has_counted) {
            transport.keep(tx).await?;
        }
        Ok(())
    }
}

/// How many messages of a mailing may go now; `None` where nothing limits them. So nobody opens connections for nothing.
pub async fn room(
    store: &Store,
    ctx: TenantCtx,
    mailing: &Mailing,
    through: Option<TransportId>,
) -> Result<Option<u32>, StoreError> {
    if !mailing.is_limited {
        return Ok(None);
    }
    let tx = TenantTx::read(store, ctx).await?;
    Ok(Budget::read(&tx, mailing, through, "").await?.left())
}

#[derive(FromQueryResult)]
struct Held {
    receiving_domain: String,
}

/// When there is use in turning to a mailing again whose next row that waits for no receiving domain is due at `due_at`;
/// `None` where none is and nothing is held. Whoever lifts a limit meanwhile waits, and then wakes what was put off.
pub(crate) async fn next_turn(
    tx: &TenantTx<Write>,
    mailing: &Mailing,
    through: Option<TransportId>,
    due_at: Option<Timestamp>,
) -> Result<Option<Timestamp>, StoreError> {
    let budget = Budget::open(tx, mailing, through).await?;
    let sql = "SELECT receiving_domain FROM sending_limit l WHERE tenant_id = $1 AND receiving_domain <> ''
                 AND EXISTS (SELECT 1 FROM delivery_queue q WHERE q.tenant_id = $1
                               AND q.held_for = l.receiving_domain AND q.mailing_id = $2)";
    let held: Vec<Held> = tx.all(sql, [mailing.id.uuid().into()]).await?;
    let next_of = |drawn: &Drawn| {
        let at = drawn.limit.meter.next_at(budget.patience, &budget.moment);
        at.unwrap_or(tx.now())
    };
    let is_held = |drawn: &&Drawn| {
        let name = drawn.limit.receiving_domain.as_deref();
        held.iter()
            .any(|held| name == Some(held.receiving_domain.as_str()))
    };
    let domains = budget.limits.iter().filter(is_held).map(next_of);
    let Some(next) = domains.chain(due_at).min() else {
        return Ok(None);
    };
    let warming = budget
        .warming
        .as_ref()
        .filter(|_| budget.patience == Patience::ForAll)
        .and_then(|warming| warming.progress.next_at(&budget.moment));
    let whole = budget.whole().map(next_of);
    let transport = budget
        .transport
        .and_then(|of| of.meter.next_at(budget.patience, &budget.moment));
    let all = [Some(next), budget.quiet_until, warming, whole, transport];
    Ok(all.into_iter().flatten().max())
}
