//! Two rows of people turn out to be one person: the row that has the address stays, the other goes. A no of either
//! stays a no (P18), and whatever names the one that went leads to the one that stayed.

use std::collections::BTreeSet;

use assent_domain::audit::AuditAct;
use assent_domain::consent::{ConsentFacts, ConsentSource, ConsentState, merged};
use assent_domain::delivery::DeliveryStatus;
use assent_domain::id::{PurposeId, SubscriberId, stored};
use assent_domain::permit::Refusal;
use assent_domain::webhook::event::Event;
use sea_orm::{ColumnTrait, FromQueryResult, QueryFilter, Value};
use serde_json::json;
use uuid::Uuid;

use crate::audit::Change;
use crate::consent;
use crate::delivery::{self, of_person, queue};
use crate::error::StoreError;
use crate::permission;
use crate::restriction::{self, Restricted};
use crate::row::consent as consent_row;
use crate::subscriber::{self, Subscriber};
use crate::tx::{TenantTx, Write};
use crate::{subscription, suppression};

/// Lets one person be another from now on. Both have to be held.
pub(crate) async fn into(
    tx: &mut TenantTx<Write>,
    gone: &Subscriber,
    stays: SubscriberId,
) -> Result<(), StoreError> {
    let person = subscriber::by_id(tx, stays).await?;
    suppression::carry_no(tx, gone.address_hash, person.address_hash, stays).await?;
    merge_consents(tx, gone, &person).await?;
    merge_subscriptions(tx, gone.id, stays).await?;
    permission::merge(tx, gone.id, stays).await?;
    if gone.restricted_at.is_some() {
        restriction::set(tx, &person, Restricted::Yes).await?;
    }
    let ids = [gone.id.uuid(), stays.uuid()];
    move_deliveries(tx, ids).await?;
    for sql in MOVED {
        tx.execute(sql, ids.map(Value::from)).await?;
    }
    let now = tx.now().micros();
    tx.execute(
        "INSERT INTO subscriber_alias (tenant_id, former_id, subscriber_id, merged_at) VALUES ($1, $2, $3, $4)",
        [ids[0].into(), ids[1].into(), now.into()],
    )
    .await?;
    for sql in GONE {
        tx.execute(sql, [ids[0].into()]).await?;
    }
    let change = Change::from_to(
        json!({ "subscriber": gone.id.to_string(), "email": gone.email.expose() }),
        json!({ "subscriber": stays.to_string(), "email": person.email.expose() }),
    );
    tx.tell(Event::merged(stays, gone.id));
    tx.audit_about(AuditAct::SubscribersMerged, Some(stays), &change)
}

/// What goes over to the one who stays: `$2` is who goes, `$3` who stays. A table that refers to subscribers and is
/// neither here nor in [`GONE`] keeps the merge from happening; a test compares with the catalogue.
const MOVED: &[&str] = &[
    "UPDATE bounce SET subscriber_id = $3 WHERE tenant_id = $1 AND subscriber_id = $2",
    "UPDATE membership SET subscriber_id = $3 WHERE tenant_id = $1 AND subscriber_id = $2",
    "UPDATE transactional_mail SET subscriber_id = $3 WHERE tenant_id = $1 AND subscriber_id = $2",
    "UPDATE opt_in SET subscriber_id = $3 WHERE tenant_id = $1 AND subscriber_id = $2",
    // Whoever reads a mailbox that the one had left gets back what was theirs, and not what was the other's.
    "UPDATE address_change SET subscriber_id = $3,
       sort = CASE WHEN sort = 'BACK' AND confirmed_at IS NULL THEN 'TOLD' ELSE sort END
     WHERE tenant_id = $1 AND subscriber_id = $2",
    "UPDATE subscriber_alias SET subscriber_id = $3 WHERE tenant_id = $1 AND subscriber_id = $2",
    "UPDATE legal_order_person SET subscriber_id = $3 WHERE tenant_id = $1 AND subscriber_id = $2
       AND NOT EXISTS (SELECT 1 FROM legal_order_person o WHERE o.tenant_id = $1 AND o.subscriber_id = $3
                       AND o.legal_order_id = legal_order_person.legal_order_id)",
    "UPDATE link_click SET subscriber_id = $3 WHERE tenant_id = $1 AND subscriber_id = $2
       AND NOT EXISTS (SELECT 1 FROM link_click o WHERE o.tenant_id = $1 AND o.subscriber_id = $3
                       AND o.campaign_id = link_click.campaign_id AND o.number = link_click.number)",
    "UPDATE custom_value SET subscriber_id = $3 WHERE tenant_id = $1 AND subscriber_id = $2
       AND NOT EXISTS (SELECT 1 FROM custom_value o WHERE o.tenant_id = $1 AND o.subscriber_id = $3
                       AND o.field_id = custom_value.field_id)",
    "UPDATE privacy_request SET subscriber_id = $3 WHERE tenant_id = $1 AND subscriber_id = $2",
    // What is known of the one fills the gaps of the other.
    "UPDATE subscriber SET
       name = CASE WHEN name = '' THEN (SELECT o.name FROM subscriber o WHERE o.tenant_id = $1 AND o.id = $2)
                   ELSE name END,
       company = CASE WHEN company = ''
                   THEN (SELECT o.company FROM subscriber o WHERE o.tenant_id = $1 AND o.id = $2)
                   ELSE company END,
       language = COALESCE(language, (SELECT o.language FROM subscriber o WHERE o.tenant_id = $1 AND o.id = $2)),
       confirmed_at = COALESCE(confirmed_at,
         (SELECT o.confirmed_at FROM subscriber o WHERE o.tenant_id = $1 AND o.id = $2))
     WHERE tenant_id = $1 AND id = $3",
];

