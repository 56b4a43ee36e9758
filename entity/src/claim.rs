//! The heart of sending: one short transaction records what became of the last messages, claims the next few and
//! decides each anew. A claimed row says which attempt is under way and since when. What it returns are permits. How much
//! is claimed where there are limits is the subject of [`limited`].

use std::collections::HashMap;

use assent_domain::circuit::{Pass, Sign};
use assent_domain::clock::Timestamp;
use assent_domain::delivery::MailingKind;
use assent_domain::id::{MailingListId, stored};
use assent_domain::language::Language;
use assent_domain::permit::{Addressee, Permit, Recipient, RecipientFacts, Refusal, may_send};
use assent_domain::tracking::TrackingLeave;
use sea_orm::{ColumnTrait, FromQueryResult, QueryFilter, Value};
use uuid::Uuid;

use crate::address_change;
use crate::circuit;
use crate::delivery::recipient_of;
use crate::error::StoreError;
use crate::expiry;
use crate::facts::{self, Ground, PERSON_COLUMNS, PERSON_SOURCE, PersonRow};
use crate::mailing::{self, Mailing};
use crate::outcome::{self, Ended, Outcome, Terms};
use crate::row::member;
use crate::subscriber::{read_address, read_language};
use crate::tracking;
use crate::tx::{self, TenantTx, Write};

mod limited;

pub(crate) use limited::HELD;

/// A message that may be handed over now.
#[derive(Debug)]
pub struct Claim {
    /// Leave to send it.
    pub permit: Permit,
    /// The attempt's number.
    pub attempt: i32,
    /// How many there were, this one included, since the delivery was last given a chance.
    pub tries: i32,
    /// When it began: when the row was claimed.
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
            set_aside: 0,
            goes_on,
            rests: false,
        }
    }

    /// Whether the turn found nothing to do.
    pub fn found_nothing(&self) -> bool {
        self.claims.is_empty() && self.refused == 0 && self.set_aside == 0
    }
}

#[derive(FromQueryResult)]
struct ClaimedRow {
    id: Uuid,
    recipient_kind: String,
    recipient_id: Uuid,
    attempts: i32,
    tried_before: i32,
}

impl ClaimedRow {
    fn tries(&self) -> i32 {
        self.attempts - self.tried_before
    }
}

