//! A tenant's data is nobody else's, through the whole of the GraphQL interface. The calls are made from the
//! schema, so a field that is added is tried like the others, and one that cannot be tried fails a test.

use std::collections::{BTreeMap, BTreeSet};

use assent_api::graphql::sdl;
use assent_domain::id::PREFIXES;
use assent_tests::dump::difference;
use assent_tests::http::{Client, Refused, data_of, refused_by};
use assent_tests::on_both;
use serde_json::{Value, json};

use crate::furnished::{Furnished, furnished};

pub(crate) mod atlas;

use atlas::{Atlas, Entry, Ids, Place, ids_in, prefix_of};

/// Everything a client is shown of its tenant.
pub(crate) async fn sights(atlas: &Atlas, client: &Client<'_>) -> Vec<Value> {
    let mut seen = Vec::new();
    for query in atlas.sights() {
        seen.push(client.data(&query, json!({})).await);
    }
    seen
}

fn ids_of(seen: &[Value]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for value in seen {
        ids_in(value, &mut found);
    }
    found
}

/// The ids of a tenant: those that its members see, and those that they do not.
pub(crate) fn all_ids(house: &Furnished, seen: &[Value]) -> BTreeSet<String> {
    let mut ids = ids_of(seen);
    ids.extend([
        house.session.to_string(),
        house.opt_in.to_string(),
        house.mailing.to_string(),
    ]);
    ids
}

/// An id of its own for each type.
pub(crate) fn one_of_each(ids: &BTreeSet<String>) -> BTreeMap<&'static str, String> {
    let known = ids.iter().filter_map(|id| Some((prefix_of(id)?, id.clone())));
    known.collect()
}

/// Calls with an id, or with several where several go in, and makes sure that it is refused.
async fn refused_with(
    atlas: &Atlas,
    client: &Client<'_>,
    entry: &Entry,
    place: &Place,
    own: &BTreeMap<&'static str, String>,
    ids: &[&str],
) -> Refused {
    let mut all = entry.own_ids(place, own);
    all.insert(
        place.path.clone(),
        ids.iter().map(|id| (*id).to_owned()).collect(),
    );
    let (query, variables) = atlas.call(entry, &all);
    let answer = client.graphql(&query, variables.clone()).await;
    assert!(
        answer.get("errors").is_some(),
        "{query} gave something for {variables}: {answer}"
    );
    refused_by(&answer)
}

/// An id of the same type that is nobody's.
fn unknown_like(id: &str) -> String {
    let prefix = prefix_of(id).expect("an id");
    format!("{prefix}_01h455vb4pex5vsknk084sn02q")
}

on_both!(
    no_id_of_another_tenant_opens_anything_through_any_query_or_mutation,
    async |db| {
        let atlas = Atlas::of(&sdl());
        let acme = furnished(db, "acme").await;
        let brook = furnished(db, "brook").await;
        let site = db.site();
        let (theirs, us) = (site.owner("acme").await, site.owner("brook").await);
        let foreign = all_ids(&acme, &sights(&atlas, &theirs).await);
        let own = one_of_each(&all_ids(&brook, &sights(&atlas, &us).await));
        let before = db.dump().await;
        let mut tried = 0;
        for entry in atlas.entries() {
            for place in &entry.places {
                for id in &foreign {
                    let what = format!("{} with {id} at {}", entry.name, place.path);
                    let refused = refused_with(&atlas, &us, &entry, place, &own, &[id]).await;
                    let prefix = prefix_of(id).expect("an id");
                    let fits = place.fitting.contains(&prefix);
                    let code = if fits { "NOT_FOUND" } else { "BAD_USER_INPUT" };
                    assert_eq!(refused.code, code, "{what}: {refused:?}");
                    if !fits {
                        continue;
                    }
                    tried += 1;
                    let unknown = unknown_like(id);
                    let nobodys = refused_with(&atlas, &us, &entry, place, &own, &[&unknown]).await;
                    assert_eq!(refused, nobodys, "{what} tells that somebody has it");
                    if place.takes_many {
                        let ours = &own[prefix];
                        for ids in [[ours.as_str(), id], [id, ours]] {
                            let refused = refused_with(&atlas, &us, &entry, place, &own, &ids).await;
                            assert_eq!(refused.code, "NOT_FOUND", "{what}, behind one of ours");
                        }
                    }
                }
            }
        }
        assert!(tried >= 20, "only {tried} ids were tried");
        assert_eq!(difference(&before, &db.dump().await), Vec::<String>::new());
        site.close().await;
    }
);

