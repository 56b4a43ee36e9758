//! Several statements that a database is asked in one trip. Where the statements are small, trips are what a transaction costs.

use sea_orm::{DatabaseBackend, FromQueryResult, Value};

use super::{TenantTx, Write, places};
use crate::error::StoreError;

/// Changes, and a question that is answered as things stood before them: to PostgreSQL they are parts of one statement, and
/// SQLite is asked the question first. No change may build on another, nor two change one row: on SQLite they would see each
/// other, on PostgreSQL not.
pub(crate) struct Trip<'a> {
    tx: &'a TenantTx<Write>,
    changes: Vec<String>,
    values: Vec<Value>,
}

/// What the question calls what a change returns.
fn name(place: usize) -> String {
    format!("change{place}")
}

impl<'a> Trip<'a> {
    /// Begins with values that are `$2`, `$3` and so on to all statements; `$1` is the tenant.
    pub(crate) fn with(tx: &'a TenantTx<Write>, values: impl IntoIterator<Item = Value>) -> Self {
        Self {
            tx,
            changes: Vec::new(),
            values: values.into_iter().collect(),
        }
    }

    /// The transaction that it is a part of.
    pub(crate) fn tx(&self) -> &'a TenantTx<Write> {
        self.tx
    }

    /// The place of one more value.
    pub(crate) fn place(&mut self, value: impl Into<Value>) -> String {
        self.values.push(value.into());
        format!("${}", self.values.len() + 1)
    }

    /// The places of more values, for a row or a list.
    pub(crate) fn places(&mut self, values: impl IntoIterator<Item = Value>) -> String {
        let first = self.values.len() + 2;
        self.values.extend(values);
        places(first, self.values.len() + 2 - first)
    }

    /// The places of ids, filled up with such as match nothing to the power of two that `all` fit in: where several lists share
    /// one number of places, the database has few statements to know.
    pub(crate) fn ids(&mut self, mut ids: Vec<Value>, all: usize) -> String {
        ids.resize(all.max(ids.len()).next_power_of_two(), Value::Uuid(None));
        self.places(ids)
    }

    /// A table of these rows, whose columns are `column1`, `column2` and so on, filled up in the same way with rows of nothing.
    pub(crate) fn rows<const COLUMNS: usize>(
        &mut self,
        rows: impl ExactSizeIterator<Item = [Value; COLUMNS]>,
        all: usize,
    ) -> String {
        let filled = all.max(rows.len()).next_power_of_two();
        let mut places = Vec::with_capacity(filled);
        let mut nothing = None;
        for row in rows {
            nothing.get_or_insert_with(|| row.each_ref().map(Value::as_null));
            places.push(format!("({})", self.places(row)));
        }
        if let Some(nothing) = nothing {
            let missing = filled - places.len();
            places.extend(
                std::iter::repeat_n(nothing, missing).map(|nothing| format!("({})", self.places(nothing))),
            );
        }
        format!("(VALUES {})", places.join(", "))
    }

    /// Adds a change.
    pub(crate) fn change(&mut self, sql: String) {
        self.changes.push(sql);
    }

    /// Adds a change of `rows`, which is a query, and gives what the question may read their `columns` from. PostgreSQL says
    /// which rows it changed, and others that had them in hand it may have passed by; SQLite's writers take turns.
    pub(crate) fn change_of(&mut self, rows: &str, columns: &str, sql: String) -> String {
        if self.tx.store().is_sqlite() {
            self.change(sql);
            return format!("({rows})");
        }
        let name = name(self.changes.len());
        self.change(format!("{sql} RETURNING {columns}"));
        name
    }

    /// Makes the changes.
    pub(crate) async fn go(self) -> Result<(), StoreError> {
        if self.changes.is_empty() {
            return Ok(());
        }
        let tx = self.tx;
        let (sql, values) = self.asking("SELECT 1");
        tx.execute(&sql, values).await?;
        Ok(())
    }

    /// Makes the changes, and gives the answer to the question.
    pub(crate) async fn ask<T: FromQueryResult>(self, question: &str) -> Result<Vec<T>, StoreError> {
        let tx = self.tx;
        let (sql, values) = self.asking(question);
        tx.all(&sql, values).await
    }

    fn asking(self, question: &str) -> (String, Vec<Value>) {
        let sql = match self.tx.store().backend() {
            DatabaseBackend::Postgres => in_one_statement(&self.changes, question),
            _ => one_after_the_other(&self.changes, question),
        };
        (sql, self.values)
    }
}

fn in_one_statement(changes: &[String], question: &str) -> String {
    if changes.is_empty() {
        return question.to_owned();
    }
    let changes: Vec<_> = changes
        .iter()
        .enumerate()
        .map(|(place, sql)| format!("{} AS ({sql})", name(place)))
        .collect();
    format!("WITH {} {question}", changes.join(", "))
}

/// The driver takes several statements at once, and their values by number.
fn one_after_the_other(changes: &[String], question: &str) -> String {
    let changes = changes.iter().map(String::as_str);
    let all: Vec<_> = std::iter::once(question).chain(changes).collect();
    all.join("; ")
}
