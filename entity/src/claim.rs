//! The heart of sending: one short transaction records what became of the last messages, claims the next few and
//! decides each anew. What it returns are permits. How much is claimed where there are limits is the subject of [`limited`].

use std::collections::HashMap;

use assent_domain::circuit::Sign;
use assent_domain::clock::Timestamp;
use assent_domain::delivery::MailingKind;
use assent_domain::id::{MailingListId, stored};
use assent_domain::language::Language;
use assent_domain::permit::{Addressee, Permit, Recipient, RecipientFacts, Refusal, may_send};
use assent_domain::tracking::TrackingLeave;
use sea_orm::{FromQueryResult, Value};
use uuid::Uuid;

use crate::address_change;
use crate::delivery::{queue, recipient_of};
use crate::error::StoreError;
use crate::expiry;
use crate::facts::{self, Ground, PERSON_COLUMNS, PersonRow, THEIR_CONSENT};
use crate::mailing::Mailing;
use crate::naming::Naming;
use crate::outcome::{self, Ended, Outcome, Terms};
use crate::subscriber::{read_address, read_language};
use crate::tracking;
use crate::tx::trip::Trip;
use crate::tx::{TenantTx, Write};

mod colleagues;
mod limited;
mod turn;

use colleagues::Colleagues;

pub use crate::delivery::queue::Place;
pub use turn::{Begun, turn};

/// A message that may be handed over now.
#[derive(Debug)]
pub struct Claim {
    /// Leave to send it.
    pub permit: Permit,
    /// The attempt's number.
    pub attempt: i32,
    /// How many there were, this one included, since the delivery was last given a chance.
    pub tries: i32,
    /// When it began: when the delivery was claimed.
    pub started_at: Timestamp,
    /// The recipient's name, empty if unknown.
    pub name: String,
    /// The recipient's company, empty if unknown.
    pub company: String,
    /// The language in which the recipient signed up, where one is known.
    pub language: Option<Language>,
    /// The list through which it reaches them, if it goes to lists.
    pub list: Option<MailingListId>,
    /// Leave to learn which of its links they follow, where the mailing asks for that and they agree.
    pub tracking: Option<TrackingLeave>,
}

/// What a turn gave.
#[derive(Debug)]
pub struct Claims {
    /// Messages to hand over.
    pub claims: Vec<Claim>,
    /// How many rows the rule refused on the way.
    pub refused: usize,
    /// How many rows were of deliveries that are over: nobody gets those, whatever the queue says.
    pub over: usize,
    /// How many rows were set aside until the limit of their receiving domain lets them go.
    pub set_aside: usize,
    /// Whether the mailing goes on; `false` where it was paused or cancelled, or what it tells of was changed.
    pub goes_on: bool,
    /// Whether the mail server is not to be asked for now: it refuses all that the tenant sends, or cannot be reached.
    pub rests: bool,
}

impl Claims {
    fn none(goes_on: bool) -> Self {
        Self {
            claims: Vec::new(),
            refused: 0,
            over: 0,
            set_aside: 0,
            goes_on,
            rests: false,
        }
    }

    /// Whether the turn found nothing to do.
    pub fn found_nothing(&self) -> bool {
        self.claims.is_empty() && self.refused == 0 && self.over == 0 && self.set_aside == 0
    }
}

/// A delivery that was claimed, with the person it goes to: none where it goes to a member, or they are gone.
#[derive(FromQueryResult)]
struct Claimed {
    delivery_id: Uuid,
    recipient_kind: String,
    recipient_id: Uuid,
    attempts: i32,
    tried_before: i32,
    changed_at: i64,
    person_id: Option<Uuid>,
    #[sea_orm(nested)]
    person: Option<PersonAt>,
}

impl Claimed {
    /// The number of the attempt that begins.
    fn attempt(&self) -> i32 {
        self.attempts + 1
    }

    fn tries(&self) -> i32 {
        self.attempt() - self.tried_before
    }

    /// When the attempt begins: not before the delivery was changed last, by whatever clock.
    fn started_at(&self, now: Timestamp) -> Timestamp {
        now.max(Timestamp::from_micros(self.changed_at))
    }

