//! What can be wrong with the way in which a database answers.

use std::collections::BTreeMap;
use std::fmt;

use assent_tests::TestStore;

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

/// How many rows the tables have.
#[derive(Debug)]
pub(super) struct Sizes(BTreeMap<String, u64>);

impl Sizes {
    pub(super) async fn of(db: &TestStore) -> Self {
        let mut sizes = BTreeMap::new();
        for table in tables(db).await {
            let rows = db.count(&table, "1 = 1").await;
            sizes.insert(table, u64::try_from(rows).expect("a count"));
        }
        Self(sizes)
    }

    /// The rows of a table; none of what is no table.
    pub(super) fn rows(&self, table: &str) -> u64 {
        self.0.get(table).copied().unwrap_or(0)
    }

    pub(super) fn tables(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}
