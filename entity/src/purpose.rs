//! Purposes: a code and a kind for the life of a tenant, a name and a description in each policy version.

use std::collections::BTreeMap;

use assent_domain::clock::Timestamp;
use assent_domain::expiry::ConsentExpiry;
use assent_domain::id::{MailingListId, PurposeId, new_id, stored};
use assent_domain::policy::PurposeDraft;
use assent_domain::purpose::{
    CONFIRMATION, POLICY_NOTICE, PurposeKind, REQUEST_ANSWER, StandingPurpose, is_standing,
};
use assent_domain::suppression::MessageKind;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::error::{StoreError, read_code};
use crate::row::{list_purpose, purpose as row};
use crate::tx::{TenantTx, Write};

/// A purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Purpose {
    /// Its id.
    pub id: PurposeId,
    /// Its code within the tenant.
    pub code: String,
    /// Whether it needs consent.
    pub kind: PurposeKind,
    /// How long a yes to it lasts; none where it does not run out.
    pub expiry: Option<ConsentExpiry>,
}

impl Purpose {
    /// What a message for this purpose is to the person who gets it.
    pub fn message_kind(&self) -> MessageKind {
        match self.code.as_str() {
            code if code == CONFIRMATION.code => MessageKind::Confirmation,
            code if code == POLICY_NOTICE.code => MessageKind::PolicyNotice,
            code if code == REQUEST_ANSWER.code => MessageKind::RequestAnswer,
            _ if self.kind.needs_consent() => MessageKind::Marketing,
            _ => MessageKind::Essential,
        }
    }

    /// Whether a campaign for it goes only to those who said yes. That holds for a standing purpose too: nobody is asked
    /// for one, so that a campaign which was made for it past [`ListPurpose`] reaches nobody.
    pub(crate) fn needs_consent_in_campaigns(&self) -> bool {
        self.kind.needs_consent() || is_standing(&self.code)
    }
}

/// A purpose for which lists may be used and campaigns sent: never a standing one.
#[derive(Clone, Debug)]
pub struct ListPurpose(Purpose);

impl ListPurpose {
    /// The purpose with this code, or an error on the input field `field` that says what to do.
    pub async fn by_code<M>(tx: &TenantTx<M>, field: &'static str, code: &str) -> Result<Self, StoreError> {
        if is_standing(code) {
            let message = format!(
                "mail for {code} is only what Assent itself writes: lists and campaigns need a purpose of your own, which a \
                 policy version names"
            );
            return Err(StoreError::invalid(field, message));
        }
        by_code(tx, field, code).await.map(Self)
    }
}

impl std::ops::Deref for ListPurpose {
    type Target = Purpose;

    fn deref(&self) -> &Purpose {
        &self.0
    }
}

impl TryFrom<row::Model> for Purpose {
    type Error = StoreError;

    fn try_from(row: row::Model) -> Result<Self, StoreError> {
        let expiry = read_expiry(row.expires_after_days, row.expiry_set_at)?;
        Ok(Self {
            expiry,
            id: stored(row.id),
            kind: read_code(&row.kind)?,
            code: row.code,
        })
    }
}

/// How long a yes lasts, as stored.
pub(crate) fn read_expiry(
    days: Option<i32>,
    set_at: Option<i64>,
) -> Result<Option<ConsentExpiry>, StoreError> {
    let (Some(days), Some(set_at)) = (days, set_at) else {
        return Ok(None);
    };
    let expiry = ConsentExpiry::new(days.into(), Timestamp::from_micros(set_at));
    expiry
        .map(Some)
        .map_err(|error| StoreError::Corrupt(error.to_string()))
}

/// The purpose with this id.
pub async fn by_id<M>(tx: &TenantTx<M>, id: PurposeId) -> Result<Purpose, StoreError> {
    tx.get::<row::Entity>(id.uuid()).await?.try_into()
}

