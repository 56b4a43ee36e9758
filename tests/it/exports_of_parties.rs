//! Exports for programs: an outside party's file holds whom and what was permitted, the ledger has it first (P14), and the
//! address of a file is worth nothing without the token that asked for it.

use std::time::Duration;

use assent_domain::allowed_networks::AllowedNetworks;
use assent_domain::api_token::Scope;
use assent_domain::disclosure::PersonField::{Company, Email, Name};
use assent_domain::id::ApiTokenId;
use assent_entity::access::{self, Access};
use assent_entity::api_token::{self, NewApiToken, TokenChanges};
use assent_entity::disclosure::Asker;
use assent_entity::export::{self, ExportFormat};
use assent_entity::privacy::by_person;
use assent_entity::restriction::Restricted;
use assent_entity::{TenantCtx, outside_party, session, verify};
use assent_tests::house::PASSWORD;
use assent_tests::partners::COURIER;
use assent_tests::visitor::Site;
use assent_tests::{Backend, House, TestStore, on_both};
use serde_json::{Value, json};

use crate::disclosure::{Town, noted, second_member, signed_in, town, with};
use crate::exports::{ASK, address_of, fetch};

/// The file of a party, as CSV.
async fn file_of(site: &Site, secret: &str) -> (Vec<String>, Vec<Vec<String>>) {
    let url = address_of(&with(site, secret.to_owned()), json!({})).await;
    let file = fetch(site, &url).await;
    assert_eq!(file.status(), 200);
    let text = file.text().await.unwrap();
    let mut rows = csv::Reader::from_reader(text.as_bytes());
    let head = rows.headers().unwrap().iter().map(str::to_owned).collect();
    let rows = rows
        .records()
        .map(|row| row.unwrap().iter().map(str::to_owned).collect());
    (head, rows.collect())
}

async fn out(db: &TestStore) -> i64 {
    db.count("ledger", "kind = 'DISCLOSURE'").await
}

async fn verifies(db: &TestStore) {
    for report in verify::all(&db.store, |_, _| {}).await.unwrap() {
        assert_eq!(report.fault, None);
    }
}

on_both!(
    p14_a_partys_file_holds_whom_and_what_was_permitted_and_the_ledger_has_each,
    async |db| {
        let Town {
            house,
            owner,
            ann,
            cat,
            ..
        } = town(db).await;
        db.exec("UPDATE subscriber SET company = '=1+1'").await.unwrap();
        let site = db.site();
        let (_, secret) = house.token_of(owner, COURIER).await;
        let (head, rows) = file_of(&site, &secret).await;
        assert_eq!(head, ["id", "email", "name", "company"]);
        let mut expected = [
            (ann, ["ann@example.org", "Some Name", ""]),
            (cat, ["", "", "'=1+1"]),
        ]
        .map(|(id, [email, name, company])| [id.to_string(), email.into(), name.into(), company.into()]);
        expected.sort();
        assert_eq!(rows, expected);
        assert_eq!(out(db).await, 2);
        assert_eq!(noted(db, "SUBSCRIBERS_EXPORTED").await, 1);
        assert_eq!(noted(db, "DISCLOSURE_REFUSED").await, 1, "what was withheld");
        assert_eq!(
            noted(db, "PERSONAL_DATA_READ").await,
            0,
            "nobody of the tenant read it"
        );
        let page = site.get(&house.sharing_path(ann)).await;
        assert!(page.must_be(200).text().contains(COURIER));
        assert_eq!(page.count("main li"), 1, "Ann sees it");

        let courier = with(&site, secret.clone());
        let url = address_of(&courier, json!({ "format": "JSON_LINES" })).await;
        let text = fetch(&site, &url).await.text().await.unwrap();
        let lines: Vec<Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let of_ann = lines.iter().find(|line| line["id"] == ann.to_string()).unwrap();
        let all_of_ann = json!({ "id": ann.to_string(), "email": "ann@example.org", "name": "Some Name", "company": null });
        assert_eq!((lines.len(), of_ann), (2, &all_of_ann));
        assert_eq!(out(db).await, 4, "each time is a time");

        // Who restricts the use of their data, takes a yes back, or is erased, is in no further file.
        let mut tx = house.write().await;
        by_person::restrict(&mut tx, cat, Restricted::Yes).await.unwrap();
        tx.commit().await.unwrap();
        house.permit(ann, &[(Name, false)]).await;
        let (_, rows) = file_of(&site, &secret).await;
        assert_eq!(
            rows,
            [[
                ann.to_string(),
                "ann@example.org".into(),
                String::new(),
                String::new()
            ]]
        );
        house.erase(ann).await;
        let (head, rows) = file_of(&site, &secret).await;
        assert_eq!((head.len(), rows.len()), (4, 0));
        assert_eq!(out(db).await, 5);
        verifies(db).await;
        site.close().await;
    }
);