#[derive(FromQueryResult)]
struct PersonAt {
    id: Uuid,
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

/// Records `ended`, then claims at most `limit` rows that are due; of a server that refuses everything, one after each
/// rest.
///
/// The transaction's start is the time of the decisions: commit it, and hand over within a second.
pub async fn turn(
    tx: &mut TenantTx<Write>,
    mailing: &Mailing,
    terms: &Terms,
    ended: &[Ended],
    limit: u32,
) -> Result<Claims, StoreError> {
    let kept = mailing::keep_lease(tx, mailing, terms).await?;
    outcome::record(tx, mailing, terms, ended).await?;
    let server = terms.circuit();
    let circuit = circuit::heed(tx, &server, kept.circuit, ended).await?;
    let claimant = Claimant {
        mailing,
        terms,
        is_limited: kept.is_limited,
    };
    if !kept.goes_on {
        // What was not tried goes back to its limits all the same.
        claimant.claim(tx, ended, 0).await?;
        return Ok(Claims::none(false));
    }
    let rests = |claims| Claims {
        rests: true,
        ..claims
    };
    match circuit.pass(tx.now()) {
        Pass::Free => claimant.claim(tx, ended, limit).await,
        Pass::Wait(_) => claimant.claim(tx, ended, 0).await.map(rests),
        Pass::Try if limit == 0 => claimant.claim(tx, ended, 0).await,
        Pass::Try => match circuit::hold_for_try(tx, &server).await? {
            None => claimant.claim(tx, ended, 0).await.map(rests),
            Some(held) => {
                let claims = claimant.claim(tx, ended, 1).await?;
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
    /// Whether the tenant has limits, a warm-up or quiet hours.
    is_limited: bool,
}

impl Claimant<'_> {
    /// Claims at most `limit` rows that are due, and decides each. What `ended` untried goes back to the limits it was
    /// counted against.
    async fn claim(
        &self,
        tx: &mut TenantTx<Write>,
        ended: &[Ended],
        limit: u32,
    ) -> Result<Claims, StoreError> {
        if self.is_limited {
            return limited::claim(tx, self, ended, limit).await;
        }
        if limit == 0 {
            return Ok(Claims::none(true));
        }
        let rows = claim_rows(tx, self.mailing, limit).await?;
        self.give(tx, rows).await
    }

    /// Decides the claimed rows: a permit for each that the rule lets go, and the others are over.
    async fn give(&self, tx: &mut TenantTx<Write>, rows: Vec<ClaimedRow>) -> Result<Claims, StoreError> {
        let mut claims = Claims::none(true);
        if rows.is_empty() {
            return Ok(claims);
        }
        let mailing = self.mailing;
        let mut ground = facts::ground(tx, mailing.purpose, mailing.message_kind, mailing.content_of).await?;
        ground.message.is_too_late = mailing.is_too_late(tx.now());
        let mut refusals = Vec::new();
        let mut leaves = tracking_leaves(tx, mailing, &rows).await?;
        for (row, decision) in decide(tx, mailing, &ground, rows).await? {
            match decision {
                Ok(claim) => {
                    let tracking = leaves.remove(&row.recipient_id);
                    claims.claims.push(Claim { tracking, ..claim });
                }
                Err(refusal) => refusals.push(ended_unfit(&row, refusal, tx.now())),
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
    rows: &[ClaimedRow],
) -> Result<HashMap<Uuid, TrackingLeave>, StoreError> {
    let Some(measured) = mailing.tracks else {
        return Ok(HashMap::new());
    };
    let leaves = tracking::leaves(tx, measured, ids_of(rows, "SUBSCRIBER")).await?;
    Ok(leaves
        .into_iter()
        .map(|leave| (leave.of().uuid(), leave))
        .collect())
}

fn ended_unfit(row: &ClaimedRow, refusal: Refusal, at: Timestamp) -> Ended {
    Ended {
        delivery: stored(row.id),
        attempt: row.attempts,
        tries: row.tries(),
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

async fn claim_rows(
    tx: &TenantTx<Write>,
    mailing: &Mailing,
    limit: u32,
) -> Result<Vec<ClaimedRow>, StoreError> {
    // The number stands in the text: PostgreSQL makes one plan for all parameters, and takes an unknown limit for a
    // tenth of the table.
    let sql = format!(
        "WITH next AS MATERIALIZED (
           SELECT id FROM delivery WHERE tenant_id = $1 AND mailing_id = $2
             AND status IN ('QUEUED', 'DEFERRED') AND next_attempt_at <= $3
           ORDER BY next_attempt_at, id LIMIT {limit} {})
         UPDATE delivery SET status = 'CLAIMED', attempts = attempts + 1, changed_at = $3
         WHERE tenant_id = $1 AND id IN (SELECT id FROM next)
         RETURNING id, recipient_kind, recipient_id, attempts, tried_before",
        tx.skip_locked()
    );
    let now = tx.now().micros();
    tx.all(&sql, [mailing.id.uuid().into(), now.into()]).await
}

type Decision = Result<Claim, Refusal>;

async fn decide(
    tx: &TenantTx<Write>,
    mailing: &Mailing,
    ground: &Ground,
    rows: Vec<ClaimedRow>,
) -> Result<Vec<(ClaimedRow, Decision)>, StoreError> {
    let people = people(tx, mailing, ground, &rows).await?;
    let members = members(tx, &rows).await?;
    let asked = match mailing.kind {
        MailingKind::ConsentRenewal => Some(expiry::still_asked(tx, ids_of(&rows, "SUBSCRIBER")).await?),
        _ => None,
    };
    let mut decided = Vec::with_capacity(rows.len());
    for row in rows {
        let recipient = recipient_of(&row.recipient_kind, row.recipient_id)?;
        let decision = match recipient {
            Recipient::Subscriber(id) => match people.iter().find(|person| person.id == id.uuid()) {
                Some(person) => {
                    let has_answered = asked.as_ref().is_some_and(|asked| !asked.contains(&person.id));
                    let facts = RecipientFacts {
                        has_answered,
                        ..ground.facts_of(&person.facts)?
                    };
                    decide_person(tx, ground, &row, facts, person)?
                }
                None => Err(Refusal::Erased),
            },
            Recipient::Member(id) => match members.iter().find(|member| member.id == id.uuid()) {
                Some(member) => decide_member(tx, ground, &row, recipient, member)?,
                None => Err(Refusal::Erased),
            },
        };
        decided.push((row, decision));
    }
    Ok(decided)
}

fn decide_person(
    tx: &TenantTx<Write>,
    ground: &Ground,
    row: &ClaimedRow,
    facts: RecipientFacts,
    person: &PersonAt,
) -> Result<Decision, StoreError> {
    let addressee = Addressee {
        delivery: stored(row.id),
        recipient: Recipient::Subscriber(stored(person.id)),
        address: read_address(&person.email)?,
    };
    Ok(
        may_send(&ground.message, facts, addressee, tx.now()).map(|permit| Claim {
            permit,
            attempt: row.attempts,
            tries: row.tries(),
            started_at: tx.now(),
            name: person.name.clone(),
            company: person.company.clone(),
            language: read_language(person.language.as_deref()),
            list: person.list_id.map(stored),
            tracking: None,
        }),
    )
}

fn decide_member(
    tx: &TenantTx<Write>,
    ground: &Ground,
    row: &ClaimedRow,
    recipient: Recipient,
    member: &member::Model,
) -> Result<Decision, StoreError> {
    let addressee = Addressee {
        delivery: stored(row.id),
        recipient,
        address: read_address(&member.email)?,
    };
    let decision = may_send(&ground.message, Ground::facts_of_member(), addressee, tx.now());
    Ok(decision.map(|permit| Claim {
        permit,
        attempt: row.attempts,
        tries: row.tries(),
        started_at: tx.now(),
        name: String::new(),
        company: String::new(),
        language: None,
        list: None,
        tracking: None,
    }))
}

fn ids_of(rows: &[ClaimedRow], kind: &str) -> Vec<Value> {
    rows.iter()
        .filter(|row| row.recipient_kind == kind)
        .map(|row| row.recipient_id.into())
        .collect()
}

async fn people(
    tx: &TenantTx<Write>,
    mailing: &Mailing,
    ground: &Ground,
    rows: &[ClaimedRow],
) -> Result<Vec<PersonAt>, StoreError> {
    let mut ids = ids_of(rows, "SUBSCRIBER");
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let places = tx::places(5, tx::fill_up(&mut ids));
    let sql = format!(
        "SELECT s.id, s.email, s.name, s.company, s.language, s.confirmed_at, {PERSON_COLUMNS},
                (SELECT l.list_id FROM campaign_list l CROSS JOIN subscription u
                 WHERE l.tenant_id = $1 AND l.campaign_id = $3
                   AND u.tenant_id = $1 AND u.list_id = l.list_id AND u.subscriber_id = s.id
                   AND u.state = 'ACTIVE' ORDER BY l.list_id LIMIT 1) AS list_id
         {PERSON_SOURCE} WHERE s.tenant_id = $1 AND s.id IN ({places})"
    );
    let parameters = ground.parameters(mailing.campaign).into_iter();
    let mut people: Vec<PersonAt> = tx.all(&sql, parameters.chain(ids)).await?;
    if let Some(change) = mailing.address_change {
        let new = address_change::destination(tx, change).await?;
        for person in &mut people {
            person.email.clone_from(&new.email);
            person.forget_names();
            person.facts.see_from(new.suppressions);
        }
    }
    if mailing.kind == MailingKind::Transactional {
        let unconfirmed = people.iter_mut().filter(|person| person.confirmed_at.is_none());
        unconfirmed.for_each(PersonAt::forget_names);
    }
    Ok(people)
}

async fn members(tx: &TenantTx<Write>, rows: &[ClaimedRow]) -> Result<Vec<member::Model>, StoreError> {
    let ids = ids_of(rows, "MEMBER");
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(tx
        .find::<member::Entity>()
        .filter(member::Column::Id.is_in(ids))
        .all(tx.conn())
        .await?)
}
