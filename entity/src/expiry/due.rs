//! What is due when time passes: people are asked whether a yes still stands, and a yes whose time is over is
//! recorded as such. The rule does not wait for either.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use assent_domain::clock::Timestamp;
use assent_domain::delivery::MailingKind;
use assent_domain::expiry::ConsentExpiry;
use assent_domain::id::{MailingId, PurposeId, SubscriberId, stored};
use assent_domain::permit::Recipient;
use assent_domain::purpose::CONFIRMATION;
use sea_orm::{FromQueryResult, Value};
use uuid::Uuid;

use crate::consent::{self, Asked};
use crate::delivery::{self, planned};
use crate::error::StoreError;
use crate::mailing::{self, Subject};
use crate::store::Store;
use crate::subscriber::{self, read_address};
use crate::tx::{TenantCtx, TenantTx, Write, fill_up, places};
use crate::{policy, purpose};

/// People of one transaction: few enough that their values fit one statement.
const CHUNK: usize = 2000;

/// The purposes whose yeses run out.
async fn running_out(store: &Store, ctx: TenantCtx) -> Result<Vec<(PurposeId, ConsentExpiry)>, StoreError> {
    let tx = TenantTx::read(store, ctx).await?;
    let all = purpose::all(&tx).await?;
    Ok(all
        .into_iter()
        .filter_map(|of| Some((of.id, of.expiry?)))
        .collect())
}

/// The purposes that the policy in force names.
async fn named_now(store: &Store, ctx: TenantCtx) -> Result<Vec<PurposeId>, StoreError> {
    let tx = TenantTx::read(store, ctx).await?;
    let Some(version) = policy::in_force(&tx).await? else {
        return Ok(Vec::new());
    };
    let named = policy::purposes_of(&tx, version.id).await?;
    Ok(named.into_iter().map(|named| named.id).collect())
}

#[derive(FromQueryResult)]
struct Candidate {
    subscriber_id: Uuid,
}

/// Some people whose yes to a purpose is of `up_to` or earlier.
async fn candidates(
    tx: &TenantTx<Write>,
    purpose: PurposeId,
    up_to: Timestamp,
    and: &str,
) -> Result<Vec<Uuid>, StoreError> {
    let sql = format!(
        "SELECT subscriber_id FROM consent
         WHERE tenant_id = $1 AND purpose_id = $2 AND state = 'GIVEN' AND recorded_at <= $3 {and}
         ORDER BY recorded_at LIMIT {CHUNK}"
    );
    let found: Vec<Candidate> = tx
        .all(&sql, [purpose.uuid().into(), up_to.micros().into()])
        .await?;
    Ok(found.into_iter().map(|of| of.subscriber_id).collect())
}

/// Records that yeses are over whose time is.
pub(crate) async fn lapse(store: &Store, ctx: TenantCtx) -> Result<(), StoreError> {
    for (purpose, expiry) in running_out(store, ctx).await? {
        loop {
            let mut tx = TenantTx::write(store, ctx).await?;
            let lapsed = lapse_some(&mut tx, purpose, expiry).await?;
            tx.commit().await?;
            if lapsed < CHUNK {
                break;
            }
        }
    }
    Ok(())
}

#[derive(FromQueryResult)]
struct Lapsed {
    id: Uuid,
    email: String,
    name: String,
    company: String,
    policy_version_id: Uuid,
}

async fn lapse_some(
    tx: &mut TenantTx<Write>,
    purpose: PurposeId,
    expiry: ConsentExpiry,
) -> Result<usize, StoreError> {
    let Some(up_to) = expiry.over_up_to(tx.now()) else {
        return Ok(0);
    };
    let ids = candidates(tx, purpose, up_to, "").await?;
    if ids.is_empty() {
        return Ok(0);
    }
    subscriber::hold(tx, &ids).await?;
    // Who has answered in the meantime is not among them any more.
    let sql = format!(
        "SELECT s.id, s.email, s.name, s.company, c.policy_version_id
         FROM consent c JOIN subscriber s ON s.tenant_id = c.tenant_id AND s.id = c.subscriber_id
         WHERE c.tenant_id = $1 AND c.purpose_id = $2 AND c.state = 'GIVEN' AND c.recorded_at <= $3
           AND c.subscriber_id IN ({})",
        places(4, ids.len())
    );
    let found = ids.len();
    let values = [purpose.uuid().into(), up_to.micros().into()].into_iter();
    let rows: Vec<Lapsed> = tx
        .all(&sql, values.chain(ids.into_iter().map(Value::from)))
        .await?;
    let in_force = policy::in_force(tx).await?.map(|version| version.id);
    let mut people = Vec::with_capacity(rows.len());
    for row in rows {
        let version = in_force.unwrap_or_else(|| stored(row.policy_version_id));
        let person = Asked {
            id: stored(row.id),
            email: read_address(&row.email)?,
            name: row.name,
            company: row.company,
        };
        people.push((person, version));
    }
    consent::lapse_all(tx, &people, purpose).await?;
    Ok(found)
}