    /// The person, if they are there. What cannot be read is not the same as what is gone.
    fn person(&self) -> Result<Option<&PersonAt>, StoreError> {
        match (&self.person, self.person_id) {
            (None, Some(id)) => Err(StoreError::Corrupt(format!("subscriber {id}"))),
            (person, _) => Ok(person.as_ref()),
        }
    }
}

#[derive(FromQueryResult)]
struct PersonAt {
    email: String,
    name: String,
    company: String,
    language: Option<String>,
    confirmed_at: Option<i64>,
    list_id: Option<Uuid>,
    #[sea_orm(nested)]
    facts: PersonRow,
}

impl PersonAt {
    /// Until the mailbox has confirmed, anybody may have typed what goes with its address.
    fn forget_names(&mut self) {
        self.name.clear();
        self.company.clear();
    }
}

/// For whom rows are claimed.
struct Claimant<'a> {
    mailing: &'a Mailing,
    terms: &'a Terms,
    /// What became of the last.
    ended: &'a [Ended],
    /// Where it has got to in the queue.
    place: &'a mut Place,
    /// Whether the tenant has limits, a warm-up or quiet hours.
    is_limited: bool,
    /// Which policy versions name the mailing's purpose.
    naming: Naming,
}

/// A delivery that was taken out of the queue.
#[derive(FromQueryResult)]
struct Taken {
    due_at: i64,
    is_open: i32,
    #[sea_orm(nested)]
    claimed: Claimed,
}

impl Taken {
    fn place(&self) -> Place {
        Place {
            due_at: self.due_at,
            delivery_id: self.claimed.delivery_id,
        }
    }
}

