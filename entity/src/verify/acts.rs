//! Whether noes that are no consent records stand as the audit log says: lists that were left, and data whose use was
//! restricted.

use std::collections::{BTreeMap, BTreeSet};

use assent_domain::audit::{AuditAct, AuditFacts};
use assent_domain::id::MailingListId;
use sea_orm::FromQueryResult;
use uuid::Uuid;

use super::Fault;
use crate::error::StoreError;
use crate::tx::PlatformTx;

#[derive(FromQueryResult)]
struct Entry {
    id: Uuid,
    subject_id: Uuid,
    facts: String,
}

#[derive(FromQueryResult)]
struct Restricted {
    id: Uuid,
}

#[derive(FromQueryResult)]
struct Left {
    subscriber_id: Uuid,
    list_id: Uuid,
}

/// What the log says last about some people.
#[derive(Default)]
struct Said {
    restricted: BTreeMap<Uuid, bool>,
    left: BTreeMap<(Uuid, Uuid), bool>,
}

impl Said {
    fn take(&mut self, entry: &Entry) -> Result<(), StoreError> {
        let corrupt = || StoreError::Corrupt(format!("record {}", entry.id));
        let facts: AuditFacts = serde_json::from_str(&entry.facts).map_err(|_| corrupt())?;
        let of = entry.subject_id;
        match facts.act {
            AuditAct::UseRestricted => self.restricted.insert(of, true),
            AuditAct::RestrictionLifted => self.restricted.insert(of, false),
            act @ (AuditAct::SubscriptionEnded | AuditAct::SubscriptionResumed) => {
                let list: Option<MailingListId> = facts.object.and_then(|id| id.parse().ok());
                let list = list.ok_or_else(corrupt)?.uuid();
                self.left.insert((of, list), act == AuditAct::SubscriptionEnded)
            }
            _ => None,
        };
        Ok(())
    }
}

fn holding<K: Copy + Ord>(said: &BTreeMap<K, bool>) -> BTreeSet<K> {
    said.iter()
        .filter(|(_, holds)| **holds)
        .map(|(key, _)| *key)
        .collect()
}

/// The first thing that is wrong with the people of a range: the tenant, and the ids after which and up to which.
pub(super) async fn wrong(tx: &PlatformTx, range: [Uuid; 3]) -> Result<Option<Fault>, StoreError> {
    let range = range.map(sea_orm::Value::from);
    let sql = r#"SELECT id, subject_id, facts FROM ledger l WHERE tenant_id = $1 AND kind = 'AUDIT'
                 AND subject_id > $2 AND subject_id <= $3
                 AND (facts LIKE '%"act":"USE_RESTRICTED"%' OR facts LIKE '%"act":"RESTRICTION_LIFTED"%'
                   OR facts LIKE '%"act":"SUBSCRIPTION_%')
                 AND EXISTS (SELECT 1 FROM subscriber s WHERE s.tenant_id = l.tenant_id AND s.id = l.subject_id
                               AND s.id > $2 AND s.id <= $3)
               ORDER BY subject_id, seq"#;
    let entries = Entry::find_by_statement(tx.statement(sql, range.clone()))
        .all(tx.conn())
        .await?;
    let mut said = Said::default();
    for entry in &entries {
        said.take(entry)?;
    }
    let sql = "SELECT id FROM subscriber
               WHERE tenant_id = $1 AND id > $2 AND id <= $3 AND restricted_at IS NOT NULL";
    let restricted = Restricted::find_by_statement(tx.statement(sql, range.clone()))
        .all(tx.conn())
        .await?;
    let restricted: BTreeSet<_> = restricted.into_iter().map(|row| row.id).collect();
    let said_restricted = holding(&said.restricted);
    if let Some(subscriber) = restricted.symmetric_difference(&said_restricted).next() {
        return Ok(Some(Fault::WrongRestriction {
            subscriber: *subscriber,
        }));
    }
    let sql = "SELECT subscriber_id, list_id FROM subscription
               WHERE tenant_id = $1 AND subscriber_id > $2 AND subscriber_id <= $3 AND state = 'ENDED'";
    let left = Left::find_by_statement(tx.statement(sql, range))
        .all(tx.conn())
        .await?;
    let left: BTreeSet<_> = left
        .into_iter()
        .map(|row| (row.subscriber_id, row.list_id))
        .collect();
    let said_left = holding(&said.left);
    let wrong = left.symmetric_difference(&said_left).next();
    Ok(wrong.map(|(subscriber, list)| Fault::WrongSubscription {
        subscriber: *subscriber,
        list: *list,
    }))
}
