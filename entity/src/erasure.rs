//! Erasure (P17): a person's data is removed wherever it is. What stays are rows without a name: the chain of the
//! ledger, deliveries, and the keyed hash that keeps the address from being written to.
//!
//! The tables are clean when the transaction commits. [`settle`] then sees to what lies outside of them.

use assent_domain::audit::AuditAct;
use assent_domain::id::{SubscriberId, TenantId, stored};
use assent_domain::job::Job;
use assent_domain::privacy::{RequestChannel, RequestKind, RequestState, RequestStep};
use assent_domain::suppression::SuppressionReason;
use assent_domain::webhook::event::Event;
use sea_orm::{FromQueryResult, Value};
use serde_json::json;
use uuid::Uuid;

use crate::audit::Change;
use crate::delivery::of_person;
use crate::error::StoreError;
use crate::subscriber::{self, Subscriber};
use crate::tx::{TenantTx, Write, fill_up, places};
use crate::{membership, privacy, suppression, transactional_mail};

pub mod settle;

/// Rows named in one statement.
const AT_ONCE: usize = 1000;

/// Why somebody is erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// They asked for it: their address stays out from now on, and a request that was done stands for it.
    Asked(RequestChannel),
    /// The same; the request that says so is open, and ends with the erasure.
    AskedBefore(RequestChannel),
    /// They were asked to confirm and did not, and their time is over.
    NeverConfirmed,
    /// They were there as a member of another tenant, which they are not any more: see [`crate::membership`].
    MembershipEnded,
}

impl Why {
    /// How they asked for it, if they did.
    fn asked(self) -> Option<RequestChannel> {
        match self {
            Self::Asked(channel) | Self::AskedBefore(channel) => Some(channel),
            Self::NeverConfirmed | Self::MembershipEnded => None,
        }
    }

    /// What the audit log says of it.
    fn through(self) -> &'static str {
        match self {
            Self::Asked(_) | Self::AskedBefore(_) => "erasure",
            Self::NeverConfirmed => "retention",
            Self::MembershipEnded => "membership",
        }
    }
}

/// Erases a person.
pub(crate) async fn erase(tx: &mut TenantTx<Write>, of: SubscriberId, why: Why) -> Result<(), StoreError> {
    let person = subscriber::lock(tx, of).await?;
    if why.asked().is_some() {
        let (hash, reason) = (person.address_hash, SuppressionReason::Erased);
        suppression::add(tx, hash, Some(of), reason, "erasure").await?;
    }
    let change = Change::to(json!({ "through": why.through() }));
    // Under each id that they had: with the records of all of them the evidence goes.
    for id in subscriber::ids_of(tx, of).await? {
        tx.tell(Event::erased(stored(id)));
        tx.audit_about(AuditAct::PersonErased, Some(stored(id)), &change)?;
    }
    forget_evidence(tx, of).await?;
    forget_replies(tx, of).await?;
    forget_opt_ins(tx, of).await?;
    transactional_mail::forget(tx, of).await?;
    forget_requests(tx, &person).await?;
    leave_requests(tx, of, why).await?;
    forget_former(tx, of).await?;
    membership::forget(tx, of).await?;
    for table in [
        "consent",
        "subscription",
        "permission",
        "legal_order_person",
        "link_click",
        "custom_value",
    ] {
        let sql = format!("DELETE FROM {table} WHERE tenant_id = $1 AND subscriber_id = $2");
        tx.execute(&sql, [of.uuid().into()]).await?;
    }
    tx.execute(
        "DELETE FROM subscriber WHERE tenant_id = $1 AND id = $2",
        [of.uuid().into()],
    )
    .await?;
    Ok(())
}

/// What lies beside the chain about the person: the chain itself names nobody.
async fn forget_evidence(tx: &TenantTx<Write>, of: SubscriberId) -> Result<(), StoreError> {
    for id in subscriber::ids_of(tx, of).await? {
        tx.execute(
            "DELETE FROM ledger_evidence WHERE tenant_id = $1 AND seq IN (
               SELECT seq FROM ledger WHERE tenant_id = $1 AND subject_id = $2)",
            [id.into()],
        )
        .await?;
    }
    Ok(())
}

/// The addresses at which they wanted to be reached, with the mails that asked, and the ids under which they were known.
async fn forget_former(tx: &TenantTx<Write>, of: SubscriberId) -> Result<(), StoreError> {
    let sql = "SELECT mailing_id AS id FROM address_change WHERE tenant_id = $1 AND subscriber_id = $2";
    let mailings: Vec<Found> = tx.all(sql, [of.uuid().into()]).await?;
    for table in ["address_change", "subscriber_alias"] {
        let sql = format!("DELETE FROM {table} WHERE tenant_id = $1 AND subscriber_id = $2");
        tx.execute(&sql, [of.uuid().into()]).await?;
    }
    for mailing in mailings.into_iter().filter_map(|found| found.id) {
        forget_mailing(tx, mailing).await?;
    }
    Ok(())
}

#[derive(FromQueryResult)]
struct Found {
    id: Option<Uuid>,
}

