//! All that is stored, as text: to prove that something changed nothing.

use std::collections::BTreeMap;

use crate::database::{Backend, TestStore};

/// The rows of every table, as text and in order.
pub type Dump = BTreeMap<String, Vec<String>>;

impl TestStore {
    /// Every row of every table, those that no entity knows included.
    pub async fn dump(&self) -> Dump {
        let tables = match self.backend {
            Backend::Sqlite => {
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            }
            Backend::Postgres => {
                "SELECT table_schema || '.' || table_name FROM information_schema.tables
                 WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')"
            }
        };
        let mut dump = Dump::new();
        for table in self.column::<String>(tables).await {
            let row = self.row_as_text(&table).await;
            let sql = format!("SELECT {row} AS line FROM {table} AS of_table ORDER BY line");
            let rows = self.column(&sql).await;
            dump.insert(table, rows);
        }
        assert!(dump.len() > 25, "all tables are looked at: {:?}", dump.keys());
        dump
    }

    async fn row_as_text(&self, table: &str) -> String {
        match self.backend {
            Backend::Postgres => "of_table::text".to_owned(),
            Backend::Sqlite => {
                let columns = format!("SELECT name FROM pragma_table_info('{table}')");
                let columns: Vec<String> = self.column(&columns).await;
                let quoted: Vec<_> = columns.iter().map(|column| format!("quote({column})")).collect();
                quoted.join(" || ', ' || ")
            }
        }
    }
}

/// The tables whose rows differ, with the rows that only one of the two has.
pub fn difference(before: &Dump, after: &Dump) -> Vec<String> {
    let mut lines = Vec::new();
    for (table, rows) in after {
        let old = before.get(table).map(Vec::as_slice).unwrap_or_default();
        let gone = old.iter().filter(|row| !rows.contains(row));
        let new = rows.iter().filter(|row| !old.contains(row));
        lines.extend(gone.map(|row| format!("{table}: - {row}")));
        lines.extend(new.map(|row| format!("{table}: + {row}")));
        if old.len() != rows.len() {
            lines.push(format!("{table}: {} rows, then {}", old.len(), rows.len()));
        }
    }
    lines
}