/// What ends with the one who goes, `$2`, after it has been merged.
const GONE: &[&str] = &[
    "DELETE FROM consent WHERE tenant_id = $1 AND subscriber_id = $2",
    "DELETE FROM subscription WHERE tenant_id = $1 AND subscriber_id = $2",
    "DELETE FROM permission WHERE tenant_id = $1 AND subscriber_id = $2",
    "DELETE FROM legal_order_person WHERE tenant_id = $1 AND subscriber_id = $2",
    "DELETE FROM link_click WHERE tenant_id = $1 AND subscriber_id = $2",
    "DELETE FROM custom_value WHERE tenant_id = $1 AND subscriber_id = $2",
    "DELETE FROM subscriber WHERE tenant_id = $1 AND id = $2",
];

async fn purposes_of(tx: &TenantTx<Write>, of: &[SubscriberId]) -> Result<BTreeSet<Uuid>, StoreError> {
    let ids = of.iter().map(type_safe_id::TypeSafeId::uuid);
    let rows = tx
        .find::<consent_row::Entity>()
        .filter(consent_row::Column::SubscriberId.is_in(ids))
        .all(tx.conn())
        .await?;
    Ok(rows.into_iter().map(|row| row.purpose_id).collect())
}

async fn merge_consents(
    tx: &mut TenantTx<Write>,
    gone: &Subscriber,
    stays: &Subscriber,
) -> Result<(), StoreError> {
    for purpose in purposes_of(tx, &[gone.id, stays.id]).await? {
        let purpose: PurposeId = stored(purpose);
        let theirs = consent::counted(tx, gone.id, purpose).await?;
        let own = consent::counted(tx, stays.id, purpose).await?;
        let next = merged(theirs, own);
        if let Some(state) = next.filter(|_| next != own) {
            carry_over(tx, gone, stays, purpose, state).await?;
        }
    }
    Ok(())
}

/// Records on the one who stays what the one who goes had said, to which words, under which version and since when.
async fn carry_over(
    tx: &mut TenantTx<Write>,
    gone: &Subscriber,
    stays: &Subscriber,
    purpose: PurposeId,
    state: ConsentState,
) -> Result<(), StoreError> {
    let said = consent::newest_facts(tx, gone.id, purpose).await?;
    let (said, counts_from) = said.ok_or(StoreError::NotFound("consent record"))?;
    let facts = ConsentFacts {
        purpose,
        state,
        source: ConsentSource::Merge,
        given_at: (state == ConsentState::Given).then_some(counts_from),
        ..said
    };
    consent::write(tx, stays, &facts, None).await
}

async fn merge_subscriptions(
    tx: &mut TenantTx<Write>,
    gone: SubscriberId,
    stays: SubscriberId,
) -> Result<(), StoreError> {
    let own = subscription::of_subscriber(tx, stays).await?;
    for (list, theirs) in subscription::of_subscriber(tx, gone).await? {
        let before = own.get(&list).copied();
        let after = before.map_or(theirs, |own| own.merged(theirs));
        if before != Some(after) {
            subscription::set(tx, stays, list, before, after).await?;
        }
    }
    Ok(())
}

