//! Webhooks out: what a tenant's own programs are told, how they know that it is from here, and what becomes of it. What mail
//! providers tell is the subject of `webhooks.rs`.

use std::time::Duration;

use assent_domain::id::WebhookEndpointId;
use assent_domain::mailing_list::OptIn;
use assent_entity::outbox;
use assent_entity::outcome::Outcome;
use assent_tests::hook::{Hook, on_this_machine};
use assent_tests::house::WITH_CLICKS;
use assent_tests::http::Client;
use assent_tests::process::until;
use assent_tests::visitor::Site;
use assent_tests::{House, TestStore, on_both};
use assent_worker::Workers;
use assent_worker::settings::{WebhookSettings, WorkerSettings};
use serde_json::{Value, json};

use crate::erasure::worker;

mod faces;
mod failing;
mod notice;
mod reach;
mod real;

pub(crate) const CREATE: &str = "mutation($input: CreateWebhookEndpointInput!) {
    createWebhookEndpoint(input: $input) { secret webhookEndpoint { id } } }";
pub(crate) const LOG: &str = "query($endpoint: ID, $state: WebhookDeliveryState, $type: WebhookEventType) {
    webhookDeliveries(webhookEndpointId: $endpoint, state: $state, eventType: $type, first: 100) { totalCount edges { node {
      id eventId eventType state nextAttemptAt finishedAt body
      attempts { number statusCode failure durationMs }
      webhookEndpoint { id enabled disabledReason failingSince } } } } }";
pub(crate) const TEST: &str = "mutation($input: TestWebhookEndpointInput!) {
    testWebhookEndpoint(input: $input) { webhookDelivery { id state } } }";
pub(crate) const ROTATE: &str = "mutation($input: WebhookEndpointInput!) {
    rotateWebhookSecret(input: $input) { secret webhookEndpoint { formerSecretUntil } } }";

/// How long something may take.
pub(crate) const LIMIT: Duration = Duration::from_secs(20);

/// An endpoint, as its tenant knows it.
pub(crate) struct Told {
    pub(crate) id: String,
    pub(crate) secret: String,
}

impl Told {
    pub(crate) fn parsed(&self) -> WebhookEndpointId {
        self.id.parse().unwrap()
    }
}

/// Adds an endpoint.
pub(crate) async fn endpoint(owner: &Client<'_>, url: &str, types: &[&str]) -> Told {
    let input = json!({ "url": url, "eventTypes": types });
    let mut made = owner.data(CREATE, json!({ "input": input })).await;
    let made = made["createWebhookEndpoint"].take();
    Told {
        id: made["webhookEndpoint"]["id"].as_str().unwrap().to_owned(),
        secret: made["secret"].as_str().unwrap().to_owned(),
    }
}

/// What tries an endpoint out.
pub(crate) fn test_of(told: &Told) -> Value {
    json!({ "input": { "webhookEndpointId": told.id } })
}

/// The deliveries of the log, newest first.
pub(crate) async fn log(owner: &Client<'_>, filter: Value) -> Vec<Value> {
    let mut answer = owner.data(LOG, filter).await;
    let edges = answer["webhookDeliveries"]["edges"].take();
    let edges: Vec<Value> = serde_json::from_value(edges).unwrap();
    edges.into_iter().map(|mut edge| edge["node"].take()).collect()
}

/// A worker that reaches endpoints on this machine.
pub(crate) async fn workers(db: &TestStore, site: &Site) -> Workers {
    workers_with(db, site, on_this_machine()).await
}

pub(crate) async fn workers_with(db: &TestStore, site: &Site, webhooks: WebhookSettings) -> Workers {
    let settings = WorkerSettings {
        webhooks,
        ..worker(db, site)
    };
    Workers::start(db.store.clone(), settings).await.unwrap()
}

/// Waits until no job is left, and stops the worker.
pub(crate) async fn drained(db: &TestStore, workers: Workers) {
    until("no job is left", LIMIT, || async {
        outbox::count_open(&db.store).await.unwrap() == 0
    })
    .await;
    workers.stop().await;
}