on_both!(
    p14_a_party_chooses_nobody_and_has_columns_only_for_what_it_may_get,
    async |db| {
        let Town {
            house, owner, ben, ..
        } = town(db).await;
        let officer = second_member(&house).await;
        let order = house.order(owner, &[ben]).await;
        let mut tx = house.write_as(officer).await;
        assent_entity::legal_order::approve(&mut tx, order).await.unwrap();
        tx.commit().await.unwrap();
        let site = db.site();
        let (_, court) = house.token_of(owner, "County Court").await;
        let (head, rows) = file_of(&site, &court).await;
        assert_eq!(head, ["id", "email", "name"], "the order demands no company");
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0][..2], [ben.to_string(), "ben@example.org".to_owned()]);
        db.clock.forward(Duration::from_hours(7 * 24));
        let (head, rows) = file_of(&site, &court).await;
        assert_eq!((head.len(), rows.len()), (1, 0), "its time is over");

        let (_, courier) = house.token_of(owner, COURIER).await;
        let lists = "{ mailingLists { edges { node { id } } } }";
        let lists = site.owner("acme").await.data(lists, json!({})).await;
        let list = &lists["mailingLists"]["edges"][0]["node"]["id"];
        let before = db.count("ledger", "1 = 1").await;
        let refused = with(&site, courier)
            .refused(ASK, json!({ "input": { "mailingListId": list } }))
            .await;
        assert_eq!(refused.code, "FORBIDDEN");
        assert_eq!(db.count("ledger", "1 = 1").await, before);
        site.close().await;
    }
);

/// Lets the courier have the addresses of so many people more.
async fn permit_many(house: &House<'_>, how_many: usize) {
    let db = house.db;
    let tenant = db.id(house.ctx.tenant());
    let (id, hash) = match db.backend {
        Backend::Sqlite => ("randomblob(16)", "randomblob(32)"),
        Backend::Postgres => (
            "gen_random_uuid()",
            "decode(md5(random()::text) || md5(random()::text), 'hex')",
        ),
    };
    let people = format!(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {how_many})
         INSERT INTO subscriber (tenant_id, id, email, address_hash, collected_under, created_at)
         SELECT {tenant}, {id}, 'p' || n.i || '@example.org', {hash}, p.id, 0
         FROM n CROSS JOIN (SELECT id FROM policy_version WHERE tenant_id = {tenant} LIMIT 1) p"
    );
    db.exec(&people).await.unwrap();
    let permissions = format!(
        "INSERT INTO permission (tenant_id, outside_party_id, subscriber_id, field, state, policy_version_id, record_id, recorded_at)
         SELECT s.tenant_id, o.id, s.id, 'EMAIL', 'GIVEN', s.collected_under, s.id, 0
         FROM subscriber s JOIN outside_party o ON o.tenant_id = s.tenant_id AND o.name = '{COURIER}'
         WHERE s.tenant_id = {tenant} AND s.email LIKE 'p%'"
    );
    db.exec(&permissions).await.unwrap();
}

