//! A change is made once however often it is asked for under the same key, and its answer is given again.

use std::time::Duration;

use assent_entity::chore;
use assent_tests::http::{Client, data_of, json_of, refused_by};
use assent_tests::on_both;
use assent_tests::visitor::{Answer, answer};
use futures::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

const LIST: &str = "mutation($input: CreateMailingListInput!) { createMailingList(input: $input) { mailingList { id name } } }";
const TOKEN: &str =
    "mutation($input: CreateApiTokenInput!) { createApiToken(input: $input) { secret apiToken { id } } }";
const RESTRICT: &str = "mutation($input: RestrictSubscriberInput!) { restrictSubscriber(input: $input) { subscriber { id email } } }";

fn named(name: &str) -> Value {
    json!({ "input": { "name": name, "purposes": ["news"] } })
}

async fn ask(by: &Client<'_>, key: &str, query: &str, variables: Value) -> Answer {
    let request = by
        .request(Method::POST)
        .header("content-type", "application/json");
    let body = json!({ "query": query, "variables": variables }).to_string();
    answer(request.header("idempotency-key", key).body(body)).await
}

fn is_replayed(answer: &Answer) -> bool {
    answer
        .headers
        .get("idempotent-replayed")
        .is_some_and(|value| value == "true")
}

on_both!(a_change_is_made_once_and_answered_again, async |db| {
    db.house("acme").await;
    let site = db.site();
    let owner = site.owner("acme").await;
    let lists = db.count("mailing_list", "true").await;
    let first = ask(&owner, "\"order-17\"", LIST, named("More")).await;
    assert!(!is_replayed(&first));
    let made = data_of(json_of(&first));
    assert_eq!(made["createMailingList"]["mailingList"]["name"], "More");
    // From another session of the same member, and with the key written the other way.
    let again = ask(&site.owner("acme").await, "order-17", LIST, named("More")).await;
    assert!(is_replayed(&again));
    assert_eq!(again.body, first.body);
    assert_eq!(db.count("mailing_list", "true").await, lists + 1);
    let other = refused_by(&json_of(&ask(&owner, "order-17", LIST, named("Less")).await));
    assert_eq!(
        (other.code.as_str(), other.field.as_str()),
        ("BAD_USER_INPUT", "Idempotency-Key")
    );
    ask(&owner, "order-18", LIST, named("Less")).await;
    assert_eq!(db.count("mailing_list", "true").await, lists + 2);
    let kept: Vec<Vec<u8>> = db.column("SELECT sealed_answer FROM keyed_change").await;
    assert!(
        kept.iter()
            .all(|answer| !answer.windows(4).any(|some| some == b"More"))
    );
    site.close().await;
});

on_both!(a_key_is_of_one_asker_and_one_tenant, async |db| {
    db.house("acme").await;
    db.house("other").await;
    let site = db.site();
    for slug in ["acme", "other"] {
        let answer = ask(&site.owner(slug).await, "1", LIST, named("More")).await;
        assert!(!is_replayed(&answer));
        data_of(json_of(&answer));
    }
    assert_eq!(db.count("mailing_list", "name = 'More'").await, 2);
    site.close().await;
});

on_both!(what_was_refused_can_be_asked_for_again, async |db| {
    let house = db.house("acme").await;
    let site = db.site();
    let owner = site.owner("acme").await;
    let unknown = json!({ "input": { "name": "More", "purposes": ["unheard-of"] } });
    refused_by(&json_of(&ask(&owner, "1", LIST, unknown).await));
    assert_eq!(db.count("keyed_change", "true").await, 0);
    data_of(json_of(&ask(&owner, "1", LIST, named("More")).await));
    // A day later the key is free, whether the chores have been there or not, and then gone.
    db.clock
        .forward(Duration::from_hours(24) + Duration::from_secs(1));
    let owner = site.owner("acme").await;
    data_of(json_of(&ask(&owner, "1", LIST, named("Another")).await));
    assert_eq!(db.count("keyed_change", "true").await, 1);
    db.clock
        .forward(Duration::from_hours(24) + Duration::from_secs(1));
    chore::of_tenant(&db.store, house.ctx).await.unwrap();
    assert_eq!(db.count("keyed_change", "true").await, 0);
    site.close().await;
});

on_both!(of_many_at_once_one_is_made, async |db| {
    db.house("acme").await;
    let site = db.site();
    let owner = site.owner("acme").await;
    let all = join_all((0..12).map(|_| ask(&owner, "1", LIST, named("More")))).await;
    let answers: Vec<Value> = all.iter().map(json_of).collect();
    let made = answers
        .iter()
        .filter(|answer| answer.get("errors").is_none())
        .count();
    assert!(made >= 1, "{answers:?}");
    for refused in answers.iter().filter(|answer| answer.get("errors").is_some()) {
        let code = refused_by(refused).code;
        assert!(["CONFLICT", "ALREADY_DONE"].contains(&code.as_str()), "{refused}");
    }
    assert_eq!(db.count("mailing_list", "name = 'More'").await, 1);
    site.close().await;
});

on_both!(answers_with_secrets_or_people_are_not_kept, async |db| {
    let house = db.house("acme").await;
    let list = house
        .list("More", assent_domain::mailing_list::OptIn::Double, &["news"])
        .await;
    let form = house.form("more", &[list], &["news"]).await;
    let ann = house.member_of(&form, "ann@example.org", &["news"]).await;
    let site = db.site();
    let owner = site.owner("acme").await;
    let token = json!({ "input": { "name": "Shop", "scopes": ["READ_POLICY"] } });
    let of_ann = json!({ "input": { "id": ann.to_string() } });
    for (key, query, variables) in [("1", TOKEN, token), ("2", RESTRICT, of_ann)] {
        data_of(json_of(&ask(&owner, key, query, variables.clone()).await));
        let again = ask(&owner, key, query, variables).await;
        assert!(is_replayed(&again));
        assert_eq!(refused_by(&json_of(&again)).code, "ALREADY_DONE");
    }
    assert_eq!(db.count("api_token", "true").await, 1);
    assert_eq!(db.count("keyed_change", "sealed_answer IS NOT NULL").await, 0);
    assert_eq!(db.count("keyed_change", "true").await, 2);
    site.close().await;
});

on_both!(a_key_counts_for_one_change_of_somebody_known, async |db| {
    db.house("acme").await;
    let site = db.site();
    let owner = site.owner("acme").await;
    let twice = r#"mutation {
        a: createMailingList(input: { name: "A", purposes: ["news"] }) { mailingList { id } }
        b: createMailingList(input: { name: "B", purposes: ["news"] }) { mailingList { id } }
    }"#;
    let code = |answer: &Answer| refused_by(&json_of(answer)).code;
    assert_eq!(code(&ask(&owner, "1", twice, json!({})).await), "BAD_USER_INPUT");
    assert_eq!(
        code(&ask(&site.anybody(), "1", LIST, named("More")).await),
        "UNAUTHENTICATED"
    );
    for bad in ["", "\"", " ", &"k".repeat(201)] {
        let answer = ask(&owner, bad, LIST, named("More")).await;
        assert_eq!(code(&answer), "BAD_USER_INPUT", "{bad:?}");
    }
    // A query changes nothing, whatever key it has.
    let asked = ask(&owner, "1", "{ purposes { code } }", json!({})).await;
    data_of(json_of(&asked));
    assert_eq!(db.count("keyed_change", "true").await, 0);
    assert_eq!(db.count("mailing_list", "name IN ('A', 'B', 'More')").await, 0);
    site.close().await;
});
