//! Word to a tenant's owners that an endpoint is disabled because it failed. They asked for no such mail, and nobody else would
//! tell them that their programs hear nothing any more.

use assent_domain::clock::Timestamp;
use assent_domain::delivery::MailingKind;
use assent_domain::id::{MailingId, stored};
use assent_domain::permit::Recipient;
use assent_domain::tenant::Role;
use assent_domain::webhook::{AttemptFailure, DisabledReason};
use sea_orm::{ColumnTrait, QueryFilter};

use super::endpoint::{Endpoint, there};
use super::turn::Ended;
use crate::error::{StoreError, read_code};
use crate::mailing::Subject;
use crate::row::{member, webhook_endpoint as row};
use crate::tx::{TenantTx, Write};
use crate::{account_mail, delivery};

/// Tells the owners of an endpoint that was disabled just now, each once, what its last attempt met.
pub(super) async fn send(
    tx: &mut TenantTx<Write>,
    endpoint: &row::Model,
    last: &Ended,
) -> Result<(), StoreError> {
    let mailing = account_mail::create(tx, MailingKind::WebhookDisabled, Subject::Members).await?;
    let owners = tx
        .find::<member::Entity>()
        .filter(member::Column::Role.eq(Role::Owner.to_string()));
    let owners = owners.all(tx.conn()).await?.into_iter();
    let rows = owners.map(|owner| delivery::planned(tx, Recipient::Member(stored(owner.id)), None));
    delivery::insert(tx, mailing, rows.collect()).await?;
    let sql = "UPDATE webhook_endpoint SET notice_mailing_id = $3, last_status = $4, last_failure = $5
               WHERE tenant_id = $1 AND id = $2";
    let values = [
        endpoint.id.into(),
        mailing.uuid().into(),
        last.status.map(i32::from).into(),
        last.failure.map(|failure| failure.to_string()).into(),
    ];
    tx.execute(sql, values).await?;
    Ok(())
}

/// What the owners are told.
#[derive(Clone, Debug)]
pub struct Notice {
    /// The endpoint, as it stands.
    pub endpoint: Endpoint,
    /// When it was disabled.
    pub at: Timestamp,
    /// Why.
    pub reason: DisabledReason,
    /// The status of its last answer, if it gave one.
    pub last_status: Option<u16>,
    /// Why its last attempt failed.
    pub last_failure: Option<AttemptFailure>,
}

/// What a mailing tells, as long as it is so: not once the endpoint was enabled again, or deleted.
pub async fn of_mailing<M>(tx: &TenantTx<M>, mailing: MailingId) -> Result<Option<Notice>, StoreError> {
    let query = there(tx).filter(row::Column::NoticeMailingId.eq(mailing.uuid()));
    let Some(row) = query.one(tx.conn()).await? else {
        return Ok(None);
    };
    let last_status = row.last_status.and_then(|status| u16::try_from(status).ok());
    let last_failure = row.last_failure.as_deref().map(read_code).transpose()?;
    let endpoint = Endpoint::try_from(row)?;
    Ok(endpoint.disabled.map(|(at, reason)| Notice {
        endpoint,
        at,
        reason,
        last_status,
        last_failure,
    }))
}
