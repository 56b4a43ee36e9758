//! There is no way around the gate: not by an id, and not by a page that was shown before the words changed (P14, P15).

use assent_domain::api_token::Scope;
use assent_domain::disclosure::PersonField;
use assent_domain::id::MemberId;
use assent_domain::tenant::Role;
use assent_entity::api_token::{self, NewApiToken};
use assent_entity::member::{self, NewMember};
use assent_entity::{StoreError, outside_party};
use assent_tests::house::{NEWS_OFFERS_BILL, PASSWORD, address};
use assent_tests::http::Client;
use assent_tests::partners::COURIER;
use assent_tests::{House, TestStore, on_both};
use serde_json::json;

use crate::catalogue::tables;
use crate::disclosure::{ONE, Town, noted, second_member, signed_in, town, with};
use crate::furnished::furnished;

const ANY: &str = "query($id: ID!) { node(id: $id) { id } }";

on_both!(
    p15_what_a_role_or_a_token_may_not_ask_for_is_not_given_by_its_id_either,
    async |db| {
        let acme = furnished(db, "acme").await;
        let house = House { db, ctx: acme.ctx };
        let new = NewMember::new(address("looks@acme.example"), PASSWORD.into())
            .await
            .unwrap();
        let mut tx = house.write().await;
        member::create(&mut tx, new, Role::Analyst).await.unwrap();
        tx.commit().await.unwrap();
        let owner = signed_in(&house, "owner@acme.example").await;
        let order = house.order(owner, &[acme.ann]).await.to_string();
        let of_its_own = NewApiToken {
            name: "Shop".to_owned(),
            scopes: [Scope::ReadSubscribers].into(),
            party: None,
            expires_at: None,
        };
        let (token, secret) = house.token(owner, of_its_own).await;
        let site = db.site();
        let analyst = site.member("acme", "looks@acme.example").await;
        for id in [order.clone(), token.to_string()] {
            assert_eq!(
                analyst.refused(ANY, json!({ "id": id })).await.code,
                "NOT_FOUND",
                "{id}"
            );
        }
        let shop = with(&site, secret);
        for id in [order, token.to_string(), acme.campaign.to_string()] {
            assert_eq!(
                shop.refused(ANY, json!({ "id": id })).await.code,
                "NOT_FOUND",
                "{id}"
            );
        }
        shop.data(ONE, json!({ "id": acme.ann.to_string() })).await;
        site.close().await;
    }
);

on_both!(p14_a_yes_counts_only_to_the_page_that_was_shown, async |db| {
    let Town { house, ben, .. } = town(db).await;
    let site = db.site();
    let path = house.sharing_path(ben);
    let first = site.get(&path).await.shown();
    let tx = house.read().await;
    let courier = outside_party::by_name(&tx, COURIER)
        .await
        .unwrap()
        .expect("named")
        .id;
    drop(tx);
    let email = format!("party_{courier}.EMAIL");
    let say = async |shown: &str, answer: &str| {
        let page = site
            .fill_in(&path, &[("shown", shown), (email.as_str(), answer)])
            .await;
        page.must_be(200).text().contains("only what you said no to")
    };
    let before = db.dump().await;
    for shown in ["", "policy_01h455vb4pex5vsknk084sn02q"] {
        assert!(say(shown, "yes").await, "{shown}");
    }
    assert_eq!(before, db.dump().await, "nothing is recorded");

    assert!(!say(&first, "yes").await);
    let of_ben = format!("state = 'GIVEN' AND subscriber_id = {}", db.id(ben));
    let permitted = || db.count("permission", &of_ben);
    assert_eq!(permitted().await, 1);
    assert!(say(&first, "no").await, "a no counts from an old page too");
    assert_eq!(permitted().await, 0);
    assert!(say(&first, "yes").await, "and an old page does not undo it");
    assert_eq!(permitted().await, 0);
    site.close().await;
});

