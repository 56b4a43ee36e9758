//! A token gets another secret while the one before counts for a while, and is changed by whoever could have made it.

use std::time::Duration;

use assent_domain::api_token::Scope;
use assent_domain::tenant::Role;
use assent_tests::http::Client;
use assent_tests::visitor::Site;
use assent_tests::{House, on_both};
use serde_json::{Value, json};

use crate::disclosure::with;
use crate::scopes::shop;

const ROTATE: &str = "mutation($input: RotateApiTokenInput!) { rotateApiToken(input: $input) { secret apiToken { id secrets { createdAt expiresAt lastUsedAt } } } }";
const UPDATE: &str = "mutation($input: UpdateApiTokenInput!) { updateApiToken(input: $input) { apiToken { name expiresAt allowedNetworks } } }";
const REVOKE: &str = "mutation($input: RevokeApiTokenInput!) { revokeApiToken(input: $input) { apiToken { id secrets { createdAt } } } }";
const TOKENS: &str = "{ apiTokens { edges { node { id secrets { expiresAt lastUsedAt } } } } }";
const ASK: &str = "{ purposes { code } }";

async fn counts(site: &Site, secret: &str) -> bool {
    let answer = with(site, secret.to_owned()).graphql(ASK, json!({})).await;
    let code = &answer["errors"][0]["extensions"]["code"];
    assert!(code.is_null() || code == "UNAUTHENTICATED", "{answer}");
    code.is_null()
}

async fn only_token(owner: &Client<'_>) -> Value {
    let listed = owner.data(TOKENS, json!({})).await;
    listed["apiTokens"]["edges"][0]["node"].clone()
}

async fn rotate(by: &Client<'_>, id: &str, hours: Option<u32>) -> String {
    let input = json!({ "id": id, "overlapHours": hours });
    let rotated = by.data(ROTATE, json!({ "input": input })).await;
    rotated["rotateApiToken"]["secret"].as_str().unwrap().to_owned()
}

/// A token of the shop, by its id, and its secret.
async fn of_shop(house: &House<'_>, owner: &Client<'_>, scopes: &[Scope]) -> (String, String) {
    let secret = shop(house, scopes).await;
    let id = only_token(owner).await["id"].as_str().unwrap().to_owned();
    (id, secret)
}

on_both!(
    the_secret_before_counts_until_the_overlap_ends_and_both_are_seen_with_their_last_use,
    async |db| {
        let house = db.house("acme").await;
        let site = db.site();
        let owner = site.owner("acme").await;
        let (id, first) = of_shop(&house, &owner, &[Scope::ReadPolicy]).await;
        assert!(counts(&site, &first).await);
        db.clock.forward(Duration::from_hours(1));
        let owner = site.owner("acme").await;
        let second = rotate(&owner, &id, None).await;
        assert!(second.starts_with("assent_token_") && second != first);
        let seen = only_token(&owner).await["secrets"].clone();
        assert_eq!(
            seen,
            json!([
                { "expiresAt": "2026-03-03T10:00:00Z", "lastUsedAt": "2026-03-02T09:00:00Z" },
                { "expiresAt": null, "lastUsedAt": null },
            ])
        );
        assert!(counts(&site, &second).await && counts(&site, &first).await);
        let seen = only_token(&owner).await["secrets"].clone();
        assert_eq!(seen[1]["lastUsedAt"], "2026-03-02T10:00:00Z");
        db.clock.forward(Duration::from_secs(24 * 3600 - 1));
        assert!(counts(&site, &first).await);
        db.clock.forward(Duration::from_secs(1));
        assert!(!counts(&site, &first).await && counts(&site, &second).await);
        let owner = site.owner("acme").await;
        assert_eq!(only_token(&owner).await["secrets"].as_array().unwrap().len(), 1);
        // What got out is replaced at once, and whatever was on its way out goes with it.
        let third = rotate(&owner, &id, Some(168)).await;
        let fourth = rotate(&owner, &id, Some(0)).await;
        for (secret, is_good) in [(&second, false), (&third, false), (&fourth, true)] {
            assert_eq!(counts(&site, secret).await, is_good, "{secret}");
        }
        assent_entity::chore::of_tenant(&db.store, house.ctx)
            .await
            .unwrap();
        assert_eq!(db.count("api_credential", "1 = 1").await, 1);
        for (table, rows) in db.dump().await {
            assert!(rows.iter().all(|row| !row.contains(fourth.as_str())), "{table}");
        }
        let revoked = owner.data(REVOKE, json!({ "input": { "id": id } })).await;
        assert_eq!(revoked["revokeApiToken"]["apiToken"]["secrets"], json!([]));
        assert!(!counts(&site, &fourth).await);
        let refused = owner.refused(ROTATE, json!({ "input": { "id": id } })).await;
        assert_eq!(refused.code, "CONFLICT");
        site.close().await;
    }
);

