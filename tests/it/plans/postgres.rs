//! What PostgreSQL would do: `EXPLAIN` of the prepared statement, with the plan that the product uses, which is made without
//! the values.

use assent_domain::id::TenantId;
use assent_tests::TestStore;
use serde_json::Value;

use super::reading::{Flaw, Stock};

/// Fewer rows of a table than these are read at once by reading them all.
const FEW: u64 = 1_000;

/// Fewer rows of a tenant.
const FEW_OF_TENANT: u64 = 500;

/// The plan, as PostgreSQL shows it. `number` is one that no other statement of this connection has.
pub(super) async fn plan(db: &TestStore, tenant: TenantId, number: usize, sql: &str) -> Value {
    let places = (1..).take_while(|place| sql.contains(&format!("${place}")));
    let values = vec!["NULL"; places.count()].join(", ");
    let call = if values.is_empty() {
        String::new()
    } else {
        format!("({values})")
    };
    for prepare in [
        format!("SET assent.tenant = '{}'", tenant.uuid()),
        "SET plan_cache_mode = force_generic_plan".to_owned(),
        format!("PREPARE asked_{number} AS {sql}"),
    ] {
        let done = db.exec(&prepare).await;
        done.unwrap_or_else(|error| panic!("{prepare}: {error}"));
    }
    db.value(&format!("EXPLAIN (FORMAT JSON) EXECUTE asked_{number}{call}"))
        .await
}

/// What is wrong with a plan.
pub(super) fn flaws(plan: &Value, stock: &Stock) -> Vec<Flaw> {
    let mut reader = Reader {
        stock,
        flaws: Vec::new(),
    };
    reader.read(&plan[0]["Plan"], Above::default());
    reader.flaws
}

/// What becomes of the rows further up.
#[derive(Clone, Copy, Default)]
struct Above {
    /// Only the first of them are wanted.
    is_page: bool,
    /// They are counted or summed up.
    is_counted: bool,
    /// Some are dropped on the way.
    drops: bool,
}

struct Reader<'a> {
    stock: &'a Stock,
    flaws: Vec<Flaw>,
}

fn text<'a>(node: &'a Value, key: &str) -> &'a str {
    node[key].as_str().unwrap_or_default()
}

fn children(node: &Value) -> impl Iterator<Item = &Value> {
    node["Plans"].as_array().into_iter().flatten()
}

/// Whether an index is entered by more than the tenant: by the value of another column.
fn is_keyed(condition: &str) -> bool {
    let mut parts = condition.split(" AND ");
    parts.any(|part| {
        let part = part.trim_start_matches('(');
        let (column, rest) = part.split_once(' ').unwrap_or((part, ""));
        column != "tenant_id" && rest.starts_with("= ")
    })
}

/// A filter without the second lock, which every row of one's own passes: `((tenant_id = $1) OR $2)`, or as newer releases
/// write it, `((tenant_id = (InitPlan 1).col1) OR (InitPlan 2).col1)`.
fn but_the_lock(filter: &str) -> String {
    let mut rest = filter.to_owned();
    while let Some(begins) = rest
        .find("((tenant_id = ")
        .filter(|at| rest[*at..].contains(") OR "))
    {
        let tail = &rest[begins + 1..];
        let Some(or) = tail.find(") OR ") else { break };
        let end = tail[or + 5..]
            .find([')', ' '])
            .map_or(tail.len(), |end| or + 5 + end);
        let end = if tail[or + 5..].starts_with("(InitPlan") {
            tail[or + 5..].find(".col1").map_or(end, |at| or + 10 + at)
        } else {
            end
        };
        rest.replace_range(begins..(begins + 1 + end + 1).min(rest.len()), "");
    }
    let rest = rest.trim_matches(['(', ')', ' ']);
    rest.strip_prefix("AND ").unwrap_or(rest).to_owned()
}