#[derive(FromQueryResult)]
struct Found {
    id: Uuid,
}

/// Deliveries follow. Where both have a row in one mailing, the person gets its message once at most: what was not
/// handed over yet to the one who goes is not.
async fn move_deliveries(tx: &TenantTx<Write>, [gone, stays]: [Uuid; 2]) -> Result<(), StoreError> {
    let ids = [gone.into(), stays.into()];
    let both =
        "EXISTS (SELECT 1 FROM delivery o WHERE o.tenant_id = $1 AND o.mailing_id = delivery.mailing_id
                        AND o.recipient_id = $3)";
    // Each is found by the whole key of its mailing: there is no index by recipient.
    let theirs = "tenant_id = $1 AND recipient_id = $2
                  AND mailing_id IN (SELECT id FROM mailing WHERE tenant_id = $1)";
    let twice = format!(
        "SELECT id FROM delivery WHERE {theirs} AND status IN ('QUEUED', 'DEFERRED') AND {both} ORDER BY id"
    );
    let had = "SELECT id FROM delivery
               WHERE tenant_id = $1 AND recipient_id = $3 AND status IN ('QUEUED', 'DEFERRED')
                 AND mailing_id IN (SELECT id FROM mailing WHERE tenant_id = $1)
                 AND EXISTS (SELECT 1 FROM delivery o WHERE o.tenant_id = $1
                             AND o.mailing_id = delivery.mailing_id AND o.recipient_id = $2
                             AND (o.status IN ('SENT', 'UNKNOWN') OR o.status IN ('QUEUED', 'DEFERRED')
                               AND NOT EXISTS (SELECT 1 FROM delivery_queue q
                                               WHERE q.tenant_id = $1 AND q.delivery_id = o.id)))
               ORDER BY id";
    close_waiting(tx, &twice, ids.clone()).await?;
    let closed = close_waiting(tx, had, ids.clone()).await?;
    // Before anything is held itself, as whoever claims does it.
    for person in [gone, stays] {
        of_person::let_go(tx, stored(person)).await?;
    }
    let follow = format!("UPDATE delivery SET recipient_id = $3 WHERE {theirs} AND NOT {both}");
    tx.execute(&follow, ids).await?;
    exchange(tx, [gone, stays], &closed).await
}

/// Takes the deliveries that a query finds out of the queue and closes them, because their person has the message; gives
/// those that waited.
async fn close_waiting(tx: &TenantTx<Write>, sql: &str, ids: [Value; 2]) -> Result<Vec<Uuid>, StoreError> {
    let found: Vec<Found> = tx.all(sql, ids).await?;
    let waited = queue::take(tx, found.into_iter().map(|found| found.id)).await?;
    let had = (DeliveryStatus::Refused, Some(Refusal::AlreadySent));
    delivery::close(tx, waited.clone(), had).await?;
    Ok(waited)
}

#[derive(FromQueryResult)]
struct Pair {
    on_its_way: Uuid,
    closed: Uuid,
}

/// What is on its way to the one who goes may be put off, and is tried again only for somebody who is there. So it becomes
/// the other's, in exchange for the row that was closed for its sake.
async fn exchange(
    tx: &TenantTx<Write>,
    [gone, stays]: [Uuid; 2],
    just_closed: &[Uuid],
) -> Result<(), StoreError> {
    let sql = "SELECT x.id AS on_its_way, y.id AS closed
               FROM delivery x JOIN delivery y
                 ON y.tenant_id = $1 AND y.mailing_id = x.mailing_id AND y.recipient_id = $3
               WHERE x.tenant_id = $1 AND x.recipient_id = $2
                 AND x.mailing_id IN (SELECT id FROM mailing WHERE tenant_id = $1)
                 AND x.status IN ('QUEUED', 'DEFERRED')
               ORDER BY x.id";
    let pairs: Vec<Pair> = tx.all(sql, [gone.into(), stays.into()]).await?;
    for Pair { on_its_way, closed } in pairs
        .into_iter()
        .filter(|pair| just_closed.contains(&pair.closed))
    {
        // By way of a recipient that nobody is: a mailing has one row a recipient at any moment.
        for (delivery, recipient) in [(closed, closed), (on_its_way, stays), (closed, gone)] {
            let sql = "UPDATE delivery SET recipient_id = $3 WHERE tenant_id = $1 AND id = $2";
            tx.execute(sql, [delivery.into(), recipient.into()]).await?;
        }
    }
    Ok(())
}
