//! Where endpoints may be: a name that leads into a network of the operator's is not followed there, whatever it led to before; and
//! whoever is slow keeps nobody else waiting.

use std::time::{Duration, Instant};

use assent_tests::dns::NameServer;
use assent_tests::hook::{Hook, Reply, on_this_machine};
use assent_tests::process::until;
use assent_tests::{TestStore, on_both};
use assent_worker::Workers;
use assent_worker::settings::{WebhookSettings, WorkerSettings};
use serde_json::json;

use super::{CREATE, LIMIT, TEST, drained, endpoint, joins, log, site, test_of, workers_with};
use crate::erasure::worker;

on_both!(
    an_address_that_leads_inside_is_refused_and_changes_nothing,
    async |db| {
        db.house("acme").await;
        let site = db.site();
        let owner = site.owner("acme").await;
        let before = db.count("ledger", "1 = 1").await;
        for url in [
            "http://hooks.example.com/",
            "https://127.0.0.1/",
            "https://2130706433/",
            "https://localhost/",
            "https://[::ffff:10.0.0.1]/",
            "https://169.254.169.254/latest/meta-data/",
            "https://metadata.localhost/",
            "https://user:secret@hooks.example.com/",
            "https://hooks.example.com:25/",
            "https://hooks.example.com/#x",
            "ftp://hooks.example.com/",
            "hooks.example.com",
            "",
        ] {
            let input = json!({ "input": { "url": url, "eventTypes": ["CONSENT_GIVEN"] } });
            let refused = owner.refused(CREATE, input).await;
            assert_eq!(
                (refused.code.as_str(), refused.field.as_str()),
                ("BAD_USER_INPUT", "url"),
                "{url}"
            );
        }
        assert_eq!(db.count("webhook_endpoint", "1 = 1").await, 0);
        assert_eq!(db.count("ledger", "1 = 1").await, before);
        site.close().await;
    }
);

async fn workers_asking(
    db: &TestStore,
    site: &assent_tests::visitor::Site,
    dns: &NameServer,
    networks: &str,
) -> Workers {
    let settings = WorkerSettings {
        sender: dns.settings(),
        webhooks: WebhookSettings {
            networks: networks.parse().unwrap(),
            ..on_this_machine()
        },
        ..worker(db, site)
    };
    Workers::start(db.store.clone(), settings).await.unwrap()
}

on_both!(a_name_that_leads_inside_is_not_connected_to, async |db| {
    db.house("acme").await;
    let (site, dns, hook) = (site(db), NameServer::default(), Hook::kind());
    dns.publish_address("hooks.acme.example", "127.0.0.1");
    let owner = site.owner("acme").await;
    let inside = endpoint(
        &owner,
        &format!("https://hooks.acme.example:{}/", hook.port),
        &["CONSENT_GIVEN"],
    )
    .await;
    let nowhere = endpoint(&owner, "https://nowhere.acme.example/", &["CONSENT_GIVEN"]).await;
    let workers = workers_asking(db, &site, &dns, "127.0.0.9").await;
    for told in [&inside, &nowhere] {
        owner.data(TEST, test_of(told)).await;
    }
    drained(db, workers).await;
    let why =
        async |id: &str| log(&owner, json!({ "endpoint": id })).await[0]["attempts"][0]["failure"].clone();
    // One answer: else it would tell which names there are inside.
    assert_eq!(why(&inside.id).await, "NOT_FOUND");
    assert_eq!(why(&nowhere.id).await, "NOT_FOUND");
    assert_eq!(hook.count(), 0);
    site.close().await;
});

on_both!(
    a_name_is_asked_for_once_and_connected_to_where_it_was_looked_at,
    async |db| {
        db.house("acme").await;
        let (site, dns, inside) = (site(db), NameServer::default(), Hook::kind());
        // The same port on another address of this machine, which may be reached.
        let hook = Hook::start_at(&format!("127.0.0.2:{}", inside.port), |_, _| Reply::Status(204));
        dns.rebind("hooks.acme.example", "127.0.0.2", "127.0.0.1");
        let owner = site.owner("acme").await;
        let url = format!("http://hooks.acme.example:{}/", hook.port);
        let told = endpoint(&owner, &url, &["CONSENT_GIVEN"]).await;
        let workers = workers_asking(db, &site, &dns, "127.0.0.2").await;
        let test = test_of(&told);
        owner.data(TEST, test.clone()).await;
        until("it is told", LIMIT, || async { hook.count() == 1 }).await;
        assert_eq!(dns.asked("hooks.acme.example"), 1);
        // From now on the name leads inside.
        owner.data(TEST, test).await;
        drained(db, workers).await;
        let failed = log(&owner, json!({ "state": "FAILED" })).await;
        assert_eq!(failed[0]["attempts"][0]["failure"], "NOT_FOUND");
        assert_eq!((hook.count(), inside.count()), (1, 0));
        assert_eq!(
            hook.calls()[0].fields["host"],
            format!("hooks.acme.example:{}", hook.port)
        );
        site.close().await;
    }
);

on_both!(slow_endpoints_of_one_tenant_keep_no_other_waiting, async |db| {
    let acme = db.house("acme").await;
    let brook = db.house("brook").await;
    let site = site(db);
    let slow = Hook::start(|_, _| Reply::Silence(Duration::from_mins(1)));
    let quick = Hook::kind();
    let owner = site.owner("acme").await;
    for _ in 0..12 {
        endpoint(&owner, &slow.url(), &["CONSENT_GIVEN"]).await;
    }
    let other = site.owner("brook").await;
    endpoint(&other, &quick.url(), &["CONSENT_GIVEN"]).await;
    let (_, form) = acme.news().await;
    for number in 0..6 {
        acme.member_of(&form, &format!("person{number}@example.org"), &["news"])
            .await;
    }
    let settings = WebhookSettings {
        timeout: Duration::from_secs(8),
        ..on_this_machine()
    };
    let workers = workers_with(db, &site, settings).await;
    until("the slow ones are called", LIMIT, || async { slow.count() >= 32 }).await;
    let began = Instant::now();
    joins(&brook, "ben@example.org").await;
    until("the quick one is called", LIMIT, || async { quick.count() == 1 }).await;
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
    assert_eq!(
        slow.count(),
        32,
        "eight endpoints of a tenant, four events of each"
    );
    workers.stop().await;
    let times = "SELECT COUNT(*) FROM webhook_attempt WHERE failure = 'TIMEOUT'";
    assert_eq!(
        db.value::<i64>(times).await,
        32,
        "those under way are seen to their end"
    );
    site.close().await;
});