/// A site whose tenants may have endpoints on this machine.
pub(crate) fn site(db: &TestStore) -> Site {
    db.site_with_endpoints(on_this_machine())
}

/// Somebody signs up and confirms.
pub(crate) async fn joins(house: &House<'_>, email: &str) {
    let (_, form) = house.news().await;
    house.member_of(&form, email, &["news"]).await;
}

on_both!(
    p14_an_endpoint_is_told_what_it_asked_for_by_ids_and_signed,
    async |db| {
        let house = db.house("acme").await;
        let (site, hook) = (site(db), Hook::kind());
        let owner = site.owner("acme").await;
        let types = ["CONSENT_GIVEN", "SUBSCRIPTION_STARTED", "SUBSCRIBER_ERASED"];
        let told = endpoint(&owner, &hook.url(), &types).await;
        let (list, form) = house.news().await;
        let ann = house.member_of(&form, "ann@example.org", &["news"]).await;
        house.choose(ann, &[], &[list]).await;
        house.erase(ann).await;
        drained(db, workers(db, &site).await).await;
        let calls = hook.calls();
        let mut told_of: Vec<_> = calls
            .iter()
            .map(|call| call.event()["type"].as_str().unwrap().to_owned())
            .collect();
        told_of.sort();
        assert_eq!(
            told_of,
            ["consent.given", "subscriber.erased", "subscription.started"],
            "and not that the consent was withdrawn"
        );
        for call in &calls {
            assert!(call.is_signed_with(&told.secret), "{call:?}");
            assert!(call.id().starts_with("event_"));
            assert_eq!(call.target, "/hook?of=test");
            assert_eq!(call.fields["host"], format!("127.0.0.1:{}", hook.port));
            assert_eq!(call.fields["content-type"], "application/json");
            let event = call.event();
            assert_eq!(event["tenant"], house.ctx.tenant().to_string());
            assert_eq!(event["timestamp"], "2026-03-02T09:00:00Z");
            assert_eq!(event["data"]["subscriber"], ann.to_string());
            for personal in ["@", "ann@", "example.org", "House"] {
                assert!(!call.body.contains(personal), "{}", call.body);
            }
        }
        let delivered = log(&owner, json!({ "endpoint": told.id, "state": "DELIVERED" })).await;
        assert_eq!(delivered.len(), 3);
        for delivery in &delivered {
            let attempts = delivery["attempts"].as_array().unwrap();
            assert_eq!(attempts.len(), 1);
            assert_eq!(
                (&attempts[0]["number"], &attempts[0]["statusCode"]),
                (&json!(1), &json!(204))
            );
            assert_eq!(attempts[0]["failure"], Value::Null);
            let sent = calls
                .iter()
                .find(|call| delivery["eventId"] == call.id())
                .unwrap();
            assert_eq!(delivery["body"], sent.body);
        }
        let given = log(&owner, json!({ "type": "CONSENT_GIVEN" })).await;
        assert_eq!(given.len(), 1);
        site.close().await;
    }
);

on_both!(
    what_happens_is_noted_only_where_somebody_wants_to_know,
    async |db| {
        let house = db.house("acme").await;
        let brook = db.house("brook").await;
        let (site, hook) = (site(db), Hook::kind());
        joins(&house, "ann@example.org").await;
        assert_eq!(db.count("webhook_event", "1 = 1").await, 0);
        let owner = site.owner("acme").await;
        let told = endpoint(&owner, &hook.url(), &["CAMPAIGN_FINISHED"]).await;
        let (_, form) = brook.news().await;
        brook.member_of(&form, "ben@example.org", &["news"]).await;
        assert_eq!(
            db.count("webhook_event", "1 = 1").await,
            0,
            "of another type, or another tenant"
        );
        let input = json!({ "id": told.id, "eventTypes": ["CONSENT_GIVEN", "CONSENT_WITHDRAWN"] });
        let update = "mutation($input: UpdateWebhookEndpointInput!) { updateWebhookEndpoint(input: $input) {
            webhookEndpoint { eventTypes url } } }";
        let updated = owner.data(update, json!({ "input": input })).await;
        let updated = &updated["updateWebhookEndpoint"]["webhookEndpoint"];
        assert_eq!(
            updated["eventTypes"],
            json!(["CONSENT_GIVEN", "CONSENT_WITHDRAWN"])
        );
        assert_eq!(updated["url"], hook.url());
        let again = house.list("Again", OptIn::Double, &["news"]).await;
        let form = house.form("again", &[again], &["news"]).await;
        let cat = house.member_of(&form, "cat@example.org", &["news"]).await;
        house.choose(cat, &[], &[]).await;
        let types: Vec<String> = db
            .column("SELECT event_type FROM webhook_event ORDER BY occurred_at, event_type")
            .await;
        assert_eq!(types, ["consent.given", "consent.withdrawn"]);
        site.close().await;
    }
);