on_both!(
    p15_a_token_may_do_no_more_than_its_maker_may_and_ends_with_them,
    async |db| {
        let Town {
            house, owner, ann, ..
        } = town(db).await;
        let officer = second_member(&house).await;
        let new = |scopes: &[Scope]| NewApiToken {
            name: "T".to_owned(),
            scopes: scopes.iter().copied().collect(),
            party: None,
            expires_at: None,
        };
        let mut tx = house.write_as(officer).await;
        let refused = api_token::create(&mut tx, new(&[Scope::Subscribe]))
            .await
            .unwrap_err();
        assert!(
            matches!(&refused, StoreError::Invalid { field: "scopes", message } if message.contains("SUBSCRIBE")),
            "{refused}"
        );
        drop(tx);
        let both = [Scope::ReadSubscribers, Scope::ReadLists];
        let (_, secret) = house.token(officer, new(&both)).await;
        let (_, of_party) = house.token_of(officer, COURIER).await;
        house.order(officer, &[ann]).await;
        let site = db.site();
        let (program, courier) = (with(&site, secret), with(&site, of_party));
        let to_ann = json!({ "id": ann.to_string() });
        program.data(ONE, to_ann.clone()).await;
        courier.data(ONE, to_ann.clone()).await;

        let id = officer.actor().code();
        db.exec("UPDATE member SET role = 'DEVELOPER' WHERE role = 'PRIVACY_OFFICER'")
            .await
            .unwrap();
        assert_eq!(program.refused(ONE, to_ann.clone()).await.code, "FORBIDDEN");
        program
            .data("{ mailingLists { edges { node { id } } } }", json!({}))
            .await;
        assert_eq!(
            courier.refused(ONE, to_ann.clone()).await.code,
            "UNAUTHENTICATED",
            "nothing is left that it could do"
        );
        db.exec("UPDATE member SET role = 'PRIVACY_OFFICER' WHERE role = 'DEVELOPER'")
            .await
            .unwrap();
        program.data(ONE, to_ann.clone()).await;

        let leaves: MemberId = id.parse().unwrap();
        let mut tx = house.write_as(owner).await;
        member::remove(&mut tx, leaves).await.unwrap();
        tx.commit().await.unwrap();
        for gone in [&program, &courier] {
            assert_eq!(gone.refused(ONE, to_ann.clone()).await.code, "UNAUTHENTICATED");
        }
        assert_eq!(db.count("api_token", "revoked_at IS NULL").await, 0);
        assert_eq!(db.count("api_credential", "1 = 1").await, 0);
        assert_eq!(noted(db, "API_TOKEN_REVOKED").await, 2);
        site.close().await;
    }
);

const PAGE: &str = "query($first: Int!, $after: String) { subscribers(first: $first, after: $after) {
    edges { cursor node { id email } } pageInfo { hasNextPage endCursor } } }";