impl Reader<'_> {
    fn read(&mut self, node: &Value, above: Above) {
        let sort = text(node, "Node Type");
        let within = match sort {
            "Limit" => Above {
                is_page: true,
                ..Above::default()
            },
            "Aggregate" => Above {
                is_counted: true,
                ..Above::default()
            },
            // These take in all before they give anything.
            "Sort" | "Incremental Sort" | "Hash" | "HashAggregate" | "SetOp" | "WindowAgg"
            | "Materialize" => Above {
                is_counted: above.is_counted,
                ..Above::default()
            },
            "Nested Loop" | "Hash Join" | "Merge Join" if text(node, "Join Type") != "Left" => {
                Above { drops: true, ..above }
            }
            _ => above,
        };
        match sort {
            "Sort" | "Incremental Sort" if above.is_page => {
                let by = node["Sort Key"].to_string();
                self.flaws
                    .push(Flaw::Sorts(format!("{sort} by {by} over {}", sources(node))));
            }
            "Seq Scan" => {
                let table = text(node, "Relation Name");
                if self.stock.rows(table) >= FEW {
                    self.flaws.push(Flaw::ReadsTable(table.to_owned()));
                }
            }
            "Index Scan" | "Index Only Scan" => {
                self.scan(node, text(node, "Index Cond"), text(node, "Index Name"), above);
            }
            "Bitmap Heap Scan" => {
                let bitmap = children(node).next().unwrap_or(&Value::Null);
                let parts: Vec<_> = match text(bitmap, "Node Type") {
                    "Bitmap Index Scan" => vec![bitmap],
                    _ => children(bitmap).collect(),
                };
                let is_all = |part: &&Value| !is_keyed(text(part, "Index Cond"));
                // Of several that are cut, one that is keyed will do; of several that are joined, all have to be.
                let is_and = text(bitmap, "Node Type") == "BitmapAnd";
                let bad = parts.iter().copied().filter(is_all).collect::<Vec<_>>();
                if let Some(part) = bad.first().filter(|_| !is_and || bad.len() == parts.len()) {
                    self.scan_of(
                        node,
                        text(part, "Index Cond"),
                        text(part, "Index Name"),
                        Above::default(),
                        above,
                    );
                }
            }
            _ => {}
        }
        if text(node, "One-Time Filter").contains('$') {
            // Of an empty list nothing is read: two values are compared first, which differ.
            return;
        }
        for child in children(node) {
            let is_apart = ["SubPlan", "InitPlan"].contains(&text(child, "Parent Relationship"));
            // An existence that is looked up stops at its first row.
            self.read(child, if is_apart { Above::default() } else { within });
        }
    }

    fn scan(&mut self, node: &Value, condition: &str, index: &str, above: Above) {
        if !is_keyed(condition) {
            self.scan_of(node, condition, index, above, above);
        }
    }

    /// A scan that is not entered by a key.
    fn scan_of(&mut self, node: &Value, condition: &str, index: &str, above: Above, counted: Above) {
        let table = text(node, "Relation Name");
        if self.stock.rows_of_tenant(table) < FEW_OF_TENANT {
            return;
        }
        let filter = but_the_lock(text(node, "Filter"));
        let what = format!("{table} by {index} {condition}");
        if !condition.contains("tenant_id = ") && !condition.contains("tenant_id ") {
            self.flaws.push(Flaw::ReadsTable(what));
        } else if above.is_page && filter.is_empty() && !above.drops {
            // A page, read where it stands.
        } else if above.is_page && self.is_by_choice(table, &filter) {
            // There is an index for it, and by the planner's statistics this takes less.
        } else if above.is_page {
            self.flaws.push(Flaw::Walks(format!("{what} filter {filter}")));
        } else {
            let flaw = format!("{what} filter {filter}");
            self.flaws.push(if counted.is_counted {
                Flaw::Counts(flaw)
            } else {
                Flaw::ReadsTenant(flaw)
            });
        }
    }

    /// Whether a filter asks for a value of a column by which an index leads to a tenant's rows.
    fn is_by_choice(&self, table: &str, filter: &str) -> bool {
        let mut parts = filter.split(" AND ").map(|part| part.trim_start_matches('('));
        parts.any(|part| {
            let (column, rest) = part.split_once(' ').unwrap_or((part, ""));
            rest.starts_with("= ") && self.stock.leads(table, column)
        })
    }
}

/// What a part of a plan reads.
fn sources(node: &Value) -> String {
    let mut names = Vec::new();
    gather(node, &mut names);
    names.join(", ")
}

fn gather(node: &Value, names: &mut Vec<String>) {
    let name = text(node, "Relation Name");
    if !name.is_empty() {
        names.push(format!("{name} {}", text(node, "Index Cond")));
    }
    for child in children(node) {
        gather(child, names);
    }
}
