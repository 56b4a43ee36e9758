//! Publishing what a form says: its first version and each further one.

use std::collections::BTreeSet;

use assent_domain::audit::AuditAct;
use assent_domain::collection_point::check_choices;
use assent_domain::id::{CollectionPointId, MailingListId, OutsidePartyId, new_id};
use assent_domain::language::Language;
use assent_domain::purpose::PurposeCode;
use assent_domain::tenant::Slug;
use sea_orm::{ActiveValue::Set, EntityTrait};
use serde_json::json;

use super::insert::{Checked, insert};
use super::{
    CollectionPoint, Field, NewCollectionPoint, Translation, by_id, by_slug, choices, fields, in_language,
    languages, lists, parties,
};
use crate::audit::Change;
use crate::error::StoreError;
use crate::mailing_list::{self, MailingList};
use crate::policy::{self, PolicyVersion};
use crate::purpose::{self, Purpose};
use crate::row::collection_point as row;
use crate::text;
use crate::tx::{TenantTx, Write};

/// The most languages of a form.
const MAX_LANGUAGES: usize = 40;

/// What a new version of a form changes; what is left out stays as it is.
#[derive(Clone, Debug, Default)]
pub struct Revision {
    /// Its name over the form.
    pub name: Option<String>,
    /// The lists it leads to.
    pub lists: Option<Vec<MailingListId>>,
    /// What it asks for, beside the address.
    pub fields: Option<Vec<Field>>,
    /// The choices it offers.
    pub choices: Option<Vec<(PurposeCode, String)>>,
    /// The outside parties it brings in.
    pub parties: Option<Vec<String>>,
    /// The language of name and choices.
    pub language: Option<Language>,
    /// Name and choices in further languages.
    pub translations: Option<Vec<Translation>>,
}

/// Opens a collection point. It needs a policy in force that names the outside parties it brings in, and a choice
/// for each purpose of its lists.
pub async fn create(
    tx: &mut TenantTx<Write>,
    new: NewCollectionPoint,
) -> Result<CollectionPointId, StoreError> {
    let checked = check(tx, &new).await?;
    if by_slug(tx, new.slug.as_str()).await?.is_some() {
        return Err(StoreError::conflict(
            "slug",
            "a collection point with this short name exists: choose another",
        ));
    }
    let id: CollectionPointId = new_id(tx.now());
    let row = row::ActiveModel {
        tenant_id: Set(tx.uuid()),
        id: Set(id.uuid()),
        slug: Set(new.slug.as_str().to_owned()),
        version: Set(1),
        name: Set(text::name("name", &new.name)?),
        language: Set(new.language.to_string()),
        created_at: Set(tx.now().micros()),
    };
    row::Entity::insert(row).exec_without_returning(tx.conn()).await?;
    insert(tx, id, 1, &new, &checked).await?;
    let opened = json!({ "slug": new.slug, "lists": new.lists });
    tx.audit(AuditAct::CollectionPointCreated, id, &Change::to(opened))?;
    Ok(id)
}

/// Publishes a new version of a collection point, if what people see changes. What they saw before is kept.
pub async fn update(
    tx: &mut TenantTx<Write>,
    id: CollectionPointId,
    revision: Revision,
) -> Result<(), StoreError> {
    tx.lock::<row::Entity>(id.uuid()).await?;
    let point = by_id(tx, id).await?;
    let before = content(tx, &point).await?;
    let new = revised(before.clone(), revision);
    let checked = check(tx, &new).await?;
    let version = if new == before {
        point.version
    } else {
        point.version + 1
    };
    if version > point.version {
        insert(tx, id, version, &new, &checked).await?;
        tx.execute(
            "UPDATE collection_point SET version = $3, name = $4, language = $5 WHERE tenant_id = $1 AND id = $2",
            [
                id.uuid().into(),
                version.into(),
                text::name("name", &new.name)?.into(),
                new.language.to_string().into(),
            ],
        )
        .await?;
    }
    let change = Change::from_to(json!({ "version": point.version }), json!({ "version": version }));
    tx.audit(AuditAct::CollectionPointUpdated, id, &change)
}

fn revised(old: NewCollectionPoint, revision: Revision) -> NewCollectionPoint {
    NewCollectionPoint {
        slug: old.slug,
        name: revision.name.map_or(old.name, |name| name.trim().to_owned()),
        lists: revision.lists.unwrap_or(old.lists),
        fields: revision.fields.unwrap_or(old.fields),
        choices: revision.choices.unwrap_or(old.choices),
        parties: revision.parties.unwrap_or(old.parties),
        language: revision.language.unwrap_or(old.language),
        translations: revision.translations.unwrap_or(old.translations),
    }
}

