//! Who may do what, and who sees who people are (P15); and that every change by a member leaves its mark (P06).

use std::collections::{BTreeMap, BTreeSet};

use assent_api::graphql::access::{Allowed, MATRIX, allowed};
use assent_api::graphql::sdl;
use assent_domain::job::Job;
use assent_domain::tenant::Role;
use assent_entity::member::{self, NewMember};
use assent_entity::{StoreError, tenant, verify};
use assent_tests::dump::difference;
use assent_tests::house::{PASSWORD, address};
use assent_tests::http::Client;
use assent_tests::visitor::Site;
use assent_tests::{House, TestStore, on_both};
use serde_json::{Value, json};
use strum::IntoEnumIterator;

use crate::furnished::furnished;
use crate::isolation::atlas::{Atlas, Entry};
use crate::isolation::{all_ids, one_of_each, sights, ways_in};

/// A member with a role, signed in.
pub(crate) async fn signed_in<'a>(house: &House<'_>, site: &'a Site, role: Role) -> (String, Client<'a>) {
    let name = role.to_string().to_lowercase();
    let email = format!("{name}@roles.example");
    let new = NewMember::new(address(&email), PASSWORD.into()).await.unwrap();
    let mut tx = house.write().await;
    let id = member::create(&mut tx, new, role).await.unwrap();
    tx.commit().await.unwrap();
    let client = site.member("acme", &email).await;
    (id.to_string(), client)
}

/// A call of each operation, with ids that fit where ids go in.
fn calls(atlas: &Atlas, own: &BTreeMap<&'static str, String>) -> Vec<(Entry, String, Value)> {
    let entries = atlas.entries().into_iter().map(|entry| {
        let ids = ways_in(&entry, own).remove(0);
        let (query, variables) = atlas.call(&entry, &ids);
        (entry, query, variables)
    });
    entries.collect()
}

#[test]
fn p15_the_table_of_roles_names_every_operation_of_the_schema_and_no_other() {
    let atlas = Atlas::of(&sdl());
    let mut of_schema: BTreeSet<_> = atlas.entries().into_iter().map(|entry| entry.name).collect();
    of_schema.extend(atlas.names_of("Subscriptions"));
    let of_table: BTreeSet<_> = MATRIX.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(of_schema, of_table);
    assert_eq!(MATRIX.len(), of_table.len(), "each stands once");
}

on_both!(
    p15_each_role_may_do_what_the_table_says_and_nothing_else,
    async |db| {
        let atlas = Atlas::of(&sdl());
        let acme = furnished(db, "acme").await;
        let house = House { db, ctx: acme.ctx };
        let site = db.site();
        let own = one_of_each(&all_ids(&acme, &sights(&atlas, &site.owner("acme").await).await));
        for role in Role::iter() {
            let (_, client) = signed_in(&house, &site, role).await;
            for (entry, query, variables) in calls(&atlas, &own) {
                // Signing out would end the test.
                if ["signIn", "signOut"].contains(&entry.name.as_str()) {
                    continue;
                }
                let answer = client.graphql(&query, variables).await;
                let extensions = &answer["errors"][0]["extensions"];
                // What a role may do and not in this way is refused for the field that asks for it.
                let is_forbidden = extensions["code"] == "FORBIDDEN" && extensions["field"].is_null();
                let may = allowed(&entry.name).includes(role);
                assert_eq!(is_forbidden, !may, "{role} {}: {answer}", entry.name);
            }
        }
        site.close().await;
    }
);

/// How many entries of the audit log name somebody.
pub(crate) async fn noted(db: &TestStore, by: &str) -> i64 {
    db.count("ledger", &format!("kind = 'AUDIT' AND facts LIKE '%{by}%'"))
        .await
}

on_both!(p06_every_change_by_a_member_stands_in_the_audit_log, async |db| {
    let atlas = Atlas::of(&sdl());
    let acme = furnished(db, "acme").await;
    let house = House { db, ctx: acme.ctx };
    let site = db.site();
    let own = one_of_each(&all_ids(&acme, &sights(&atlas, &site.owner("acme").await).await));
    let (id, client) = signed_in(&house, &site, Role::Owner).await;
    let mut changes = 0;
    let mut all = calls(&atlas, &own);
    // Whoever has signed out changes nothing more.
    all.sort_by_key(|(entry, ..)| entry.name == "signOut");
    for (entry, query, variables) in all {
        let is_change = query.starts_with("mutation") && allowed(&entry.name) != Allowed::Anybody;
        let before = noted(db, &id).await;
        let answer = client.graphql(&query, variables).await;
        let after = noted(db, &id).await;
        if is_change && answer.get("errors").is_none() {
            changes += 1;
            assert!(after > before, "{} left no entry", entry.name);
        } else {
            assert_eq!(after, before, "{} changed nothing: {answer}", entry.name);
        }
    }
    assert!(changes >= 5, "only {changes} changes went well");
    site.close().await;
});

