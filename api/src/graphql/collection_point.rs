//! Collection points: the forms through which people join.

use assent_domain::collection_point::FieldName;
use assent_domain::purpose::PurposeCode;
use assent_domain::tenant::Slug;
use assent_entity::collection_point::{self, CollectionPoint as Row, Field, NewCollectionPoint};
use async_graphql::{Context, Description, ID, InputObject, Object, SimpleObject};

use super::connection::{Connection, List, page_cost};
use super::context::World;
use super::error::{ApiError, Result};
use super::id;
use super::mailing_list::MailingList;
use super::purpose::Purpose;
use super::time::Time;

/// A form or integration through which people join.
#[derive(Description)]
pub(crate) struct CollectionPoint(pub(crate) Row);

/// A piece of information that a form asks for, beside the e-mail address.
#[derive(SimpleObject)]
pub(crate) struct CollectionPointField {
    /// Which: `name` or `company`.
    name: String,
    /// Whether it has to be filled in.
    required: bool,
}

/// A choice that a form offers: yes or no to one purpose.
#[derive(SimpleObject)]
pub(crate) struct CollectionPointChoice {
    /// What the choice is about.
    purpose: Purpose,
    /// The exact words beside the box. They are part of every consent record made with them.
    statement: String,
}

#[Object(use_type_description)]
impl CollectionPoint {
    /// The collection point's id.
    pub(crate) async fn id(&self) -> ID {
        id::text(self.0.id)
    }

    /// Its name in addresses, and in subscribe.
    async fn slug(&self) -> &str {
        &self.0.slug
    }

    /// Its name, which stands over the form.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Where the hosted form is.
    async fn form_url(&self, ctx: &Context<'_>) -> Result<String> {
        let (base_url, tenant) = (&ctx.app()?.base_url, ctx.tenant().await?);
        Ok(format!("{base_url}/t/{}/join/{}", tenant.slug, self.0.slug))
    }

    /// The lists it leads to.
    #[graphql(complexity = "10 + 3 * child_complexity")]
    async fn mailing_lists(&self, ctx: &Context<'_>) -> Result<Vec<MailingList>> {
        let found = collection_point::lists(&ctx.read().await?, self.0.id).await?;
        Ok(found.into_iter().map(MailingList).collect())
    }

    /// What it asks for beside the e-mail address, in the order of the form.
    #[graphql(complexity = "10 + child_complexity")]
    async fn fields(&self, ctx: &Context<'_>) -> Result<Vec<CollectionPointField>> {
        let found = collection_point::fields(&ctx.read().await?, self.0.id).await?;
        let fields = found.into_iter().map(|field| CollectionPointField {
            name: field.name.to_string(),
            required: field.required,
        });
        Ok(fields.collect())
    }

    /// The choices it offers, in the order of the form: one for each purpose of its lists that needs consent.
    #[graphql(complexity = "10 + 3 * child_complexity")]
    async fn choices(&self, ctx: &Context<'_>) -> Result<Vec<CollectionPointChoice>> {
        let found = collection_point::choices(&ctx.read().await?, self.0.id).await?;
        let choices = found.into_iter().map(|choice| CollectionPointChoice {
            purpose: Purpose(choice.purpose),
            statement: choice.statement,
        });
        Ok(choices.collect())
    }

    /// When it was opened.
    async fn created_at(&self) -> Time {
        self.0.created_at.into()
    }
}

impl CollectionPoint {
    async fn find(ctx: &Context<'_>, id: &ID) -> Result<Self> {
        let id = id::parse("id", id)?;
        Ok(Self(collection_point::by_id(&ctx.read().await?, id).await?))
    }
}

/// What can be asked about collection points.
#[derive(Default)]
pub(crate) struct CollectionPointQuery;

#[Object]
impl CollectionPointQuery {
    /// One collection point. `NOT_FOUND` if the tenant has none with this id.
    async fn collection_point(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "An id that begins with form_.")] id: ID,
    ) -> Option<Result<CollectionPoint>> {
        Some(CollectionPoint::find(ctx, &id).await)
    }

    /// The tenant's collection points, oldest first.
    #[graphql(complexity = "page_cost(first, child_complexity)")]
    async fn collection_points(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many rows: 20 if not said, at most 100.")] first: Option<i32>,
        #[graphql(desc = "The cursor to begin behind.")] after: Option<String>,
    ) -> Result<Connection<CollectionPoint>> {
        let list = List::named("collectionPoints");
        let request = list.request(ctx, first, after.as_deref())?;
        let page = collection_point::page(&ctx.read().await?, request).await?;
        Ok(list.page(request, page, CollectionPoint))
    }
}

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
}

/// The collection point that was opened.
#[derive(SimpleObject)]
pub(crate) struct CreateCollectionPointPayload {
    /// The collection point.
    collection_point: CollectionPoint,
}

impl TryFrom<CreateCollectionPointInput> for NewCollectionPoint {
    type Error = ApiError;

    fn try_from(input: CreateCollectionPointInput) -> Result<Self> {
        let fields = input.fields.into_iter().map(|field| {
            let name: FieldName = field.name.to_lowercase().parse().map_err(|_| {
                ApiError::bad_input("fields", "a form can ask for these fields: name, company")
            })?;
            let required = field.required;
            Ok(Field { name, required })
        });
        let choices = input.choices.into_iter().map(|choice| {
            let code = PurposeCode::parse(&choice.purpose);
            let code = code.map_err(|error| ApiError::bad_input("choices", error))?;
            Ok((code, choice.statement))
        });
        Ok(Self {
            slug: Slug::parse(&input.slug).map_err(|error| ApiError::bad_input("slug", error))?,
            name: input.name,
            lists: id::parse_all("mailingListIds", &input.mailing_list_ids)?,
            fields: fields.collect::<Result<_>>()?,
            choices: choices.collect::<Result<_>>()?,
        })
    }
}

/// What can be done with collection points.
#[derive(Default)]
pub(crate) struct CollectionPointMutation;

#[Object]
impl CollectionPointMutation {
    /// Opens a collection point. `CONFLICT` without a policy in force; `BAD_USER_INPUT` where it leaves out a
    /// choice for a purpose that its lists are used for.
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
}
