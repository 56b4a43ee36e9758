//! What can be wrong with the way in which a database answers.

use std::collections::BTreeMap;
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
}

impl Stock {
    pub(super) async fn of(db: &TestStore) -> Self {
        let mut rows = BTreeMap::new();
        for table in tables(db).await {
            let count = db.count(&table, "1 = 1").await;
            rows.insert(table, u64::try_from(count).expect("a count"));
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
        Self { rows, conditions }
    }

    /// The rows of a table; none of what is no table.
    pub(super) fn rows(&self, table: &str) -> u64 {
        self.rows.get(table).copied().unwrap_or(0)
    }

    pub(super) fn tables(&self) -> impl Iterator<Item = &str> {
        self.rows.keys().map(String::as_str)
    }

    /// Which rows an index has; empty where it has all.
    pub(super) fn condition(&self, index: &str) -> &str {
        self.conditions.get(index).map_or("", String::as_str)
    }
}