const WHO: &str = "query Who($id: ID!) { subscriber(id: $id) { email name company } }";
const LOG: &str = "{ auditLog(first: 3) { edges { node { act by door object after recordedAt number } } } }";

on_both!(
    p15_who_people_are_is_shown_to_those_who_need_it_and_noted,
    async |db| {
        let acme = furnished(db, "acme").await;
        let house = House { db, ctx: acme.ctx };
        db.exec("UPDATE subscriber SET name = 'Ann Archer', company = 'Archers'")
            .await
            .unwrap();
        let site = db.site();
        let ann = json!({ "id": acme.ann.to_string() });
        for role in [Role::Owner, Role::PrivacyOfficer, Role::Marketer] {
            let (id, client) = signed_in(&house, &site, role).await;
            let seen = client.data(WHO, ann.clone()).await;
            assert_eq!(seen["subscriber"]["email"], "ann@example.org");
            assert_eq!(seen["subscriber"]["name"], "Ann Archer");
            let log = site.owner("acme").await.data(LOG, json!({})).await;
            // The newest is the owner's own sign-in, to read the log.
            let entry = &log["auditLog"]["edges"][1]["node"];
            assert_eq!(entry["act"], "PERSONAL_DATA_READ", "{log}");
            assert_eq!(entry["by"], id.as_str());
            assert_eq!(entry["object"], acme.ann.to_string());
            assert_eq!(entry["after"]["fields"], json!(["company", "email", "name"]));
            assert_eq!(entry["after"]["reason"], "Who");
        }
        for role in [Role::Analyst, Role::Developer] {
            let (id, client) = signed_in(&house, &site, role).await;
            let before = noted(db, &id).await;
            let seen = client.data(WHO, ann.clone()).await;
            assert_eq!(
                seen["subscriber"],
                json!({ "email": "a•••@example.org", "name": "A•••", "company": "A•••" })
            );
            let guess = "{ subscribers(filter: { email: \"ann@example.org\" }) { edges { node { id } } } }";
            assert_eq!(client.refused(guess, json!({})).await.code, "FORBIDDEN");
            assert_eq!(noted(db, &id).await, before, "what is masked is not noted");
        }
        site.close().await;
    }
);

async fn fault(db: &TestStore) -> Option<String> {
    let reports = verify::all(&db.store, |_, _| {}).await.unwrap();
    reports[0].fault.as_ref().map(ToString::to_string)
}

on_both!(p06_verify_finds_an_altered_entry_of_the_audit_log, async |db| {
    furnished(db, "acme").await;
    assert_eq!(fault(db).await, None);
    db.drop_guards("ledger").await;
    db.exec("UPDATE ledger SET facts = REPLACE(facts, 'operator', 'somebody') WHERE kind = 'AUDIT'")
        .await
        .unwrap();
    let fault = fault(db).await.expect("a fault");
    assert!(fault.starts_with("row 1 "), "{fault}");
});

on_both!(
    p06_what_a_member_or_the_operator_changes_without_an_entry_is_not_kept,
    async |db| {
        let house = db.house("acme").await;
        let (list, _) = house.news().await;
        let campaign = house.campaign("news", &[list]).await;
        house.schedule(campaign, std::time::Duration::ZERO).await;
        let mailing = house.mailing_of(campaign).await;
        let operator = tenant::for_operator(&db.store, "acme").await.unwrap().unwrap();
        let owner = crate::disclosure::signed_in(&house, "owner@acme.example").await;
        let job = Job::SendMailing {
            tenant: operator.tenant(),
            mailing,
        };
        for somebody in [operator, owner] {
            let before = db.dump().await;
            let mut tx = house.write_as(somebody).await;
            let now = tx.now();
            tx.enqueue(&job, now).await.unwrap();
            assert!(matches!(tx.commit().await, Err(StoreError::Unaudited)));
            assert_eq!(difference(&before, &db.dump().await), [""; 0]);
        }
    }
);