/// All purposes the tenant's policies have named.
pub async fn all<M>(tx: &TenantTx<M>) -> Result<Vec<Purpose>, StoreError> {
    let rows = tx
        .find::<row::Entity>()
        .order_by_asc(row::Column::Code)
        .all(tx.conn())
        .await?;
    rows.into_iter().map(Purpose::try_from).collect()
}

/// The purpose with this code, or an error on the input field `field` that says which there are.
pub async fn by_code<M>(tx: &TenantTx<M>, field: &'static str, code: &str) -> Result<Purpose, StoreError> {
    let row = tx
        .find::<row::Entity>()
        .filter(row::Column::Code.eq(code))
        .one(tx.conn())
        .await?;
    if let Some(row) = row {
        return row.try_into();
    }
    let known: Vec<_> = all(tx).await?.into_iter().map(|purpose| purpose.code).collect();
    let known = if known.is_empty() {
        "none yet".to_owned()
    } else {
        known.join(", ")
    };
    let code: String = code.chars().take(60).collect();
    let message = format!("no policy version names the purpose {code:?}; known purposes: {known}");
    Err(StoreError::invalid(field, message))
}

/// The purposes that a list is used for.
pub async fn of_list<M>(tx: &TenantTx<M>, list: MailingListId) -> Result<Vec<Purpose>, StoreError> {
    Ok(of_lists(tx, &[list]).await?.remove(&list).unwrap_or_default())
}

/// The purposes that each of several lists is used for, in the order of their codes. A list without any is left
/// out.
pub async fn of_lists<M>(
    tx: &TenantTx<M>,
    lists: &[MailingListId],
) -> Result<BTreeMap<MailingListId, Vec<Purpose>>, StoreError> {
    let wanted = lists.iter().map(type_safe_id::TypeSafeId::uuid);
    let links = tx
        .find::<list_purpose::Entity>()
        .filter(list_purpose::Column::ListId.is_in(wanted))
        .all(tx.conn())
        .await?;
    let mut of_lists: BTreeMap<_, Vec<Purpose>> = BTreeMap::new();
    // A tenant has few purposes: reading all is one short statement.
    for purpose in all(tx).await? {
        for link in links.iter().filter(|link| link.purpose_id == purpose.id.uuid()) {
            let list: MailingListId = stored(link.list_id);
            of_lists.entry(list).or_default().push(purpose.clone());
        }
    }
    Ok(of_lists)
}

/// Finds a draft's purpose, or creates it. A code keeps its kind for good: people agreed under it.
pub(crate) async fn settle(tx: &TenantTx<Write>, draft: &PurposeDraft) -> Result<PurposeId, StoreError> {
    settle_as(tx, draft.code.as_str(), draft.kind).await
}

/// The purpose of that code which every tenant has, also before its first policy names it.
pub(crate) async fn standing(tx: &TenantTx<Write>, of: StandingPurpose) -> Result<PurposeId, StoreError> {
    settle_as(tx, of.code, PurposeKind::Essential).await
}

async fn settle_as(tx: &TenantTx<Write>, code: &str, kind: PurposeKind) -> Result<PurposeId, StoreError> {
    let known = tx
        .find::<row::Entity>()
        .filter(row::Column::Code.eq(code))
        .one(tx.conn())
        .await?;
    if let Some(known) = known {
        let known = Purpose::try_from(known)?;
        if known.kind == kind {
            return Ok(known.id);
        }
        return Err(StoreError::invalid(
            "purposes",
            format!(
                "{code:?} was {} in an earlier version and cannot become {}: use a new code",
                known.kind, kind
            ),
        ));
    }
    let id: PurposeId = new_id(tx.now());
    let row = row::ActiveModel {
        tenant_id: Set(tx.uuid()),
        id: Set(id.uuid()),
        code: Set(code.to_owned()),
        kind: Set(kind.to_string()),
        ..Default::default()
    };
    row::Entity::insert(row).exec_without_returning(tx.conn()).await?;
    Ok(id)
}
