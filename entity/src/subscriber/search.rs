//! Finding subscribers by what is true of them, page by page.

use assent_domain::address::EmailAddress;
use assent_domain::id::MailingListId;
use assent_domain::segment::Rule;
use uuid::Uuid;

use super::Subscriber;
use crate::error::StoreError;
use crate::page::{Page, PageRequest};
use crate::row::subscriber as row;
use crate::segment::{self, Condition, EVERYBODY, Lead, Query};
use crate::tx::TenantTx;

/// Which subscribers are wanted. Conditions that are given all have to hold.
#[derive(Clone, Debug, Default)]
pub struct SubscriberFilter {
    /// With exactly this address, in any spelling.
    pub email: Option<EmailAddress>,
    /// With a subscription to this list, whatever its state.
    pub mailing_list: Option<MailingListId>,
    /// Whom this rule means now.
    pub segment: Option<Rule>,
}

/// The tenant's subscribers, oldest first.
pub async fn page<M>(
    tx: &TenantTx<M>,
    filter: &SubscriberFilter,
    request: PageRequest,
) -> Result<Page<Subscriber>, StoreError> {
    let wanted = wanted(tx, filter).await?;
    let total = if request.count {
        Some(segment::count_people(tx, wanted.clone()).await?)
    } else {
        None
    };
    let people = next(tx, wanted, request.after, request.limit()).await?;
    let rows = people.into_iter().map(|person| (person.id.uuid(), person));
    Ok(request.cut(rows.collect(), total))
}

/// The next subscribers behind one, oldest first: at most `limit`.
pub async fn some<M>(
    tx: &TenantTx<M>,
    filter: &SubscriberFilter,
    after: Option<Uuid>,
    limit: u64,
) -> Result<Vec<Subscriber>, StoreError> {
    next(tx, wanted(tx, filter).await?, after, limit).await
}

async fn next<M>(
    tx: &TenantTx<M>,
    wanted: Condition,
    after: Option<Uuid>,
    limit: u64,
) -> Result<Vec<Subscriber>, StoreError> {
    let Query { sql, values } = wanted.page(after.unwrap_or(Uuid::nil()), limit);
    let mut rows: Vec<row::Model> = tx.all(&sql, values).await?;
    rows.sort_by_key(|row| row.id);
    rows.into_iter().map(Subscriber::try_from).collect()
}

/// The condition of those who are wanted, about a subscriber `s`.
async fn wanted<M>(tx: &TenantTx<M>, filter: &SubscriberFilter) -> Result<Condition, StoreError> {
    let mut wanted = match &filter.segment {
        Some(rule) => segment::compile(tx, rule, 2).await?,
        None => Condition {
            sql: EVERYBODY.to_owned(),
            values: Vec::new(),
            lead: None,
        },
    };
    if let Some(list) = filter.mailing_list {
        wanted.values.push(list.uuid().into());
        wanted.sql = format!(
            "{} AND EXISTS (SELECT 1 FROM subscription u
               WHERE u.tenant_id = $1 AND u.list_id = ${} AND u.subscriber_id = s.id)",
            wanted.sql,
            wanted.values.len() + 1
        );
        wanted.lead = wanted.lead.or(Some(Lead::of_list(list.uuid())));
    }
    if let Some(email) = &filter.email {
        wanted.lead = Some(Lead::of_address(tx.address_hasher().hash(email)));
    }
    Ok(wanted)
}
