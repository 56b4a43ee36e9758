//! Asking somebody to confirm, and how often at most: a form is no weapon.

use std::time::Duration;

use assent_domain::clock::Timestamp;
use assent_domain::delivery::MailingKind;
use assent_domain::id::{OptInId, PurposeId, new_id};
use assent_domain::purpose::CONFIRMATION;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};

use super::join::Form;
use super::{JoinRequest, Joined};
use crate::error::StoreError;
use crate::link::CONFIRM_WITHIN;
use crate::mailing::{self, Subject};
use crate::purpose;
use crate::row::opt_in as row;
use crate::subscriber::Subscriber;
use crate::tx::{TenantTx, Write};

/// How long a person who was asked to confirm is not asked again by the same form: a form is no weapon.
pub const ASK_AGAIN_AFTER: Duration = Duration::from_mins(10);

/// The most confirmation mails that an address can be made to get in a day, by whatever forms and answers.
pub const MAX_ASKED_A_DAY: usize = 5;

/// Sends one confirmation mail, unless the same form did a few minutes ago, or too many were sent today.
pub(super) async fn ask(
    tx: &mut TenantTx<Write>,
    form: &Form,
    person: &Subscriber,
    request: &JoinRequest,
) -> Result<Joined, StoreError> {
    let since = tx.now().before(Duration::from_hours(24));
    let asked = tx
        .find::<row::Entity>()
        .filter(row::Column::SubscriberId.eq(person.id.uuid()))
        .filter(row::Column::RequestedAt.gt(since.micros()))
        .all(tx.conn())
        .await?;
    let purposes: Vec<PurposeId> = form
        .chosen(&request.choices)
        .map(|choice| choice.purpose.id)
        .collect();
    let purposes =
        serde_json::to_string(&purposes).map_err(|error| StoreError::Corrupt(error.to_string()))?;
    let recent = |asked: &row::Model| {
        asked.confirmed_at.is_none()
            && asked.purposes == purposes
            && asked.collection_point_id == form.point.id.uuid()
            && tx.now().since(Timestamp::from_micros(asked.requested_at)) < ASK_AGAIN_AFTER
    };
    if asked.len() >= MAX_ASKED_A_DAY || asked.iter().any(recent) {
        return Ok(Joined::ConfirmationSent);
    }
    let id: OptInId = new_id(tx.now());
    let row = row::ActiveModel {
        tenant_id: Set(tx.uuid()),
        id: Set(id.uuid()),
        subscriber_id: Set(person.id.uuid()),
        collection_point_id: Set(form.point.id.uuid()),
        purposes: Set(purposes),
        requested_at: Set(tx.now().micros()),
        expires_at: Set(tx.now().after(CONFIRM_WITHIN).micros()),
        confirmed_at: Set(None),
    };
    row::Entity::insert(row).exec_without_returning(tx.conn()).await?;
    let purpose = purpose::by_code(tx, "choices", CONFIRMATION.code).await?;
    let subject = Subject::OptIn(id, person.id);
    mailing::create(tx, MailingKind::Confirmation, purpose.id, subject, tx.now()).await?;
    Ok(Joined::ConfirmationSent)
}