/// All that a party sees, in pages of so many.
async fn walk(courier: &Client<'_>, first: i32) -> (Vec<String>, Vec<usize>) {
    let (mut ids, mut sizes, mut after) = (Vec::new(), Vec::new(), json!(null));
    loop {
        let page = courier
            .data(PAGE, json!({ "first": first, "after": after }))
            .await;
        let page = &page["subscribers"];
        let edges = page["edges"].as_array().unwrap();
        ids.extend(
            edges
                .iter()
                .map(|edge| edge["node"]["id"].as_str().unwrap().to_owned()),
        );
        sizes.push(edges.len());
        assert!(sizes.len() < 100, "the pages do not end");
        if page["pageInfo"]["hasNextPage"] != true {
            return (ids, sizes);
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

on_both!(
    p14_pages_are_full_and_tell_nothing_of_people_who_are_not_permitted,
    async |db| {
        let house = db.house("acme").await;
        let (_, form) = house.news().await;
        let owner = signed_in(&house, "owner@acme.example").await;
        let (mut permitted, mut others) = (Vec::new(), Vec::new());
        for number in 0..24 {
            let email = format!("person{number}@example.org");
            let person = house.member_of(&form, &email, &["news"]).await;
            house.permit(person, &[(PersonField::Email, true)]).await;
            match number % 6 {
                0 => permitted.push(person.to_string()),
                1 => {
                    house.permit(person, &[(PersonField::Email, false)]).await;
                    others.push(person);
                }
                _ => others.push(person),
            }
        }
        permitted.sort();
        // A yes that does not count: its person restricted the use, or its version was taken back.
        let ids: Vec<_> = others.iter().map(|id| db.id(*id)).collect();
        let (restricted, unfounded) = ids.split_at(ids.len() / 2);
        db.exec(&format!(
            "UPDATE subscriber SET restricted_at = 1 WHERE id IN ({})",
            restricted.join(", ")
        ))
        .await
        .unwrap();
        let never_posted = house.draft(NEWS_OFFERS_BILL).await;
        db.exec(&format!(
            "UPDATE permission SET policy_version_id = {} WHERE subscriber_id IN ({})",
            db.id(never_posted),
            unfounded.join(", ")
        ))
        .await
        .unwrap();
        let site = db.site();
        let (_, secret) = house.token_of(owner, COURIER).await;
        let courier = with(&site, secret);
        for (first, sizes) in [
            (1, vec![1; 4]),
            (2, vec![2, 2]),
            (3, vec![3, 1]),
            (4, vec![4]),
            (100, vec![4]),
        ] {
            let seen = walk(&courier, first).await;
            assert_eq!(seen, (permitted.clone(), sizes), "in pages of {first}");
        }
        let out = "kind = 'DISCLOSURE'";
        assert_eq!(
            db.count("ledger", out).await,
            20,
            "who only tells that there are more is not disclosed"
        );
        // The last one who is permitted is the last that a page tells of, whoever comes after.
        let page = courier.data(PAGE, json!({ "first": 4 })).await;
        assert_eq!(page["subscribers"]["pageInfo"]["hasNextPage"], false);
        site.close().await;
    }
);

/// What asking for somebody leaves in the database, by table.
async fn work_for(db: &TestStore, courier: &Client<'_>, id: &str) -> Vec<(String, i64)> {
    let sizes = async || {
        let mut sizes = Vec::new();
        for table in tables(db).await {
            sizes.push((table.clone(), db.count(&table, "1 = 1").await));
        }
        sizes
    };
    let before = sizes().await;
    assert_eq!(courier.refused(ONE, json!({ "id": id })).await.code, "NOT_FOUND");
    let after = sizes().await.into_iter().zip(before);
    after
        .map(|((table, now), (_, then))| (table, now - then))
        .filter(|(_, grown)| *grown != 0)
        .collect()
}

on_both!(
    p14_asking_for_who_is_not_there_is_as_much_work_as_for_who_may_not_be_known,
    async |db| {
        let Town { house, ben, .. } = town(db).await;
        let owner = signed_in(&house, "owner@acme.example").await;
        let (_, secret) = house.token_of(owner, COURIER).await;
        let site = db.site();
        let courier = with(&site, secret);
        let nobody = "subscriber_01h455vb4pex5vsknk084sn02q";
        // The first request notes that the token is used.
        work_for(db, &courier, nobody).await;
        let known = work_for(db, &courier, &ben.to_string()).await;
        assert!(!known.is_empty(), "that it asked is noted");
        assert_eq!(work_for(db, &courier, nobody).await, known);
        site.close().await;
    }
);

on_both!(
    p14_what_one_operation_was_refused_is_one_entry_however_many_it_asked_for,
    async |db| {
        let Town {
            house, owner, ben, ..
        } = town(db).await;
        let site = db.site();
        let (_, secret) = house.token_of(owner, COURIER).await;
        let courier = with(&site, secret);
        let before = db.count("ledger", "1 = 1").await;
        let nobody = "subscriber_01h455vb4pex5vsknk084sn0";
        let mut asked = vec![format!("ben: subscriber(id: \"{ben}\") {{ id }}")];
        asked.extend(
            (10..40).map(|number| format!("a{number}: subscriber(id: \"{nobody}{number}\") {{ id }}")),
        );
        let query = format!("{{ {} }}", asked.join(" "));
        let answer = courier.graphql(&query, json!({})).await;
        assert_eq!(answer["errors"].as_array().map(Vec::len), Some(31), "{answer}");
        assert_eq!(db.count("ledger", "1 = 1").await, before + 1);
        let noted: Vec<String> = db
            .column(
                "SELECT e.evidence FROM ledger l JOIN ledger_evidence e
                   ON e.tenant_id = l.tenant_id AND e.seq = l.seq
                 WHERE l.facts LIKE '%DISCLOSURE_REFUSED%'",
            )
            .await;
        assert!(
            noted[0].contains(&ben.to_string()) && noted[0].contains(&format!("{nobody}10")),
            "{noted:?}"
        );
        site.close().await;
    }
);
