//! Lists of people that a tenant brings along (P01).

use assent_domain::import as domain;
use assent_entity::access::Access;
use assent_entity::export;
use assent_entity::import::{self, Import as Row, Problem};
use assent_entity::page::Page;
use async_graphql::{Context, Description, Enum, ID, Object, SimpleObject};

use super::collection_point::CollectionPoint;
use super::connection::{Connection, List, page_cost};
use super::context::World;
use super::error::Result;
use super::export::ExportedFile;
use super::id;
use super::loaders::{ProblemsOf, PurposesOfImport, ReasonsOf};
use super::mailing_list::MailingList;
use super::purpose::Purpose;
use super::time::Time;

mod change;
mod table;

pub(crate) use change::ImportMutation;
use change::ImportWithoutEvidence;
use table::{ImportColumn, ImportDelimiter};

/// Where an import stands.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "domain::ImportStatus")]
pub(crate) enum ImportStatus {
    /// It waits for its table, for a day: see `prepareImport`.
    AwaitingTable,
    /// It has come in, and no row has been read yet.
    Queued,
    /// Rows are being taken in.
    Running,
    /// Every row has been read.
    Finished,
    /// It was stopped; what had been taken in by then stays.
    Cancelled,
    /// It cannot be read to its end: see `failure`.
    Failed,
}

/// What a column of an import is about.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "domain::ImportField")]
pub(crate) enum ImportField {
    /// The address, in a column `email`.
    Email,
    /// The name, in a column `name`: at most 200 characters.
    Name,
    /// The first part of the name, in a column `first name`: at most 100 characters. `NAME` stands before the two parts.
    GivenName,
    /// The last part of the name, in a column `last name`: at most 100 characters.
    FamilyName,
    /// The company, in a column `company`: at most 200 characters.
    Company,
    /// A language tag (BCP 47), in a column `language`. One that is not known is left out.
    Language,
    /// Where the permission was given, in a column `source`.
    Source,
    /// When it was given, in a column `collectedAt`: RFC 3339, `2026-11-30 09:00:00`, or a date such as 2026-11-30. Without an
    /// offset it is in UTC.
    CollectedAt,
    /// The words that the person agreed to, in a column `statement`.
    Statement,
}

/// Why a row was left out.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "domain::RowProblem")]
pub(crate) enum ImportProblemReason {
    /// It has no address.
    EmailMissing,
    /// What should be the address is none.
    EmailInvalid,
    /// A text is longer than it may be, or holds control characters.
    TextInvalid,
    /// What should be a time is none.
    TimeInvalid,
    /// A permission is said to have been given in the future.
    TimeInFuture,
    /// What should be a value of a custom field is none of its kind: see `customField`.
    ValueInvalid,
    /// Characters could not be read: the table is in another encoding than it was taken for. Say which in `table.encoding`.
    CharactersUnreadable,
    /// The row has more than 64 KiB or 5,000 cells.
    RowTooLarge,
    /// The address is held back: somebody there wants no mail, complained, was erased, or there is no such mailbox.
    HeldBack,
    /// The person said no before, or left the list. Only they take that back (P18).
    SaidNo,
    /// The policy in force names nothing of what the import is for.
    PurposeNotInPolicy,
    /// There is no evidence of permission, and the import is to leave such rows out.
    EvidenceMissing,
    /// There is no evidence of permission, and no form that leads to the list and has words for what it is used for.
    NothingToAskBy,
}

/// A row that was left out. What stands in it is not kept.
#[derive(SimpleObject)]
pub(crate) struct ImportProblem {
    /// The line in which the row begins; the first line of the table is 1.
    line: u64,
    /// Why it was left out.
    reason: ImportProblemReason,
    /// What the column has that this is about, if it is about one.
    field: Option<ImportField>,
    /// The key of the custom field that it is about, if it is about one.
    custom_field: Option<String>,
}

/// How many rows were left out for one reason.
#[derive(SimpleObject)]
pub(crate) struct ImportRefusal {
    /// The reason.
    reason: ImportProblemReason,
    /// How many rows.
    rows: u64,
}

