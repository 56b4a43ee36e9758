//! Personal data leaves for an outside party by the person's permission or by a legal order, and in no other way; and
//! all that left is in the ledger (P14).

use std::time::Duration;

use assent_api::graphql::access::FOR_OUTSIDE_PARTIES;
use assent_api::graphql::sdl;
use assent_domain::api_token::Scope;
use assent_domain::consent::ConsentState;
use assent_domain::disclosure::PersonField::{Company, Email, Name};
use assent_domain::id::SubscriberId;
use assent_domain::policy::NOTICE_PERIOD;
use assent_domain::purpose::PurposeKind::Marketing;
use assent_domain::tenant::Role;
use assent_entity::api_token::{self, NewApiToken};
use assent_entity::member::{self, NewMember};
use assent_entity::{StoreError, TenantCtx, legal_order, outside_party, permission, session, verify};
use assent_tests::house::{PASSWORD, address};
use assent_tests::http::Client;
use assent_tests::partners::COURIER;
use assent_tests::visitor::Site;
use assent_tests::{House, TestStore, on_both};
use serde_json::{Value, json};

use crate::furnished::furnished;
use crate::isolation::atlas::Atlas;
use crate::isolation::{all_ids, one_of_each, sights, ways_in};

const PEOPLE: &str = "{ subscribers { edges { node { id email name company } } pageInfo { hasNextPage } } }";
pub(crate) const ONE: &str = "query($id: ID!) { subscriber(id: $id) { id email name company } }";
const NODE: &str = "query($id: ID!) { node(id: $id) { id ... on Subscriber { email } } }";
const OUT: &str = "query($id: ID!) { subscriber(id: $id) { disclosures { totalCount edges { node {
    outsideParty { name } basis fields legalOrder { reference } } } } } }";

pub(crate) struct Town<'a> {
    pub(crate) house: House<'a>,
    pub(crate) owner: TenantCtx,
    pub(crate) ann: SubscriberId,
    pub(crate) ben: SubscriberId,
    pub(crate) cat: SubscriberId,
}

/// Ann lets the courier get her address and name, Cat her company; Ben said no.
pub(crate) async fn town(db: &TestStore) -> Town<'_> {
    let house = db.house("acme").await;
    let (_, form) = house.news().await;
    let ann = house.member_of(&form, "ann@example.org", &["news"]).await;
    let ben = house.member_of(&form, "ben@example.org", &["news"]).await;
    let cat = house.member_of(&form, "cat@example.org", &["news"]).await;
    db.exec("UPDATE subscriber SET name = 'Some Name', company = 'Some Company'")
        .await
        .unwrap();
    let owner = signed_in(&house, "owner@acme.example").await;
    house
        .permit(ann, &[(Email, true), (Name, true), (Company, false)])
        .await;
    house.permit(ben, &[(Email, false), (Name, false)]).await;
    house.permit(cat, &[(Company, true)]).await;
    Town {
        house,
        owner,
        ann,
        ben,
        cat,
    }
}

pub(crate) async fn signed_in(house: &House<'_>, email: &str) -> TenantCtx {
    let signed_in = session::sign_in(&house.db.store, "acme", email, PASSWORD.into(), None)
        .await
        .unwrap();
    signed_in.expect("a member").access.ctx
}

pub(crate) async fn second_member(house: &House<'_>) -> TenantCtx {
    let new = NewMember::new(address("officer@acme.example"), PASSWORD.into())
        .await
        .unwrap();
    let mut tx = house.write().await;
    member::create(&mut tx, new, Role::PrivacyOfficer).await.unwrap();
    tx.commit().await.unwrap();
    signed_in(house, "officer@acme.example").await
}

pub(crate) fn with(site: &Site, secret: String) -> Client<'_> {
    let mut client = site.anybody();
    client.token = Some(secret);
    client
}

fn person(id: SubscriberId, email: Option<&str>, name: Option<&str>, company: Option<&str>) -> Value {
    json!({ "node": { "id": id.to_string(), "email": email, "name": name, "company": company } })
}

pub(crate) async fn noted(db: &TestStore, what: &str) -> i64 {
    db.count("ledger", &format!("kind = 'AUDIT' AND facts LIKE '%{what}%'"))
        .await
}

