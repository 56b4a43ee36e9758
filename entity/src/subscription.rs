//! Where people stand with lists.

use std::collections::{BTreeMap, HashMap};

use assent_domain::audit::AuditAct;
use assent_domain::clock::Timestamp;
use assent_domain::id::{MailingListId, SubscriberId, stored};
use assent_domain::mailing_list::SubscriptionState;
use assent_domain::webhook::event::Event;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, sea_query::OnConflict,
};
use uuid::Uuid;

use crate::audit::Change;
use crate::error::{StoreError, read_code};
use crate::row::subscription as row;
use crate::tx::{TenantTx, Write};

/// Where a person stands with every list they ever joined.
pub async fn of_subscriber<M>(
    tx: &TenantTx<M>,
    subscriber: SubscriberId,
) -> Result<BTreeMap<MailingListId, SubscriptionState>, StoreError> {
    let standings = standings(tx, subscriber).await?;
    Ok(standings
        .into_iter()
        .map(|(list, state, _)| (list, state))
        .collect())
}

#[derive(FromQueryResult)]
struct Standing {
    list_id: Uuid,
    state: String,
}

/// The same of several people.
pub async fn of_subscribers<M>(
    tx: &TenantTx<M>,
    people: &[SubscriberId],
) -> Result<HashMap<SubscriberId, Vec<(MailingListId, SubscriptionState)>>, StoreError> {
    let sql = "SELECT subscriber_id AS of_id, list_id, state FROM subscription
               WHERE tenant_id = $1 AND subscriber_id IN ({ids}) ORDER BY subscriber_id, list_id";
    let read = |row: Standing| Ok((stored(row.list_id), read_code(&row.state)?));
    tx.lists_about(sql, people, read).await
}

/// Where a person stands with every list they ever joined, and since when.
pub(crate) async fn standings<M>(
    tx: &TenantTx<M>,
    subscriber: SubscriberId,
) -> Result<Vec<(MailingListId, SubscriptionState, Timestamp)>, StoreError> {
    let query = tx
        .find::<row::Entity>()
        .filter(row::Column::SubscriberId.eq(subscriber.uuid()));
    let rows = query.all(tx.conn()).await?;
    let read = |row: row::Model| {
        let since = Timestamp::from_micros(row.changed_at);
        Ok((stored(row.list_id), read_code(&row.state)?, since))
    };
    rows.into_iter().map(read).collect()
}

/// Where a person stands with one list.
pub(crate) async fn state<M>(
    tx: &TenantTx<M>,
    subscriber: SubscriberId,
    list: MailingListId,
) -> Result<Option<SubscriptionState>, StoreError> {
    Ok(of_subscriber(tx, subscriber).await?.remove(&list))
}

/// Where people stand with one list; nothing of those who never joined it.
pub(crate) async fn states_of_all<M>(
    tx: &TenantTx<M>,
    people: &[SubscriberId],
    list: MailingListId,
) -> Result<HashMap<SubscriberId, SubscriptionState>, StoreError> {
    if people.is_empty() {
        return Ok(HashMap::new());
    }
    let ids = people.iter().map(type_safe_id::TypeSafeId::uuid);
    let query = tx
        .find::<row::Entity>()
        .filter(row::Column::ListId.eq(list.uuid()))
        .filter(row::Column::SubscriberId.is_in(ids));
    let rows = query.all(tx.conn()).await?;
    let read = |row: row::Model| Ok((stored(row.subscriber_id), read_code(&row.state)?));
    rows.into_iter().map(read).collect()
}

/// Puts people on a list who never were on any.
pub(crate) async fn begin_all(
    tx: &TenantTx<Write>,
    people: &[SubscriberId],
    list: MailingListId,
) -> Result<(), StoreError> {
    if people.is_empty() {
        return Ok(());
    }
    let rows = people.iter().map(|person| row::ActiveModel {
        tenant_id: Set(tx.uuid()),
        list_id: Set(list.uuid()),
        subscriber_id: Set(person.uuid()),
        state: Set(SubscriptionState::Active.to_string()),
        changed_at: Set(tx.now().micros()),
    });
    row::Entity::insert_many(rows)
        .exec_without_returning(tx.conn())
        .await?;
    Ok(())
}

/// Puts a person's subscription from the state that it `was` in into another, and tells of it. That they left a list is on the
/// record, so that nobody undoes it past the software without a trace. The person's row has to be locked.
pub(crate) async fn set(
    tx: &mut TenantTx<Write>,
    subscriber: SubscriberId,
    list: MailingListId,
    was: Option<SubscriptionState>,
    state: SubscriptionState,
) -> Result<(), StoreError> {
    if was != Some(state) {
        match state {
            SubscriptionState::Active => tx.tell(Event::subscription(true, subscriber, list)),
            SubscriptionState::Ended => tx.tell(Event::subscription(false, subscriber, list)),
            SubscriptionState::Pending => {}
        }
    }
    set_untold(tx, subscriber, list, was, state).await
}

/// The same for one of many that an import brings, which is told of once, when it has ended.
pub(crate) async fn set_untold(
    tx: &mut TenantTx<Write>,
    subscriber: SubscriberId,
    list: MailingListId,
    was: Option<SubscriptionState>,
    state: SubscriptionState,
) -> Result<(), StoreError> {
    use row::Column::{ChangedAt, ListId, State, SubscriberId, TenantId};
    let ended = SubscriptionState::Ended;
    let act = match (was == Some(ended), state == ended) {
        (false, true) => Some(AuditAct::SubscriptionEnded),
        (true, false) => Some(AuditAct::SubscriptionResumed),
        _ => None,
    };
    if let Some(act) = act {
        tx.audit_of(act, list, subscriber, &Change::default())?;
    }
    let row = row::ActiveModel {
        tenant_id: Set(tx.uuid()),
        list_id: Set(list.uuid()),
        subscriber_id: Set(subscriber.uuid()),
        state: Set(state.to_string()),
        changed_at: Set(tx.now().micros()),
    };
    let replace = OnConflict::columns([TenantId, ListId, SubscriberId])
        .update_columns([State, ChangedAt])
        .to_owned();
    row::Entity::insert(row)
        .on_conflict(replace)
        .exec_without_returning(tx.conn())
        .await?;
    Ok(())
}