impl From<Problem> for ImportProblem {
    fn from(problem: Problem) -> Self {
        let (field, custom_field) = table::told(problem.flaw.field.as_ref());
        Self {
            line: problem.line,
            reason: problem.flaw.problem.into(),
            field,
            custom_field,
        }
    }
}

/// How a tenant came by the permission of those whose rows do not say otherwise.
#[derive(SimpleObject)]
pub(crate) struct ImportEvidence {
    /// Where it was given.
    source: String,
    /// When.
    collected_at: Time,
    /// The words that people agreed to.
    statement: String,
}

/// A list of people that a tenant brought along. Whoever stands on it with evidence of their permission is on the list;
/// others are asked to confirm.
#[derive(Description)]
pub(crate) struct Import(pub(crate) Row);

#[Object(use_type_description)]
impl Import {
    /// The import's id.
    pub(crate) async fn id(&self) -> ID {
        id::text(self.0.id)
    }

    /// Where it stands.
    async fn status(&self) -> ImportStatus {
        self.0.status.into()
    }

    /// Why it cannot be read to its end; null unless it is `FAILED`.
    async fn failure(&self) -> Option<&str> {
        self.0.failure.as_deref()
    }

    /// The list that people are put on.
    #[graphql(complexity = "5 + child_complexity")]
    async fn mailing_list(&self, ctx: &Context<'_>) -> Result<MailingList> {
        MailingList::load(ctx, self.0.list).await
    }

    /// What people are said to have agreed to, or are asked for.
    #[graphql(complexity = "10 + 3 * child_complexity")]
    async fn purposes(&self, ctx: &Context<'_>) -> Result<Vec<Purpose>> {
        let wanted = ctx.loader()?.load_one(PurposesOfImport(self.0.id)).await?;
        let wanted = wanted.unwrap_or_default();
        let found = ctx.loader()?.load_many(wanted.iter().copied()).await?;
        Ok(wanted
            .iter()
            .filter_map(|id| found.get(id).cloned().map(Purpose))
            .collect())
    }

    /// How the permission of those was come by whose rows do not say otherwise; null where only rows do.
    async fn evidence(&self) -> Option<ImportEvidence> {
        self.0.evidence.as_ref().map(|said| ImportEvidence {
            source: said.source.clone(),
            collected_at: said.collected_at.into(),
            statement: said.statement.clone(),
        })
    }

    /// The form by whose words those are asked who come without evidence; null where there is none.
    #[graphql(complexity = "5 + child_complexity")]
    async fn collection_point(&self, ctx: &Context<'_>) -> Result<Option<CollectionPoint>> {
        let Some(form) = self.0.form else { return Ok(None) };
        Ok(ctx.loader()?.load_one(form).await?.map(CollectionPoint))
    }

    /// What becomes of rows without evidence of permission.
    async fn without_evidence(&self) -> ImportWithoutEvidence {
        self.0.without_evidence.into()
    }

    /// Whether it says only what would become of each row, and changes nobody: the counts are then of what would be.
    async fn dry_run(&self) -> bool {
        self.0.is_dry_run
    }

    /// The encoding of the table, as the WHATWG Encoding Standard calls it; null before the table is there.
    async fn encoding(&self) -> Option<&str> {
        self.0.encoding.as_deref()
    }

    /// Whether the encoding is a guess: neither said nor marked, and not UTF-8. Look at names with accents before you trust it.
    async fn encoding_is_guess(&self) -> bool {
        self.0.is_encoding_guess
    }

    /// What stands between cells; null before the table is there.
    async fn delimiter(&self) -> Option<ImportDelimiter> {
        self.0.delimiter().map(ImportDelimiter::from)
    }

    /// The columns of the table and what they are about; none before it is there.
    #[graphql(complexity = "10 + 10 * child_complexity")]
    async fn columns(&self) -> Vec<ImportColumn> {
        table::columns(self.0.columns())
    }

    /// How large the table is, in octets of UTF-8; 0 before it is there.
    async fn octets(&self) -> u64 {
        self.0.octets
    }