async fn asker(house: &House<'_>, token: ApiTokenId) -> Asker {
    let tx = house.read().await;
    let courier = outside_party::by_name(&tx, COURIER).await.unwrap();
    Asker {
        party: courier.expect("named").id,
        token,
    }
}

on_both!(
    p14_a_no_said_while_a_file_is_read_counts_for_the_rest_of_it,
    async |db| {
        let Town { house, owner, .. } = town(db).await;
        permit_many(&house, 1300).await;
        let (token, secret) = house.token_of(owner, COURIER).await;
        let site = db.site();
        let (_, rows) = file_of(&site, &secret).await;
        assert_eq!(rows.len(), 1302, "Ann and Cat too");
        assert_eq!(out(db).await, 1302, "before it is given out, and each once");

        let (asker, wanted) = (asker(&house, token).await, [Email].into());
        let part = async |after| {
            export::some_permitted(&db.store, house.ctx, asker, &wanted, after)
                .await
                .unwrap()
        };
        let first = part(None).await;
        let reached = first.last().unwrap().person().uuid();
        let waits = rows.iter().skip(first.len());
        let waits: Vec<_> = waits
            .map(|row| row[0].parse::<assent_domain::id::SubscriberId>().unwrap())
            .collect();
        let (withdrawn, restricted) = (waits[0], waits[1]);
        db.exec(&format!(
            "UPDATE permission SET state = 'WITHDRAWN' WHERE subscriber_id = {}",
            db.id(withdrawn)
        ))
        .await
        .unwrap();
        db.exec(&format!(
            "UPDATE subscriber SET restricted_at = 1 WHERE id = {}",
            db.id(restricted)
        ))
        .await
        .unwrap();
        let (mut seen, mut after) = (first.len(), Some(reached));
        loop {
            let next = part(after).await;
            let Some(last) = next.last() else { break };
            after = Some(last.person().uuid());
            seen += next.len();
            for person in &next {
                assert!(person.person() != withdrawn && person.person() != restricted);
            }
        }
        assert_eq!(seen, 1300);
        assert_eq!(out(db).await, 1302 + 1300);
        site.close().await;
    }
);

async fn changed(house: &House<'_>, owner: TenantCtx, token: ApiTokenId, changes: TokenChanges) {
    let mut tx = house.write_as(owner).await;
    api_token::update(&mut tx, token, changes).await.unwrap();
    tx.commit().await.unwrap();
}

on_both!(
    the_address_of_a_file_is_worth_nothing_without_the_token_that_asked,
    async |db| {
        let Town { house, owner, .. } = town(db).await;
        let site = db.site();
        let nothing = TokenChanges {
            name: None,
            expires_at: None,
            networks: None,
        };
        let asked = async || {
            let (id, secret) = house.token_of(owner, COURIER).await;
            let url = address_of(&with(&site, secret), json!({})).await;
            let file = fetch(&site, &url).await;
            assert_eq!(file.status(), 200);
            // Read to its end, it keeps no place.
            assert!(file.text().await.unwrap().contains("ann@example.org"));
            (id, url)
        };
        let gone = async |url: &str, status: u16, why: &str| {
            let before = out(db).await;
            let answer = fetch(&site, url).await;
            assert_eq!(answer.status(), status, "{why}");
            assert!(!answer.text().await.unwrap().contains("example.org"));
            assert_eq!(out(db).await, before, "{why}");
        };
        let (id, url) = asked().await;
        let elsewhere = AllowedNetworks::parse(["203.0.113.0/24"]).unwrap();
        let networks = TokenChanges {
            networks: Some(elsewhere),
            ..nothing
        };
        changed(&house, owner, id, networks).await;
        gone(&url, 403, "it counts elsewhere only").await;

        let (id, url) = asked().await;
        let mut tx = house.write_as(owner).await;
        api_token::rotate(&mut tx, id, Duration::ZERO).await.unwrap();
        tx.commit().await.unwrap();
        gone(&url, 404, "another secret took over").await;

        let (id, url) = asked().await;
        let soon = db.store.now().after(Duration::from_mins(5));
        let expires = TokenChanges {
            expires_at: Some(soon),
            name: None,
            networks: None,
        };
        changed(&house, owner, id, expires).await;
        db.clock.forward(Duration::from_mins(5));
        gone(&url, 404, "its time is over").await;

        let (id, url) = asked().await;
        let ticket = url.rsplit('/').next().unwrap();
        let opened = export::open(&db.store, ticket, None)
            .await
            .unwrap()
            .expect("it is open");
        assert!(opened.access_now(&db.store).await.unwrap().is_some());
        let mut tx = house.write_as(owner).await;
        api_token::revoke(&mut tx, id).await.unwrap();
        tx.commit().await.unwrap();
        gone(&url, 404, "it was revoked").await;
        assert!(
            opened.access_now(&db.store).await.unwrap().is_none(),
            "nor does a file go on"
        );

        db.clock.forward(Duration::from_secs(1));
        let (_, url) = asked().await;
        db.clock.forward(Duration::from_mins(10));
        gone(&url, 404, "the ticket's time is over").await;
        site.close().await;
    }
);

