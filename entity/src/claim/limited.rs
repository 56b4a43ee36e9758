//! Claiming where there are limits: no more than the buckets give, and past those whose receiving domain has no tokens.
//!
//! A row whose domain has none is set aside once, with others in one statement, and let go when its domain has tokens,
//! by the index of what is held: nobody looks at it in between.

use std::collections::BTreeMap;

use sea_orm::{FromQueryResult, Value};
use uuid::Uuid;

use super::{Claimant, Claims};
use crate::delivery::queue::{self, HELD};
use crate::error::StoreError;
use crate::mailing::Mailing;
use crate::outcome::{Ended, Outcome};
use crate::sending_limit::Budget;
use crate::tx::{self, TenantTx, Write};

/// Rows looked at in a turn: enough to get past many of one domain.
const LOOK: u32 = 500;

/// What a turn takes and what it sets aside.
#[derive(Default)]
struct Choice {
    taken: Vec<Uuid>,
    set_aside: BTreeMap<String, Vec<Value>>,
}

/// What a turn may still take of a domain.
struct Room<'a> {
    left: u32,
    domains: BTreeMap<&'a str, Option<u32>>,
}

impl Room<'_> {
    /// How many messages may go to a domain; `None` for one without a limit.
    fn of(&self, domain: &str) -> Option<u32> {
        self.domains.get(domain).copied().flatten()
    }

    fn take(&mut self, domain: &str) {
        self.left = self.left.saturating_sub(1);
        if let Some(Some(left)) = self.domains.get_mut(domain) {
            *left = left.saturating_sub(1);
        }
    }
}

/// As [`Claimant::claim`], where there are limits.
pub(super) async fn claim(
    tx: &mut TenantTx<Write>,
    mut claimant: Claimant<'_>,
    limit: u32,
) -> Result<Claims, StoreError> {
    claimant.record(tx).await?;
    let (mailing, ended) = (claimant.mailing, std::mem::take(&mut claimant.ended));
    let unsent: Vec<_> = ended.iter().filter(|end| end.outcome == Outcome::Stale).collect();
    if limit == 0 && unsent.is_empty() {
        return Ok(Claims::none(true));
    }
    let mut budget = Budget::open(tx, mailing, claimant.terms.transport).await?;
    // What was claimed and not tried has cost nothing.
    for to in addresses_of(tx, &unsent).await? {
        budget.count(domain_of(&to), -1);
    }
    let room = limit.min(budget.left().unwrap_or(limit));
    let claims = if room > 0 && budget.goes_by_domain() {
        let choice = choose(tx, mailing, &budget, room).await?;
        let set_aside = choice.set_aside.values().map(Vec::len).sum();
        put_aside(tx, choice.set_aside).await?;
        let taken = queue::take(tx, choice.taken).await?;
        let claims = claimant.give(tx, taken).await?;
        Claims { set_aside, ..claims }
    } else {
        claimant.claim_due(tx, room).await?
    };
    for claim in &claims.claims {
        budget.count(claim.permit.addressee().address.domain(), 1);
    }
    budget.keep(tx).await?;
    Ok(claims)
}

fn domain_of(email: &str) -> &str {
    email.rsplit_once('@').map_or("", |(_, domain)| domain)
}

/// Where the messages of these attempts were to go.
async fn addresses_of(tx: &TenantTx<Write>, of: &[&Ended]) -> Result<Vec<String>, StoreError> {
    if of.is_empty() {
        return Ok(Vec::new());
    }
    let mut ids: Vec<Value> = of.iter().map(|end| end.delivery.uuid().into()).collect();
    let places = tx::places(2, tx::fill_up(&mut ids));
    let sql = format!(
        "SELECT d.id, (SELECT s.email FROM subscriber s WHERE s.tenant_id = $1 AND s.id = d.recipient_id) AS email
         FROM delivery d WHERE d.tenant_id = $1 AND d.id IN ({places})"
    );
    let rows: Vec<Addressed> = tx.all(&sql, ids).await?;
    Ok(rows
        .into_iter()
        .map(|row| row.email.unwrap_or_default())
        .collect())
}

async fn choose(
    tx: &TenantTx<Write>,
    mailing: &Mailing,
    budget: &Budget,
    left: u32,
) -> Result<Choice, StoreError> {
    let mut choice = Choice::default();
    let mut room = Room {
        left,
        domains: budget.domains().collect(),
    };
    for held in let_go(tx, mailing, &room).await? {
        if room.left > 0 && room.of(&held.held_for) != Some(0) {
            room.take(&held.held_for);
            choice.taken.push(held.id);
        }
    }
    for due in look(tx, mailing).await? {
        if room.left == 0 {
            break;
        }
        let domain = due.email.as_deref().map_or("", domain_of);
        if room.of(domain) == Some(0) {
            let aside = choice.set_aside.entry(domain.to_owned()).or_default();
            aside.push(due.id.into());
        } else {
            room.take(domain);
            choice.taken.push(due.id);
        }
    }
    Ok(choice)
}

#[derive(FromQueryResult)]
struct HeldRow {
    id: Uuid,
    held_for: String,
}

/// The rows that were set aside and may go now: of each domain with tokens, as many as there are.
async fn let_go(
    tx: &TenantTx<Write>,
    mailing: &Mailing,
    room: &Room<'_>,
) -> Result<Vec<HeldRow>, StoreError> {
    let (mut parts, mut values) = (Vec::new(), vec![Value::from(mailing.id.uuid())]);
    for (domain, tokens) in &room.domains {
        let limit = tokens.unwrap_or(room.left).min(room.left);
        if limit > 0 {
            values.push((*domain).into());
            parts.push(format!(
                "SELECT * FROM (SELECT delivery_id AS id, held_for FROM delivery_queue WHERE tenant_id = $1
                   AND held_for = ${} AND mailing_id = $2 ORDER BY delivery_id LIMIT {limit}) part{}",
                values.len() + 1,
                values.len()
            ));
        }
    }
    if parts.is_empty() {
        return Ok(Vec::new());
    }
    tx.all(&parts.join(" UNION ALL "), values).await
}

#[derive(FromQueryResult)]
struct Addressed {
    id: Uuid,
    email: Option<String>,
}

/// The rows that are due next, with the addresses they go to.
async fn look(tx: &TenantTx<Write>, mailing: &Mailing) -> Result<Vec<Addressed>, StoreError> {
    let sql = format!(
        "SELECT d.id, (SELECT s.email FROM subscriber s WHERE s.tenant_id = $1 AND s.id = d.recipient_id) AS email
         FROM delivery_queue q JOIN delivery d ON d.tenant_id = $1 AND d.id = q.delivery_id
         WHERE q.tenant_id = $1 AND q.mailing_id = $2 AND q.due_at <= $3
         ORDER BY q.due_at, q.delivery_id LIMIT {LOOK}"
    );
    let values = [mailing.id.uuid().into(), tx.now().micros().into()];
    tx.all(&sql, values).await
}

async fn put_aside(tx: &TenantTx<Write>, set_aside: BTreeMap<String, Vec<Value>>) -> Result<(), StoreError> {
    for (domain, mut ids) in set_aside {
        let places = tx::places(4, tx::fill_up(&mut ids));
        let sql = format!(
            "UPDATE delivery_queue SET held_for = $2, due_at = $3 WHERE tenant_id = $1 AND delivery_id IN ({places})"
        );
        let values = [domain.into(), HELD.into()];
        tx.execute(&sql, values.into_iter().chain(ids)).await?;
    }
    Ok(())
}
