//! What somebody who signed up was asked to confirm, and what their confirmation makes of it.

use std::collections::BTreeSet;

use assent_domain::clock::Timestamp;
use assent_domain::consent::{ConsentSource, ConsentState};
use assent_domain::id::{OptInId, PurposeId, SubscriberId, stored};
use assent_domain::language::Language;
use assent_domain::mailing_list::SubscriptionState;
use assent_domain::suppression::{SuppressionReason, SuppressionScope};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder};

use super::{lists_for, shown, welcome};
use crate::collection_point::{self, Choice, CollectionPoint};
use crate::consent::{self, Occasion};
use crate::error::StoreError;
use crate::mailing_list::MailingList;
use crate::row::opt_in as row;
use crate::subscriber::{self, Subscriber};
use crate::tx::{TenantTx, Write};
use crate::{mailing, policy, subscription, suppression};

/// An opt-in, as its confirmation page and mail show it.
#[derive(Clone, Debug)]
pub struct OptInView {
    /// Who asked.
    pub subscriber: Subscriber,
    /// Where.
    pub point: CollectionPoint,
    /// What they chose, with the words beside each box.
    pub choices: Vec<Choice>,
    /// The lists that their confirmation puts them on.
    pub lists: Vec<MailingList>,
    /// When they asked.
    pub requested_at: Timestamp,
    /// Until when they can confirm.
    pub expires_at: Timestamp,
    /// When they confirmed.
    pub confirmed_at: Option<Timestamp>,
}

async fn find<M>(tx: &TenantTx<M>, id: OptInId, of: SubscriberId) -> Result<row::Model, StoreError> {
    let row = tx.get::<row::Entity>(id.uuid()).await?;
    if row.subscriber_id == of.uuid() {
        Ok(row)
    } else {
        Err(StoreError::NotFound("opt-in"))
    }
}

/// The form as it was when somebody asked.
async fn point_of<M>(tx: &TenantTx<M>, row: &row::Model) -> Result<CollectionPoint, StoreError> {
    let newest = collection_point::by_id(tx, stored(row.collection_point_id)).await?;
    let missing = || StoreError::Corrupt("the words that an opt-in answers to".to_owned());
    let language = Language::parse(&row.language).map_err(|_| missing())?;
    let shown = collection_point::as_shown(tx, newest, row.version, &language).await?;
    shown.ok_or_else(missing)
}

/// Reads an opt-in for its page or its mail.
pub async fn view<M>(tx: &TenantTx<M>, id: OptInId, of: SubscriberId) -> Result<OptInView, StoreError> {
    let row = find(tx, id, of).await?;
    let chosen: BTreeSet<PurposeId> =
        serde_json::from_str(&row.purposes).map_err(|error| StoreError::Corrupt(error.to_string()))?;
    let point = point_of(tx, &row).await?;
    let mut choices = collection_point::choices(tx, &point).await?;
    choices.retain(|choice| chosen.contains(&choice.purpose.id));
    let lists = lists_for(tx, collection_point::lists(tx, &point).await?, &chosen).await?;
    Ok(OptInView {
        subscriber: subscriber::by_id(tx, of).await?,
        point,
        choices,
        lists,
        requested_at: Timestamp::from_micros(row.requested_at),
        expires_at: Timestamp::from_micros(row.expires_at),
        confirmed_at: row.confirmed_at.map(Timestamp::from_micros),
    })
}

/// What a person asked for last.
pub async fn latest_of<M>(tx: &TenantTx<M>, of: SubscriberId) -> Result<OptInId, StoreError> {
    let query = tx
        .find::<row::Entity>()
        .filter(row::Column::SubscriberId.eq(of.uuid()));
    let row = query
        .order_by_desc(row::Column::RequestedAt)
        .one(tx.conn())
        .await?;
    Ok(stored(row.ok_or(StoreError::NotFound("opt-in"))?.id))
}

/// The words that somebody asked to agree to, and their language, for the confirmation mail.
pub async fn statements<M>(tx: &TenantTx<M>, id: OptInId) -> Result<(Vec<String>, Language), StoreError> {
    let row = tx.get::<row::Entity>(id.uuid()).await?;
    let asked = view(tx, id, stored(row.subscriber_id)).await?;
    let language = asked.point.language;
    let lists = asked.lists.into_iter().map(|list| list.name);
    let statements: Vec<_> = asked.choices.into_iter().map(|choice| choice.statement).collect();
    let words = if statements.is_empty() {
        lists.collect()
    } else {
        statements
    };
    Ok((words, language))
}

/// What a confirmation did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confirmed {
    /// The person is on the lists.
    Now,
    /// The link had been used; nothing changed, so that a no said since then stands.
    Before,
    /// It came too late: sign up again.
    TooLate,
    /// The person has since asked for no mail of any sort, which only their preferences page takes back.
    OptedOut,
}

/// Confirms an opt-in: the person's own act.
pub async fn confirm(
    tx: &mut TenantTx<Write>,
    id: OptInId,
    of: SubscriberId,
) -> Result<Confirmed, StoreError> {
    tx.require_open()?;
    mailing::hold_news(tx).await?;
    let person = subscriber::lock(tx, of).await?;
    let asked = view(tx, id, of).await?;
    let suppressions = suppression::of_address(tx, person.address_hash).await?;
    match (asked.confirmed_at, suppressions) {
        (Some(_), _) => return Ok(Confirmed::Before),
        _ if asked.expires_at < tx.now() => return Ok(Confirmed::TooLate),
        (_, held)
            if held.contains(SuppressionReason::OptedOutOfAll)
                || held.contains(SuppressionReason::Complained)
                || held.contains(SuppressionReason::HeldByOperator) =>
        {
            return Ok(Confirmed::OptedOut);
        }
        _ => {}
    }
    let policy = policy::require_in_force(tx, "token").await?;
    let named = policy::purposes_of(tx, policy.id).await?;
    let occasion = Occasion {
        source: ConsentSource::Confirmation,
        policy: policy.id,
        point: Some(asked.point.id),
        evidence: None,
        form: Some(shown::at_confirmation(tx, &asked.point, policy.id).await?),
    };
    for choice in asked
        .choices
        .iter()
        .filter(|choice| named.iter().any(|named| named.id == choice.purpose.id))
    {
        let given = ConsentState::Given;
        consent::record(
            tx,
            &person,
            choice.purpose.id,
            given,
            Some(&choice.wording),
            &occasion,
        )
        .await?;
    }
    let joined = subscription::of_subscriber(tx, of).await?;
    for list in &asked.lists {
        let was = joined.get(&list.id).copied();
        subscription::set(tx, of, list.id, was, SubscriptionState::Active).await?;
    }
    for reason in [SuppressionReason::HardBounced, SuppressionReason::Erased] {
        suppression::lift(tx, person.address_hash, of, reason, "confirmation").await?;
    }
    let lists = asked.lists.iter().map(|list| SuppressionScope::List(list.id));
    let purposes = asked
        .choices
        .iter()
        .map(|choice| SuppressionScope::Purpose(choice.purpose.id));
    let wanted: Vec<_> = lists.chain(purposes).collect();
    suppression::lift_listings(tx, &person, &wanted).await?;
    let now = tx.now().micros();
    tx.execute(
        "UPDATE opt_in SET confirmed_at = $3 WHERE tenant_id = $1 AND id = $2",
        [id.uuid().into(), now.into()],
    )
    .await?;
    welcome(tx, of, &asked.point.language).await?;
    Ok(Confirmed::Now)
}
