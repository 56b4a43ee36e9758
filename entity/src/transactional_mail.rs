//! Transactional mail: one message to one person, for an essential purpose, that a program of the tenant asks for. It is
//! sent once, however often it is asked for, and what it says is gone when it has been.

use std::collections::BTreeMap;

use assent_domain::address::EmailAddress;
use assent_domain::audit::AuditAct;
use assent_domain::campaign::BodyFormat;
use assent_domain::clock::Timestamp;
use assent_domain::delivery::MailingKind;
use assent_domain::id::{MailingId, PurposeId, SubscriberId, stored};
use assent_domain::purpose::may_be_transactional;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, sea_query::OnConflict};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::audit::Change;
use crate::delivery::Delivery;
use crate::error::StoreError;
use crate::mailing::{self, Subject};
use crate::page::PageRequest;
use crate::purpose::Purpose;
use crate::row::{mailing as mailing_row, transactional_mail as row};
use crate::subscriber::{self, Subscriber};
use crate::tx::{TenantTx, Write};
use crate::{delivery, erasure, facts, purpose, text};

/// What a message says: templates, and the values that they may name beside those of every mail.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailContent {
    /// The subject line.
    pub subject: String,
    /// What is shown beside it; empty for none.
    pub preheader: String,
    /// How the body is written.
    pub body_format: BodyFormat,
    /// The body.
    pub body_source: String,
    /// Further values by their names.
    pub values: BTreeMap<String, String>,
}

/// To whom a message goes: somebody who is known.
#[derive(Clone)]
pub enum To {
    /// By their id.
    Subscriber(SubscriberId),
    /// By their address.
    Address(EmailAddress),
}

/// A message to be sent. Whoever calls has checked that its templates compile and load nothing from outside.
#[derive(Clone)]
pub struct NewMail {
    /// The tenant's own name for it.
    pub key: String,
    /// The code of what it is sent for.
    pub purpose: String,
    /// To whom.
    pub to: To,
    /// What it says.
    pub content: MailContent,
}

/// A message that was asked for, without what it says.
#[derive(Clone, Debug)]
pub struct TransactionalMail {
    /// The tenant's own name for it.
    pub key: String,
    /// What it is sent for.
    pub purpose: PurposeId,
    /// When it was asked for first.
    pub created_at: Timestamp,
    /// What became of it.
    pub delivery: Delivery,
}

/// What came of asking.
#[derive(Clone, Debug)]
pub enum Asked {
    /// It is on its way, or refused.
    New(TransactionalMail),
    /// It had been asked for before: nothing has changed, and the transaction is to be dropped.
    Before(TransactionalMail),
}

/// Asks for a message. The same key gives the same message; with another content it is a conflict.
pub async fn send(tx: &mut TenantTx<Write>, new: &NewMail) -> Result<Asked, StoreError> {
    text::key("key", &new.key)?;
    let purpose = purpose::by_code(tx, "purpose", &new.purpose).await?;
    may_be_transactional(purpose.kind, &purpose.code)
        .map_err(|error| StoreError::invalid("purpose", error.to_string()))?;
    let fields = [
        ("subject", &new.content.subject),
        ("preheader", &new.content.preheader),
        ("body.source", &new.content.body_source),
    ];
    for (field, value) in fields {
        text::check_characters(field, value)?;
    }
    for value in new.content.values.values() {
        text::check_characters("values", value)?;
    }
    let person = whom(tx, &new.to).await?;
    if let Some(known) = find(tx, &new.key).await? {
        return repeated(tx, &known, new, &purpose, person.id).await;
    }
    let refusal = facts::decision_for_one(tx, person.id, &purpose).await?;
    let (subject, now) = (Subject::Transactional(person.id, refusal), tx.now());
    let mailing = mailing::create(tx, MailingKind::Transactional, purpose.id, subject, now).await?;
    if !keep(tx, mailing, new, &purpose, person.id).await? {
        // Somebody asked for the same at the same time.
        let known = find(tx, &new.key).await?.ok_or(StoreError::NotFound("message"))?;
        return repeated(tx, &known, new, &purpose, person.id).await;
    }
    let asked = Change::to(json!({ "purpose": purpose.code }));
    tx.audit_about(AuditAct::TransactionalMailRequested, Some(person.id), &asked)?;
    Ok(Asked::New(by_mailing(tx, &new.key, mailing).await?))
}

async fn whom(tx: &TenantTx<Write>, to: &To) -> Result<Subscriber, StoreError> {
    let id = match to {
        To::Subscriber(id) => *id,
        To::Address(address) => {
            let known = subscriber::with_address(tx, address).await?;
            known.ok_or(StoreError::NotFound("subscriber"))?.id
        }
    };
    subscriber::lock(tx, id).await
}

