//! What an endpoint does not take: tried again, given up, sent once more; and endpoints that end.

use std::time::Duration;

use assent_domain::id::{JobId, stored};
use assent_entity::webhook::turn::{Claim, Terms, turn};
use assent_entity::{chore, outbox};
use assent_tests::hook::{Hook, Reply};
use assent_tests::process::until;
use assent_tests::{House, TestStore, on_both};
use serde_json::{Value, json};

use super::{LIMIT, LOG, ROTATE, TEST, Told, drained, endpoint, joins, log, site, test_of, workers};

pub(super) const REPLAY: &str = "mutation($input: ReplayWebhookDeliveryInput!) {
    replayWebhookDelivery(input: $input) { webhookDelivery { id state } } }";
const REPLAY_FAILED: &str = "mutation($input: ReplayFailedWebhookDeliveriesInput!) {
    replayFailedWebhookDeliveries(input: $input) { replayed } }";
pub(super) const ENABLE: &str = "mutation($input: WebhookEndpointInput!) {
    enableWebhookEndpoint(input: $input) { webhookEndpoint { enabled disabledReason } } }";
pub(super) const DISABLE: &str = "mutation($input: WebhookEndpointInput!) {
    disableWebhookEndpoint(input: $input) { webhookEndpoint { enabled disabledReason disabledAt } } }";
pub(super) const DELETE: &str = "mutation($input: WebhookEndpointInput!) {
    deleteWebhookEndpoint(input: $input) { webhookEndpoint { id } } }";
const ENDPOINT: &str = "query($id: ID!) { webhookEndpoint(id: $id) { enabled disabledReason failingSince } }";
/// The waits after each attempt, in seconds, but for chance.
const WAITS: [u64; 7] = [5, 300, 1800, 7200, 18_000, 36_000, 36_000];
const AUDIT: &str = "{ auditLog(first: 5) { edges { node { act by object after } } } }";

pub(super) fn input(told: &Told) -> Value {
    json!({ "input": { "id": told.id } })
}

/// Waits until so many calls have come and been recorded.
pub(super) async fn called(db: &TestStore, hook: &Hook, times: usize) {
    until("the endpoint is called", LIMIT, || async {
        hook.count() >= times
    })
    .await;
    let recorded = "SELECT COUNT(*) FROM webhook_delivery WHERE taken_until > 0";
    until("what became of it is recorded", LIMIT, || async {
        db.value::<i64>(recorded).await == 0
    })
    .await;
}

on_both!(
    what_fails_is_tried_again_under_the_same_id_until_it_is_taken,
    async |db| {
        let house = db.house("acme").await;
        let hook = Hook::start(|before, _| match before {
            0 => Reply::Status(500),
            1 => Reply::With(503, "retry-after: 3600".to_owned()),
            2 => Reply::Raw("what?\r\n\r\n".to_owned()),
            _ => Reply::Status(200),
        });
        let site = site(db);
        let owner = site.owner("acme").await;
        let told = endpoint(&owner, &hook.url(), &["CONSENT_GIVEN"]).await;
        joins(&house, "ann@example.org").await;
        let workers = workers(db, &site).await;
        // The second wait would be five minutes, and is the hour that was asked for.
        for (calls, wait) in [(1, 6), (2, 3600), (3, 33 * 60)] {
            called(db, &hook, calls).await;
            let owner = site.owner("acme").await;
            let pending = log(&owner, json!({ "state": "PENDING" })).await;
            assert_eq!(pending.len(), 1);
            assert_ne!(pending[0]["nextAttemptAt"], Value::Null);
            tokio::time::sleep(Duration::from_millis(700)).await;
            assert_eq!(hook.count(), calls, "not before its time");
            db.clock.forward(Duration::from_secs(wait));
        }
        drained(db, workers).await;
        let calls = hook.calls();
        assert_eq!(calls.len(), 4);
        assert!(
            calls
                .iter()
                .all(|call| call.id() == calls[0].id() && call.body == calls[0].body)
        );
        assert!(calls.iter().all(|call| call.is_signed_with(&told.secret)));
        let times: Vec<_> = calls
            .iter()
            .map(|call| call.fields["webhook-timestamp"].clone())
            .collect();
        assert!(
            times.is_sorted() && times[0] != times[3],
            "the time is the attempt's: {times:?}"
        );
        let owner = site.owner("acme").await;
        let delivered = log(&owner, json!({ "state": "DELIVERED" })).await;
        let attempts = delivered[0]["attempts"].as_array().unwrap();
        let became: Vec<_> = attempts
            .iter()
            .map(|of| (&of["statusCode"], &of["failure"]))
            .collect();
        let status = json!("STATUS");
        assert_eq!(
            became,
            [
                (&json!(500), &status),
                (&json!(503), &status),
                (&Value::Null, &json!("PROTOCOL")),
                (&json!(200), &Value::Null)
            ]
        );
        assert_eq!(delivered[0]["webhookEndpoint"]["failingSince"], Value::Null);
        site.close().await;
    }
);

