//! Planning: a row for every recipient of a mailing, in chunks, with those the rule refuses already recorded
//! as refused.

use std::collections::BTreeSet;

use assent_domain::delivery::MailingKind;
use assent_domain::id::stored;
use assent_domain::permit::{Recipient, refusal};
use assent_domain::policy::PolicyNews;
use sea_orm::FromQueryResult;
use uuid::Uuid;

use crate::delivery::{self, planned};
use crate::error::StoreError;
use crate::facts::{self, Ground, PERSON_COLUMNS, PersonRow, THEIR_CONSENT};
use crate::mailing::{self, Mailing};
use crate::row::{mailing as mailing_row, member};
use crate::tx::{TenantTx, Write};
use crate::{campaign, choice, segment};

/// Rows a transaction: few enough that an opt-out never waits long behind it, and that their values fit one
/// statement.
const CHUNK: usize = 2000;

#[derive(FromQueryResult)]
struct Person {
    id: Uuid,
    #[sea_orm(nested)]
    facts: PersonRow,
}

/// Plans the next chunk of a mailing, and says whether it was the last.
pub async fn chunk(tx: &mut TenantTx<Write>, mailing: &mut Mailing) -> Result<bool, StoreError> {
    if mailing.planned_at.is_some() {
        return Ok(true);
    }
    // Newcomers ask how far planning has got: they and a chunk come one after the other.
    tx.lock::<mailing_row::Entity>(mailing.id.uuid()).await?;
    let is_first = mailing.planned_to.is_none();
    let mut ground = facts::ground(tx, mailing.purpose, mailing.message_kind, mailing.content_of).await?;
    ground.message.is_too_late = mailing.is_too_late(tx.now());
    let mut rows = Vec::with_capacity(CHUNK);
    if is_first && mailing.kind == MailingKind::PolicyNotice {
        for member in tx.find::<member::Entity>().all(tx.conn()).await? {
            let refusal = refusal(&ground.message, Ground::facts_of_member());
            rows.push(planned(tx, Recipient::Member(stored(member.id)), refusal));
        }
    }
    let next = next_people(tx, mailing).await?;
    let mut told = Vec::new();
    if let Some(last) = next.last() {
        for person in people(tx, mailing, &ground, [after(mailing), *last]).await? {
            let (id, refusal) = (
                stored(person.id),
                refusal(&ground.message, ground.facts_of(&person.facts)?),
            );
            rows.push(planned(tx, Recipient::Subscriber(id), refusal));
            told.extend(refusal.is_none().then_some(id));
        }
    }
    if is_news_of_a_change(mailing) {
        let recipients = rows
            .iter()
            .map(|row| delivery::recipient_columns(row.recipient).1);
        let knew = mailing::told(tx, mailing, recipients).await?;
        rows.retain(|row| knew.contains(&delivery::recipient_columns(row.recipient).1));
    }
    if !rows.is_empty() {
        delivery::insert(tx, mailing.id, rows).await?;
    }
    if let (Some(version), Some(PolicyNews::Posted)) = (mailing.policy_version, mailing.news) {
        choice::ask(tx, version, &told).await?;
    }
    mailing.moves_on(tx);
    let is_last = next.len() < CHUNK;
    mailing.planned_to = next.last().copied().or(mailing.planned_to);
    mailing.planned_at = is_last.then_some(tx.now());
    tx.execute(
        "UPDATE mailing SET planned_to = $3, planned_at = $4 WHERE tenant_id = $1 AND id = $2",
        [
            mailing.id.uuid().into(),
            mailing.planned_to.into(),
            mailing
                .planned_at
                .map(assent_domain::clock::Timestamp::micros)
                .into(),
        ],
    )
    .await?;
    Ok(is_last)
}

/// Whether a mailing takes back or changes what another has told: it goes only to whoever had been told that.
fn is_news_of_a_change(mailing: &Mailing) -> bool {
    match mailing.news {
        Some(PolicyNews::Postponed | PolicyNews::Withdrawn) => true,
        Some(PolicyNews::Posted) | None => false,
    }
}

#[derive(FromQueryResult)]
struct Next {
    id: Uuid,
}

/// Behind whom the next chunk begins.
fn after(mailing: &Mailing) -> Uuid {
    mailing.planned_to.unwrap_or(Uuid::nil())
}

/// The next people in the order of their ids: of everybody, or of everybody who ever joined one of the campaign's
/// lists. Each list is read by a range of its key, so a chunk costs the same wherever it lies.
async fn next_people(tx: &TenantTx<Write>, mailing: &Mailing) -> Result<Vec<Uuid>, StoreError> {
    let after = after(mailing);
    let Some(campaign) = mailing.campaign else {
        let sql =
            format!("SELECT id FROM subscriber WHERE tenant_id = $1 AND id > $2 ORDER BY id LIMIT {CHUNK}");
        let next: Vec<Next> = tx.all(&sql, [after.into()]).await?;
        return Ok(next.into_iter().map(|next| next.id).collect());
    };
    let sql = format!(
        "SELECT subscriber_id AS id FROM subscription
         WHERE tenant_id = $1 AND list_id = $2 AND subscriber_id > $3 ORDER BY subscriber_id LIMIT {CHUNK}"
    );
    let mut ids = BTreeSet::new();
    for list in campaign::list_ids(tx, campaign).await? {
        let next: Vec<Next> = tx.all(&sql, [list.uuid().into(), after.into()]).await?;
        ids.extend(next.into_iter().map(|next| next.id));
    }
    Ok(ids.into_iter().take(CHUNK).collect())
}

/// Where the people of a chunk stand: those among the recipients whose ids lie behind `after`, up to `last`, and whom the
/// campaign's segment means, if it has one. Each is asked for by their key, in a subquery that no planner turns into a join
/// of all with all.
async fn people(
    tx: &TenantTx<Write>,
    mailing: &Mailing,
    ground: &Ground,
    [after, last]: [Uuid; 2],
) -> Result<Vec<Person>, StoreError> {
    let among = if mailing.campaign.is_some() {
        "AND (SELECT 1 FROM campaign_list l CROSS JOIN subscription u
              WHERE l.tenant_id = $1 AND l.campaign_id = $3
                AND u.tenant_id = $1 AND u.list_id = l.list_id AND u.subscriber_id = s.id LIMIT 1) = 1"
    } else {
        ""
    };
    let narrowed = match mailing.campaign {
        Some(campaign) => segment::condition_of(tx, campaign, 7).await?,
        None => None,
    };
    let (meant, values) = narrowed.map_or_else(Default::default, |of| (format!("AND {}", of.sql), of.values));
    let sql = format!(
        "SELECT s.id, {PERSON_COLUMNS} FROM subscriber s {THEIR_CONSENT}
         WHERE s.tenant_id = $1 AND s.id > $5 AND s.id <= $6 {among} {meant} ORDER BY s.id"
    );
    let range = [after.into(), last.into()];
    let parameters = ground.parameters(mailing.campaign).into_iter();
    tx.all(&sql, parameters.chain(range).chain(values)).await
}