/// Asks people whose yes runs out soon whether it still stands: once for each yes, in one mail for all of them.
pub(crate) async fn ask(store: &Store, ctx: TenantCtx) -> Result<(), StoreError> {
    let mut purposes = running_out(store, ctx).await?;
    let named = named_now(store, ctx).await?;
    purposes.retain(|(purpose, _)| named.contains(purpose));
    if purposes.is_empty() {
        return Ok(());
    }
    loop {
        let mut tx = TenantTx::write(store, ctx).await?;
        let asked = ask_some(&mut tx, &purposes).await?;
        tx.commit().await?;
        if asked == 0 {
            return Ok(());
        }
    }
}

async fn ask_some(
    tx: &mut TenantTx<Write>,
    purposes: &[(PurposeId, ConsentExpiry)],
) -> Result<usize, StoreError> {
    let mut ids = BTreeSet::new();
    for (purpose, expiry) in purposes {
        let due = candidates(
            tx,
            *purpose,
            expiry.ask_up_to(tx.now()),
            "AND renewal_asked_at IS NULL",
        );
        ids.extend(due.await?);
    }
    let ids: Vec<_> = ids.into_iter().take(CHUNK).collect();
    if ids.is_empty() {
        return Ok(0);
    }
    subscriber::hold(tx, &ids).await?;
    let mut asked = BTreeSet::new();
    for (purpose, expiry) in purposes {
        let sql = format!(
            "UPDATE consent SET renewal_asked_at = $4
             WHERE tenant_id = $1 AND purpose_id = $2 AND state = 'GIVEN' AND recorded_at <= $3
               AND renewal_asked_at IS NULL AND subscriber_id IN ({})
             RETURNING subscriber_id",
            places(5, ids.len())
        );
        let up_to = expiry.ask_up_to(tx.now()).micros();
        let values = [purpose.uuid().into(), up_to.into(), tx.now().micros().into()];
        let ids = ids.iter().copied().map(Value::from);
        let marked: Vec<Candidate> = tx.all(&sql, values.into_iter().chain(ids)).await?;
        asked.extend(marked.into_iter().map(|of| of.subscriber_id));
    }
    if !asked.is_empty() {
        let sent_for = purpose::by_code(tx, "purpose", CONFIRMATION.code).await?.id;
        let (kind, now) = (MailingKind::ConsentRenewal, tx.now());
        let mailing = mailing::create(tx, kind, sent_for, Subject::Renewal, now).await?;
        let rows = asked
            .iter()
            .map(|id| planned(tx, Recipient::Subscriber(stored(*id)), None));
        let rows = rows.collect();
        delivery::insert(tx, mailing, rows).await?;
    }
    Ok(ids.len())
}

#[derive(FromQueryResult)]
struct AskedRow {
    recipient_id: Uuid,
    purpose_id: Uuid,
    recorded_at: i64,
}

/// What a mailing asks each of its recipients about, by name, with the time of the first yes that runs out. Who has
/// answered since is left out.
pub async fn asked_in<M>(
    tx: &TenantTx<M>,
    mailing: MailingId,
) -> Result<BTreeMap<SubscriberId, (Vec<String>, Timestamp)>, StoreError> {
    let Some(version) = policy::in_force(tx).await? else {
        return Ok(BTreeMap::new());
    };
    let mut known = Vec::new();
    for of in policy::purposes_of(tx, version.id).await? {
        let expiry = purpose::by_id(tx, of.id).await?.expiry;
        known.extend(expiry.map(|expiry| (of, expiry)));
    }
    let sql = "SELECT d.recipient_id, c.purpose_id, c.recorded_at
               FROM delivery d JOIN consent c ON c.tenant_id = d.tenant_id AND c.subscriber_id = d.recipient_id
               WHERE d.tenant_id = $1 AND d.mailing_id = $2 AND c.state = 'GIVEN'
                 AND c.renewal_asked_at IS NOT NULL";
    let rows: Vec<AskedRow> = tx.all(sql, [mailing.uuid().into()]).await?;
    let mut asked = BTreeMap::new();
    for row in rows {
        let found = known.iter().find(|(of, _)| of.id.uuid() == row.purpose_id);
        let Some((of, expiry)) = found else { continue };
        let until = expiry.expires_at(Timestamp::from_micros(row.recorded_at));
        let person: SubscriberId = stored(row.recipient_id);
        let (names, first) = asked.entry(person).or_insert_with(|| (Vec::new(), until));
        names.push(of.name.clone());
        *first = until.min(*first);
    }
    Ok(asked)
}

#[derive(FromQueryResult)]
struct StillAsked {
    subscriber_id: Uuid,
}

/// Who of some people still has a yes of which a renewal asks: they neither said it once more nor took it back.
pub(crate) async fn still_asked(
    tx: &TenantTx<Write>,
    mut people: Vec<Value>,
) -> Result<HashSet<Uuid>, StoreError> {
    if people.is_empty() {
        return Ok(HashSet::new());
    }
    let sql = format!(
        "SELECT DISTINCT subscriber_id FROM consent
         WHERE tenant_id = $1 AND state = 'GIVEN' AND renewal_asked_at IS NOT NULL AND subscriber_id IN ({})",
        places(2, fill_up(&mut people))
    );
    let rows: Vec<StillAsked> = tx.all(&sql, people).await?;
    Ok(rows.into_iter().map(|row| row.subscriber_id).collect())
}