/// What the newest version of a form says, as it would be written to be published.
async fn content<M>(tx: &TenantTx<M>, point: &CollectionPoint) -> Result<NewCollectionPoint, StoreError> {
    let mut translations = Vec::new();
    for language in languages(tx, point).await?.into_iter().skip(1) {
        let translated = in_language(tx, point.clone(), &language).await?;
        translations.push(Translation {
            statements: statements(tx, &translated).await?,
            name: translated.name,
            language,
        });
    }
    let parties = parties(tx, point).await?;
    Ok(NewCollectionPoint {
        slug: Slug::parse(&point.slug).map_err(|error| StoreError::Corrupt(error.to_string()))?,
        name: point.name.clone(),
        lists: lists(tx, point).await?.iter().map(|list| list.id).collect(),
        fields: fields(tx, point).await?,
        choices: statements(tx, point).await?,
        parties: parties.into_iter().map(|party| party.name).collect(),
        language: point.language.clone(),
        translations,
    })
}

async fn statements<M>(
    tx: &TenantTx<M>,
    point: &CollectionPoint,
) -> Result<Vec<(PurposeCode, String)>, StoreError> {
    let statement = |choice: super::Choice| {
        let code = PurposeCode::parse(&choice.purpose.code);
        let code = code.map_err(|error| StoreError::Corrupt(error.to_string()))?;
        Ok((code, choice.statement))
    };
    choices(tx, point).await?.into_iter().map(statement).collect()
}

async fn check(tx: &TenantTx<Write>, new: &NewCollectionPoint) -> Result<Checked, StoreError> {
    let policy = policy::require_in_force(tx, "slug").await?;
    if new.lists.is_empty() {
        return Err(StoreError::invalid(
            "mailingListIds",
            "a form leads to at least one list",
        ));
    }
    let lists = mailing_list::by_ids(tx, &new.lists).await?;
    let purposes = purposes_of(tx, &lists).await?;
    let codes: Vec<_> = purposes
        .iter()
        .filter_map(|purpose| Some((PurposeCode::parse(&purpose.code).ok()?, purpose.kind)))
        .collect();
    check_choices(&codes, new.choices.iter().map(|(code, _)| code))
        .map_err(|error| StoreError::invalid("choices", error))?;
    let named = policy::purposes_of(tx, policy.id).await?;
    if let Some(missing) = purposes
        .iter()
        .find(|purpose| named.iter().all(|named| named.id != purpose.id))
    {
        let message = format!(
            "version {} of the policy, which is in force, does not name {:?}: wait for one that does",
            policy.times.number, missing.code
        );
        return Err(StoreError::conflict("choices", message));
    }
    check_translations(new)?;
    Ok(Checked {
        parties: parties_named(tx, &policy, &new.parties).await?,
        lists,
        purposes,
    })
}

/// The outside parties with these names, all of which the policy in force has to name (P13).
async fn parties_named<M>(
    tx: &TenantTx<M>,
    policy: &PolicyVersion,
    names: &[String],
) -> Result<Vec<OutsidePartyId>, StoreError> {
    let known = policy::parties_of(tx, policy.id).await?;
    let mut ids = Vec::with_capacity(names.len());
    for name in names {
        let name = text::name("outsideParties", name)?;
        let party = known.iter().find(|party| party.name == name);
        let Some(party) = party else {
            let message = format!(
                "version {} of the policy, which is in force, does not name the outside party {name:?}: post a \
                 version that does, or leave the party out",
                policy.times.number
            );
            return Err(StoreError::conflict("outsideParties", message));
        };
        if ids.contains(&party.id) {
            let message = format!("{name:?} stands twice");
            return Err(StoreError::invalid("outsideParties", message));
        }
        ids.push(party.id);
    }
    Ok(ids)
}

/// A translation says all that the form says, in a language of its own.
fn check_translations(new: &NewCollectionPoint) -> Result<(), StoreError> {
    let refuse = |message: String| Err(StoreError::invalid("translations", message));
    if new.translations.len() >= MAX_LANGUAGES {
        return refuse(format!("a form has at most {MAX_LANGUAGES} languages"));
    }
    let mut seen = BTreeSet::from([&new.language]);
    for translation in &new.translations {
        let language = &translation.language;
        if !seen.insert(language) {
            return refuse(format!("the language {language} stands twice"));
        }
        let translated =
            |code: &PurposeCode| translation.statements.iter().filter(|(of, _)| of == code).count();
        if let Some((code, _)) = new.choices.iter().find(|(code, _)| translated(code) != 1) {
            let code = code.as_str();
            return refuse(format!(
                "in {language}, the choice for {code:?} needs one statement"
            ));
        }
        if translation.statements.len() != new.choices.len() {
            return refuse(format!(
                "in {language}, there is a statement for a choice that the form does not offer"
            ));
        }
    }
    Ok(())
}

async fn purposes_of<M>(tx: &TenantTx<M>, lists: &[MailingList]) -> Result<Vec<Purpose>, StoreError> {
    let ids: Vec<_> = lists.iter().map(|list| list.id).collect();
    let mut purposes: Vec<_> = purpose::of_lists(tx, &ids)
        .await?
        .into_values()
        .flatten()
        .collect();
    purposes.sort_by(|one, other| one.code.cmp(&other.code));
    purposes.dedup();
    Ok(purposes)
}
