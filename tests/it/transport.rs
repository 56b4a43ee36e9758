//! Mail servers of a tenant's own: who may set them up, what becomes of their passwords, and which one mail goes through.

use std::collections::BTreeMap;
use std::sync::Arc;

use assent_domain::id::TransportId;
use assent_domain::keys::Keys;
use assent_domain::transport::{Encryption, Relay};
use assent_entity::tenant_export;
use assent_entity::transport::{self, way};
use assent_entity::{Store, StoreError, StoreSettings, TenantTx, chore, circuit, tenant};
use assent_tests::database::SECRET;
use assent_tests::http::Client;
use assent_tests::senders::relay;
use assent_tests::{House, TestStore, on_both};
use data_encoding::{BASE64, HEXLOWER};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::tenant_life::export::unpack;

mod sending;
mod trial;

const PASSWORD: &str = "xyzzy-plugh-9041";

const CREATE: &str = "mutation($input: CreateTransportInput!) { createTransport(input: $input) { transport {
    id name host port tls user rank weight connections perSecond perHour enabled sendingDomain { name } } } }";
const UPDATE: &str = "mutation($input: UpdateTransportInput!) { updateTransport(input: $input) { transport {
    id name host port user rank connections perHour enabled } } }";
const DELETE: &str =
    "mutation($input: DeleteTransportInput!) { deleteTransport(input: $input) { transport { id } } }";
const ALL: &str = "{ transports { totalCount edges { node { id name host user tls rest { reason } } } } }";

/// The networks of the tests.
const LOOPBACK: &str = "127.0.0.0/8, ::1";

/// A relay for which somebody signs in.
fn with_user(user: &str) -> Relay {
    Relay {
        encryption: Encryption::StartTls,
        user: Some(user.to_owned()),
        ..relay("Own", "smtp.acme.example", 587)
    }
}

/// Adds a transport through the API, and gives its id.
async fn create(client: &Client<'_>, input: Value) -> String {
    let made = client.data(CREATE, json!({ "input": input })).await;
    made["createTransport"]["transport"]["id"]
        .as_str()
        .unwrap()
        .to_owned()
}

on_both!(
    a_transport_is_added_changed_and_taken_away_and_all_of_it_is_on_record,
    async |db| {
        let house = db.house("acme").await;
        let domain = house.sending_domain("acme.example").await;
        let site = db.site();
        let owner = site.owner("acme").await;
        let input = json!({ "name": "Own", "host": "SMTP.acme.example", "user": "acme", "password": PASSWORD,
                            "sendingDomainId": domain.to_string(), "connections": 3 });
        let made = owner.data(CREATE, json!({ "input": input })).await;
        let made = &made["createTransport"]["transport"];
        assert_eq!(
            (
                &made["host"],
                &made["port"],
                &made["tls"],
                &made["rank"],
                &made["enabled"]
            ),
            (
                &json!("smtp.acme.example"),
                &json!(587),
                &json!("STARTTLS"),
                &json!(1),
                &json!(true)
            )
        );
        assert_eq!(made["sendingDomain"]["name"], "acme.example");
        let id = made["id"].as_str().unwrap();

        for (input, code, field) in [
            (json!({ "name": "Own", "host": "x.example" }), "CONFLICT", "name"),
            (
                json!({ "name": "B", "host": "https://x.example" }),
                "BAD_USER_INPUT",
                "host",
            ),
            (
                json!({ "name": "B", "host": "x.example", "port": 70_000 }),
                "BAD_USER_INPUT",
                "port",
            ),
            (
                json!({ "name": "B", "host": "x.example", "user": "b" }),
                "BAD_USER_INPUT",
                "password",
            ),
            (
                json!({ "name": "B", "host": "x.example", "password": "b" }),
                "BAD_USER_INPUT",
                "user",
            ),
            (
                json!({ "name": "B", "host": "x.example", "user": "b", "password": "b", "tls": "NONE" }),
                "BAD_USER_INPUT",
                "tls",
            ),
            (
                json!({ "name": "B", "host": "x.example", "weight": 101 }),
                "BAD_USER_INPUT",
                "weight",
            ),
        ] {
            let refused = owner.refused(CREATE, json!({ "input": input })).await;
            assert_eq!(
                (refused.code.as_str(), refused.field.as_str()),
                (code, field),
                "{refused:?}"
            );
        }
        let remove =
            "mutation($id: ID!) { removeSendingDomain(input: { id: $id }) { sendingDomain { id } } }";
        let refused = owner.refused(remove, json!({ "id": domain.to_string() })).await;
        assert_eq!(refused.code, "CONFLICT", "a transport is for it: {refused:?}");

        let change = json!({ "input": { "id": id, "rank": 2, "connections": null, "perHour": 60 } });
        let changed = owner.data(UPDATE, change).await;
        let changed = &changed["updateTransport"]["transport"];
        assert_eq!(
            (
                &changed["rank"],
                &changed["connections"],
                &changed["perHour"],
                &changed["user"]
            ),
            (&json!(2), &Value::Null, &json!(60), &json!("acme"))
        );
        let deleted = owner.data(DELETE, json!({ "input": { "id": id } })).await;
        assert_eq!(deleted["deleteTransport"]["transport"]["id"], id);
        assert_eq!(owner.data(ALL, json!({})).await["transports"]["totalCount"], 0);
        for act in ["TRANSPORT_CREATED", "TRANSPORT_UPDATED", "TRANSPORT_DELETED"] {
            assert_eq!(
                db.count("ledger", &format!("facts LIKE '%{act}%'")).await,
                1,
                "{act}"
            );
        }
        site.close().await;
    }
);

