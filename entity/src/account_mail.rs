//! Mail about a sign-in: to members, and to those who are invited to become one. It takes the way of all mail, by a permit.

use assent_domain::delivery::MailingKind;
use assent_domain::id::MailingId;
use assent_domain::permit::Recipient;
use assent_domain::purpose::REQUEST_ANSWER;

use crate::error::StoreError;
use crate::mailing::{self, Subject};
use crate::purpose;
use crate::tx::{TenantTx, Write};

/// Sends one mail to one recipient. A tenant has members before it has a policy, so its purpose may not be there yet.
pub(crate) async fn send(
    tx: &mut TenantTx<Write>,
    kind: MailingKind,
    to: Recipient,
) -> Result<MailingId, StoreError> {
    let purpose = purpose::standing(tx, REQUEST_ANSWER).await?;
    let now = tx.now();
    mailing::create(tx, kind, purpose, Subject::Account(to), now).await
}
