//! Mail about requests: what was asked for by the person is always answered, whatever else they get or do not get.

use assent_domain::delivery::MailingKind;
use assent_domain::id::{MailingId, PrivacyRequestId, SubscriberId, stored};
use assent_domain::purpose::REQUEST_ANSWER;
use sea_orm::{ColumnTrait, QueryFilter};
use strum::{Display, EnumString};

use super::PrivacyRequest;
use crate::error::{StoreError, read_code};
use crate::mailing::{self, Subject};
use crate::purpose;
use crate::row::privacy_mail as row;
use crate::tx::{TenantTx, Write};

/// What a mail says of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Display, EnumString)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum Says {
    /// Where the person's own page is, on which they can act at once.
    Link,
    /// That the answer takes longer, until when and why.
    Extended,
    /// The answer.
    Answer,
}

/// Sends a mail about a request to the person whom it is about.
pub(crate) async fn send(
    tx: &mut TenantTx<Write>,
    request: PrivacyRequestId,
    to: SubscriberId,
    says: Says,
) -> Result<(), StoreError> {
    let purpose = purpose::by_code(tx, "id", REQUEST_ANSWER.code).await?;
    let (subject, now) = (Subject::Request(to), tx.now());
    let mailing = mailing::create(tx, MailingKind::RequestAnswer, purpose.id, subject, now).await?;
    super::link_mailing(tx, request, mailing, says).await
}

/// What a mailing says, and of which request.
pub async fn of_mailing<M>(tx: &TenantTx<M>, id: MailingId) -> Result<(Says, PrivacyRequest), StoreError> {
    let query = tx
        .find::<row::Entity>()
        .filter(row::Column::MailingId.eq(id.uuid()));
    let found = query.one(tx.conn()).await?;
    let found = found.ok_or(StoreError::NotFound("request"))?;
    let request = super::by_id(tx, stored(found.request_id)).await?;
    Ok((read_code(&found.says)?, request))
}
