//! Joining: what somebody asks for at a form, and what their confirmation makes of it.

use std::collections::{BTreeMap, BTreeSet};

use assent_domain::address::EmailAddress;
use assent_domain::clock::Timestamp;
use assent_domain::consent::ConsentSource;
use assent_domain::id::{CollectionPointId, OptInId, PurposeId, SubscriberId, stored};
use assent_domain::permit::Refusal;
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder};

use crate::collection_point::{self, Choice, CollectionPoint};
use crate::error::StoreError;
use crate::mailing_list::MailingList;
use crate::row::opt_in as row;
use crate::subscriber::{self, Subscriber};
use crate::tx::{TenantTx, Write};
use crate::{mailing, purpose};

mod ask;
mod check;
mod confirm;
mod join;

pub use ask::{ASK_AGAIN_AFTER, MAX_ASKED_A_DAY};
pub use confirm::{Confirmed, confirm};
pub use join::join;

/// What somebody sends to a collection point.
#[derive(Clone, Debug)]
pub struct JoinRequest {
    /// The address, as it was parsed.
    pub email: EmailAddress,
    /// The name; empty where none was given.
    pub name: String,
    /// The company; empty where none was given.
    pub company: String,
    /// The answer to each choice, by purpose code. A choice without an answer is a no.
    pub choices: BTreeMap<String, bool>,
    /// Whether a hosted form or a tenant's integration sends it.
    pub source: ConsentSource,
    /// What an integration says of how it came by the permission.
    pub evidence: Option<String>,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Joined {
    /// A confirmation mail is on its way, or was a few minutes ago.
    ConfirmationSent,
    /// They are on the lists: every list was single opt-in.
    Subscribed,
    /// They had all of it already.
    AlreadySubscribed,
    /// The address is held back.
    Refused(Refusal),
}

/// The lists of a form that the purposes chosen lead to: those used for something chosen, and those used for
/// nothing that has to be chosen.
pub async fn lists_for<M>(
    tx: &TenantTx<M>,
    of_form: Vec<MailingList>,
    chosen: &BTreeSet<PurposeId>,
) -> Result<Vec<MailingList>, StoreError> {
    let ids: Vec<_> = of_form.iter().map(|list| list.id).collect();
    let purposes = purpose::of_lists(tx, &ids).await?;
    let is_for_it = |list: &MailingList| {
        let of_list = purposes.get(&list.id).into_iter().flatten();
        let mut to_choose = of_list.filter(|purpose| purpose.kind.needs_consent()).peekable();
        to_choose.peek().is_none() || to_choose.any(|purpose| chosen.contains(&purpose.id))
    };
    Ok(of_form.into_iter().filter(is_for_it).collect())
}

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

/// Reads an opt-in for its page or its mail.
pub async fn view<M>(tx: &TenantTx<M>, id: OptInId, of: SubscriberId) -> Result<OptInView, StoreError> {
    let row = find(tx, id, of).await?;
    let chosen: BTreeSet<PurposeId> =
        serde_json::from_str(&row.purposes).map_err(|error| StoreError::Corrupt(error.to_string()))?;
    let point: CollectionPointId = stored(row.collection_point_id);
    let mut choices = collection_point::choices(tx, point).await?;
    choices.retain(|choice| chosen.contains(&choice.purpose.id));
    let lists = lists_for(tx, collection_point::lists(tx, point).await?, &chosen).await?;
    Ok(OptInView {
        subscriber: subscriber::by_id(tx, of).await?,
        point: collection_point::by_id(tx, point).await?,
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

/// The words that somebody asked to agree to, for the confirmation mail.
pub async fn statements<M>(tx: &TenantTx<M>, id: OptInId) -> Result<Vec<String>, StoreError> {
    let row = tx.get::<row::Entity>(id.uuid()).await?;
    let asked = view(tx, id, stored(row.subscriber_id)).await?;
    let lists = asked.lists.into_iter().map(|list| list.name);
    let statements: Vec<_> = asked.choices.into_iter().map(|choice| choice.statement).collect();
    Ok(if statements.is_empty() {
        lists.collect()
    } else {
        statements
    })
}

/// What happens once when a person is on their first list, by confirming or because signing up was enough.
async fn welcome(tx: &mut TenantTx<Write>, of: SubscriberId) -> Result<(), StoreError> {
    let now = tx.now().micros();
    tx.execute(
        "UPDATE subscriber SET confirmed_at = $3 WHERE tenant_id = $1 AND id = $2 AND confirmed_at IS NULL",
        [of.uuid().into(), now.into()],
    )
    .await?;
    mailing::tell_newcomer(tx, of).await
}
