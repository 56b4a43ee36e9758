//! How often the database is asked: a level of an answer costs the same number of statements however many rows it has. The
//! operations are made from the schema, so a field that is added is tried like the others.

use assent_api::graphql::sdl;
use assent_tests::http::Client;
use assent_tests::{TestStore, on_both};
use serde_json::{Value, json};

use crate::furnished::furnished;
use crate::isolation::atlas::Atlas;

/// What is worked out for each row by itself, because it costs far more than the statement that asks for it. Each has a
/// complexity that lets a few of them into one operation.
const ONE_BY_ONE: &[(&str, &str)] = &[
    ("campaigns", "audience"),
    ("campaigns", "preview"),
    ("campaigns", "summary"),
    ("collectionPoints", "snippet"),
    ("imports", "problemsFile"),
    ("segments", "people"),
];

/// How many statements a query takes, and its answer.
async fn asked(db: &TestStore, client: &Client<'_>, query: &str) -> (u64, Value) {
    let before = db.store.statements();
    let data = client.data(query, json!({})).await;
    (db.store.statements() - before, data)
}

fn edges<'a>(data: &'a Value, list: &str) -> &'a Vec<Value> {
    data[list]["edges"].as_array().expect("a list")
}

on_both!(
    a_level_costs_as_many_statements_with_all_its_rows_as_with_one,
    async |db| {
        let atlas = Atlas::of(&sdl());
        furnished(db, "acme").await;
        let site = db.site();
        let owner = site.owner("acme").await;
        let (mut wrong, mut tried) = (Vec::new(), 0);
        for (list, of) in atlas.lists() {
            let query = format!("{{ {list}(first: 100) {{ edges {{ cursor }} }} }}");
            let (_, all) = asked(db, &owner, &query).await;
            let rows = edges(&all, list).len();
            println!("{list}: {rows}");
            for (field, look) in atlas.looks(of) {
                if ONE_BY_ONE.contains(&(list, field)) {
                    continue;
                }
                let mut most = 0;
                let mut after = String::new();
                for edge in edges(&all, list) {
                    let query = format!("{{ {list}(first: 1{after}) {{ edges {{ node {{ {look} }} }} }} }}");
                    most = most.max(asked(db, &owner, &query).await.0);
                    after = format!(", after: {}", edge["cursor"]);
                }
                let query = format!("{{ {list}(first: {rows}) {{ edges {{ node {{ {look} }} }} }} }}");
                let (together, _) = asked(db, &owner, &query).await;
                if together > most {
                    wrong.push(format!(
                        "{list}.{field}: {most} for one row, {together} for {rows}"
                    ));
                }
                tried += usize::from(rows > 1);
            }
        }
        println!("{tried} tried");
        assert_eq!(wrong, Vec::<String>::new());
        site.close().await;
    }
);
