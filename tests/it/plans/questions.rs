//! Everything that a client can ask to see: made from the schema, so that a list, a filter or an ordering that is added is
//! asked for like the others.

use std::collections::BTreeMap;

use assent_domain::id::SegmentId;
use assent_domain::segment::Rule;
use assent_entity::segment;
use assent_tests::House;
use assent_tests::http::Client;
use serde_json::{Value, json};

use super::Ear;
use crate::furnished::Furnished;
use crate::isolation::atlas::{Atlas, Entry, Ids};
use crate::isolation::{all_ids, one_of_each, sights};

/// Rows of a page: fewer than there are.
const ROWS: u32 = 2;

const PAGE: &str = "{ edges { cursor } pageInfo { endCursor } totalCount }";
const NEXT: &str = "{ edges { cursor } }";

/// Asks for everything, saying to the ear what is asked.
pub(super) async fn ask_all(
    atlas: &Atlas,
    own: &BTreeMap<&'static str, String>,
    segments: &[(&str, SegmentId)],
    client: &Client<'_>,
    ear: &Ear,
) {
    ear.hears("all that a field leads to");
    sights(atlas, client).await;
    for entry in atlas.entries().iter().filter(|entry| entry.is_question()) {
        for ids in ways_in(entry, own) {
            let (query, variables) = atlas.call(entry, &ids);
            ear.hears(&format!("{query} {variables}"));
            client.graphql(&query, variables).await;
        }
    }
    for (list, arguments) in atlas.narrowings(own) {
        turn_pages(client, ear, |page, after| {
            format!("{{ {list}(first: {ROWS}{arguments}{after}) {page} }}")
        })
        .await;
    }
    for (node, prefix) in atlas.nodes() {
        for list in atlas.pages(node) {
            let id = &own[prefix];
            turn_pages(client, ear, |page, after| {
                format!(
                    "{{ node(id: \"{id}\") {{ ... on {node} {{ {list}(first: {ROWS}{after}) {page} }} }} }}"
                )
            })
            .await;
        }
    }
    for list in atlas.pages("Viewer") {
        turn_pages(client, ear, |page, after| {
            format!("{{ viewer {{ {list}(first: {ROWS}{after}) {page} }} }}")
        })
        .await;
    }
    for (name, id) in segments {
        turn_pages(client, ear, |page, after| {
            format!(
                "{{ subscribers(filter: {{ segmentId: \"{id}\" }}, first: {ROWS}{after}) {page} }} # {name}"
            )
        })
        .await;
    }
}

/// One id of each kind of a tenant; of Ann and of the campaign that was sent there is something in every list.
pub(super) async fn one_id_of_each(
    atlas: &Atlas,
    there: &Furnished,
    client: &Client<'_>,
) -> BTreeMap<&'static str, String> {
    let mut own = one_of_each(&all_ids(there, &sights(atlas, client).await));
    own.insert("subscriber", there.ann.to_string());
    own.insert("campaign", there.campaign.to_string());
    own.insert("list", there.list.to_string());
    own
}

/// Every place of an entry filled in with each sort of id that goes in there.
fn ways_in(entry: &Entry, own: &BTreeMap<&'static str, String>) -> Vec<Ids> {
    if entry.places.is_empty() {
        return vec![Ids::new()];
    }
    let places = entry.places.iter().flat_map(|place| {
        place.fitting.iter().map(move |prefix| {
            let mut ids = entry.own_ids(place, own);
            ids.insert(place.path.clone(), vec![own[prefix].clone()]);
            ids
        })
    });
    places.collect()
}

/// Asks for the first page, and for the one behind it.
async fn turn_pages(client: &Client<'_>, ear: &Ear, query: impl Fn(&str, &str) -> String) {
    let first = query(PAGE, "");
    ear.hears(&first);
    let data = client.data(&first, json!({})).await;
    if let Some(cursor) = cursor_in(&data) {
        let next = query(NEXT, &format!(", after: \"{cursor}\""));
        ear.hears(&next);
        client.data(&next, json!({})).await;
    }
}

fn cursor_in(data: &Value) -> Option<&str> {
    match data {
        Value::Object(fields) => match fields.get("endCursor") {
            Some(cursor) => cursor.as_str(),
            None => fields.values().find_map(cursor_in),
        },
        _ => None,
    }
}

/// Saves a segment of each kind of rule, by what it is called here.
pub(super) async fn save_segments(house: &House<'_>, there: &Furnished) -> Vec<(&'static str, SegmentId)> {
    let mut saved = Vec::new();
    for (name, rule) in rules(there) {
        let rule: Rule = serde_json::from_value(rule).expect("a rule");
        let mut tx = house.write().await;
        let id = segment::create(&mut tx, name, &rule).await.expect("a segment");
        tx.commit().await.expect("a segment");
        saved.push((name, id));
    }
    saved
}

fn rules(there: &Furnished) -> Vec<(&'static str, Value)> {
    let field = |test: &str, of: Value| json!({ "field": { "key": "shoe_size", test: of } });
    vec![
        ("everybody", json!({ "joined": {} })),
        ("joined lately", json!({ "joined": { "withinDays": 10 } })),
        ("confirmed lately", json!({ "confirmed": { "withinDays": 10 } })),
        ("name is", json!({ "name": { "is": "Ann" } })),
        ("name begins", json!({ "name": { "startsWith": "Ann" } })),
        ("name holds", json!({ "name": { "contains": "nn" } })),
        ("company known", json!({ "company": { "known": true } })),
        ("language", json!({ "language": ["en"] })),
        (
            "came through",
            json!({ "cameThrough": { "collectionPointId": there.form.to_string() } }),
        ),
        (
            "on list",
            json!({ "onList": { "mailingListId": there.list.to_string(), "states": ["ACTIVE"] } }),
        ),
        (
            "consent given",
            json!({ "consent": { "purpose": "news", "said": ["GIVEN"] } }),
        ),
        (
            "consent refused",
            json!({ "consent": { "purpose": "news", "said": ["REFUSED"] } }),
        ),
        (
            "consent expired",
            json!({ "consent": { "purpose": "news", "said": ["EXPIRED"] } }),
        ),
        (
            "consent nothing",
            json!({ "consent": { "purpose": "news", "said": ["NOTHING"] } }),
        ),
        ("got any campaign", json!({ "gotCampaign": {} })),
        (
            "got a campaign",
            json!({ "gotCampaign": { "campaignId": there.campaign.to_string() } }),
        ),
        ("clicked any", json!({ "clicked": {} })),
        (
            "clicked",
            json!({ "clicked": { "campaignId": there.campaign.to_string() } }),
        ),
        ("field known", field("known", json!(true))),
        ("field unknown", field("known", json!(false))),
        ("field number", field("number", json!({ "atLeast": 38 }))),
        ("not", json!({ "not": { "confirmed": {} } })),
        (
            "all",
            json!({ "all": [{ "name": { "is": "Ann" } }, field("known", json!(true))] }),
        ),
        (
            "any",
            json!({ "any": [{ "name": { "is": "Ann" } }, field("known", json!(true))] }),
        ),
    ]
}
