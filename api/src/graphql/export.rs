//! Asking for files.

use assent_entity::export::{self, ExportFormat as Format, Ticket};
use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use secrecy::ExposeSecret;

use super::context::World;
use super::error::{ApiError, ErrorCode, Result};
use super::id;
use super::time::Time;

/// How a file is written.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "Format")]
pub(crate) enum ExportFormat {
    /// CSV (RFC 4180) in UTF-8, with the names of the columns in the first row. A cell that a spreadsheet would take for a
    /// formula has an apostrophe before it.
    Csv,
    /// A JSON object a line (jsonlines.org).
    JsonLines,
}

/// Which people a file is to hold. Conditions that are given all have to hold; an outside party gives none, and gets those who
/// permitted it.
#[derive(InputObject)]
pub(crate) struct ExportSubscribersInput {
    /// How it is written.
    #[graphql(default_with = "ExportFormat::Csv")]
    format: ExportFormat,
    /// Who ever joined this list: an id that begins with list_.
    mailing_list_id: Option<ID>,
    /// Who is in this segment: an id that begins with segment_.
    segment_id: Option<ID>,
}

/// Where a file is. The address opens it without a further sign-in: for ten minutes, and while whoever asked for it stays
/// signed in, or, where a token asked, while the token and its secret count, and from where they do.
#[derive(SimpleObject)]
pub(crate) struct ExportedFile {
    /// Its address. The file is written while it is read.
    url: String,
    /// Until when it can be opened.
    expires_at: Time,
}

/// The file that was asked for.
#[derive(SimpleObject)]
pub(crate) struct ExportSubscribersPayload {
    /// Where it is.
    file: ExportedFile,
}

impl ExportedFile {
    /// Where the file of a ticket is.
    pub(super) fn of(ctx: &Context<'_>, ticket: &Ticket) -> Result<Self> {
        let base_url = &ctx.app()?.base_url;
        Ok(Self {
            url: format!("{base_url}/exports/{}", ticket.secret.expose_secret()),
            expires_at: ticket.expires_at.into(),
        })
    }
}

/// Asking for files.
#[derive(Default)]
pub(crate) struct ExportMutation;

#[Object]
impl ExportMutation {
    /// Asks for a file of people: id, address, name, company, status, language, the number of the policy version they first
    /// gave information under, times, and custom fields. That they are read is noted in the audit log as the file is written.
    ///
    /// The file of an outside party holds those who permitted it anything, or whom a legal order names: the id, and of
    /// address, name and company those that the policy in force or an order says it gets, empty where the person did not
    /// permit it. All of it is in the ledger before it is given out, and what people say while the file is read counts for
    /// the rest of it.
    #[graphql(complexity = "500 + child_complexity")]
    async fn export_subscribers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which people, and how.")] input: ExportSubscribersInput,
    ) -> Result<ExportSubscribersPayload> {
        let list = input.mailing_list_id.as_ref();
        let list = list.map(|list| id::parse("mailingListId", list)).transpose()?;
        let segment = input.segment_id.as_ref();
        let segment = segment
            .map(|segment| id::parse("segmentId", segment))
            .transpose()?;
        let access = ctx.access()?;
        if access.outside_party().is_some() && (list.is_some() || segment.is_some()) {
            // Who is on a list or in a segment is something of a person, too.
            let message = "an outside party cannot choose whom it gets: it gets those who permitted it";
            return Err(ApiError::new(ErrorCode::Forbidden, message).at("input"));
        }
        let mut tx = ctx.write().await?;
        let ticket = export::ask_for_subscribers(&mut tx, access, list, segment, input.format.into()).await?;
        tx.commit().await?;
        Ok(ExportSubscribersPayload {
            file: ExportedFile::of(ctx, &ticket)?,
        })
    }
}