on_both!(
    nobody_takes_a_secret_of_a_token_that_may_more_than_they,
    async |db| {
        let house = db.house("acme").await;
        db.house("brook").await;
        let site = db.site();
        let owner = site.owner("acme").await;
        let (id, secret) = of_shop(&house, &owner, &[Scope::ReadSubscribers]).await;
        let (_, developer) = crate::roles::signed_in(&house, &site, Role::Developer).await;
        let (_, marketer) = crate::roles::signed_in(&house, &site, Role::Marketer).await;
        let brook = site.owner("brook").await;
        for (client, code) in [
            (&developer, "CONFLICT"),
            (&marketer, "FORBIDDEN"),
            (&brook, "NOT_FOUND"),
        ] {
            for query in [ROTATE, UPDATE] {
                let refused = client.refused(query, json!({ "input": { "id": id } })).await;
                assert_eq!(refused.code, code, "{query}");
            }
        }
        for bad in [169, 100_000] {
            let input = json!({ "input": { "id": id, "overlapHours": bad } });
            let refused = owner.refused(ROTATE, input).await;
            assert_eq!(
                (refused.code.as_str(), refused.field.as_str()),
                ("BAD_USER_INPUT", "overlapHours")
            );
        }
        let mut client = site.anybody();
        client.token = Some(secret);
        let ask = "{ subscribers { totalCount } }";
        client.data(ask, json!({})).await;
        site.close().await;
    }
);

on_both!(a_token_is_called_otherwise_and_counts_longer, async |db| {
    let house = db.house("acme").await;
    let site = db.site();
    let owner = site.owner("acme").await;
    let (id, secret) = of_shop(&house, &owner, &[Scope::ReadPolicy]).await;
    let update = async |input: Value| {
        let mut all = json!({ "id": id });
        let (all_of, more) = (all.as_object_mut().unwrap(), input.as_object().unwrap());
        all_of.extend(more.clone());
        owner.graphql(UPDATE, json!({ "input": all })).await
    };
    let token = |answer: Value| answer["data"]["updateApiToken"]["apiToken"].clone();
    let renamed = token(update(json!({ "name": " Till " })).await);
    assert_eq!(
        renamed,
        json!({ "name": "Till", "expiresAt": "2026-05-31T09:00:00Z", "allowedNetworks": [] })
    );
    let longer = token(update(json!({ "expiresAt": "2027-03-01T00:00:00Z" })).await);
    assert_eq!(
        (&longer["name"], &longer["expiresAt"]),
        (&json!("Till"), &json!("2027-03-01T00:00:00Z"))
    );
    for (input, field) in [
        (json!({ "name": "" }), "name"),
        (json!({ "expiresAt": "2026-03-02T09:00:00Z" }), "expiresAt"),
        (json!({ "expiresAt": "2027-03-04T00:00:00Z" }), "expiresAt"),
        (json!({ "allowedNetworks": ["10.0.0.0/33"] }), "allowedNetworks"),
        (
            json!({ "allowedNetworks": ["2001:db8::/32", "example.org"] }),
            "allowedNetworks",
        ),
        (
            json!({ "allowedNetworks": ["::ffff:10.0.0.0/104"] }),
            "allowedNetworks",
        ),
    ] {
        let answer = update(input.clone()).await;
        let extensions = &answer["errors"][0]["extensions"];
        assert_eq!(
            (&extensions["code"], &extensions["field"]),
            (&json!("BAD_USER_INPUT"), &json!(field)),
            "{input}"
        );
    }
    assert!(counts(&site, &secret).await);
    let noted = "kind = 'AUDIT' AND facts LIKE '%API_TOKEN_UPDATED%'";
    assert_eq!(db.count("ledger", noted).await, 2);
    site.close().await;
});

