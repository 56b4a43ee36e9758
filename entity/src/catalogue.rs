//! The tables of a tenant as the database's own catalogue knows them, so that a table that is added later is neither
//! left behind when a tenant is deleted nor missing when one is exported.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{DatabaseBackend, FromQueryResult};

use crate::error::StoreError;
use crate::tx::TenantTx;

/// The column by which a row belongs to a tenant.
const TENANT: &str = "tenant_id";

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holds {
    /// A UUID. SQLite does not tell them from octets.
    Uuid,
    /// Octets.
    Octets,
    /// A whole number.
    Number,
    /// A number with a fraction.
    Fraction,
    /// A text.
    Text,
    /// Something that no table of a tenant may hold until this file knows about it.
    Unknown,
}

/// A column.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) holds: Holds,
}

/// A table.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    pub(crate) name: String,
    pub(crate) columns: Vec<Column>,
    /// The columns of the primary key, in its order.
    pub(crate) key: Vec<String>,
    /// The other tables that its foreign keys refer to.
    refers_to: BTreeSet<String>,
}

impl Table {
    /// A column of the table by its name.
    pub(crate) fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }
}

#[derive(FromQueryResult)]
struct ColumnRow {
    table_name: String,
    name: String,
    type_name: String,
    place_in_key: i32,
}

#[derive(FromQueryResult)]
struct Reference {
    from_table: String,
    to_table: String,
}

const COLUMNS_ON_SQLITE: &str = "
    SELECT t.name AS table_name, c.name AS name, c.type AS type_name, c.pk AS place_in_key
    FROM sqlite_master t JOIN pragma_table_info(t.name) c
    WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' ORDER BY t.name, c.cid";

const REFERENCES_ON_SQLITE: &str = "
    SELECT DISTINCT t.name AS from_table, f.\"table\" AS to_table
    FROM sqlite_master t JOIN pragma_foreign_key_list(t.name) f WHERE t.type = 'table'";

const COLUMNS_ON_POSTGRES: &str = "
    SELECT t.relname::text AS table_name, c.attname::text AS name, c.atttypid::regtype::text AS type_name,
           COALESCE(array_position(i.indkey::int2[], c.attnum) + 1, 0) AS place_in_key
    FROM pg_class t
    JOIN pg_attribute c ON c.attrelid = t.oid AND c.attnum > 0 AND NOT c.attisdropped
    LEFT JOIN pg_index i ON i.indrelid = t.oid AND i.indisprimary
    WHERE t.relkind = 'r' AND t.relnamespace = current_schema()::regnamespace
    ORDER BY t.relname, c.attnum";

const REFERENCES_ON_POSTGRES: &str = "
    SELECT DISTINCT t.relname::text AS from_table, o.relname::text AS to_table
    FROM pg_constraint k JOIN pg_class t ON t.oid = k.conrelid JOIN pg_class o ON o.oid = k.confrelid
    WHERE k.contype = 'f' AND t.relnamespace = current_schema()::regnamespace";

/// Every table with a column that names the tenant, those first to which no other refers: rows deleted in this order
/// leave no reference behind.
pub(crate) async fn of_tenant<M>(tx: &TenantTx<M>) -> Result<Vec<Table>, StoreError> {
    let (columns, references) = match tx.store().backend() {
        DatabaseBackend::Postgres => (COLUMNS_ON_POSTGRES, REFERENCES_ON_POSTGRES),
        _ => (COLUMNS_ON_SQLITE, REFERENCES_ON_SQLITE),
    };
    let mut tables = read(tx.listed(columns).await?);
    for Reference { from_table, to_table } in tx.listed(references).await? {
        if let Some(table) = tables.get_mut(&from_table).filter(|_| from_table != to_table) {
            table.refers_to.insert(to_table);
        }
    }
    tables.retain(|_, table| table.column(TENANT).is_some());
    children_first(tables)
}

/// The directory's row of the tenant itself, as a table.
pub(crate) async fn directory<M>(tx: &TenantTx<M>) -> Result<Table, StoreError> {
    let columns = match tx.store().backend() {
        DatabaseBackend::Postgres => COLUMNS_ON_POSTGRES,
        _ => COLUMNS_ON_SQLITE,
    };
    let mut tables = read(tx.listed(columns).await?);
    tables
        .remove("tenant")
        .ok_or_else(|| StoreError::Corrupt("the catalogue has no table of tenants".to_owned()))
}

fn read(rows: Vec<ColumnRow>) -> BTreeMap<String, Table> {
    let mut tables: BTreeMap<String, (Table, BTreeMap<i32, String>)> = BTreeMap::new();
    for row in rows {
        let (table, key) = tables.entry(row.table_name.clone()).or_insert_with(|| {
            let table = Table {
                name: row.table_name.clone(),
                columns: Vec::new(),
                key: Vec::new(),
                refers_to: BTreeSet::new(),
            };
            (table, BTreeMap::new())
        });
        if row.place_in_key > 0 {
            key.insert(row.place_in_key, row.name.clone());
        }
        table.columns.push(Column {
            holds: holds(&row.type_name),
            name: row.name,
        });
    }
    let whole = |(name, (table, key)): (String, (Table, BTreeMap<i32, String>))| {
        let key = key.into_values().collect();
        (name, Table { key, ..table })
    };
    tables.into_iter().map(whole).collect()
}

fn holds(type_name: &str) -> Holds {
    match type_name {
        "uuid" => Holds::Uuid,
        "bytea" | "BLOB" => Holds::Octets,
        "bigint" | "integer" | "INTEGER" => Holds::Number,
        "double precision" | "REAL" => Holds::Fraction,
        "text" | "TEXT" => Holds::Text,
        _ => Holds::Unknown,
    }
}

fn children_first(mut left: BTreeMap<String, Table>) -> Result<Vec<Table>, StoreError> {
    let mut ordered = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let referred_to: BTreeSet<String> = left
            .values()
            .flat_map(|table| table.refers_to.iter().cloned())
            .collect();
        let free: Vec<String> = left
            .keys()
            .filter(|name| !referred_to.contains(*name))
            .cloned()
            .collect();
        if free.is_empty() {
            let names: Vec<_> = left.into_keys().collect();
            let problem = format!("tables refer to each other in a circle: {}", names.join(", "));
            return Err(StoreError::Corrupt(problem));
        }
        ordered.extend(free.iter().filter_map(|name| left.remove(name)));
    }
    Ok(ordered)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(name: &str, refers_to: &[&str]) -> (String, Table) {
        let table = Table {
            name: name.to_owned(),
            columns: Vec::new(),
            key: Vec::new(),
            refers_to: refers_to.iter().map(|of| (*of).to_owned()).collect(),
        };
        (name.to_owned(), table)
    }

    #[test]
    fn what_refers_comes_before_what_is_referred_to() {
        let tables = [
            table("member", &["tenant"]),
            table("credential", &["session"]),
            table("session", &["tenant", "member"]),
        ];
        let ordered = children_first(tables.into()).unwrap();
        let names: Vec<_> = ordered.iter().map(|table| table.name.as_str()).collect();
        assert_eq!(names, ["credential", "session", "member"]);
        let circle = [table("a", &["b"]), table("b", &["a"])];
        assert!(children_first(circle.into()).is_err());
    }
}
