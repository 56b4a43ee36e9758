//! The heart of sending: one short transaction records what became of the last messages, claims the next few and
//! decides each anew. What it returns are permits. How much is claimed where there are limits is the subject of [`limited`].

use std::collections::HashMap;

use assent_domain::circuit::{Pass, Sign};
use assent_domain::clock::Timestamp;
use assent_domain::delivery::MailingKind;
use assent_domain::id::{MailingListId, stored};
use assent_domain::language::Language;
use assent_domain::permit::{Addressee, Permit, Recipient, RecipientFacts, Refusal, may_send};
use assent_domain::tracking::TrackingLeave;
use sea_orm::{ColumnTrait, QueryFilter, Value};
use uuid::Uuid;

use crate::circuit;
use crate::delivery::recipient_of;
use crate::error::StoreError;
use crate::expiry;
use crate::facts::{self, Ground};
use crate::mailing::{self, Mailing};
use crate::outcome::{self, Ended, Outcome, Report, Terms};
use crate::row::member;
use crate::subscriber::{read_address, read_language};
use crate::tracking;
use crate::tx::{TenantTx, Write};

mod limited;
mod taken;

pub use crate::delivery::queue::Place;
use taken::{Claimed, PersonAt, Taken};

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

/// Records `ended`, then claims at most `limit` rows that are due, from `place` on; of a server that refuses everything, one
/// after each rest.
///
/// The transaction's start is the time of the decisions: commit it, and hand over within a second.
pub async fn turn(
    tx: &mut TenantTx<Write>,
    mailing: &Mailing,
    terms: &Terms,
    ended: &[Ended],
    limit: u32,
    place: &mut Place,
) -> Result<Claims, StoreError> {
    let kept = mailing::keep_lease(tx, mailing, terms).await?;
    let server = terms.circuit();
    let circuit = circuit::heed(tx, &server, kept.circuit, ended).await?;
    let mut claimant = Claimant {
        mailing,
        terms,
        ended,
        place,
        is_limited: kept.is_limited,
    };
    if !kept.goes_on {
        // What was not tried goes back to its limits all the same.
        claimant.claim(tx, 0).await?;
        return Ok(Claims::none(false));
    }
    let rests = |claims| Claims {
        rests: true,
        ..claims
    };
    match circuit.pass(tx.now()) {
        Pass::Free => claimant.claim(tx, limit).await,
        Pass::Wait(_) => claimant.claim(tx, 0).await.map(rests),
        Pass::Try if limit == 0 => claimant.claim(tx, 0).await,
        Pass::Try => match circuit::hold_for_try(tx, &server).await? {
            None => claimant.claim(tx, 0).await.map(rests),
            Some(held) => {
                let claims = claimant.claim(tx, 1).await?;
                if !claims.claims.is_empty() {
                    held.begin(tx).await?;
                }
                Ok(claims)
            }
        },
    }
}

/// For whom rows are claimed.
struct Claimant<'a> {
    mailing: &'a Mailing,
    terms: &'a Terms,
    /// What became of the last messages.
    ended: &'a [Ended],
    /// Where it has got to in the queue.
    place: &'a mut Place,
    /// Whether the tenant has limits, a warm-up or quiet hours.
    is_limited: bool,
}

impl Claimant<'_> {
    /// Records what ended, claims at most `limit` rows that are due, and decides each. What ended untried goes back to the
    /// limits it was counted against.
    async fn claim(&mut self, tx: &mut TenantTx<Write>, limit: u32) -> Result<Claims, StoreError> {
        let report = Report::of(tx, self.mailing, self.terms, self.ended);
        if self.is_limited || limit == 0 {
            report.keep(tx).await?;
        }
        if self.is_limited {
            return limited::claim(tx, self, limit).await;
        }
        if limit == 0 {
            return Ok(Claims::none(true));
        }
        let ground = self.ground(tx).await?;
        let taken = taken::next(tx, self.mailing, &ground, &report, self.place, limit).await?;
        self.give(tx, &ground, taken).await
    }

    async fn ground(&self, tx: &TenantTx<Write>) -> Result<Ground, StoreError> {
        let mailing = self.mailing;
        let mut ground = facts::ground(tx, mailing.purpose, mailing.message_kind, mailing.content_of).await?;
        ground.message.is_too_late = mailing.is_too_late(tx.now());
        Ok(ground)
    }

    /// Decides what was taken: a permit for each that the rule lets go, and the others are over.
    async fn give(
        &self,
        tx: &mut TenantTx<Write>,
        ground: &Ground,
        taken: Taken,
    ) -> Result<Claims, StoreError> {
        let mailing = self.mailing;
        let mut claims = Claims {
            over: taken.over,
            ..Claims::none(true)
        };
        let mut refusals = Vec::new();
        let mut leaves = tracking_leaves(tx, mailing, &taken.open).await?;
        for (claimed, decision) in decide(tx, mailing, ground, taken.open).await? {
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
    let members = members(tx, &claimed).await?;
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
            Recipient::Member(id) => match members.iter().find(|member| member.id == id.uuid()) {
                Some(member) => decide_member(tx, ground, &claimed, recipient, member)?,
                None => Err(Refusal::Erased),
            },
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

fn decide_member(
    tx: &TenantTx<Write>,
    ground: &Ground,
    claimed: &Claimed,
    recipient: Recipient,
    member: &member::Model,
) -> Result<Decision, StoreError> {
    let addressee = Addressee {
        delivery: stored(claimed.delivery_id),
        recipient,
        address: read_address(&member.email)?,
    };
    let decision = may_send(&ground.message, Ground::facts_of_member(), addressee, tx.now());
    Ok(decision.map(|permit| Claim {
        permit,
        attempt: claimed.attempt(),
        tries: claimed.tries(),
        started_at: claimed.started_at(tx.now()),
        name: String::new(),
        company: String::new(),
        language: None,
        list: None,
        tracking: None,
    }))
}

fn ids_of(claimed: &[Claimed], kind: &str) -> Vec<Value> {
    let of_kind = claimed.iter().filter(|claimed| claimed.recipient_kind == kind);
    of_kind.map(|claimed| claimed.recipient_id.into()).collect()
}

async fn members(tx: &TenantTx<Write>, claimed: &[Claimed]) -> Result<Vec<member::Model>, StoreError> {
    let ids = ids_of(claimed, "MEMBER");
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(tx
        .find::<member::Entity>()
        .filter(member::Column::Id.is_in(ids))
        .all(tx.conn())
        .await?)
}
