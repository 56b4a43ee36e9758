//! A part of the suppression lists, as CSV.

use std::collections::HashMap;

use assent_domain::suppression::SuppressionScope;
use assent_entity::suppression::{Suppression as Row, list};
use assent_entity::{mailing_list, purpose, subscriber};
use async_graphql::{Context, ID, SimpleObject};
use data_encoding::HEXLOWER;

use super::super::context::World;
use super::super::error::{ApiError, Result};
use super::super::{id, person};
use super::csv::COLUMNS;
use crate::csv_cell::safe;

/// How many rows a part has at most.
const ROWS: u64 = 1000;

/// A part of the suppression lists.
#[derive(SimpleObject)]
pub(crate) struct SuppressionExport {
    /// The part, its columns named in the first line: email, reason, list, purpose, since, hash.
    csv: String,
    /// How many rows it has.
    rows: u64,
    /// The `suppressionId` to ask with for the next part; null after the last.
    next: Option<ID>,
}

pub(super) async fn part(ctx: &Context<'_>, after: Option<&ID>) -> Result<SuppressionExport> {
    let after = after.map(|text| id::parse("suppressionId", text)).transpose()?;
    let tx = ctx.read().await?;
    if let Some(after) = after {
        list::by_id(&tx, after).await?;
    }
    let rows = list::part(&tx, after, ROWS).await?;
    let hashes: Vec<_> = rows.iter().map(|row| row.address_hash).collect();
    let people = subscriber::by_addresses(&tx, &hashes).await?;
    let lists: Vec<_> = rows.iter().filter_map(|row| list_of(row.scope)).collect();
    let lists = mailing_list::by_ids(&tx, &lists).await?;
    let lists: HashMap<_, _> = lists.into_iter().map(|list| (list.id, list.name)).collect();
    let purposes = purpose::all(&tx).await?;
    let purposes: HashMap<_, _> = purposes
        .into_iter()
        .map(|purpose| (purpose.id, purpose.code))
        .collect();
    drop(tx);
    let mut csv = csv::Writer::from_writer(Vec::new());
    csv.write_record(COLUMNS).map_err(ApiError::internal)?;
    for row in &rows {
        let reached = people.get(&row.address_hash);
        let email = match reached {
            Some(reached) => person::email(ctx, reached).await?,
            None => String::new(),
        };
        let (list, purpose) = match row.scope {
            SuppressionScope::All => (String::new(), String::new()),
            SuppressionScope::List(id) => (lists.get(&id).cloned().unwrap_or_default(), String::new()),
            SuppressionScope::Purpose(id) => (String::new(), purposes.get(&id).cloned().unwrap_or_default()),
        };
        let cells = [
            email,
            row.reason.to_string(),
            list,
            purpose,
            row.created_at.to_string(),
            hash(row),
        ];
        csv.write_record(cells.iter().map(|cell| safe(cell).into_owned()))
            .map_err(ApiError::internal)?;
    }
    let text = csv
        .into_inner()
        .map_err(|error| ApiError::internal(error.to_string()))?;
    let is_last = u64::try_from(rows.len()).unwrap_or(0) < ROWS;
    Ok(SuppressionExport {
        csv: String::from_utf8(text).map_err(ApiError::internal)?,
        rows: u64::try_from(rows.len()).unwrap_or(0),
        next: rows.last().filter(|_| !is_last).map(|row| id::text(row.id)),
    })
}

fn list_of(scope: SuppressionScope) -> Option<assent_domain::id::MailingListId> {
    match scope {
        SuppressionScope::List(id) => Some(id),
        SuppressionScope::All | SuppressionScope::Purpose(_) => None,
    }
}

fn hash(row: &Row) -> String {
    HEXLOWER.encode(&row.address_hash.0)
}
