//! How an operation reads: a query in one transaction, with one connection; what changes something, anew each time.

use assent_domain::id::SubscriberId;
use assent_domain::mailing_list::OptIn;
use assent_entity::page::PageRequest;
use assent_entity::{TenantTx, bounce};
use assent_tests::http::data_of;
use assent_tests::on_both;
use futures::future::join_all;
use serde_json::{Value, json};
use uuid::Uuid;

on_both!(many_who_ask_at_once_do_not_wait_for_each_other, async |db| {
    db.house("acme").await;
    let site = db.site();
    let owner = site.owner("acme").await;
    let query =
        "{ viewer { member { id } tenant { name } secondFactor { __typename } operatorPolicy { number }
                   sessions(first: 5) { edges { node { id } } } } }";
    // The same without another tenant's tables, for which each reading has a transaction of its own.
    let alone = query.replace("operatorPolicy { number }", "");
    for query in [query, &alone] {
        let all = join_all((0..60).map(|_| owner.graphql(query, json!({})))).await;
        for answer in all {
            data_of(answer);
        }
    }
    site.close().await;
});

on_both!(a_page_of_each_of_many_lists_is_read, async |db| {
    let house = db.house("acme").await;
    let people: Vec<SubscriberId> = (1..=700u128)
        .map(|number| assent_domain::id::stored(Uuid::from_u128(number)))
        .collect();
    let tx = TenantTx::read(&db.store, house.ctx).await.unwrap();
    let request = PageRequest {
        first: 2,
        after: None,
        count: true,
    };
    let pages = bounce::pages_of(&tx, &people, request).await.unwrap();
    assert_eq!(pages.len(), people.len());
});

on_both!(each_change_of_several_answers_with_what_is_then, async |db| {
    let house = db.house("acme").await;
    let list = house.list("More", OptIn::Double, &["news"]).await;
    let form = house.form("more", &[list], &["news"]).await;
    let ann = house.member_of(&form, "ann@example.org", &["news"]).await;
    let site = db.site();
    let owner = site.owner("acme").await;
    let field = r#"mutation { createCustomField(input: { key: "size", name: "Size", kind: NUMBER }) { __typename } }"#;
    owner.data(field, json!({})).await;
    let change = "mutation($a: SetCustomValuesInput!, $b: SetCustomValuesInput!) {
        a: setCustomValues(input: $a) { subscriber { customValues { value } } }
        b: setCustomValues(input: $b) { subscriber { customValues { value } } } }";
    let to = |value: &str| json!({ "subscriberId": ann.to_string(), "values": [{ "key": "size", "value": value }] });
    let changed = owner.data(change, json!({ "a": to("1"), "b": to("2") })).await;
    let value_of =
        |alias: &str| -> Value { changed[alias]["subscriber"]["customValues"][0]["value"].clone() };
    assert_eq!((value_of("a"), value_of("b")), (json!("1"), json!("2")));
    site.close().await;
});
