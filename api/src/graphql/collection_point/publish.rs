//! Opening collection points, and publishing new versions of what they say.

use assent_domain::collection_point::FieldName;
use assent_domain::language::Language;
use assent_domain::purpose::PurposeCode;
use assent_domain::tenant::Slug;
use assent_entity::collection_point::{self, Field, NewCollectionPoint, Revision, Translation};
use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use super::CollectionPoint;
use crate::graphql::context::World;
use crate::graphql::error::{ApiError, Result};
use crate::graphql::id;

/// A piece of information that a form is to ask for.
#[derive(InputObject)]
pub(crate) struct CollectionPointFieldInput {
    /// Which: `name` or `company`. The e-mail address is always asked for and not listed.
    name: String,
    /// Whether it has to be filled in.
    #[graphql(default)]
    required: bool,
}

/// A choice that a form is to offer.
#[derive(InputObject)]
pub(crate) struct CollectionPointChoiceInput {
    /// The code of the purpose.
    purpose: String,
    /// The exact words beside the box, at most 2,000 characters.
    statement: String,
}

/// An outside party that a form is to bring in.
#[derive(InputObject)]
pub(crate) struct CollectionPointPartyInput {
    /// Who it is, by the name that the policy in force gives it.
    name: String,
}

/// What a form says in a further language: all of it.
#[derive(InputObject)]
pub(crate) struct CollectionPointTranslationInput {
    /// The language (BCP 47), such as de-AT.
    language: String,
    /// The name over the form: one line of at most 200 characters.
    name: String,
    /// The words beside each choice that the form offers.
    #[graphql(default)]
    statements: Vec<CollectionPointChoiceInput>,
}

/// A collection point to be opened.
#[derive(InputObject)]
pub(crate) struct CreateCollectionPointInput {
    /// Its name in addresses: 1 to 40 of `a-z`, `0-9` and `-`, no hyphen at either end. Unique in the tenant.
    slug: String,
    /// Its name, which stands over the form: one line of at most 200 characters.
    name: String,
    /// The lists it leads to, at least one.
    mailing_list_ids: Vec<ID>,
    /// What it asks for beside the e-mail address.
    #[graphql(default)]
    fields: Vec<CollectionPointFieldInput>,
    /// One choice for each purpose of its lists that needs consent.
    #[graphql(default)]
    choices: Vec<CollectionPointChoiceInput>,
    /// The outside parties that get what is entered, or ask for it themselves. The policy in force has to name them.
    #[graphql(default)]
    outside_parties: Vec<CollectionPointPartyInput>,
    /// The language (BCP 47) of name and choices.
    #[graphql(default_with = "\"en\".to_owned()")]
    language: String,
    /// Name and choices in further languages.
    #[graphql(default)]
    translations: Vec<CollectionPointTranslationInput>,
}

/// The collection point that was opened.
#[derive(SimpleObject)]
pub(crate) struct CreateCollectionPointPayload {
    /// The collection point.
    collection_point: CollectionPoint,
}

/// What is to change about a collection point. What is left out stays as it is.
#[derive(InputObject)]
pub(crate) struct UpdateCollectionPointInput {
    /// Which: an id that begins with form_.
    id: ID,
    /// Its name, which stands over the form.
    name: Option<String>,
    /// All the lists it leads to.
    mailing_list_ids: Option<Vec<ID>>,
    /// All it asks for beside the e-mail address.
    fields: Option<Vec<CollectionPointFieldInput>>,
    /// One choice for each purpose of its lists that needs consent.
    choices: Option<Vec<CollectionPointChoiceInput>>,
    /// All the outside parties it brings in.
    outside_parties: Option<Vec<CollectionPointPartyInput>>,
    /// The language (BCP 47) of name and choices.
    language: Option<String>,
    /// Name and choices in all further languages.
    translations: Option<Vec<CollectionPointTranslationInput>>,
}

/// The collection point with its new version.
#[derive(SimpleObject)]
pub(crate) struct UpdateCollectionPointPayload {
    /// The collection point.
    collection_point: CollectionPoint,
}

fn read_fields(inputs: Vec<CollectionPointFieldInput>) -> Result<Vec<Field>> {
    let fields = inputs.into_iter().map(|field| {
        let name: FieldName =
            field.name.to_lowercase().parse().map_err(|_| {
                ApiError::bad_input("fields", "a form can ask for these fields: name, company")
            })?;
        let required = field.required;
        Ok(Field { name, required })
    });
    fields.collect()
}