on_both!(another_tenants_transport_is_not_there, async |db| {
    let acme = db.house("acme").await;
    db.house("brook").await;
    let theirs = acme.transport(relay("Own", "127.0.0.1", 25)).await.to_string();
    let site = db.site();
    let us = site.owner("brook").await;
    let test = "mutation($input: TestTransportInput!) { testTransport(input: $input) { works } }";
    for mutation in [UPDATE, DELETE, test] {
        let refused = us.refused(mutation, json!({ "input": { "id": theirs } })).await;
        assert_eq!(refused.code, "NOT_FOUND", "{mutation}");
    }
    for query in [
        "query($id: ID!) { transport(id: $id) { id } }",
        "query($id: ID!) { node(id: $id) { id } }",
    ] {
        assert_eq!(
            us.refused(query, json!({ "id": theirs })).await.code,
            "NOT_FOUND",
            "{query}"
        );
    }
    assert_eq!(us.data(ALL, json!({})).await["transports"]["totalCount"], 0);
    assert_eq!(db.count("transport", "1 = 1").await, 1);
    site.close().await;
});

on_both!(
    p06_a_password_is_written_and_shows_nowhere_and_goes_to_nobody_else,
    async |db| {
        let house = db.house("acme").await;
        let site = db.site();
        let owner = site.owner("acme").await;
        let input =
            json!({ "name": "Own", "host": "smtp.acme.example", "user": "acme", "password": PASSWORD });
        let id = create(&owner, input).await;
        for change in [
            json!({ "host": "evil.example" }),
            json!({ "port": 2525 }),
            json!({ "user": "eve" }),
            json!({ "tls": "IMPLICIT" }),
        ] {
            let mut input = json!({ "id": id });
            input
                .as_object_mut()
                .unwrap()
                .extend(change.as_object().unwrap().clone());
            let refused = owner.refused(UPDATE, json!({ "input": input })).await;
            assert_eq!(
                (refused.code.as_str(), refused.field.as_str()),
                ("BAD_USER_INPUT", "password")
            );
            assert!(!refused.message.contains(PASSWORD));
        }
        owner
            .data(UPDATE, json!({ "input": { "id": id, "name": "Renamed" } }))
            .await;
        let tx = house.read().await;
        let (_, login) = transport::with_login(&tx, id.parse().unwrap()).await.unwrap();
        assert_eq!(
            login.unwrap().password().expose_secret(),
            PASSWORD,
            "it stays with its server"
        );
        drop(tx);
        let log = "{ auditLog(first: 20) { edges { node { act before after } } } }";
        let mut seen = format!(
            "{}{}",
            owner.data(ALL, json!({})).await,
            owner.data(log, json!({})).await
        );
        let file = db.data_dir().join("acme.zip");
        let ctx = tenant::for_operator(&db.store, "acme").await.unwrap().unwrap();
        tenant_export::write(&db.store, ctx, &file).await.unwrap();
        for (_, text) in unpack(&file) {
            seen.push_str(&text);
        }
        for (_, rows) in db.dump().await {
            seen.push_str(&rows.join("\n"));
        }
        assert!(seen.contains("smtp.acme.example"), "it was looked at");
        let seen = seen.to_lowercase();
        let octets = PASSWORD.as_bytes();
        for hidden in [
            PASSWORD.to_owned(),
            HEXLOWER.encode(octets),
            BASE64.encode(octets).to_lowercase(),
        ] {
            assert!(!seen.contains(&hidden), "{hidden}");
        }
        site.close().await;
    }
);

