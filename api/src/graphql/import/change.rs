//! Bringing people along, and stopping that.

use assent_domain::id::CollectionPointId;
use assent_entity::import::{self, NewEvidence, NewImport};
use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use super::super::context::World;
use super::super::error::Result;
use super::super::id;
use super::super::time::Time;
use super::Import;

/// How a tenant came by the permission of all whom it brings along. A row that says otherwise, in columns of its own, stands
/// before it.
#[derive(InputObject)]
pub(crate) struct ImportEvidenceInput {
    /// Where it was given: a shop, a fair, a page. At most 2,000 characters.
    source: String,
    /// When. What is agreed to for some time counts from then.
    collected_at: Time,
    /// The words that people agreed to. At most 2,000 characters.
    statement: String,
    /// The codes of the purposes that they agreed to: some of those that the list is used for.
    purposes: Vec<String>,
}

/// A list of people to be brought along.
#[derive(InputObject)]
pub(crate) struct ImportSubscribersInput {
    /// The list that people are put on.
    mailing_list_id: ID,
    /// The table as CSV (RFC 4180), with the names of the columns in its first row: `email`, and as wanted `name`, `company`,
    /// `language`, `source`, `collectedAt` and `statement`; others are left out. Between cells stands a comma, a
    /// semicolon, a tab or a bar.
    csv: String,
    /// How the permission was come by. Without it, people whose rows do not say so themselves are asked to confirm.
    evidence: Option<ImportEvidenceInput>,
    /// Where rows say themselves how a permission was come by: the codes of the purposes that they speak of. Without
    /// evidence of any sort, people are asked for these, or for all marketing that the list is used for.
    purposes: Option<Vec<String>>,
    /// The form by whose words they are asked: the newest that leads to the list, if not said.
    collection_point_id: Option<ID>,
    /// A name of your own for this import: asked again with the same, it gives the same import. At most 200 characters.
    idempotency_key: Option<String>,
}

/// The import that has begun.
#[derive(SimpleObject)]
pub(crate) struct ImportSubscribersPayload {
    /// The import.
    import: Import,
}

/// Which import.
#[derive(InputObject)]
pub(crate) struct CancelImportInput {
    /// The import's id.
    id: ID,
}

/// The import that was stopped.
#[derive(SimpleObject)]
pub(crate) struct CancelImportPayload {
    /// The import.
    import: Import,
}

/// What can be done with imports.
#[derive(Default)]
pub(crate) struct ImportMutation;

#[Object]
impl ImportMutation {
    /// Brings people along. It answers at once; a worker reads the table. Whoever has evidence of permission is on the list,
    /// whoever has none is asked to confirm, and nobody's no is undone.
    #[graphql(complexity = "500 + child_complexity")]
    async fn import_subscribers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The list of people.")] input: ImportSubscribersInput,
    ) -> Result<ImportSubscribersPayload> {
        let form = input.collection_point_id.as_ref();
        let form: Option<CollectionPointId> = form
            .map(|form| id::parse("collectionPointId", form))
            .transpose()?;
        let new = NewImport {
            list: id::parse("mailingListId", &input.mailing_list_id)?,
            csv: input.csv,
            evidence: input.evidence.map(|said| NewEvidence {
                source: said.source,
                collected_at: said.collected_at.0,
                statement: said.statement,
                purposes: said.purposes,
            }),
            purposes: input.purposes,
            form,
            idempotency_key: input.idempotency_key,
        };
        let mut tx = ctx.write().await?;
        let id = import::create(&mut tx, new).await?;
        let import = Import(import::by_id(&tx, id).await?);
        tx.commit_if_noted().await?;
        Ok(ImportSubscribersPayload { import })
    }

    /// Stops an import; what has been taken in stays. `CONFLICT` where it has ended.
    #[graphql(complexity = "50 + child_complexity")]
    async fn cancel_import(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which import.")] input: CancelImportInput,
    ) -> Result<CancelImportPayload> {
        let id = id::parse("id", &input.id)?;
        let mut tx = ctx.write().await?;
        import::cancel(&mut tx, id).await?;
        let import = Import(import::by_id(&tx, id).await?);
        tx.commit().await?;
        Ok(CancelImportPayload { import })
    }
}