fn read_choices(
    field: &'static str,
    inputs: Vec<CollectionPointChoiceInput>,
) -> Result<Vec<(PurposeCode, String)>> {
    let choices = inputs.into_iter().map(|choice| {
        let code = PurposeCode::parse(&choice.purpose);
        let code = code.map_err(|error| ApiError::bad_input(field, error))?;
        Ok((code, choice.statement))
    });
    choices.collect()
}

fn read_language(field: &'static str, tag: &str) -> Result<Language> {
    Language::parse(tag).map_err(|error| ApiError::bad_input(field, error))
}

fn read_translations(inputs: Vec<CollectionPointTranslationInput>) -> Result<Vec<Translation>> {
    let translations = inputs.into_iter().map(|input| {
        Ok(Translation {
            language: read_language("translations", &input.language)?,
            name: input.name,
            statements: read_choices("translations", input.statements)?,
        })
    });
    translations.collect()
}

fn names(parties: Vec<CollectionPointPartyInput>) -> Vec<String> {
    parties.into_iter().map(|party| party.name).collect()
}

impl TryFrom<CreateCollectionPointInput> for NewCollectionPoint {
    type Error = ApiError;

    fn try_from(input: CreateCollectionPointInput) -> Result<Self> {
        Ok(Self {
            slug: Slug::parse(&input.slug).map_err(|error| ApiError::bad_input("slug", error))?,
            name: input.name,
            lists: id::parse_all("mailingListIds", &input.mailing_list_ids)?,
            fields: read_fields(input.fields)?,
            choices: read_choices("choices", input.choices)?,
            parties: names(input.outside_parties),
            language: read_language("language", &input.language)?,
            translations: read_translations(input.translations)?,
        })
    }
}

impl TryFrom<UpdateCollectionPointInput> for Revision {
    type Error = ApiError;

    fn try_from(input: UpdateCollectionPointInput) -> Result<Self> {
        let lists = input.mailing_list_ids;
        let choices = input.choices;
        let language = input.language;
        Ok(Self {
            name: input.name,
            lists: lists
                .map(|ids| id::parse_all("mailingListIds", &ids))
                .transpose()?,
            fields: input.fields.map(read_fields).transpose()?,
            choices: choices
                .map(|choices| read_choices("choices", choices))
                .transpose()?,
            parties: input.outside_parties.map(names),
            language: language.map(|tag| read_language("language", &tag)).transpose()?,
            translations: input.translations.map(read_translations).transpose()?,
        })
    }
}

/// What can be done with collection points.
#[derive(Default)]
pub(crate) struct CollectionPointMutation;

#[Object]
impl CollectionPointMutation {
    /// Opens a collection point. `CONFLICT` without a policy in force, or with an outside party that it does not name;
    /// `BAD_USER_INPUT` where it leaves out a choice for a purpose that its lists are used for.
    #[graphql(complexity = "50 + child_complexity")]
    async fn create_collection_point(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The collection point to be opened.")] input: CreateCollectionPointInput,
    ) -> Result<CreateCollectionPointPayload> {
        let new = input.try_into()?;
        let mut tx = ctx.write().await?;
        let id = collection_point::create(&mut tx, new).await?;
        let collection_point = CollectionPoint(collection_point::by_id(&tx, id).await?);
        tx.commit().await?;
        Ok(CreateCollectionPointPayload { collection_point })
    }

    /// Publishes a new version of what a collection point says. Answers to the earlier words are taken for a day more,
    /// and recorded with those words.
    #[graphql(complexity = "50 + child_complexity")]
    async fn update_collection_point(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which collection point, and what is to change.")] input: UpdateCollectionPointInput,
    ) -> Result<UpdateCollectionPointPayload> {
        let id = id::parse("id", &input.id)?;
        let revision = input.try_into()?;
        let mut tx = ctx.write().await?;
        collection_point::update(&mut tx, id, revision).await?;
        let collection_point = CollectionPoint(collection_point::by_id(&tx, id).await?);
        tx.commit().await?;
        Ok(UpdateCollectionPointPayload { collection_point })
    }
}