on_both!(the_same_calls_with_ids_of_ones_own_are_answered, async |db| {
    let atlas = Atlas::of(&sdl());
    furnished(db, "acme").await;
    let brook = furnished(db, "brook").await;
    let site = db.site();
    let (theirs, us) = (site.owner("acme").await, site.owner("brook").await);
    let before = sights(&atlas, &theirs).await;
    let own = one_of_each(&all_ids(&brook, &sights(&atlas, &us).await));
    for entry in atlas.entries() {
        for place in &entry.places {
            for prefix in &place.fitting {
                let mut ids = entry.own_ids(place, &own);
                ids.insert(place.path.clone(), vec![own[prefix].clone()]);
                let (query, variables) = atlas.call(&entry, &ids);
                let answer = us.graphql(&query, variables).await;
                let code = answer["errors"][0]["extensions"]["code"].as_str();
                assert!(
                    matches!(code, None | Some("CONFLICT")),
                    "{query} is meant to go well with {ids:?}, or another tenant's ids prove nothing; see \
                         `filler` and ALSO_FILLED_IN: {answer}"
                );
            }
        }
    }
    let after = sights(&atlas, &theirs).await;
    // That they looked is noted, in their own audit log.
    let but_the_log = |seen: Vec<Value>| -> Vec<Value> {
        seen.into_iter()
            .filter(|of| of.get("auditLog").is_none())
            .collect()
    };
    let (before, after) = (but_the_log(before), but_the_log(after));
    assert_eq!(before, after, "what one tenant does changes another's data");
    site.close().await;
});

on_both!(whatever_a_tenant_asks_for_it_sees_its_own_data_only, async |db| {
    let atlas = Atlas::of(&sdl());
    furnished(db, "acme").await;
    furnished(db, "brook").await;
    let site = db.site();
    let seen_by_acme = sights(&atlas, &site.owner("acme").await).await;
    let seen_by_brook = sights(&atlas, &site.owner("brook").await).await;
    let (theirs, ours) = (ids_of(&seen_by_acme), ids_of(&seen_by_brook));
    let kinds: BTreeSet<_> = theirs.iter().filter_map(|id| prefix_of(id)).collect();
    for (node, prefix) in atlas.nodes() {
        assert!(kinds.contains(prefix), "no {node} was seen, which proves nothing");
    }
    assert_eq!(theirs.intersection(&ours).next(), None);
    let text = Value::from(seen_by_brook).to_string();
    assert!(!text.contains("acme"), "{text}");
    site.close().await;
});

on_both!(a_cursor_of_another_tenant_shows_nothing_of_it, async |db| {
    let atlas = Atlas::of(&sdl());
    let acme = furnished(db, "acme").await;
    furnished(db, "brook").await;
    let site = db.site();
    let (theirs, us) = (site.owner("acme").await, site.owner("brook").await);
    let foreign = all_ids(&acme, &sights(&atlas, &theirs).await);
    let mut tried = 0;
    for list in atlas.pages("Query") {
        for cursor in cursors(&theirs, &format!("{{ {list} {PAGE} }}"), json!({})).await {
            let query = format!("query($after: String) {{ {list}(after: $after) {PAGE_OF_IDS} }}");
            let answer = us.graphql(&query, json!({ "after": cursor })).await;
            let shown = ids_of(&[answer]);
            assert_eq!(shown.intersection(&foreign).next(), None, "{list}");
            tried += 1;
        }
    }
    let (mut theirs_by_kind, ours_by_kind) = (
        one_of_each(&foreign),
        one_of_each(&ids_of(&sights(&atlas, &us).await)),
    );
    // Of Ann there is something in every list, and of the campaign that was sent.
    theirs_by_kind.insert("subscriber", acme.ann.to_string());
    theirs_by_kind.insert("campaign", acme.campaign.to_string());
    for (node, prefix) in atlas.nodes() {
        for list in atlas.pages(node) {
            let of = |page: &str, arguments: &str| {
                format!(
                    "query($id: ID!, $after: String) {{ node(id: $id) {{ ... on {node} {{ {list}{arguments} {page} }} }} }}"
                )
            };
            let id = json!({ "id": theirs_by_kind[prefix] });
            for cursor in cursors(&theirs, &of(PAGE, "(after: $after)"), id).await {
                let variables = json!({ "id": ours_by_kind[prefix], "after": cursor });
                let answer = us.graphql(&of(PAGE, "(after: $after)"), variables).await;
                let refused = refused_by(&answer);
                assert_eq!(
                    (refused.code.as_str(), refused.field.as_str()),
                    ("BAD_USER_INPUT", "after"),
                    "{node}.{list}"
                );
                tried += 1;
            }
        }
    }
    assert!(tried >= 10, "only {tried} cursors were tried");
    site.close().await;
});