on_both!(
    p14_a_party_gets_nothing_of_another_tenant_or_for_another_party,
    async |db| {
        let Town {
            house, owner, ben, ..
        } = town(db).await;
        let brook = db.house("brook").await;
        let (_, form) = brook.news().await;
        let bea = brook.member_of(&form, "bea@example.net", &["news"]).await;
        brook.permit(bea, &[(Email, true), (Company, true)]).await;
        let theirs = session::sign_in(&db.store, "brook", "owner@brook.example", PASSWORD.into(), None).await;
        let theirs = theirs.unwrap().expect("a member").access.ctx;
        let (_, of_brook) = brook.token_of(theirs, COURIER).await;
        let site = db.site();
        let (_, rows) = file_of(&site, &of_brook).await;
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0][1], "bea@example.net");

        // Another party of the same tenant has what was permitted to it: nothing.
        house.order(owner, &[ben]).await;
        let (_, court) = house.token_of(owner, "County Court").await;
        let (head, rows) = file_of(&site, &court).await;
        assert_eq!((head, rows.len()), (vec!["id".to_owned()], 0));
        verifies(db).await;

        // A ticket says whose it is, and for which tenant; neither is changed without our key.
        let secret = of_brook.into();
        let asking = access::by_bearer(&db.store, "", &secret, None)
            .await
            .unwrap()
            .expect("a token");
        assert!(matches!(asking.access, Access::Token(..)));
        drop(asking.tx);
        let mut tx = house.write().await;
        let ticket =
            export::ask_for_subscribers(&mut tx, &asking.access, None, None, ExportFormat::Csv).await;
        tx.commit().await.unwrap();
        let url = format!(
            "/exports/{}",
            secrecy::ExposeSecret::expose_secret(&ticket.unwrap().secret)
        );
        assert_eq!(
            fetch(&site, &url).await.status(),
            404,
            "the token is of another tenant"
        );
        site.close().await;
    }
);

on_both!(a_program_of_the_tenants_own_gets_the_whole_file, async |db| {
    let Town { house, .. } = town(db).await;
    let owner = signed_in(&house, "owner@acme.example").await;
    let new = |scope| NewApiToken {
        name: "Shop".to_owned(),
        scopes: [scope].into(),
        party: None,
        expires_at: None,
    };
    let site = db.site();
    let (_, lists) = house.token(owner, new(Scope::ReadLists)).await;
    let refused = with(&site, lists).refused(ASK, json!({ "input": {} })).await;
    assert_eq!(refused.code, "FORBIDDEN");
    let (_, secret) = house.token(owner, new(Scope::ReadSubscribers)).await;
    let (head, rows) = file_of(&site, &secret).await;
    assert!(head.contains(&"collectedUnder".to_owned()), "{head:?}");
    assert_eq!(rows.len(), 3);
    assert_eq!(out(db).await, 0);
    assert_eq!(noted(db, "PERSONAL_DATA_READ").await, 1);
    site.close().await;
});