on_both!(
    an_event_is_given_up_after_eight_attempts_and_can_be_sent_once_more,
    async |db| {
        let house = db.house("acme").await;
        let hook = Hook::start(|before, _| Reply::Status(if before < 8 { 404 } else { 204 }));
        let site = site(db);
        let owner = site.owner("acme").await;
        let told = endpoint(&owner, &hook.url(), &["CONSENT_GIVEN"]).await;
        joins(&house, "ann@example.org").await;
        let before = db.store.now();
        let workers = workers(db, &site).await;
        for attempt in 1..=8 {
            called(db, &hook, attempt).await;
            let owner = site.owner("acme").await;
            let pending = log(&owner, json!({ "state": "PENDING" })).await.len();
            assert_eq!(pending, usize::from(attempt < 8), "{attempt}");
            let wait = WAITS.get(attempt - 1).copied().unwrap_or(0);
            db.clock.forward(Duration::from_secs(wait + wait / 8 + 1));
        }
        let owner = site.owner("acme").await;
        until("it is given up", LIMIT, || async {
            outbox::count_open(&db.store).await.unwrap() == 0
        })
        .await;
        let failed = log(&owner, json!({ "state": "FAILED" })).await;
        assert_eq!(failed[0]["attempts"].as_array().unwrap().len(), 8);
        assert_eq!(hook.count(), 8);
        let since = json!({ "input": { "webhookEndpointId": told.id, "since": before.to_string() } });
        let again = owner.data(REPLAY_FAILED, since.clone()).await;
        assert_eq!(again["replayFailedWebhookDeliveries"]["replayed"], 1);
        called(db, &hook, 9).await;
        let id = json!({ "input": { "id": failed[0]["id"] } });
        let again = owner.data(REPLAY_FAILED, since).await;
        assert_eq!(
            again["replayFailedWebhookDeliveries"]["replayed"], 0,
            "nothing failed any more"
        );
        owner.data(REPLAY, id.clone()).await;
        drained(db, workers).await;
        let calls = hook.calls();
        assert_eq!(calls.len(), 10);
        assert!(calls.iter().all(|call| call.id() == calls[0].id()));
        // A test is told once, and comes to nobody's mind afterwards.
        owner.data(TEST, test_of(&told)).await;
        owner.data(REPLAY, id.clone()).await;
        assert_eq!(owner.refused(REPLAY, id).await.code, "CONFLICT", "it is pending");
        site.close().await;
    }
);

on_both!(
    an_endpoint_that_fails_for_days_is_disabled_on_the_record,
    async |db| {
        let house = db.house("acme").await;
        let hook = Hook::start(|_, _| Reply::Status(500));
        let site = site(db);
        let owner = site.owner("acme").await;
        let told = endpoint(&owner, &hook.url(), &["CONSENT_GIVEN"]).await;
        let (_, form) = house.news().await;
        house.member_of(&form, "ann@example.org", &["news"]).await;
        let workers = workers(db, &site).await;
        for calls in 1..=7 {
            called(db, &hook, calls).await;
            let owner = site.owner("acme").await;
            let now = owner.data(ENDPOINT, json!({ "id": told.id })).await;
            assert_eq!(now["webhookEndpoint"]["enabled"], true, "{calls}");
            assert_ne!(now["webhookEndpoint"]["failingSince"], Value::Null);
            if calls < 7 {
                db.clock.forward(Duration::from_hours(11));
            }
        }
        // Another event, which fails once before the last attempt at the first.
        house.member_of(&form, "ben@example.org", &["news"]).await;
        called(db, &hook, 8).await;
        db.clock.forward(Duration::from_hours(11));
        let owner = site.owner("acme").await;
        drained(db, workers).await;
        let calls = hook.count();
        assert!((9..=10).contains(&calls), "nothing is sent any more, but {calls}");
        let now = owner.data(ENDPOINT, json!({ "id": told.id })).await;
        assert_eq!(now["webhookEndpoint"]["disabledReason"], "FAILING");
        assert_eq!(log(&owner, json!({ "state": "FAILED" })).await.len(), 2);
        let audit = owner.data(AUDIT, json!({})).await;
        let entries = audit["auditLog"]["edges"].as_array().unwrap();
        let entry = entries
            .iter()
            .find(|edge| edge["node"]["act"] == "WEBHOOK_ENDPOINT_DISABLED");
        let entry = &entry.expect("an entry")["node"];
        assert_eq!((&entry["by"], &entry["object"]), (&json!("job"), &json!(told.id)));
        house.member_of(&form, "late@example.org", &["news"]).await;
        assert_eq!(
            db.count("webhook_event", "1 = 1").await,
            2,
            "nothing is kept for it meanwhile"
        );
        assert_eq!(owner.refused(TEST, test_of(&told)).await.code, "CONFLICT");
        let enabled = owner.data(ENABLE, input(&told)).await;
        assert_eq!(
            enabled["enableWebhookEndpoint"]["webhookEndpoint"]["enabled"],
            true
        );
        assert_eq!(owner.refused(ENABLE, input(&told)).await.code, "CONFLICT");
        house.member_of(&form, "later@example.org", &["news"]).await;
        assert_eq!(db.count("webhook_event", "1 = 1").await, 3);
        site.close().await;
    }
);