on_both!(
    p14_a_token_sees_the_people_and_fields_that_were_permitted_and_each_is_in_the_ledger,
    async |db| {
        let Town {
            house,
            owner,
            ann,
            ben,
            cat,
        } = town(db).await;
        let site = db.site();
        let (_, secret) = house.token_of(owner, COURIER).await;
        let courier = with(&site, secret);
        let seen = courier.data(PEOPLE, json!({})).await;
        let mut expected = [
            (ann, person(ann, Some("ann@example.org"), Some("Some Name"), None)),
            (cat, person(cat, None, None, Some("Some Company"))),
        ];
        expected.sort_by_key(|(id, _)| *id);
        let expected = expected.map(|(_, seen)| seen);
        assert_eq!(seen["subscribers"]["edges"], json!(expected));
        assert_eq!(db.count("ledger", "kind = 'DISCLOSURE'").await, 2);
        assert_eq!(
            noted(db, "DISCLOSURE_REFUSED").await,
            1,
            "what was withheld is noted"
        );

        let to_ann = json!({ "id": ann.to_string() });
        assert_eq!(
            courier.data(NODE, to_ann.clone()).await["node"]["email"],
            "ann@example.org"
        );
        let members = site.owner("acme").await;
        let out = members.data(OUT, to_ann.clone()).await;
        let row = |fields: Value| {
            json!({ "node": {
        "outsideParty": { "name": COURIER }, "basis": "PERMISSION", "fields": fields, "legalOrder": null,
    } })
        };
        let disclosures = &out["subscriber"]["disclosures"];
        assert_eq!(
            disclosures["edges"],
            json!([row(json!(["EMAIL", "NAME"])), row(json!(["EMAIL"]))])
        );
        assert_eq!(disclosures["totalCount"], 2);
        let page = site.get(&house.sharing_path(ann)).await;
        assert!(page.must_be(200).text().contains(COURIER));
        assert_eq!(page.count("main li"), 2, "the person sees both");

        for query in [ONE, NODE] {
            let refused = courier.refused(query, json!({ "id": ben.to_string() })).await;
            assert_eq!(refused.code, "NOT_FOUND");
            assert_eq!(
                refused,
                courier
                    .refused(query, json!({ "id": "subscriber_01h455vb4pex5vsknk084sn02q" }))
                    .await
            );
        }
        assert_eq!(
            noted(db, "DISCLOSURE_REFUSED").await,
            5,
            "that it asked is noted, whoever it asked for"
        );
        assert_eq!(
            db.count("ledger", "kind = 'DISCLOSURE'").await,
            3,
            "nothing of Ben went out"
        );

        house.permit(ann, &[(Email, false), (Name, false)]).await;
        assert_eq!(
            courier.refused(ONE, to_ann).await.code,
            "NOT_FOUND",
            "a no counts at once"
        );
        let reports = verify::all(&db.store, |_, _| {}).await.unwrap();
        assert_eq!(reports[0].fault, None);
        site.close().await;
    }
);

on_both!(
    p14_no_query_of_the_schema_shows_an_outside_party_more,
    async |db| {
        let atlas = Atlas::of(&sdl());
        let acme = furnished(db, "acme").await;
        let house = House { db, ctx: acme.ctx };
        let site = db.site();
        let members = site.owner("acme").await;
        let own = one_of_each(&all_ids(&acme, &sights(&atlas, &members).await));
        let owner = signed_in(&house, "owner@acme.example").await;
        let (_, secret) = house.token_of(owner, COURIER).await;
        let courier = with(&site, secret);
        for entry in atlas.entries() {
            for ids in ways_in(&entry, &own) {
                let (query, variables) = atlas.call(&entry, &ids);
                let answer = courier.graphql(&query, variables).await;
                let is_forbidden = answer["errors"][0]["extensions"]["code"] == "FORBIDDEN";
                let is_open = FOR_OUTSIDE_PARTIES.contains(&entry.name.as_str());
                assert!(is_open || is_forbidden, "{}: {answer}", entry.name);
                assert!(!answer.to_string().contains("ben@"), "{}: {answer}", entry.name);
            }
        }
        for field in [
            "status",
            "collectedUnder { number }",
            "createdAt",
            "confirmedAt",
            "subscriptions { state }",
            "customValues { value }",
            "consents { edges { node { id } } }",
            "disclosures { edges { node { id } } }",
        ] {
            let query = format!("{{ subscribers {{ edges {{ node {{ id {field} }} }} }} }}");
            let answer = courier.graphql(&query, json!({})).await;
            assert_eq!(
                answer["errors"][0]["extensions"]["code"], "FORBIDDEN",
                "{field}: {answer}"
            );
        }
        for query in [
            "{ subscribers(filter: { email: \"ben@example.org\" }) { edges { node { id } } } }",
            "{ subscribers { totalCount } }",
        ] {
            assert_eq!(courier.refused(query, json!({})).await.code, "FORBIDDEN");
        }
        for id in own.values().filter(|id| !id.starts_with("subscriber_")) {
            assert_eq!(
                courier.refused(NODE, json!({ "id": id })).await.code,
                "NOT_FOUND",
                "{id}"
            );
        }
        site.close().await;
    }
);

