//! Who may set up webhooks, within what bounds, and what others see of them.

use assent_domain::api_token::Scope;
use assent_domain::tenant::Role;
use assent_domain::tenant_life::GraceDays;
use assent_entity::tenant_life;
use assent_tests::on_both;
use serde_json::{Value, json};

use super::failing::DISABLE;
use super::{CREATE, TEST, endpoint, log, test_of};
use crate::disclosure::with;
use crate::roles::signed_in;
use crate::scopes::shop;

const URL: &str = "https://hooks.example.com/assent?key=of-the-receiver";
const ALL: &str = "{ webhookEndpoints(first: 100) { totalCount edges { node { id url description eventTypes enabled } } } }";

on_both!(
    p15_owners_developers_and_their_programs_set_up_webhooks,
    async |db| {
        let house = db.house("acme").await;
        let site = db.site();
        let owner = site.owner("acme").await;
        let told = endpoint(&owner, URL, &["CONSENT_GIVEN"]).await;
        let (_, developer) = signed_in(&house, &site, Role::Developer).await;
        endpoint(&developer, URL, &["CONSENT_WITHDRAWN"]).await;
        let (_, marketer) = signed_in(&house, &site, Role::Marketer).await;
        let node = "query($id: ID!) { node(id: $id) { id ... on WebhookEndpoint { url } } }";
        let id = json!({ "id": told.id });
        assert_eq!(marketer.refused(ALL, json!({})).await.code, "FORBIDDEN");
        assert_eq!(marketer.refused(node, id.clone()).await.code, "NOT_FOUND");
        assert_eq!(developer.data(node, id).await["node"]["url"], URL);
        let program = with(&site, shop(&house, &[Scope::ManageWebhooks]).await);
        endpoint(&program, URL, &["CAMPAIGN_FINISHED"]).await;
        program.data(TEST, test_of(&told)).await;
        let seen = log(&program, json!({})).await;
        assert_eq!(
            (&seen[0]["eventType"], &seen[0]["state"]),
            (&json!("WEBHOOK_TEST"), &json!("PENDING"))
        );
        let other = with(&site, shop(&house, &[Scope::ReadSubscribers]).await);
        assert_eq!(other.refused(ALL, json!({})).await.code, "FORBIDDEN");
        let all = owner.data(ALL, json!({})).await;
        assert_eq!(all["webhookEndpoints"]["totalCount"], 3);
        let audit = owner
            .data(
                "{ auditLog(first: 20) { edges { node { act after } } } }",
                json!({}),
            )
            .await;
        let text = audit.to_string();
        assert!(
            text.contains("https://hooks.example.com") && !text.contains("of-the-receiver"),
            "{text}"
        );
        site.close().await;
    }
);

on_both!(
    a_closed_tenant_can_disable_an_endpoint_and_not_enable_it,
    async |db| {
        let house = db.house("acme").await;
        let site = db.site();
        let told = endpoint(&site.owner("acme").await, URL, &["CONSENT_GIVEN"]).await;
        let mut tx = house.write().await;
        tenant_life::close(&mut tx, "House acme", "we stop", GraceDays::default())
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let owner = site.owner("acme").await;
        let by_id = json!({ "input": { "id": told.id } });
        let disabled = owner.data(DISABLE, by_id.clone()).await;
        assert_eq!(
            disabled["disableWebhookEndpoint"]["webhookEndpoint"]["disabledReason"],
            "REQUESTED"
        );
        let enable = "mutation($input: WebhookEndpointInput!) { enableWebhookEndpoint(input: $input) { webhookEndpoint { id } } }";
        assert_eq!(owner.refused(enable, by_id).await.code, "TENANT_CLOSED");
        site.close().await;
    }
);

on_both!(bounds_are_kept_and_what_is_refused_changes_nothing, async |db| {
    db.house("acme").await;
    let site = db.site();
    let owner = site.owner("acme").await;
    let long = "x".repeat(201);
    for (field, input) in [
        ("eventTypes", json!({ "url": URL, "eventTypes": [] })),
        (
            "eventTypes",
            json!({ "url": URL, "eventTypes": ["CONSENT_GIVEN", "WEBHOOK_TEST"] }),
        ),
        (
            "description",
            json!({ "url": URL, "eventTypes": ["CONSENT_GIVEN"], "description": long }),
        ),
    ] {
        let refused = owner.refused(CREATE, json!({ "input": input })).await;
        assert_eq!(
            (refused.code.as_str(), refused.field.as_str()),
            ("BAD_USER_INPUT", field),
            "{input}"
        );
    }
    assert_eq!(db.count("webhook_endpoint", "1 = 1").await, 0);
    for _ in 0..20 {
        endpoint(&owner, URL, &["CONSENT_GIVEN", "CONSENT_GIVEN"]).await;
    }
    let input = json!({ "url": URL, "eventTypes": ["CONSENT_GIVEN"] });
    assert_eq!(
        owner.refused(CREATE, json!({ "input": input })).await.code,
        "CONFLICT"
    );
    let all = owner.data(ALL, json!({})).await;
    let first = &all["webhookEndpoints"]["edges"][0]["node"];
    assert_eq!(first["eventTypes"], json!(["CONSENT_GIVEN"]), "each once");
    let update = "mutation($input: UpdateWebhookEndpointInput!) { updateWebhookEndpoint(input: $input) {
            webhookEndpoint { id } } }";
    let inside = json!({ "id": first["id"], "url": "https://10.0.0.1/" });
    assert_eq!(
        owner.refused(update, json!({ "input": inside })).await.code,
        "BAD_USER_INPUT"
    );
    let none = json!({ "id": first["id"], "eventTypes": [] });
    assert_eq!(
        owner.refused(update, json!({ "input": none })).await.code,
        "BAD_USER_INPUT"
    );
    let by_id = json!({ "input": { "id": first["id"] } });
    owner.data(DISABLE, by_id.clone()).await;
    assert_eq!(owner.refused(DISABLE, by_id).await.code, "CONFLICT");
    let after = owner.data(ALL, json!({})).await;
    let left = |all: &Value| all["webhookEndpoints"]["edges"].as_array().unwrap().len();
    assert_eq!(
        (
            left(&after),
            &after["webhookEndpoints"]["edges"][0]["node"]["url"]
        ),
        (20, &json!(URL))
    );
    site.close().await;
});