on_both!(
    one_that_is_gone_is_disabled_at_once_and_redirects_are_not_followed,
    async |db| {
        let house = db.house("acme").await;
        let elsewhere = Hook::kind();
        let to = elsewhere.url();
        let moved = Hook::start(move |_, _| Reply::With(307, format!("location: {to}")));
        let gone = Hook::start(|_, _| Reply::Status(410));
        let site = site(db);
        let owner = site.owner("acme").await;
        let at_moved = endpoint(&owner, &moved.url(), &["CONSENT_GIVEN"]).await;
        let at_gone = endpoint(&owner, &gone.url(), &["CONSENT_GIVEN"]).await;
        joins(&house, "ann@example.org").await;
        let workers = workers(db, &site).await;
        called(db, &moved, 1).await;
        called(db, &gone, 1).await;
        let pending = log(&owner, json!({ "endpoint": at_moved.id })).await;
        assert_eq!(
            (&pending[0]["state"], &pending[0]["attempts"][0]["failure"]),
            (&json!("PENDING"), &json!("REDIRECT"))
        );
        let failed = log(&owner, json!({ "endpoint": at_gone.id })).await;
        assert_eq!(failed[0]["state"], "FAILED");
        assert_eq!(failed[0]["webhookEndpoint"]["disabledReason"], "GONE");
        let disabled = owner.data(DISABLE, input(&at_moved)).await;
        assert_eq!(
            disabled["disableWebhookEndpoint"]["webhookEndpoint"]["disabledReason"],
            "REQUESTED"
        );
        drained(db, workers).await;
        assert_eq!(
            log(&owner, json!({ "state": "PENDING" })).await,
            Vec::<Value>::new()
        );
        assert_eq!(elsewhere.count(), 0);
        site.close().await;
    }
);