on_both!(
    p14_an_order_counts_when_a_second_member_approved_it_and_in_its_time,
    async |db| {
        let Town {
            house, owner, ben, ..
        } = town(db).await;
        let officer = second_member(&house).await;
        let order = house.order(owner, &[ben]).await;
        let site = db.site();
        let (_, secret) = house.token_of(owner, "County Court").await;
        let court = with(&site, secret);
        let to_ben = json!({ "id": ben.to_string() });
        assert_eq!(
            court.refused(ONE, to_ben.clone()).await.code,
            "NOT_FOUND",
            "not approved"
        );

        let mut tx = house.write_as(owner).await;
        let refused = legal_order::approve(&mut tx, order).await.unwrap_err();
        assert!(matches!(refused, StoreError::Conflict { .. }), "{refused}");
        drop(tx);
        let same = "UPDATE legal_order SET approved_by = entered_by, approved_at = entered_at";
        assert!(db.exec(same).await.is_err(), "the database refuses it too");
        let mut tx = house.write_as(officer).await;
        legal_order::approve(&mut tx, order).await.unwrap();
        tx.commit().await.unwrap();

        let seen = court.data(ONE, to_ben.clone()).await;
        assert_eq!(
            seen["subscriber"]["email"], "ben@example.org",
            "an order binds whatever he said"
        );
        assert_eq!(
            seen["subscriber"]["company"],
            Value::Null,
            "it does not demand the company"
        );
        let out = site.owner("acme").await.data(OUT, to_ben.clone()).await;
        let node = &out["subscriber"]["disclosures"]["edges"][0]["node"];
        assert_eq!(node["basis"], "LEGAL_ORDER");
        assert_eq!(node["legalOrder"]["reference"], "7 K 12/26");
        let all = court.data(PEOPLE, json!({})).await;
        assert_eq!(
            all["subscribers"]["edges"].as_array().unwrap().len(),
            1,
            "Ben and nobody else"
        );

        db.clock.forward(Duration::from_hours(7 * 24));
        assert_eq!(
            court.refused(ONE, to_ben).await.code,
            "NOT_FOUND",
            "its time is over"
        );
        site.close().await;
    }
);

on_both!(
    p11_a_new_outside_party_is_asked_about_field_by_field_and_silence_is_no,
    async |db| {
        let house = db.bare_house("acme").await;
        let first = house.draft_without_parties(&[("news", Marketing)]).await;
        house.post(first, db.store.now()).await.unwrap();
        let (_, form) = house.news().await;
        let ann = house.member_of(&form, "ann@example.org", &["news"]).await;
        let ben = house.member_of(&form, "ben@example.org", &["news"]).await;
        let version = house.draft(&[("news", Marketing)]).await;
        house
            .post(version, db.store.now().after(NOTICE_PERIOD))
            .await
            .unwrap();
        house.send_notices(version).await;
        let tx = house.read().await;
        let courier = outside_party::by_name(&tx, COURIER)
            .await
            .unwrap()
            .expect("named")
            .id;
        let said = permission::of(&tx, ben, courier).await.unwrap();
        assert_eq!(said.len(), 3);
        assert!(said.values().all(|said| said.state == ConsentState::Requested));
        drop(tx);

        let site = db.site();
        let path = house.choices_path(ann, version);
        let page = site.get(&path).await;
        assert_eq!(page.must_be(200).count("input[type=radio]"), 6);
        assert_eq!(page.count("input[checked]"), 0, "nothing is ticked");
        let yes = format!("party_{courier}.EMAIL");
        site.answer_page(&path, &[(yes.as_str(), "yes")])
            .await
            .must_be(200);
        for (name, value) in [
            (format!("party_{courier}.EMAIL"), "maybe"),
            (format!("party_{courier}.SHOE_SIZE"), "yes"),
            ("party_party_01h455vb4pex5vsknk084sn02q.EMAIL".to_owned(), "yes"),
            ("party_x".to_owned(), "yes"),
        ] {
            let before = db.dump().await;
            let answer = site.fill_in(&path, &[(name.as_str(), value)]).await;
            assert!(answer.status.is_client_error(), "{name}={value}");
            assert_eq!(before, db.dump().await, "{name}={value} changes nothing");
        }
        let owner = signed_in(&house, "owner@acme.example").await;
        let (_, secret) = house.token_of(owner, COURIER).await;
        let partner = with(&site, secret);
        let nobody = partner.data(PEOPLE, json!({})).await;
        assert_eq!(
            nobody["subscribers"]["edges"],
            json!([]),
            "the version does not count yet"
        );
        db.clock.forward(NOTICE_PERIOD);
        let seen = partner.data(PEOPLE, json!({})).await;
        let expected = [person(ann, Some("ann@example.org"), None, None)];
        assert_eq!(
            seen["subscribers"]["edges"],
            json!(expected),
            "Ben's silence is no"
        );
        site.close().await;
    }
);