impl Claimant<'_> {
    /// Records what became of the last, and claims at most `limit` rows that are due, and decides each. What was not tried
    /// goes back to the limits it was counted against.
    async fn claim(self, tx: &mut TenantTx<Write>, limit: u32) -> Result<Claims, StoreError> {
        if self.is_limited {
            limited::claim(tx, self, limit).await
        } else {
            self.claim_due(tx, limit).await
        }
    }

    async fn record(&self, tx: &mut TenantTx<Write>) -> Result<(), StoreError> {
        outcome::record(tx, self.mailing, self.terms, self.ended).await
    }

    /// What was done, and what is to do, is one trip: it is what sending costs.
    async fn claim_due(self, tx: &mut TenantTx<Write>, limit: u32) -> Result<Claims, StoreError> {
        if limit == 0 {
            self.record(tx).await?;
            return Ok(Claims::none(true));
        }
        let ground = self.ground(tx).await?;
        let parameters = ground.parameters(self.mailing.campaign);
        let mut trip = Trip::with(tx, parameters.clone());
        outcome::note(&mut trip, self.mailing, self.terms, self.ended).await?;
        let limit = limit.min(queue::FEW);
        let mut due = self.take_due(trip, *self.place, limit).await?;
        let found = u32::try_from(due.len()).unwrap_or(limit);
        // Where there are fewer, it looks once more from the beginning.
        if found < limit && *self.place != Place::default() {
            let trip = Trip::with(tx, parameters);
            due.extend(self.take_due(trip, Place::default(), limit - found).await?);
        }
        if !self.ended.is_empty() || !due.is_empty() {
            self.mailing.moves_on(tx);
        }
        if let Some(last) = due.iter().map(Taken::place).max() {
            *self.place = last.max(*self.place);
        }
        let (open, over): (Vec<_>, Vec<_>) = due.into_iter().partition(|due| due.is_open != 0);
        let mut claimed: Vec<_> = open.into_iter().map(|due| due.claimed).collect();
        claimed.sort_by_key(|claimed| claimed.delivery_id);
        let claims = self.decide_claimed(tx, &ground, claimed).await?;
        Ok(Claims {
            over: over.len(),
            ..claims
        })
    }

    async fn take_due(&self, mut trip: Trip<'_>, place: Place, limit: u32) -> Result<Vec<Taken>, StoreError> {
        let taken = queue::take_due(&mut trip, self.mailing.id, place, limit);
        let question = format!(
            "SELECT taken.due_at, CASE WHEN d.status IN ('QUEUED', 'DEFERRED') THEN 1 ELSE 0 END AS is_open, {}
             FROM {taken} taken CROSS JOIN delivery d {THEIR_PERSON} {THEIR_CONSENT}
             WHERE d.tenant_id = $1 AND d.id = taken.delivery_id",
            columns(self.mailing)
        );
        trip.ask(&question).await
    }

    /// Decides what was taken: a permit for each that the rule lets go, and the others are over.
    async fn give(&self, tx: &mut TenantTx<Write>, taken: Vec<Uuid>) -> Result<Claims, StoreError> {
        let found = taken.len();
        if taken.is_empty() {
            return Ok(Claims::none(true));
        }
        let ground = self.ground(tx).await?;
        let parameters = ground.parameters(self.mailing.campaign);
        let mut trip = Trip::with(tx, parameters);
        let ids = trip.ids(taken.into_iter().map(Value::from).collect(), found);
        let question = format!(
            "SELECT {} FROM delivery d {THEIR_PERSON} {THEIR_CONSENT}
             WHERE d.tenant_id = $1 AND d.id IN ({ids}) AND d.status IN ('QUEUED', 'DEFERRED') ORDER BY d.id",
            columns(self.mailing)
        );
        let claimed: Vec<Claimed> = trip.ask(&question).await?;
        self.mailing.moves_on(tx);
        let over = found.saturating_sub(claimed.len());
        let claims = self.decide_claimed(tx, &ground, claimed).await?;
        Ok(Claims { over, ..claims })
    }

    async fn ground(&self, tx: &TenantTx<Write>) -> Result<Ground, StoreError> {
        let mailing = self.mailing;
        let naming = self.naming.clone();
        let mut ground = facts::ground_of(
            tx,
            naming,
            mailing.purpose,
            mailing.message_kind,
            mailing.content_of,
        )
        .await?;
        ground.message.is_too_late = mailing.is_too_late(tx.now());
        Ok(ground)
    }

    async fn decide_claimed(
        &self,
        tx: &mut TenantTx<Write>,
        ground: &Ground,
        mut claimed: Vec<Claimed>,
    ) -> Result<Claims, StoreError> {
        let mut claims = Claims::none(true);
        let mailing = self.mailing;
        reach(tx, mailing, &mut claimed).await?;
        let mut leaves = tracking_leaves(tx, mailing, &claimed).await?;
        let mut refusals = Vec::new();
        for (claimed, decision) in decide(tx, mailing, ground, claimed).await? {
            match decision {
                Ok(claim) => {
                    let tracking = leaves.remove(&claimed.recipient_id);
                    claims.claims.push(Claim { tracking, ..claim });
                }
                Err(refusal) => refusals.push(ended_unfit(&claimed, refusal, tx.now())),
            }
        }
        claims.refused = refusals.len();
        outcome::record(tx, mailing, self.terms, &refusals).await?;
        Ok(claims)
    }
}

/// Who of the recipients may be measured. A mailing that measures nobody asks nothing.
async fn tracking_leaves(
    tx: &TenantTx<Write>,
    mailing: &Mailing,
    claimed: &[Claimed],
) -> Result<HashMap<Uuid, TrackingLeave>, StoreError> {
    let Some(measured) = mailing.tracks else {
        return Ok(HashMap::new());
    };
    let leaves = tracking::leaves(tx, measured, ids_of(claimed, "SUBSCRIBER")).await?;
    Ok(leaves
        .into_iter()
        .map(|leave| (leave.of().uuid(), leave))
        .collect())
}

fn ended_unfit(claimed: &Claimed, refusal: Refusal, at: Timestamp) -> Ended {
    Ended {
        delivery: stored(claimed.delivery_id),
        attempt: claimed.attempt(),
        tries: claimed.tries(),
        outcome: Outcome::Unfit(refusal),
        started_at: at,
        at,
        reply_code: None,
        enhanced_status: None,
        reply: String::new(),
        said: None,
        sign: Sign::Silent,
    }
}

type Decision = Result<Claim, Refusal>;