/// Keeps what is to be sent; `false` where there is another under the key.
async fn keep(
    tx: &TenantTx<Write>,
    mailing: MailingId,
    new: &NewMail,
    purpose: &Purpose,
    to: SubscriberId,
) -> Result<bool, StoreError> {
    let row = row::ActiveModel {
        tenant_id: Set(tx.uuid()),
        mailing_id: Set(mailing.uuid()),
        subscriber_id: Set(to.uuid()),
        key: Set(new.key.clone()),
        content_hash: Set(hash(mailing, &new.content, purpose)?),
        content: Set(Some(written(&new.content)?)),
    };
    let nothing = OnConflict::columns([row::Column::TenantId, row::Column::Key])
        .do_nothing()
        .to_owned();
    let rows = row::Entity::insert(row)
        .on_conflict(nothing)
        .exec_without_returning(tx.conn())
        .await?;
    Ok(rows > 0)
}

async fn repeated<M>(
    tx: &TenantTx<M>,
    known: &row::Model,
    new: &NewMail,
    purpose: &Purpose,
    to: SubscriberId,
) -> Result<Asked, StoreError> {
    let mailing = stored(known.mailing_id);
    let is_same =
        known.subscriber_id == to.uuid() && known.content_hash == hash(mailing, &new.content, purpose)?;
    if !is_same {
        let message =
            "another message was sent under this key: repeat that one as it was, or choose a new key";
        return Err(StoreError::conflict("key", message));
    }
    Ok(Asked::Before(by_mailing(tx, &new.key, mailing).await?))
}

fn written(content: &MailContent) -> Result<String, StoreError> {
    serde_json::to_string(content).map_err(|error| StoreError::Corrupt(error.to_string()))
}

/// Tells one message from another; of its content nothing can be learned from it without the mailing's id.
fn hash(mailing: MailingId, content: &MailContent, purpose: &Purpose) -> Result<Vec<u8>, StoreError> {
    let whole = json!([mailing.to_string(), purpose.code, written(content)?]);
    Ok(Sha256::digest(whole.to_string()).to_vec())
}

async fn find<M>(tx: &TenantTx<M>, key: &str) -> Result<Option<row::Model>, StoreError> {
    let query = tx.find::<row::Entity>().filter(row::Column::Key.eq(key));
    Ok(query.one(tx.conn()).await?)
}

async fn by_mailing<M>(
    tx: &TenantTx<M>,
    key: &str,
    mailing: MailingId,
) -> Result<TransactionalMail, StoreError> {
    let sent = tx.get::<mailing_row::Entity>(mailing.uuid()).await?;
    let one = PageRequest {
        first: 1,
        after: None,
        count: false,
    };
    let deliveries = delivery::page_of(tx, mailing, one).await?;
    let (_, delivery) = deliveries
        .rows
        .into_iter()
        .next()
        .ok_or(StoreError::NotFound("message"))?;
    Ok(TransactionalMail {
        key: key.to_owned(),
        purpose: stored(sent.purpose_id),
        created_at: Timestamp::from_micros(sent.created_at),
        delivery,
    })
}

/// The message with this key.
pub async fn by_key<M>(tx: &TenantTx<M>, key: &str) -> Result<TransactionalMail, StoreError> {
    let known = find(tx, key).await?.ok_or(StoreError::NotFound("message"))?;
    by_mailing(tx, &known.key, stored(known.mailing_id)).await
}

/// What a mailing says; it is there until it has been sent.
pub async fn content_of<M>(tx: &TenantTx<M>, mailing: MailingId) -> Result<MailContent, StoreError> {
    let query = tx
        .find::<row::Entity>()
        .filter(row::Column::MailingId.eq(mailing.uuid()));
    let content = query.one(tx.conn()).await?.and_then(|row| row.content);
    let content = content.ok_or(StoreError::NotFound("message"))?;
    serde_json::from_str(&content).map_err(|error| StoreError::Corrupt(error.to_string()))
}

/// What has been sent need not be kept.
pub(crate) async fn forget_content(tx: &TenantTx<Write>, mailing: MailingId) -> Result<(), StoreError> {
    let sql = "UPDATE transactional_mail SET content = NULL WHERE tenant_id = $1 AND mailing_id = $2";
    tx.execute(sql, [mailing.uuid().into()]).await?;
    Ok(())
}

/// Forgets every message to a person, with what became of it.
pub(crate) async fn forget(tx: &TenantTx<Write>, of: SubscriberId) -> Result<(), StoreError> {
    let query = tx
        .find::<row::Entity>()
        .filter(row::Column::SubscriberId.eq(of.uuid()));
    for known in query.all(tx.conn()).await? {
        let sql = "DELETE FROM transactional_mail WHERE tenant_id = $1 AND mailing_id = $2";
        tx.execute(sql, [known.mailing_id.into()]).await?;
        erasure::forget_mailing(tx, known.mailing_id).await?;
    }
    Ok(())
}
