//! How often the database is asked: a level of an answer costs the same number of statements however many rows it has. The
//! operations are made from the schema, so a field that is added is tried like the others.

use assent_api::graphql::sdl;
use assent_domain::mailing_list::{OptIn, SubscriptionState};
use assent_domain::segment::{OnList, Period, Rule};
use assent_domain::suppression::SuppressionReason;
use assent_entity::{privacy, segment, session};
use assent_tests::house::{PASSWORD, WITH_CLICKS, address};
use assent_tests::http::Client;
use assent_tests::partners::COURIER;
use assent_tests::senders::relay;
use assent_tests::{House, TestStore, on_both};
use serde_json::{Value, json};

use crate::furnished::{Furnished, furnished, invite, told};
use crate::isolation::atlas::Atlas;

/// What is worked out for each row by itself, because it costs far more than the statement that asks for it. Each has a
/// complexity that lets a few of them into one operation.
const ONE_BY_ONE: &[(&str, &str)] = &[
    ("Campaign", "audience"),
    ("Campaign", "preview"),
    ("Campaign", "summary"),
    ("CollectionPoint", "snippet"),
    ("ConsentRecord", "receipt"),
    ("Import", "problemsFile"),
    ("Segment", "people"),
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

/// One more of everything that lists hold one of.
async fn one_more_of_each(db: &TestStore, there: &Furnished) {
    let house = House { db, ctx: there.ctx };
    house.draft(WITH_CLICKS).await;
    let list = house.list("More news", OptIn::Double, &["news"]).await;
    house.sending_domain("more.example").await;
    house.transport(relay("More", "127.0.0.1", 26)).await;
    let owner = session::sign_in(&db.store, "acme", "owner@acme.example", PASSWORD.into(), None);
    let owner = owner.await.unwrap().expect("the owner signs in").access.ctx;
    house.order(owner, &[there.ann]).await;
    house.token_of(owner, COURIER).await;
    invite(&house, owner, "more@acme.example").await;
    told(&house).await;
    house.suppress(there.ann, SuppressionReason::HardBounced).await;
    house
        .bring(&house.brought_to(list), "email\nmore@example.org\n")
        .await
        .unwrap();
    let mut tx = house.write().await;
    let rule = Rule::OnList(OnList {
        mailing_list_id: list,
        states: vec![SubscriptionState::Active],
        since: Period::default(),
    });
    segment::create(&mut tx, "Readers", &rule).await.unwrap();
    privacy::form::write(&mut tx, &address("cat@example.org"), "And of me?")
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

on_both!(
    a_level_costs_as_many_statements_with_all_its_rows_as_with_one,
    async |db| {
        let atlas = Atlas::of(&sdl());
        let there = furnished(db, "acme").await;
        one_more_of_each(db, &there).await;
        let site = db.site();
        let owner = site.owner("acme").await;
        let mut wrong = Vec::new();
        for (list, of) in atlas.lists() {
            let query = format!("{{ {list}(first: 10) {{ edges {{ cursor }} }} }}");
            let (_, all) = asked(db, &owner, &query).await;
            let rows = edges(&all, list).len();
            assert!(
                rows > 1,
                "{list} has {rows} rows, which proves nothing: make one more"
            );
            for (field, look) in atlas.looks(of, ONE_BY_ONE) {
                let (mut most, mut after) = (0, String::new());
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
            }
        }
        assert_eq!(wrong, Vec::<String>::new());
        site.close().await;
    }
);
