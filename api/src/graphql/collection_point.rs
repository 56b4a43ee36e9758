//! Collection points: the forms through which people join.

use assent_domain::language::Language;
use assent_entity::collection_point::{self, CollectionPoint as Row};
use async_graphql::{Context, Description, ID, Object, SimpleObject};

use super::connection::{Connection, List, page_cost};
use super::context::World;
use super::error::Result;
use super::id;
use super::loaders::{FieldsOf, ListsOfForm, PartiesOf, TextsOf};
use super::mailing_list::MailingList;
use super::outside_party::OutsideParty;
use super::purpose::Purpose;
use super::time::Time;

mod publish;

pub(crate) use publish::CollectionPointMutation;

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

/// What a form says in one language.
#[derive(SimpleObject)]
pub(crate) struct CollectionPointText {
    /// The language (BCP 47).
    language: String,
    /// The name over the form.
    name: String,
    /// The choices it offers, with the words in this language.
    choices: Vec<CollectionPointChoice>,
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
        let lists = ctx.loader()?.load_one(ListsOfForm(self.0.id)).await?;
        MailingList::load_all(ctx, &lists.unwrap_or_default()).await
    }

    /// What it asks for beside the e-mail address, in the order of the form.
    #[graphql(complexity = "10 + child_complexity")]
    async fn fields(&self, ctx: &Context<'_>) -> Result<Vec<CollectionPointField>> {
        let found = ctx.loader()?.load_one(FieldsOf(self.0.id)).await?;
        let fields = found
            .unwrap_or_default()
            .into_iter()
            .map(|field| CollectionPointField {
                name: field.name.to_string(),
                required: field.required,
            });
        Ok(fields.collect())
    }

    /// The choices it offers, in the order of the form: one for each purpose of its lists that needs consent.
    #[graphql(complexity = "10 + 3 * child_complexity")]
    async fn choices(&self, ctx: &Context<'_>) -> Result<Vec<CollectionPointChoice>> {
        let texts = ctx.loader()?.load_one(TextsOf(self.0.id)).await?;
        let own = texts.and_then(|texts| texts.into_iter().next());
        Ok(own.map(|own| choices(own.choices)).unwrap_or_default())
    }

    /// The version of its words, which people answer to: it grows with each change that they see.
    async fn version(&self) -> i32 {
        self.0.version
    }

    /// The language (BCP 47) of its name and choices.
    async fn language(&self) -> &str {
        self.0.language.as_str()
    }

    /// What it says in each of its languages, its own first. The form picks by `?lang=`, then by the languages of the
    /// browser, then its own.
    #[graphql(complexity = "50 + 10 * child_complexity")]
    async fn texts(&self, ctx: &Context<'_>) -> Result<Vec<CollectionPointText>> {
        let texts = ctx.loader()?.load_one(TextsOf(self.0.id)).await?;
        let texts = texts.unwrap_or_default().into_iter();
        let texts = texts.map(|text| CollectionPointText {
            language: text.language.to_string(),
            name: text.name,
            choices: choices(text.choices),
        });
        Ok(texts.collect())
    }

    /// The outside parties that it brings in. The form says who they are, what they get and why before any field, and
    /// asks whether to go on.
    #[graphql(complexity = "10 + child_complexity")]
    async fn outside_parties(&self, ctx: &Context<'_>) -> Result<Vec<OutsideParty>> {
        let found = ctx.loader()?.load_one(PartiesOf(self.0.id)).await?;
        Ok(found.unwrap_or_default().into_iter().map(OutsideParty).collect())
    }

    /// Where its definition is, for pages of your own: `GET` gives the texts as JSON, `POST` takes the answers, from
    /// the origins that setAllowedOrigins names.
    async fn definition_url(&self, ctx: &Context<'_>) -> Result<String> {
        let (base_url, tenant) = (&ctx.app()?.base_url, ctx.tenant().await?);
        Ok(format!("{base_url}/t/{}/forms/{}.json", tenant.slug, self.0.slug))
    }

    /// Plain HTML for a page of your own, which sends to the hosted form and needs no script. It holds the words of
    /// this version: take it anew after a change, or people are shown the hosted form to read again. Null while the
    /// form is closed, because the policy in force does not name what it asks for.
    #[graphql(complexity = 50)]
    async fn snippet(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The language (BCP 47); the form's own if it is left out or not on offer.")]
        language: Option<String>,
    ) -> Result<Option<String>> {
        let tx = ctx.read().await?;
        let mut point = self.0.clone();
        if let Some(language) = language.and_then(|tag| Language::parse(&tag).ok()) {
            point = collection_point::in_language(&tx, point, &language).await?;
        }
        Ok(crate::pages::snippet(&tx, point, &ctx.app()?.base_url).await?)
    }

    /// When it was opened.
    async fn created_at(&self) -> Time {
        self.0.created_at.into()
    }
}

fn choices(of: Vec<collection_point::Choice>) -> Vec<CollectionPointChoice> {
    of.into_iter().map(CollectionPointChoice::from).collect()
}

impl From<collection_point::Choice> for CollectionPointChoice {
    fn from(choice: collection_point::Choice) -> Self {
        Self {
            purpose: Purpose(choice.purpose),
            statement: choice.statement,
        }
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