on_both!(
    p06_passwords_outlive_a_change_of_the_operators_secret,
    async |db| {
        let house = db.house("acme").await;
        let mut tx = house.write().await;
        let id = transport::create(&mut tx, with_user("acme"), Some(PASSWORD.into()))
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let changed = Keys::new("another secret, of thirty-two and more octets".into()).unwrap();
        let reopened = async |keys: Keys| {
            let settings = StoreSettings {
                url: db.url.clone(),
                max_connections: 2,
                allow_rls_bypass: false,
            };
            let store = Store::open(&settings, keys, Arc::clone(&db.clock) as _).await;
            store.unwrap()
        };
        let lost = reopened(changed.clone()).await;
        let tx = TenantTx::read(&lost, house.ctx).await.unwrap();
        let error = way(&tx).await.unwrap_err();
        assert!(error.to_string().contains("ASSENT_SECRET_PREVIOUS"), "{error}");
        drop(tx);
        let during = reopened(changed.with_previous(vec![SECRET.into()]).unwrap()).await;
        chore::of_tenant(&during, house.ctx).await.unwrap();
        let tx = TenantTx::read(&lost, house.ctx).await.unwrap();
        let login = way(&tx).await.unwrap().unwrap().login.unwrap();
        assert_eq!(
            login.password().expose_secret(),
            PASSWORD,
            "sealed anew: the old secret may be forgotten"
        );
        drop(tx);
        let other = {
            let mut tx = house.write().await;
            let relay = Relay {
                name: "Other".to_owned(),
                ..with_user("acme")
            };
            let other = transport::create(&mut tx, relay, Some("other".into()))
                .await
                .unwrap();
            tx.commit().await.unwrap();
            other
        };
        let moved = format!(
        "UPDATE transport SET sealed_password = (SELECT t.sealed_password FROM transport t WHERE t.id = {})
         WHERE id = {}",
        db.id(id),
        db.id(other)
    );
        db.exec(&moved).await.unwrap();
        let tx = house.read().await;
        let error = transport::with_login(&tx, other).await.unwrap_err();
        assert!(
            matches!(error, StoreError::Corrupt(_)),
            "moved to another row: {error}"
        );
    }
);

/// How often each is chosen.
async fn chosen(house: &House<'_>, times: u32) -> BTreeMap<String, u32> {
    let tx = house.read().await;
    let mut chosen = BTreeMap::new();
    for _ in 0..times {
        let name = match way(&tx).await.unwrap() {
            Some(way) => way.relay.name,
            None => "the operator's".to_owned(),
        };
        *chosen.entry(name).or_insert(0) += 1;
    }
    chosen
}

async fn only(house: &House<'_>) -> String {
    let chosen = chosen(house, 20).await;
    assert_eq!(chosen.len(), 1, "{chosen:?}");
    chosen.into_keys().next().unwrap()
}

async fn shut(db: &TestStore, house: &House<'_>, id: TransportId) {
    let mut tx = house.write().await;
    circuit::shut(&mut tx, &id.to_string(), "nobody listens there")
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(db.count("circuit", "open_since IS NOT NULL").await, 1);
}

on_both!(
    mail_goes_by_the_senders_domain_then_by_rank_then_by_weight,
    async |db| {
        let house = db.house("acme").await;
        assert_eq!(only(&house).await, "the operator's");
        let one = house
            .transport(Relay {
                weight: 3,
                ..relay("Three", "a.example", 25)
            })
            .await;
        house.transport(relay("One", "a.example", 25)).await;
        house
            .transport(Relay {
                weight: 0,
                ..relay("Spare", "b.example", 25)
            })
            .await;
        house
            .transport(Relay {
                rank: 2,
                ..relay("Second", "c.example", 25)
            })
            .await;
        house
            .transport(Relay {
                is_enabled: false,
                ..relay("Off", "d.example", 25)
            })
            .await;
        let shares = chosen(&house, 400).await;
        assert_eq!(shares.keys().collect::<Vec<_>>(), ["One", "Three"]);
        assert!((50..=150).contains(&shares["One"]), "a quarter: {shares:?}");

        shut(db, &house, one).await;
        assert_eq!(only(&house).await, "One", "two on one host are two");
        let acme = house.sending_domain("acme.example").await;
        let other = house.sending_domain("other.example").await;
        let of_other = Relay {
            sending_domain: Some(other),
            ..relay("Other", "e.example", 25)
        };
        house.transport(of_other).await;
        assert_eq!(only(&house).await, "One");
        let own = Relay {
            sending_domain: Some(acme),
            rank: 9,
            ..relay("Acme", "f.example", 25)
        };
        house.transport(own).await;
        assert_eq!(only(&house).await, "Acme");
    }
);

on_both!(
    a_member_who_changes_a_transport_has_it_tried_at_once,
    async |db| {
        let house = db.house("acme").await;
        let first = house.transport(relay("First", "a.example", 25)).await;
        house
            .transport(Relay {
                rank: 2,
                ..relay("Second", "a.example", 25)
            })
            .await;
        shut(db, &house, first).await;
        assert_eq!(only(&house).await, "Second");
        let site = db.site();
        let owner = site.owner("acme").await;
        let rest = "query($id: ID!) { transport(id: $id) { rest { reason } } }";
        let seen = owner.data(rest, json!({ "id": first.to_string() })).await;
        assert_eq!(seen["transport"]["rest"]["reason"], "nobody listens there");
        owner
            .data(
                UPDATE,
                json!({ "input": { "id": first.to_string(), "host": "b.example" } }),
            )
            .await;
        assert_eq!(only(&house).await, "First");
        site.close().await;
    }
);
