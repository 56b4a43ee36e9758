//! What can be wrong with the way in which a database answers.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use assent_tests::{Backend, TestStore};

use crate::catalogue::tables;

/// What is wrong with a plan; most come with the part of it that shows so.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Flaw {
    /// It reads a table, other tenants' rows and all.
    ReadsTable(String),
    /// It reads all of a tenant's rows of a table.
    ReadsTenant(String),
    /// The same, to count them.
    Counts(String),
    /// It goes along a tenant's rows until it has found enough that fit.
    Walks(String),
    /// It puts rows in order of which the first are wanted.
    Sorts(String),
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, part) = match self {
            Self::ReadsTable(part) => ("reads a table", part),
            Self::ReadsTenant(part) => ("reads a tenant's rows", part),
            Self::Counts(part) => ("counts a tenant's rows", part),
            Self::Walks(part) => ("walks along a tenant's rows", part),
            Self::Sorts(part) => ("sorts for a page", part),
        };
        write!(f, "{what}: {part}")
    }
}

/// The tables and how many rows they have, and the indexes that have only some of them.
#[derive(Debug)]
pub(super) struct Stock {
    rows: BTreeMap<String, u64>,
    conditions: BTreeMap<String, String>,
    /// The columns of a table by which a tenant's rows are found, each the second of an index.
    second: BTreeSet<(String, String)>,
    tenants: u64,
}

impl Stock {
    pub(super) async fn of(db: &TestStore) -> Self {
        let mut rows = BTreeMap::new();
        for table in tables(db).await {
            let count = db.count(&table, "1 = 1").await;
            rows.insert(table, u64::try_from(count).expect("a count"));
        }
        let mut second = BTreeSet::new();
        if db.backend == Backend::Postgres {
            let indexes = "SELECT i.indrelid::regclass::text || ' ' || a.attname FROM pg_index i
                           JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[1]
                           WHERE i.indnkeyatts > 1 AND i.indpred IS NULL";
            for of in db.column::<String>(indexes).await {
                let (table, column) = of.split_once(' ').expect("two words");
                second.insert((table.to_owned(), column.to_owned()));
            }
        }
        let mut conditions = BTreeMap::new();
        // PostgreSQL says in its plans what is left to be looked at.
        if db.backend == Backend::Sqlite {
            let partial = "SELECT sql FROM sqlite_master WHERE type = 'index' AND sql LIKE '% WHERE %'";
            for sql in db.column::<String>(partial).await {
                let (made, condition) = sql.split_once(" WHERE ").expect("a condition");
                let (_, named) = made.split_once("INDEX ").expect("a name");
                let name = named.split(' ').next().unwrap_or_default();
                conditions.insert(name.to_owned(), condition.to_owned());
            }
        }
        let tenants = rows["tenant"].max(1);
        Self {
            rows,
            conditions,
            second,
            tenants,
        }
    }

    /// The rows of a table; none of what is no table.
    pub(super) fn rows(&self, table: &str) -> u64 {
        self.rows.get(table).copied().unwrap_or(0)
    }

    /// How many of them a tenant has.
    pub(super) fn rows_of_tenant(&self, table: &str) -> u64 {
        self.rows(table) / self.tenants
    }

    /// Whether an index leads by a column to a tenant's rows.
    pub(super) fn leads(&self, table: &str, column: &str) -> bool {
        self.second.contains(&(table.to_owned(), column.to_owned()))
    }

    pub(super) fn tables(&self) -> impl Iterator<Item = &str> {
        self.rows.keys().map(String::as_str)
    }

    /// Which rows an index has; empty where it has all.
    pub(super) fn condition(&self, index: &str) -> &str {
        self.conditions.get(index).map_or("", String::as_str)
    }
}
