//! The deliveries to one person. There is no index by recipient, for which every campaign would pay: mailings to many are
//! looked up one by one, and those to one person are found by what they are about.

use assent_domain::id::SubscriberId;
use sea_orm::{FromQueryResult, Value};
use uuid::Uuid;

use crate::error::StoreError;
use crate::subscriber;
use crate::tx::{TenantTx, Write, fill_up, places};

#[derive(FromQueryResult)]
struct Found {
    id: Option<Uuid>,
}

/// The deliveries to a person, under whatever ids they were known.
pub(crate) async fn deliveries_to<M>(tx: &TenantTx<M>, of: SubscriberId) -> Result<Vec<Uuid>, StoreError> {
    let sql = "SELECT (SELECT d.id FROM delivery d
                       WHERE d.tenant_id = $1 AND d.mailing_id = m.id AND d.recipient_id = $2) AS id
               FROM mailing m
               WHERE m.tenant_id = $1
                 AND m.kind NOT IN ('CONFIRMATION', 'REQUEST_ANSWER', 'ADDRESS_CHANGE', 'ADDRESS_LEFT', 'TEST',
                                    'TRANSACTIONAL')
               UNION ALL
               SELECT d.id FROM opt_in o
               JOIN mailing m ON m.tenant_id = o.tenant_id AND m.opt_in_id = o.id
               JOIN delivery d ON d.tenant_id = m.tenant_id AND d.mailing_id = m.id AND d.recipient_id = $2
               WHERE o.tenant_id = $1 AND o.subscriber_id = $2
               UNION ALL
               SELECT d.id FROM address_change a
               JOIN delivery d ON d.tenant_id = a.tenant_id AND d.mailing_id = a.mailing_id AND d.recipient_id = $2
               WHERE a.tenant_id = $1 AND a.subscriber_id = $2
               UNION ALL
               SELECT d.id FROM transactional_mail t
               JOIN delivery d ON d.tenant_id = t.tenant_id AND d.mailing_id = t.mailing_id AND d.recipient_id = $2
               WHERE t.tenant_id = $1 AND t.subscriber_id = $2
               UNION ALL
               SELECT d.id FROM privacy_request r
               JOIN privacy_mail p ON p.tenant_id = r.tenant_id AND p.request_id = r.id
               JOIN delivery d ON d.tenant_id = p.tenant_id AND d.mailing_id = p.mailing_id
                              AND d.recipient_id = $2
               WHERE r.tenant_id = $1 AND r.subscriber_id = $2";
    let mut deliveries = Vec::new();
    // Where two who turned out to be one both had a row in a mailing, one of them still names a former id.
    for id in subscriber::ids_of(tx, of).await? {
        let found: Vec<Found> = tx.all(sql, [id.into()]).await?;
        deliveries.extend(found.into_iter().filter_map(|found| found.id));
    }
    Ok(deliveries)
}

/// Lets go what is held for the receiving domain of somebody's address, who is reached at another now.
pub(crate) async fn let_go(tx: &TenantTx<Write>, of: SubscriberId) -> Result<(), StoreError> {
    let mut ids: Vec<Value> = deliveries_to(tx, of)
        .await?
        .into_iter()
        .map(Value::from)
        .collect();
    let sql = format!(
        "UPDATE delivery_queue SET held_for = NULL, due_at = $2
         WHERE tenant_id = $1 AND held_for IS NOT NULL AND delivery_id IN ({})",
        places(3, fill_up(&mut ids))
    );
    let now = [tx.now().micros().into()];
    tx.execute(&sql, now.into_iter().chain(ids)).await?;
    Ok(())
}
