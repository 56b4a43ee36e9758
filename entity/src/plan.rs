//! Planning: a row for every recipient of a mailing, in chunks, with those the rule refuses already recorded
//! as refused.

use assent_domain::delivery::MailingKind;
use assent_domain::id::stored;
use assent_domain::permit::{Recipient, refusal};
use sea_orm::FromQueryResult;
use uuid::Uuid;

use crate::delivery::{self, planned};
use crate::error::StoreError;
use crate::facts::{self, Ground, ON_ITS_LISTS, PERSON_COLUMNS, PERSON_SOURCE, PersonRow};
use crate::mailing::Mailing;
use crate::row::member;
use crate::tx::{TenantTx, Write};

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
    let is_first = mailing.planned_to.is_none();
    let ground = facts::ground(tx, mailing.purpose, mailing.message_kind).await?;
    let mut rows = Vec::with_capacity(CHUNK);
    if is_first && mailing.kind == MailingKind::PolicyNotice {
        for member in tx.find::<member::Entity>().all(tx.conn()).await? {
            let refusal = refusal(&ground.message, Ground::facts_of_member());
            rows.push(planned(tx, Recipient::Member(stored(member.id)), refusal));
        }
    }
    let people = next_people(tx, mailing).await?;
    for person in &people {
        let refusal = refusal(&ground.message, ground.facts_of(&person.facts)?);
        rows.push(planned(tx, Recipient::Subscriber(stored(person.id)), refusal));
    }
    if !rows.is_empty() {
        delivery::insert(tx, mailing.id, rows).await?;
    }
    let is_last = people.len() < CHUNK;
    mailing.planned_to = people.last().map(|person| person.id).or(mailing.planned_to);
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

async fn next_people(tx: &TenantTx<Write>, mailing: &Mailing) -> Result<Vec<Person>, StoreError> {
    let population = match mailing.kind {
        MailingKind::Campaign => format!("AND {ON_ITS_LISTS}"),
        MailingKind::PolicyNotice | MailingKind::Confirmation => String::new(),
    };
    let sql = format!(
        "SELECT s.id, {PERSON_COLUMNS} {PERSON_SOURCE}
         WHERE s.tenant_id = $1 AND ($4 IS NULL OR s.id > $4) {population} ORDER BY s.id LIMIT {CHUNK}"
    );
    let [purpose, campaign] = facts::parameters(mailing.purpose, mailing.campaign);
    tx.all(&sql, [purpose, campaign, mailing.planned_to.into()]).await
}