const PAGE: &str = "{ edges { cursor } pageInfo { startCursor endCursor } }";
const PAGE_OF_IDS: &str = "{ edges { node { id } } totalCount }";

/// The cursors that a query shows.
async fn cursors(client: &Client<'_>, query: &str, variables: Value) -> BTreeSet<String> {
    let data = data_of(client.graphql(query, variables).await);
    let mut found = BTreeSet::new();
    texts(&data, &mut found);
    assert!(!found.is_empty(), "no cursor from {query}");
    found
}

fn texts(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => drop(found.insert(text.clone())),
        Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
        Value::Object(fields) => fields.values().for_each(|field| texts(field, found)),
        _ => {}
    }
}

/// Every place of an entry filled in, with what else it needs; nothing, where no ids go in.
pub(crate) fn ways_in(entry: &Entry, own: &BTreeMap<&'static str, String>) -> Vec<Ids> {
    if entry.places.is_empty() {
        return vec![Ids::new()];
    }
    let filled = entry.places.iter().map(|place| {
        let mut ids = entry.own_ids(place, own);
        ids.insert(place.path.clone(), vec![own[place.fitting[0]].clone()]);
        ids
    });
    filled.collect()
}

on_both!(
    who_is_not_signed_in_gets_nothing_and_changes_nothing,
    async |db| {
        let atlas = Atlas::of(&sdl());
        let acme = furnished(db, "acme").await;
        let site = db.site();
        let own = one_of_each(&all_ids(&acme, &sights(&atlas, &site.owner("acme").await).await));
        let before = db.dump().await;
        let mut stranger = site.anybody();
        for token in [None, Some("e30.e30.e30".to_owned())] {
            stranger.token = token;
            for entry in atlas.entries().iter().filter(|entry| entry.name != "signIn") {
                for ids in ways_in(entry, &own) {
                    let (query, variables) = atlas.call(entry, &ids);
                    let code = match entry.name.as_str() {
                        // It says the same to everybody.
                        "requestPasswordReset" => {
                            stranger.data(&query, variables).await;
                            continue;
                        }
                        "acceptInvitation" | "resetPassword" => "BAD_USER_INPUT",
                        _ => "UNAUTHENTICATED",
                    };
                    let refused = stranger.refused(&query, variables).await;
                    assert_eq!(refused.code, code, "{query}: {refused:?}");
                }
            }
        }
        assert_eq!(difference(&before, &db.dump().await), Vec::<String>::new());
        site.close().await;
    }
);

#[test]
fn ids_go_in_at_the_top_of_an_operation_only() {
    let mut hidden = Atlas::of(&sdl()).hidden_entries();
    // `preview::nobody_is_shown_a_campaign_as_somebody_they_may_not_see` tries the first, and
    // `live::p14_nobody_watches_what_is_not_theirs_nor_longer_than_they_may` the second.
    hidden.retain(|field| field != "Campaign.preview" && !field.starts_with("Subscriptions."));
    assert!(
        hidden.is_empty(),
        "these fields take ids, and the tests of this file try `Query` and `Mutation` only: {hidden:?}"
    );
}

#[test]
#[should_panic(expected = "renameWizard takes an id at `input.spell`")]
fn an_argument_that_cannot_be_tried_does_not_escape() {
    let more = "renameWizard(input: RenameWizardInput!): Viewer! signOut: SignOutPayload!";
    let sdl = sdl().replace("signOut: SignOutPayload!", more) + "input RenameWizardInput { spell: ID! }";
    Atlas::of(&sdl).entries();
}

#[test]
fn every_kind_of_id_that_the_schema_shows_is_known() {
    let nodes = Atlas::of(&sdl());
    assert!(nodes.nodes().len() >= 10);
    assert!(nodes.nodes().iter().all(|(_, prefix)| PREFIXES.contains(prefix)));
}
