//! Mail to members, and to those who are invited to become one: about their sign-ins, and about what they look after. It
//! takes the way of all mail, by a permit.

use assent_domain::delivery::MailingKind;
use assent_domain::id::MailingId;
use assent_domain::permit::Recipient;
use assent_domain::purpose::REQUEST_ANSWER;

use crate::error::StoreError;
use crate::mailing::{self, Subject};
use crate::purpose;
use crate::tx::{TenantTx, Write};

/// Sends one mail to one recipient.
pub(crate) async fn send(
    tx: &mut TenantTx<Write>,
    kind: MailingKind,
    to: Recipient,
) -> Result<MailingId, StoreError> {
    create(tx, kind, Subject::Account(to)).await
}

/// Creates a mailing to colleagues. A tenant has members before it has a policy, so its purpose may not be there yet.
pub(crate) async fn create(
    tx: &mut TenantTx<Write>,
    kind: MailingKind,
    subject: Subject,
) -> Result<MailingId, StoreError> {
    let purpose = purpose::standing(tx, REQUEST_ANSWER).await?;
    let now = tx.now();
    mailing::create(tx, kind, purpose, subject, now).await
}