/// What comes of asking from an address.
async fn asked_from(site: &Site, secret: &str, address: &str) -> (u16, Value, String) {
    let client = with(site, secret.to_owned());
    let request = client
        .request(reqwest::Method::POST)
        .header("content-type", "application/json")
        .header("x-forwarded-for", address);
    let body = json!({ "query": ASK }).to_string();
    let answer = assent_tests::visitor::answer(request.body(body)).await;
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    (
        answer.status.as_u16(),
        body["errors"][0]["extensions"]["code"].clone(),
        answer.body,
    )
}

on_both!(
    p02_a_token_counts_from_its_networks_only_and_nobody_keeps_from_where_it_was_shown,
    async |db| {
        let house = db.house("acme").await;
        let site = db.site_behind_a_proxy();
        let owner = site.owner("acme").await;
        let (id, secret) = of_shop(&house, &owner, &[Scope::ReadPolicy]).await;
        let networks = json!(["203.0.113.77/24", "2001:db8:7::/48"]);
        let input = json!({ "input": { "id": id, "allowedNetworks": networks } });
        let updated = owner.data(UPDATE, input).await;
        assert_eq!(
            updated["updateApiToken"]["apiToken"]["allowedNetworks"],
            json!(["203.0.113.0/24", "2001:db8:7::/48"])
        );
        for (address, is_in) in [
            ("203.0.113.9", true),
            ("198.51.100.4, 203.0.113.9", true),
            ("[2001:db8:7:1::5]:4711", true),
            ("::ffff:203.0.113.9", true),
            ("203.0.114.9", false),
            ("203.0.113.9, 198.51.100.4", false),
            ("2001:db8:8::1", false),
            ("unknown", false),
        ] {
            let (_, code, body) = asked_from(&site, &secret, address).await;
            let expected = if is_in {
                Value::Null
            } else {
                json!("NETWORK_NOT_ALLOWED")
            };
            assert_eq!(code, expected, "{address}");
            assert!(
                is_in
                    || !["203.0", "2001:", "198.51", "127.0"]
                        .iter()
                        .any(|part| body.contains(part)),
                "{body}"
            );
        }
        // The header of whoever is no trusted proxy says nothing.
        let open = db.site();
        let (_, code, _) = asked_from(&open, &secret, "203.0.113.9").await;
        assert_eq!(code, "NETWORK_NOT_ALLOWED");
        let mut watcher = open.try_watch("graphql-transport-ws", &[]).await.unwrap();
        let payload = json!({ "authorization": format!("Bearer {secret}") });
        watcher
            .say(json!({ "type": "connection_init", "payload": payload }))
            .await;
        assert_eq!(watcher.hear().await, assent_tests::watcher::Heard::End(4403));
        for (table, rows) in db.dump().await {
            for address in [
                "203.0.113.9",
                "2001:db8:7:1",
                "198.51.100",
                "203.0.114",
                "127.0.0.1",
            ] {
                assert!(
                    rows.iter().all(|row| !row.contains(address)),
                    "{table} holds {address}"
                );
            }
        }
        open.close().await;
        site.close().await;
    }
);