/// What servers answered: it may repeat the address.
async fn forget_replies(tx: &TenantTx<Write>, of: SubscriberId) -> Result<(), StoreError> {
    for some in of_person::deliveries_to(tx, of).await?.chunks(AT_ONCE) {
        let mut ids: Vec<Value> = some.iter().map(|id| (*id).into()).collect();
        let sql = format!(
            "UPDATE attempt SET reply = '' WHERE tenant_id = $1 AND delivery_id IN ({})",
            places(2, fill_up(&mut ids))
        );
        tx.execute(&sql, ids).await?;
    }
    tx.execute(
        "UPDATE bounce SET said = '' WHERE tenant_id = $1 AND subscriber_id = $2",
        [of.uuid().into()],
    )
    .await?;
    Ok(())
}

/// What they were asked to confirm, and the mail that asked. A worker who is at it finds the mailing gone and lets go.
async fn forget_opt_ins(tx: &TenantTx<Write>, of: SubscriberId) -> Result<(), StoreError> {
    let sql = "SELECT m.id FROM opt_in o JOIN mailing m ON m.tenant_id = o.tenant_id AND m.opt_in_id = o.id
               WHERE o.tenant_id = $1 AND o.subscriber_id = $2";
    let mailings: Vec<Found> = tx.all(sql, [of.uuid().into()]).await?;
    for mailing in mailings.into_iter().filter_map(|found| found.id) {
        forget_mailing(tx, mailing).await?;
    }
    tx.execute(
        "DELETE FROM opt_in WHERE tenant_id = $1 AND subscriber_id = $2",
        [of.uuid().into()],
    )
    .await?;
    Ok(())
}

/// Deletes a mailing to one person, with all that hangs on it.
pub(crate) async fn forget_mailing(tx: &TenantTx<Write>, mailing: Uuid) -> Result<(), StoreError> {
    let job = Job::SendMailing {
        tenant: tx.tenant(),
        mailing: stored(mailing),
    };
    let payload = serde_json::to_string(&job).map_err(|error| StoreError::Corrupt(error.to_string()))?;
    tx.execute(
        "DELETE FROM outbox WHERE tenant_id = $1 AND payload = $2",
        [payload.into()],
    )
    .await?;
    for sql in [
        "DELETE FROM attempt WHERE tenant_id = $1 AND delivery_id IN (
           SELECT id FROM delivery WHERE tenant_id = $1 AND mailing_id = $2)",
        "DELETE FROM bounce WHERE tenant_id = $1 AND delivery_id IN (
           SELECT id FROM delivery WHERE tenant_id = $1 AND mailing_id = $2)",
        "DELETE FROM delivery WHERE tenant_id = $1 AND mailing_id = $2",
        // Somebody may have put one back meanwhile.
        "DELETE FROM delivery_queue WHERE tenant_id = $1 AND mailing_id = $2",
        "DELETE FROM privacy_mail WHERE tenant_id = $1 AND mailing_id = $2",
        "DELETE FROM mailing WHERE tenant_id = $1 AND id = $2",
    ] {
        tx.execute(sql, [mailing.into()]).await?;
    }
    Ok(())
}

/// What they wrote, and what was written in their name. Requests that are open end: there is nobody left to answer.
async fn forget_requests(tx: &TenantTx<Write>, person: &Subscriber) -> Result<(), StoreError> {
    let sql = "SELECT id FROM privacy_request
               WHERE tenant_id = $1 AND (subscriber_id = $2 OR address_hash = $3)";
    let keys = [person.id.uuid().into(), person.address_hash.0.to_vec().into()];
    let requests: Vec<Found> = tx.all(sql, keys).await?;
    for id in requests.into_iter().filter_map(|found| found.id) {
        let request = privacy::lock(tx, stored(id)).await?;
        tx.execute(
            "UPDATE privacy_request SET email = NULL, message = NULL, answer = NULL, extension_reason = NULL,
                    address_hash = NULL WHERE tenant_id = $1 AND id = $2",
            [id.into()],
        )
        .await?;
        if request.state.is_open() {
            privacy::close(tx, request.id, RequestState::Done, None).await?;
        }
        privacy::note_step(tx, request.id, RequestStep::Erased).await?;
    }
    Ok(())
}

/// What [`settle`] and [`crate::noes`] go by: an erasure that was asked for stands as a request that was done, for each
/// id under which the person was known.
async fn leave_requests(tx: &TenantTx<Write>, of: SubscriberId, why: Why) -> Result<(), StoreError> {
    let Some(channel) = why.asked() else {
        return Ok(());
    };
    let ids = subscriber::ids_of(tx, of).await?;
    let has_request = matches!(why, Why::AskedBefore(_));
    for id in ids.into_iter().skip(usize::from(has_request)) {
        privacy::done(tx, stored(id), RequestKind::Erasure, channel).await?;
    }
    Ok(())
}

/// A tenant in which traces of erasures are left outside the tables.
#[derive(Clone, Copy, Debug, FromQueryResult)]
struct Unsettled {
    tenant_id: Uuid,
}

impl Unsettled {
    fn tenant(self) -> TenantId {
        stored(self.tenant_id)
    }
}