on_both!(an_import_is_one_event_and_a_campaign_too, async |db| {
    let house = db.house("acme").await;
    let (site, hook) = (site(db), Hook::kind());
    let owner = site.owner("acme").await;
    let all = [
        "CONSENT_GIVEN",
        "SUBSCRIPTION_STARTED",
        "IMPORT_FINISHED",
        "CAMPAIGN_FINISHED",
        "POLICY_POSTED",
    ];
    endpoint(&owner, &hook.url(), &all).await;
    let (list, form) = house.news().await;
    house.member_of(&form, "known@example.org", &["news"]).await;
    let joined = db.count("webhook_event", "1 = 1").await;
    assert_eq!(joined, 2, "a yes and a subscription");
    let people: Vec<_> = (0..40)
        .map(|number| format!("person{number}@example.org"))
        .collect();
    let csv = format!("email\n{}\nknown@example.org\n", people.join("\n"));
    let other = house.list("Other", OptIn::Single, &["news"]).await;
    house.take_in(&house.brought_to(other), &csv).await;
    let campaign = house.campaign("news", &[list]).await;
    house.schedule(campaign, Duration::ZERO).await;
    let mailing = house.mailing_of(campaign).await;
    house.send(mailing, Outcome::Sent).await;
    house.next_policy(WITH_CLICKS).await;
    let later: Vec<String> = db
            .column("SELECT event_type FROM webhook_event WHERE event_type NOT IN ('consent.given', 'subscription.started') ORDER BY event_type")
            .await;
    assert_eq!(later, ["campaign.finished", "import.finished", "policy.posted"]);
    assert_eq!(
        db.count("webhook_event", "1 = 1").await,
        joined + 3,
        "and nothing a person"
    );
    assert_eq!(
        db.count("subscription", &format!("list_id = {}", db.id(other)))
            .await,
        41
    );
    site.close().await;
});

on_both!(a_closed_tenant_tells_nobody_anything, async |db| {
    let house = db.house("acme").await;
    let (site, hook) = (site(db), Hook::kind());
    let owner = site.owner("acme").await;
    let types = ["CONSENT_GIVEN", "CONSENT_WITHDRAWN"];
    endpoint(&owner, &hook.url(), &types).await;
    let (_, form) = house.news().await;
    let ann = house.member_of(&form, "ann@example.org", &["news"]).await;
    let waiting = db.count("webhook_event", "1 = 1").await;
    assert_eq!(waiting, 1);
    let close = "mutation($input: CloseTenantInput!) { closeTenant(input: $input) { __typename } }";
    let input = json!({ "name": "House acme", "reason": "it was fun" });
    owner.data(close, json!({ "input": input })).await;
    house.choose(ann, &[], &[]).await;
    assert_eq!(db.count("consent", "state = 'WITHDRAWN'").await, 1);
    assert_eq!(db.count("webhook_event", "1 = 1").await, waiting);
    let workers = workers(db, &site).await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    workers.stop().await;
    assert!(hook.calls().is_empty());
    assert_eq!(db.count("webhook_delivery", "state = 'PENDING'").await, 1);
    site.close().await;
});