async fn decide(
    tx: &TenantTx<Write>,
    mailing: &Mailing,
    ground: &Ground,
    claimed: Vec<Claimed>,
) -> Result<Vec<(Claimed, Decision)>, StoreError> {
    let colleagues = Colleagues::of(tx, mailing, &claimed).await?;
    let asked = match mailing.kind {
        MailingKind::ConsentRenewal => Some(expiry::still_asked(tx, ids_of(&claimed, "SUBSCRIBER")).await?),
        _ => None,
    };
    let mut decided = Vec::with_capacity(claimed.len());
    for claimed in claimed {
        let recipient = recipient_of(&claimed.recipient_kind, claimed.recipient_id)?;
        let decision = match recipient {
            Recipient::Subscriber(id) => match claimed.person()? {
                Some(person) => {
                    let has_answered = asked.as_ref().is_some_and(|asked| !asked.contains(&id.uuid()));
                    let facts = RecipientFacts {
                        has_answered,
                        ..ground.facts_of(&person.facts)?
                    };
                    decide_person(tx, mailing, ground, &claimed, facts, person)?
                }
                None => Err(Refusal::Erased),
            },
            Recipient::Member(_) | Recipient::Invitee(_) => {
                colleagues.decide(tx, ground, &claimed, recipient)?
            }
        };
        decided.push((claimed, decision));
    }
    Ok(decided)
}

fn decide_person(
    tx: &TenantTx<Write>,
    mailing: &Mailing,
    ground: &Ground,
    claimed: &Claimed,
    facts: RecipientFacts,
    person: &PersonAt,
) -> Result<Decision, StoreError> {
    let addressee = Addressee {
        delivery: stored(claimed.delivery_id),
        recipient: Recipient::Subscriber(stored(claimed.recipient_id)),
        address: read_address(&person.email)?,
    };
    Ok(
        may_send(&ground.message, facts, addressee, tx.now()).map(|permit| Claim {
            permit,
            attempt: claimed.attempt(),
            tries: claimed.tries(),
            started_at: claimed.started_at(tx.now()),
            name: person.name.clone(),
            company: person.company.clone(),
            language: read_language(person.language.as_deref()),
            list: mailing.only_list.or(person.list_id.map(stored)),
            tracking: None,
        }),
    )
}

fn ids_of(claimed: &[Claimed], kind: &str) -> Vec<Value> {
    let of_kind = claimed.iter().filter(|claimed| claimed.recipient_kind == kind);
    of_kind.map(|claimed| claimed.recipient_id.into()).collect()
}

/// The columns from which [`Claimed`] reads.
fn columns(mailing: &Mailing) -> String {
    let list = match mailing.only_list {
        Some(_) => "NULL",
        None => {
            "(SELECT l.list_id FROM campaign_list l CROSS JOIN subscription u
              WHERE l.tenant_id = $1 AND l.campaign_id = $3
                AND u.tenant_id = $1 AND u.list_id = l.list_id AND u.subscriber_id = s.id
                AND u.state = 'ACTIVE' ORDER BY l.list_id LIMIT 1)"
        }
    };
    format!(
        "d.id AS delivery_id, d.recipient_kind, d.recipient_id, d.attempts, d.tried_before, d.changed_at,
         s.id AS person_id, s.email, s.name, s.company, s.language, s.confirmed_at, {PERSON_COLUMNS}, {list} AS list_id"
    )
}

/// Where these columns come from, besides a delivery `d` and [`THEIR_CONSENT`].
const THEIR_PERSON: &str = "LEFT JOIN subscriber s ON s.tenant_id = d.tenant_id AND s.id = d.recipient_id";

/// Sees to it that people are written to where the mailing reaches them, by the names that go with the address.
async fn reach(tx: &TenantTx<Write>, mailing: &Mailing, claimed: &mut [Claimed]) -> Result<(), StoreError> {
    let people = claimed.iter_mut().filter_map(|claimed| claimed.person.as_mut());
    if let Some(change) = mailing.address_change {
        let new = address_change::destination(tx, change).await?;
        for person in people {
            person.email.clone_from(&new.email);
            person.forget_names();
            person.facts.see_from(new.suppressions);
        }
    } else if mailing.kind == MailingKind::Transactional {
        let unconfirmed = people.filter(|person| person.confirmed_at.is_none());
        unconfirmed.for_each(PersonAt::forget_names);
    }
    Ok(())
}
