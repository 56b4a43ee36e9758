//! Bringing people along, and stopping that.

use std::fs::File;
use std::io::Read;

use assent_domain::id::{CollectionPointId, ImportId};
use assent_domain::import as domain;
use assent_entity::import::{self, NewEvidence, NewImport, Reception};
use assent_entity::{Store, TenantCtx};
use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use secrecy::ExposeSecret;

use super::super::context::World;
use super::super::error::{ApiError, ErrorCode, Result};
use super::super::id;
use super::super::time::Time;
use super::super::upload::Upload;
use super::Import;
use super::table::ImportTableInput;

/// How much of a file is read at once, in octets.
const READ_AT_ONCE: usize = 256 * 1024;

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

/// What becomes of a row of which neither itself nor the import says how the permission was come by.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "domain::WithoutEvidence")]
pub(crate) enum ImportWithoutEvidence {
    /// The person is asked to confirm, by the words of a form.
    Ask,
    /// It is left out, with the reason `EVIDENCE_MISSING`.
    Refuse,
}

/// A list of people to be brought along.
#[derive(InputObject)]
pub(crate) struct ImportSubscribersInput {
    /// The list that people are put on.
    mailing_list_id: ID,
    /// The table as CSV (RFC 4180), with the names of the columns in its first row: `email`, and as wanted `name`, `company`,
    /// `language`, `source`, `collectedAt` and `statement`, or as other providers call them; and keys of custom fields. Others are
    /// left out. Between cells stands a comma, a semicolon, a tab or a bar. Give this or `file`; for what is too large for
    /// either there is `prepareImport`.
    csv: Option<String>,
    /// The table as a file, in any encoding.
    file: Option<Upload>,
    /// What is known of the table; the rest is found out.
    table: Option<ImportTableInput>,
    /// How the permission was come by.
    evidence: Option<ImportEvidenceInput>,
    /// What becomes of rows without evidence of permission.
    #[graphql(default_with = "ImportWithoutEvidence::Ask")]
    without_evidence: ImportWithoutEvidence,
    /// Where rows say themselves how a permission was come by: the codes of the purposes that they speak of. Without
    /// evidence of any sort, people are asked for these, or for all marketing that the list is used for.
    purposes: Option<Vec<String>>,
    /// The form by whose words they are asked: the newest that leads to the list, if not said.
    collection_point_id: Option<ID>,
    /// Whether to say only what would become of each row, and change nobody.
    #[graphql(default)]
    dry_run: bool,
    /// A name of your own for this import: asked again with the same, it gives the same import; with another table or
    /// other terms it is a `CONFLICT`. At most 200 characters.
    idempotency_key: Option<String>,
}

/// An import whose table is uploaded by itself.
#[derive(InputObject)]
pub(crate) struct PrepareImportInput {
    /// The list that people are put on.
    mailing_list_id: ID,
    /// What is known of the table; the rest is found out.
    table: Option<ImportTableInput>,
    /// How the permission was come by.
    evidence: Option<ImportEvidenceInput>,
    /// What becomes of rows without evidence of permission.
    #[graphql(default_with = "ImportWithoutEvidence::Ask")]
    without_evidence: ImportWithoutEvidence,
    /// As for `importSubscribers`. Needed if rows say how permissions were come by.
    purposes: Option<Vec<String>>,
    /// The form by whose words people are asked: the newest that leads to the list, if not said.
    collection_point_id: Option<ID>,
    /// Whether to say only what would become of each row, and change nobody.
    #[graphql(default)]
    dry_run: bool,
    /// A name of your own for this import: asked again with the same, it gives the same import and a new address. At most
    /// 200 characters.
    idempotency_key: Option<String>,
}

/// The import that has begun.
#[derive(SimpleObject)]
pub(crate) struct ImportSubscribersPayload {
    /// The import.
    import: Import,
}

/// Where a table is sent, with `PUT`: as it is, or packed with `Content-Encoding: gzip`. The same table may be sent again. An
/// upload that breaks off leaves nothing behind.
#[derive(SimpleObject)]
pub(crate) struct ImportUpload {
    /// The address. It takes the table without a further sign-in, while whoever asked for it stays signed in.
    url: String,
    /// Until when an upload can begin: an hour.
    expires_at: Time,
    /// How large the table may be, once unpacked, in MiB.
    max_mebibytes: u64,
    /// How many rows it may have.
    max_rows: u64,
}