on_both!(a_new_secret_signs_beside_the_one_before_for_a_day, async |db| {
    db.house("acme").await;
    let hook = Hook::kind();
    let site = site(db);
    let owner = site.owner("acme").await;
    let told = endpoint(&owner, &hook.url(), &["CONSENT_GIVEN"]).await;
    let rotated = owner.data(ROTATE, input(&told)).await;
    let new = rotated["rotateWebhookSecret"]["secret"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_ne!(new, told.secret);
    let workers = workers(db, &site).await;
    owner.data(TEST, test_of(&told)).await;
    called(db, &hook, 1).await;
    db.clock.forward(Duration::from_hours(24));
    let owner = site.owner("acme").await;
    owner.data(TEST, test_of(&told)).await;
    called(db, &hook, 2).await;
    drained(db, workers).await;
    let [both, one] = <[_; 2]>::try_from(hook.calls()).unwrap();
    assert_eq!((both.signatures(), one.signatures()), (2, 1));
    assert!(both.is_signed_with(&told.secret) && both.is_signed_with(&new));
    assert!(one.is_signed_with(&new) && !one.is_signed_with(&told.secret));
    chore::of_tenant(&db.store, house_ctx(db).await).await.unwrap();
    assert_eq!(
        db.count("webhook_endpoint", "sealed_former_secret IS NOT NULL")
            .await,
        0
    );
    let dump = format!("{:?}", db.dump().await);
    for secret in [&told.secret, &new] {
        assert!(
            !dump.contains(secret.strip_prefix("whsec_").unwrap()),
            "it is sealed"
        );
    }
    site.close().await;
});

async fn house_ctx(db: &TestStore) -> assent_entity::TenantCtx {
    let ctx = assent_entity::tenant::by_slug(&db.store, "acme").await.unwrap();
    ctx.expect("a tenant")
}

/// Takes what is due, as a worker does that is killed then.
pub(super) async fn take(house: &House<'_>, told: &Told) -> Vec<Claim> {
    let sql = format!(
        "SELECT job_id FROM webhook_endpoint WHERE id = {}",
        house.db.id(told.parsed())
    );
    let job: JobId = stored(house.db.value(&sql).await);
    let terms = Terms {
        at_once: 4,
        patience: Duration::from_hours(72),
        takes: true,
    };
    let mut tx = house.write().await;
    let claims = turn(&mut tx, job, told.parsed(), &[], terms).await.unwrap();
    tx.commit().await.unwrap();
    claims
}

on_both!(
    what_a_killed_worker_had_in_hand_is_sent_again_under_the_same_id,
    async |db| {
        let house = db.house("acme").await;
        let hook = Hook::kind();
        let site = site(db);
        let owner = site.owner("acme").await;
        let told = endpoint(&owner, &hook.url(), &["CONSENT_GIVEN"]).await;
        joins(&house, "ann@example.org").await;
        let lost = take(&house, &told).await;
        assert_eq!(lost.len(), 1);
        assert_eq!(take(&house, &told).await.len(), 0, "it is in hand");
        db.clock.forward(Duration::from_secs(46));
        drained(db, workers(db, &site).await).await;
        let calls = hook.calls();
        assert_eq!(calls.len(), 1);
        assert_eq!(calls[0].id(), lost[0].event.to_string());
        let delivered = log(&owner, json!({})).await;
        assert_eq!(
            delivered[0]["attempts"][0]["number"], 2,
            "of the first nobody knows"
        );
        site.close().await;
    }
);

on_both!(
    what_is_old_or_of_an_endpoint_that_was_deleted_is_forgotten,
    async |db| {
        let house = db.house("acme").await;
        let hook = Hook::kind();
        let site = site(db);
        let owner = site.owner("acme").await;
        let told = endpoint(&owner, &hook.url(), &["CONSENT_GIVEN"]).await;
        let other = endpoint(&owner, &hook.url(), &["CONSENT_GIVEN", "SUBSCRIPTION_STARTED"]).await;
        joins(&house, "ann@example.org").await;
        drained(db, workers(db, &site).await).await;
        assert_eq!(db.count("webhook_delivery", "state = 'DELIVERED'").await, 3);
        owner.data(DELETE, input(&other)).await;
        assert_eq!(owner.refused(DELETE, input(&other)).await.code, "NOT_FOUND");
        assert_eq!(
            owner.refused(LOG, json!({ "endpoint": other.id })).await.code,
            "NOT_FOUND"
        );
        assert_eq!(
            log(&owner, json!({})).await.len(),
            1,
            "what became of it is not shown any more"
        );
        chore::of_tenant(&db.store, house.ctx).await.unwrap();
        for (table, left) in [
            ("webhook_endpoint", 1),
            ("webhook_delivery", 1),
            ("webhook_attempt", 1),
            ("webhook_event", 1),
        ] {
            assert_eq!(db.count(table, "1 = 1").await, left, "{table}");
        }
        db.clock.forward(Duration::from_hours(24 * 30 + 1));
        let owner = site.owner("acme").await;
        assert_eq!(log(&owner, json!({ "endpoint": told.id })).await.len(), 1);
        chore::of_tenant(&db.store, house.ctx).await.unwrap();
        for table in ["webhook_delivery", "webhook_attempt", "webhook_event"] {
            assert_eq!(db.count(table, "1 = 1").await, 0, "{table}");
        }
        site.close().await;
    }
);

on_both!(a_job_that_was_lost_is_made_again, async |db| {
    let house = db.house("acme").await;
    let hook = Hook::kind();
    let site = site(db);
    let owner = site.owner("acme").await;
    endpoint(&owner, &hook.url(), &["CONSENT_GIVEN"]).await;
    joins(&house, "ann@example.org").await;
    db.exec("DELETE FROM outbox").await.unwrap();
    chore::of_tenant(&db.store, house.ctx).await.unwrap();
    drained(db, workers(db, &site).await).await;
    assert_eq!(hook.count(), 1);
    site.close().await;
});
