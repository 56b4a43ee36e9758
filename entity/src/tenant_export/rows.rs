//! The rows of a table, page by page in the order of its key, as JSON.

use data_encoding::HEXLOWER;
use sea_orm::{ConnectionTrait, QueryResult, Value};
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use super::archive::Archive;
use super::{ExportError, TableFile};
use crate::catalogue::{Column, Holds, Table};
use crate::error::StoreError;
use crate::tx::{Read, TenantTx, places};

/// Rows read at a time.
const PAGE: usize = 1000;

/// Writes the tenant's rows of a table into a file of the archive.
pub(super) async fn write(
    tx: &TenantTx<Read>,
    table: &Table,
    archive: &mut Archive,
) -> Result<TableFile, ExportError> {
    let mut lines = archive.table(&table.name)?;
    let mut after = None;
    loop {
        let page = page(tx, table, after.take()).await?;
        for row in &page {
            lines.add(&json_of(table, row)?)?;
        }
        match page.last().filter(|_| page.len() == PAGE) {
            Some(last) => after = Some(key_of(table, last)?),
            None => return Ok(lines.end()),
        }
    }
}

/// The columns that order a tenant's rows: those of the key, but for the tenant.
fn order(table: &Table) -> Vec<&str> {
    let own = own_column(table);
    let order = table.key.iter().map(String::as_str);
    order.filter(|name| *name != own).collect()
}

/// The column that says whose a row is.
fn own_column(table: &Table) -> &'static str {
    if table.name == "tenant" { "id" } else { "tenant_id" }
}

fn selected(column: &Column) -> String {
    match column.holds {
        // PostgreSQL has whole numbers of two lengths.
        Holds::Number => format!("CAST({name} AS BIGINT) AS {name}", name = column.name),
        _ => column.name.clone(),
    }
}

async fn page(
    tx: &TenantTx<Read>,
    table: &Table,
    after: Option<Vec<Value>>,
) -> Result<Vec<QueryResult>, StoreError> {
    let columns: Vec<_> = table.columns.iter().map(selected).collect();
    let (name, own, order) = (&table.name, own_column(table), order(table).join(", "));
    let mut sql = format!("SELECT {} FROM {name} WHERE {own} = $1", columns.join(", "));
    let after = after.unwrap_or_default();
    if !after.is_empty() {
        sql = format!("{sql} AND ({order}) > ({})", places(2, after.len()));
    }
    if !order.is_empty() {
        sql = format!("{sql} ORDER BY {order} LIMIT {PAGE}");
    }
    Ok(tx.conn().query_all_raw(tx.statement(&sql, after)).await?)
}

fn key_of(table: &Table, row: &QueryResult) -> Result<Vec<Value>, StoreError> {
    let mut key = Vec::new();
    for name in order(table) {
        let column = table.column(name).ok_or_else(|| unknown(table, name))?;
        key.push(match column.holds {
            Holds::Uuid => Value::from(row.try_get::<Uuid>("", name)?),
            Holds::Octets => Value::from(row.try_get::<Vec<u8>>("", name)?),
            Holds::Number => Value::from(row.try_get::<i64>("", name)?),
            Holds::Text => Value::from(row.try_get::<String>("", name)?),
            Holds::Fraction | Holds::Unknown => return Err(unknown(table, name)),
        });
    }
    Ok(key)
}

fn json_of(table: &Table, row: &QueryResult) -> Result<Map<String, Json>, StoreError> {
    let mut line = Map::new();
    for column in &table.columns {
        let name = column.name.as_str();
        let value = match column.holds {
            Holds::Uuid => row
                .try_get::<Option<Uuid>>("", name)?
                .map(|id| id.to_string())
                .into(),
            Holds::Octets => row
                .try_get::<Option<Vec<u8>>>("", name)?
                .map(|octets| text_of(&octets))
                .into(),
            Holds::Number => row.try_get::<Option<i64>>("", name)?.into(),
            Holds::Fraction => row.try_get::<Option<f64>>("", name)?.into(),
            Holds::Text => row.try_get::<Option<String>>("", name)?.into(),
            Holds::Unknown => return Err(unknown(table, name)),
        };
        line.insert(name.to_owned(), value);
    }
    Ok(line)
}

/// Octets as both databases give them: where they are 16, SQLite cannot tell them from a UUID.
fn text_of(octets: &[u8]) -> String {
    match Uuid::from_slice(octets) {
        Ok(id) => id.to_string(),
        Err(_) => HEXLOWER.encode(octets),
    }
}

fn unknown(table: &Table, column: &str) -> StoreError {
    let name = &table.name;
    StoreError::Corrupt(format!(
        "{name}.{column} is of a type that no table of a tenant may have"
    ))
}