on_both!(
    tokens_end_when_they_are_revoked_or_their_time_is_over_and_open_only_their_scopes,
    async |db| {
        let Town {
            house, owner, ann, ..
        } = town(db).await;
        let site = db.site();
        let (id, secret) = house.token_of(owner, COURIER).await;
        assert!(secret.starts_with(api_token::SECRET_PREFIX));
        let (_, spare) = house.token_of(owner, COURIER).await;
        let altered = format!("{}x", &secret[..secret.len() - 1]);
        for wrong in [altered, api_token::SECRET_PREFIX.to_owned(), "assent".to_owned()] {
            assert_eq!(
                with(&site, wrong).refused(PEOPLE, json!({})).await.code,
                "UNAUTHENTICATED"
            );
        }
        let mut tx = house.write_as(owner).await;
        api_token::revoke(&mut tx, id).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(
            with(&site, secret).refused(PEOPLE, json!({})).await.code,
            "UNAUTHENTICATED"
        );
        let spare = with(&site, spare);
        spare.data(PEOPLE, json!({})).await;
        db.clock.forward(api_token::DEFAULT_LIFETIME);
        assert_eq!(spare.refused(PEOPLE, json!({})).await.code, "UNAUTHENTICATED");

        let owner = signed_in(&house, "owner@acme.example").await;
        let of_its_own = NewApiToken {
            name: "Shop".to_owned(),
            scopes: [Scope::Subscribe, Scope::ReadLists].into(),
            party: None,
            expires_at: None,
        };
        let (_, secret) = house.token(owner, of_its_own).await;
        let shop = with(&site, secret);
        let join = json!({ "input": {
        "collectionPoint": "news", "email": "dan@example.org", "choices": [{ "purpose": "news", "given": true }],
    } });
        let joined = shop
        .data("mutation($input: SubscribeInput!) { subscribe(input: $input) { status subscriber { email } } }", join)
        .await;
        assert_eq!(
            joined["subscribe"]["subscriber"],
            Value::Null,
            "it does not read people"
        );
        assert_eq!(noted(db, "JOIN_REQUESTED").await, 1);
        let refused = shop.refused(ONE, json!({ "id": ann.to_string() })).await;
        assert_eq!(refused.code, "FORBIDDEN");
        assert!(
            refused.message.contains("READ_SUBSCRIBERS"),
            "{}",
            refused.message
        );
        site.close().await;
    }
);

on_both!(
    p15_a_member_makes_no_token_that_sees_more_than_they_do,
    async |db| {
        let Town { house, .. } = town(db).await;
        let new = NewMember::new(address("dev@acme.example"), PASSWORD.into())
            .await
            .unwrap();
        let mut tx = house.write().await;
        member::create(&mut tx, new, Role::Developer).await.unwrap();
        tx.commit().await.unwrap();
        let developer = signed_in(&house, "dev@acme.example").await;
        for (scope, party) in [
            (Scope::ReadSubscribers, None),
            (Scope::Subscribe, None),
            (Scope::ReadSubscribers, Some(COURIER.to_owned())),
        ] {
            let new = NewApiToken {
                name: "T".to_owned(),
                scopes: [scope].into(),
                party,
                expires_at: None,
            };
            let mut tx = house.write_as(developer).await;
            let refused = api_token::create(&mut tx, new).await.unwrap_err();
            assert!(
                matches!(refused, StoreError::Invalid { field: "scopes", .. }),
                "{refused}"
            );
        }
    }
);

on_both!(
    p06_verify_finds_a_permission_that_its_record_does_not_say,
    async |db| {
        let Town { ben, .. } = town(db).await;
        let of_ben = format!("subscriber_id = {} AND field = 'EMAIL'", db.id(ben));
        db.exec(&format!("UPDATE permission SET state = 'GIVEN' WHERE {of_ben}"))
            .await
            .unwrap();
        let fault = verify::all(&db.store, |_, _| {}).await.unwrap()[0].fault.clone();
        assert!(
            matches!(fault, Some(verify::Fault::WrongPermission { subscriber, .. }) if subscriber == ben.uuid()),
            "{fault:?}"
        );
        db.exec(&format!("DELETE FROM permission WHERE {of_ben}"))
            .await
            .unwrap();
        let fault = verify::all(&db.store, |_, _| {}).await.unwrap()[0].fault.clone();
        assert!(
            matches!(fault, Some(verify::Fault::WrongPermission { .. })),
            "{fault:?}"
        );
    }
);
