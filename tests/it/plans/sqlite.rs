//! What SQLite would do: `EXPLAIN QUERY PLAN`. It plans by the schema alone, as it does for the product, which never takes
//! stock there: what is found here does not depend on the rows.

use std::collections::BTreeMap;

use assent_tests::TestStore;

use super::reading::{Flaw, Stock};

/// Fewer rows than these are no more than a furnished tenant has.
const FEW: u64 = 50;

/// Fewer rows of a tenant than these are read at once.
const A_TENANTS: u64 = 500;

/// The steps of a plan, outermost first.
pub(super) async fn plan(db: &TestStore, sql: &str) -> Vec<String> {
    let rows = db.query(&format!("EXPLAIN QUERY PLAN {sql}")).await;
    let steps = rows.iter().map(|row| row.try_get("", "detail").expect("a step"));
    steps.collect()
}

/// What is wrong with the plan of a statement.
pub(super) fn flaws(sql: &str, steps: &[String], stock: &Stock) -> Vec<Flaw> {
    let reader = Reader {
        words: words(sql),
        names: names(sql, stock),
        stock,
    };
    let flaws = steps.iter().filter_map(|step| reader.flaw(step));
    flaws.collect()
}

struct Reader<'a> {
    words: Vec<String>,
    /// The tables, by what the statement calls them.
    names: BTreeMap<String, String>,
    stock: &'a Stock,
}

fn words(sql: &str) -> Vec<String> {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || "_.$?\"*".contains(letter);
    let mut words: Vec<String> = Vec::new();
    let mut goes_on = false;
    for letter in sql.chars() {
        if is_part(letter) && goes_on {
            words.last_mut().expect("a word that goes on").push(letter);
        } else if !letter.is_whitespace() {
            words.push(letter.to_string());
        }
        goes_on = is_part(letter);
    }
    words.iter().map(|word| word.replace('"', "")).collect()
}

fn names(sql: &str, stock: &Stock) -> BTreeMap<String, String> {
    const NO_NAMES: &[&str] = &[
        "WHERE", "JOIN", "CROSS", "LEFT", "INNER", "ON", "ORDER", "GROUP", "SET", "LIMIT", "UNION", "EXCEPT",
        "VALUES", "NOT", "INDEXED",
    ];
    let words = words(sql);
    let mut names = BTreeMap::new();
    for table in stock.tables() {
        names.insert(table.to_owned(), table.to_owned());
    }
    for (place, word) in words.iter().enumerate() {
        let is_named =
            place > 0 && ["FROM", "JOIN", "UPDATE", "INTO", ","].contains(&words[place - 1].as_str());
        if !is_named || !names.contains_key(word.as_str()) {
            continue;
        }
        let mut behind = words[place + 1..].iter().filter(|word| *word != "AS");
        if let Some(alias) = behind.next() {
            let is_name = alias
                .chars()
                .all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
            if is_name && !NO_NAMES.contains(&alias.as_str()) {
                names.insert(alias.clone(), word.clone());
            }
        }
    }
    names
}

impl Reader<'_> {
    fn says(&self, word: &str) -> bool {
        self.words.iter().any(|said| said == word)
    }

    fn counts(&self) -> bool {
        self.says("COUNT")
    }

    fn flaw(&self, step: &str) -> Option<Flaw> {
        if step.starts_with("USE TEMP B-TREE FOR") && step.ends_with("ORDER BY") {
            return self.says("LIMIT").then(|| Flaw::Sorts(step.to_owned()));
        }
        let (sort, rest) = step.split_once(' ')?;
        let name = rest.split(' ').next().unwrap_or_default();
        let table = self.names.get(name)?;
        if self.stock.rows(table) < FEW || rest.contains("VIRTUAL TABLE") {
            return None;
        }
        let what = format!("{table}: {step}");
        match sort {
            "SCAN" => Some(Flaw::ReadsTable(what)),
            "SEARCH" if rest.contains("AUTOMATIC") => Some(Flaw::ReadsTable(what)),
            "SEARCH" => self.search(name, table, rest, what),
            _ => None,
        }
    }

    fn search(&self, name: &str, table: &str, how: &str, what: String) -> Option<Flaw> {
        let condition = how
            .split_once('(')
            .map_or("", |(_, condition)| condition)
            .split(')')
            .next()
            .unwrap_or_default();
        let columns: Vec<_> = condition.split(" AND ").collect();
        let is_keyed = columns
            .iter()
            .any(|column| column.ends_with("=?") && *column != "tenant_id=?");
        if is_keyed {
            return None;
        }
        if self.says("LIMIT") {
            return self.walk(name, table, how, &columns, &what);
        }
        // Of an empty list nothing is read: two values are compared first, which differ.
        let is_empty = self.words.windows(3).any(|words| words == ["?", "=", "?"]);
        if is_empty || self.stock.rows_of_tenant(table) < A_TENANTS {
            return None;
        }
        Some(if self.counts() {
            Flaw::Counts(what)
        } else {
            Flaw::ReadsTenant(what)
        })
    }

    /// Whether rows are dropped on the way along an index.
    fn walk(&self, name: &str, table: &str, how: &str, columns: &[&str], what: &str) -> Option<Flaw> {
        let entered: Vec<_> = columns
            .iter()
            .map(|column| column.split(['=', '<', '>']).next().unwrap_or_default())
            .collect();
        let index = how.split_once("INDEX ").map_or("", |(_, named)| named);
        let has_only = self.stock.condition(index.split(' ').next().unwrap_or_default());
        let mut others = self.conditions(name, table);
        others.retain(|column| !has_only.contains(column.as_str()));
        let drops = others.iter().find(|column| !entered.contains(&column.as_str()));
        drops.map(|column| Flaw::Walks(format!("{what}, where {column}")))
    }

    /// The columns of a table that the statement compares with something.
    fn conditions(&self, name: &str, table: &str) -> Vec<String> {
        const SIGNS: &[&str] = &["=", "<", ">", "<=", ">=", "<>", "IN", "NOT", "IS", "LIKE"];
        let is_compared = |place: usize| {
            let sign = self.words.get(place + 1).map(String::as_str);
            sign.is_some_and(|sign| SIGNS.contains(&sign))
        };
        let mut found = Vec::new();
        let compared = self
            .words
            .iter()
            .enumerate()
            .filter(|(place, _)| is_compared(*place));
        for (_, word) in compared {
            let column = match word.split_once('.') {
                Some((of, column)) if of == name || of == table => column,
                None if name == table
                    && word
                        .chars()
                        .all(|letter| letter.is_ascii_lowercase() || letter == '_') =>
                {
                    word
                }
                _ => continue,
            };
            if column != "tenant_id" {
                found.push(column.to_owned());
            }
        }
        found
    }
}