/// The import, and where to send its table.
#[derive(SimpleObject)]
pub(crate) struct PrepareImportPayload {
    /// The import. It waits for its table for a day.
    import: Import,
    /// Where to send the table.
    upload: ImportUpload,
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
    /// whoever has none is asked to confirm, and nobody's no is undone. `CONFLICT` where 20 imports are under way.
    #[graphql(complexity = "500 + child_complexity")]
    async fn import_subscribers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The list of people.")] input: ImportSubscribersInput,
    ) -> Result<ImportSubscribersPayload> {
        let (csv, file) = (input.csv, input.file);
        let new = new_import(
            ctx,
            PrepareImportInput {
                mailing_list_id: input.mailing_list_id,
                table: input.table,
                evidence: input.evidence,
                without_evidence: input.without_evidence,
                purposes: input.purposes,
                collection_point_id: input.collection_point_id,
                dry_run: input.dry_run,
                idempotency_key: input.idempotency_key,
            },
        )?;
        match (csv, file) {
            (Some(csv), None) => {
                let mut tx = ctx.write().await?;
                let id = import::create_with(&mut tx, &new, &csv).await?;
                let import = Import(import::by_id(&tx, id).await?);
                tx.commit_if_noted().await?;
                Ok(ImportSubscribersPayload { import })
            }
            (None, Some(Upload)) => {
                let (store, who) = (ctx.app()?.store.clone(), ctx.access()?.ctx());
                let file = Upload::file(ctx, "file")?;
                // In a task of its own: what takes longer than an operation may is done all the same.
                let task = tokio::spawn(take_file(store, who, new, file));
                let id = task.await.map_err(ApiError::internal)??;
                let import = Import(import::by_id(&ctx.read().await?, id).await?);
                Ok(ImportSubscribersPayload { import })
            }
            _ => Err(ApiError::bad_input(
                "csv",
                "give the table as `csv` or as `file`, one of the two",
            )),
        }
    }

    /// Prepares an import whose table is then uploaded by itself, however large: `curl -T people.csv URL`. `CONFLICT` where 20
    /// imports are under way: those that wait for their table are, too, for a day.
    #[graphql(complexity = "500 + child_complexity")]
    async fn prepare_import(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be brought along.")] input: PrepareImportInput,
    ) -> Result<PrepareImportPayload> {
        let new = new_import(ctx, input)?;
        let session = ctx.member()?.session;
        let mut tx = ctx.write().await?;
        let id = import::create(&mut tx, &new).await?;
        let import = import::by_id(&tx, id).await?;
        let ticket = import::ticket(&tx, session, id);
        tx.commit_if_noted().await?;
        let app = ctx.app()?;
        Ok(PrepareImportPayload {
            upload: ImportUpload {
                url: format!("{}/imports/{}", app.base_url, ticket.secret.expose_secret()),
                expires_at: ticket.expires_at.into(),
                max_mebibytes: app.uploads.table_octets / (1024 * 1024),
                max_rows: import.max_rows,
            },
            import: Import(import),
        })
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

fn new_import(ctx: &Context<'_>, input: PrepareImportInput) -> Result<NewImport> {
    let form = input.collection_point_id.as_ref();
    let form: Option<CollectionPointId> = form
        .map(|form| id::parse("collectionPointId", form))
        .transpose()?;
    Ok(NewImport {
        list: id::parse("mailingListId", &input.mailing_list_id)?,
        layout: input.table.unwrap_or_default().layout()?,
        evidence: input.evidence.map(|said| NewEvidence {
            source: said.source,
            collected_at: said.collected_at.0,
            statement: said.statement,
            purposes: said.purposes,
        }),
        without_evidence: input.without_evidence.into(),
        purposes: input.purposes,
        form,
        is_dry_run: input.dry_run,
        max_rows: ctx.app()?.uploads.table_rows,
        idempotency_key: input.idempotency_key,
    })
}

/// Takes a table in that was put down in a file.
async fn take_file(store: Store, who: TenantCtx, new: NewImport, file: File) -> Result<ImportId> {
    let mut reception = Reception::begin_new(&store, who, &new).await?;
    let id = reception.import();
    let mut file = file;
    loop {
        let read = tokio::task::spawn_blocking(move || {
            let mut octets = vec![0; READ_AT_ONCE];
            let read = file.read(&mut octets)?;
            octets.truncate(read);
            Ok::<_, std::io::Error>((file, octets))
        });
        let Ok(Ok((rest, octets))) = read.await else {
            reception.abandon().await?;
            let message = "the file could not be read on this server: send it again";
            return Err(ApiError::new(ErrorCode::Unavailable, message));
        };
        if octets.is_empty() {
            break;
        }
        file = rest;
        if let Err(error) = reception.push(&octets).await {
            reception.abandon().await?;
            return Err(error.into());
        }
    }
    reception.finish("file").await?;
    Ok(id)
}
