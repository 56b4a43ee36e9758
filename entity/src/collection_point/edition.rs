//! Which version of a form somebody saw, in which language, and all its words together.

use assent_domain::clock::Timestamp;
use assent_domain::collection_point::{FieldName, still_counts};
use assent_domain::id::PolicyVersionId;
use assent_domain::language::Language;
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder};

use super::{CollectionPoint, choices, fields, lists, part, parties, read_language};
use crate::error::StoreError;
use crate::policy::{self, NamedParty, PolicyVersion};
use crate::row::{collection_point_text as text_row, collection_point_version as version_row};
use crate::tx::TenantTx;

/// The languages in which a form can be shown: its own first.
pub async fn languages<M>(tx: &TenantTx<M>, point: &CollectionPoint) -> Result<Vec<Language>, StoreError> {
    use text_row::Column::{CollectionPointId, Language as Tag, Version};
    let rows = part::<M, text_row::Entity>(tx, point, (CollectionPointId, Version))
        .order_by_asc(Tag)
        .all(tx.conn())
        .await?;
    let own = own_language(tx, point).await?;
    let mut all = vec![own.clone()];
    for row in rows {
        let language = read_language(&row.language)?;
        if language != own {
            all.push(language);
        }
    }
    Ok(all)
}

async fn own_language<M>(tx: &TenantTx<M>, point: &CollectionPoint) -> Result<Language, StoreError> {
    let version = version(tx, point, point.version).await?;
    let version = version.ok_or_else(|| StoreError::Corrupt("a form without its version".to_owned()))?;
    read_language(&version.language)
}

async fn version<M>(
    tx: &TenantTx<M>,
    point: &CollectionPoint,
    number: i32,
) -> Result<Option<version_row::Model>, StoreError> {
    let query = tx
        .find::<version_row::Entity>()
        .filter(version_row::Column::CollectionPointId.eq(point.id.uuid()))
        .filter(version_row::Column::Version.eq(number));
    Ok(query.one(tx.conn()).await?)
}

/// A form in one of its languages; in the one it is in where it does not have that language.
pub async fn in_language<M>(
    tx: &TenantTx<M>,
    point: CollectionPoint,
    language: &Language,
) -> Result<CollectionPoint, StoreError> {
    use text_row::Column::{CollectionPointId, Language as Tag, Version};
    if point.language == *language {
        return Ok(point);
    }
    let text = part::<M, text_row::Entity>(tx, &point, (CollectionPointId, Version))
        .filter(Tag.eq(language.as_str()))
        .one(tx.conn())
        .await?;
    Ok(match text {
        Some(text) => CollectionPoint {
            name: text.name,
            language: language.clone(),
            ..point
        },
        None => point,
    })
}

/// A form as somebody saw it: `None` where there is no such version or language.
pub(crate) async fn as_shown<M>(
    tx: &TenantTx<M>,
    point: CollectionPoint,
    number: i32,
    language: &Language,
) -> Result<Option<CollectionPoint>, StoreError> {
    use text_row::Column::{CollectionPointId, Language as Tag, Version};
    if version(tx, &point, number).await?.is_none() {
        return Ok(None);
    }
    let of_version = CollectionPoint {
        version: number,
        // Its name in no language: the texts say.
        name: String::new(),
        language: Language::english(),
        ..point
    };
    let text = part::<M, text_row::Entity>(tx, &of_version, (CollectionPointId, Version))
        .filter(Tag.eq(language.as_str()))
        .one(tx.conn())
        .await?;
    Ok(text.map(|text| CollectionPoint {
        name: text.name,
        language: language.clone(),
        ..of_version
    }))
}

/// A form as somebody saw it who answers now: `None` where there is no such version or language, or where the form
/// changed too long ago for an answer to its earlier words.
pub async fn edition<M>(
    tx: &TenantTx<M>,
    point: CollectionPoint,
    number: i32,
    language: &Language,
) -> Result<Option<CollectionPoint>, StoreError> {
    let next = match number.checked_add(1) {
        Some(next) => version(tx, &point, next).await?,
        None => return Ok(None),
    };
    let followed_at = next.map(|next| Timestamp::from_micros(next.created_at));
    if !still_counts(followed_at, tx.now()) {
        return Ok(None);
    }
    as_shown(tx, point, number, language).await
}

/// The outside parties that a form brings in, in its order and in the words of a policy version; `None` where that
/// version does not name them all, so that the form may not be used.
pub async fn parties_named<M>(
    tx: &TenantTx<M>,
    point: &CollectionPoint,
    policy: PolicyVersionId,
) -> Result<Option<Vec<NamedParty>>, StoreError> {
    let brought_in = parties(tx, point).await?;
    if brought_in.is_empty() {
        return Ok(Some(Vec::new()));
    }
    let named = policy::parties_of(tx, policy).await?;
    let in_words = brought_in
        .iter()
        .map(|party| named.iter().find(|named| named.id == party.id).cloned());
    Ok(in_words.collect())
}

/// All that a form shows, as one text: the proof of what a person saw. The purposes and outside parties are in the
/// words of the policy version.
pub async fn words<M>(
    tx: &TenantTx<M>,
    point: &CollectionPoint,
    policy: &PolicyVersion,
) -> Result<String, StoreError> {
    let mut lines = vec![
        point.name.clone(),
        format!(
            "Form {}, version {}, language {}",
            point.slug, point.version, point.language
        ),
        format!("Privacy policy, version {}", policy.times.number),
    ];
    for party in parties_named(tx, point, policy.id).await?.unwrap_or_default() {
        lines.push(format!("Outside party: {}", party.name));
        lines.push(format!("What they get: {}", party.what));
        lines.push(format!("Why: {}", party.why));
    }
    for list in lists(tx, point).await? {
        lines.push(format!("List: {}", list.name));
    }
    lines.push("Asked for: e-mail address".to_owned());
    for field in fields(tx, point).await? {
        let name = match field.name {
            FieldName::Name => "name",
            FieldName::Company => "company",
        };
        let optional = if field.required { "" } else { " (optional)" };
        lines.push(format!("Asked for: {name}{optional}"));
    }
    for purpose in policy::purposes_of(tx, policy.id).await? {
        if !purpose.kind.needs_consent() {
            lines.push(format!(
                "Without choice: {}: {}",
                purpose.name, purpose.description
            ));
        }
    }
    for choice in choices(tx, point).await? {
        lines.push(format!("Choice: {}", choice.statement));
    }
    Ok(lines.join("\n"))
}