    /// How many octets of it have been read: with `octets`, how far the import has got.
    async fn octets_read(&self) -> u64 {
        self.0.octets_read
    }

    /// How many rows have been read.
    async fn rows_read(&self) -> u64 {
        self.0.rows_read
    }

    /// How many of them were of people with evidence of their permission, who are on the list.
    async fn rows_imported(&self) -> u64 {
        self.0.rows_imported
    }

    /// How many were of people without, who were asked to confirm.
    async fn rows_held(&self) -> u64 {
        self.0.rows_held
    }

    /// How many were left out: see `problems`.
    async fn rows_refused(&self) -> u64 {
        self.0.rows_refused
    }

    /// How many people were not known before, or, of a dry run, would be new. An address that stands there more than once is
    /// one person.
    async fn people_new(&self) -> u64 {
        self.0.people_new
    }

    /// How many rows were left out for each reason, the most frequent first.
    #[graphql(complexity = "50 + 10 * child_complexity")]
    async fn refusals(&self, ctx: &Context<'_>) -> Result<Vec<ImportRefusal>> {
        let reasons = ctx.loader()?.load_one(ReasonsOf(self.0.id)).await?;
        Ok(reasons
            .unwrap_or_default()
            .into_iter()
            .map(|(reason, rows)| ImportRefusal {
                reason: reason.into(),
                rows,
            })
            .collect())
    }

    /// The rows that were left out, in the order of the table: the first 10,000, for 90 days after the import ended.
    /// `rowsRefused` and `refusals` count all, for good.
    #[graphql(complexity = "page_cost(first, child_complexity)")]
    async fn problems(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many rows: 20 if not said, at most 100.")] first: Option<i32>,
        #[graphql(desc = "The cursor to begin behind.")] after: Option<String>,
    ) -> Result<Connection<ImportProblem>> {
        let list = List::of("importProblems", self.0.id.uuid());
        let request = list.request(ctx, first, after.as_deref())?;
        let page = ctx.loader()?.load_one(ProblemsOf(self.0.id, request)).await?;
        Ok(list.page(request, page.unwrap_or_else(Page::empty), ImportProblem::from))
    }

    /// These as a file: CSV with line, reason and column. Where there were more, a last row has no line, the reason `NOT_KEPT`, and
    /// for the column how many.
    #[graphql(complexity = "10 + child_complexity")]
    async fn problems_file(&self, ctx: &Context<'_>) -> Result<ExportedFile> {
        let by = Access::Member(ctx.member()?);
        let ticket = export::ask_for_problems(&ctx.read().await?, &by, self.0.id).await?;
        ExportedFile::of(ctx, &ticket)
    }

    /// When it was asked for.
    async fn created_at(&self) -> Time {
        self.0.created_at.into()
    }

    /// When it ended; null while rows are still to be read.
    async fn finished_at(&self) -> Option<Time> {
        self.0.finished_at.map(Time)
    }
}

impl Import {
    async fn find(ctx: &Context<'_>, id: &ID) -> Result<Self> {
        let id = id::parse("id", id)?;
        Ok(Self(import::by_id(&ctx.read().await?, id).await?))
    }
}

/// What can be asked about imports.
#[derive(Default)]
pub(crate) struct ImportQuery;

#[Object]
impl ImportQuery {
    /// One import. `NOT_FOUND` if the tenant has none with this id.
    async fn import(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "An id that begins with import_.")] id: ID,
    ) -> Option<Result<Import>> {
        Some(Import::find(ctx, &id).await)
    }

    /// The tenant's imports, oldest first.
    #[graphql(complexity = "page_cost(first, child_complexity)")]
    async fn imports(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many rows: 20 if not said, at most 100.")] first: Option<i32>,
        #[graphql(desc = "The cursor to begin behind.")] after: Option<String>,
    ) -> Result<Connection<Import>> {
        let list = List::named("imports");
        let request = list.request(ctx, first, after.as_deref())?;
        let page = import::page(&ctx.read().await?, request).await?;
        Ok(list.page(request, page, Import))
    }
}
