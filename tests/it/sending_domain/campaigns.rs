//! From which domains campaigns go out: in production, from those that receivers can check.

use std::time::Duration;

use assent_domain::sending_domain::Surroundings;
use assent_entity::outbox;
use assent_tests::dns::NameServer;
use assent_tests::visitor::Site;
use assent_tests::{TestStore, on_both};
use assent_worker::Workers;
use assent_worker::settings::{SenderSettings, WorkerSettings};
use serde_json::{Value, json};

use crate::erasure::worker;

const SCHEDULE: &str =
    "mutation($input: ScheduleCampaignInput!) { scheduleCampaign(input: $input) { campaign { status } } }";
const RESUME: &str =
    "mutation($input: ResumeCampaignInput!) { resumeCampaign(input: $input) { campaign { status } } }";
const SEEN: &str = "query($id: ID!) { campaign(id: $id) { status pausedReason senderProblems } }";

fn production(dns: &NameServer) -> SenderSettings {
    SenderSettings {
        requires_verified: true,
        ..dns.settings()
    }
}

/// Works off all that is due, into the mailbox of a site.
async fn work_off(db: &TestStore, site: &Site, sender: SenderSettings) {
    let settings = WorkerSettings {
        sender,
        ..worker(db, site)
    };
    let workers = Workers::start(db.store.clone(), settings).await.unwrap();
    for _ in 0..600 {
        if outbox::count_open(&db.store).await.unwrap() == 0 {
            return workers.stop().await;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("jobs are left");
}

async fn mails(site: &Site) -> Vec<String> {
    let mut mails = Vec::new();
    for id in site.mailbox.newest(50).unwrap().ids {
        mails.push(site.get(&format!("/dev/mailbox/{id}")).await.text());
    }
    mails
}

on_both!(
    production_sends_no_campaign_from_a_domain_that_nobody_can_check,
    async |db| {
        let house = db.house("acme").await;
        let (list, form) = house.news().await;
        house.member_of(&form, "ann@example.org", &["news"]).await;
        let campaign = house.campaign("news", &[list]).await;
        let dns = NameServer::default();
        let site = db.site_with_sender(production(&dns));
        let owner = site.owner("acme").await;
        let input = json!({ "input": { "id": campaign.to_string() } });
        let id = json!({ "id": campaign.to_string() });

        let refused = owner.refused(SCHEDULE, input.clone()).await;
        assert_eq!(refused.code, "SENDING_DOMAIN_UNVERIFIED", "{refused:?}");
        assert!(
            refused
                .message
                .contains("no sending domain speaks for acme.example"),
            "{refused:?}"
        );
        assert_eq!(owner.data(SEEN, id.clone()).await["campaign"]["status"], "DRAFT");
        let unpublished = house.sending_domain("acme.example").await;
        let refused = owner.refused(SCHEDULE, input.clone()).await;
        assert!(
            refused.message.contains("DKIM: it has not been looked for yet"),
            "{refused:?}"
        );

        dns.publish(&house.sender(unpublished).await.records(&Surroundings::default()));
        house.check(unpublished, &dns.settings()).await;
        owner.data(SCHEDULE, input.clone()).await;

        // Between the schedule and the time, somebody takes a record away. A confirmation goes all the same.
        dns.take_away("_dmarc.acme.example");
        house.check(unpublished, &dns.settings()).await;
        house.join(&form, "ben@example.org", &["news"]).await;
        work_off(db, &site, production(&dns)).await;
        let seen = owner.data(SEEN, id.clone()).await["campaign"].clone();
        assert_eq!(seen["status"], "PAUSED", "{seen}");
        let reason = seen["pausedReason"].as_str().unwrap();
        assert!(
            reason.contains("DMARC: there is no DMARC (TXT) record at _dmarc.acme.example"),
            "{reason}"
        );
        let sent = mails(&site).await;
        assert!(
            sent.iter().any(|mail| mail.contains("ben@example.org")),
            "{sent:?}"
        );
        assert!(!sent.iter().any(|mail| mail.contains("Hello")), "{sent:?}");
        assert_eq!(
            owner.refused(RESUME, input.clone()).await.code,
            "SENDING_DOMAIN_UNVERIFIED"
        );

        dns.publish_text("_dmarc.acme.example", "v=DMARC1; p=reject");
        house.check(unpublished, &dns.settings()).await;
        owner.data(RESUME, input).await;
        work_off(db, &site, production(&dns)).await;
        let seen = owner.data(SEEN, id).await["campaign"].clone();
        assert_eq!(
            (&seen["status"], &seen["senderProblems"]),
            (&json!("FINISHED"), &json!([]))
        );
        site.close().await;
    }
);

on_both!(elsewhere_it_is_a_warning, async |db| {
    let house = db.house("acme").await;
    let (list, _) = house.news().await;
    let campaign = house.campaign("news", &[list]).await;
    let site = db.site();
    let owner = site.owner("acme").await;
    let seen = owner.data(SEEN, json!({ "id": campaign.to_string() })).await;
    let problems: &Value = &seen["campaign"]["senderProblems"];
    assert_eq!(problems.as_array().unwrap().len(), 1, "{problems}");
    owner
        .data(SCHEDULE, json!({ "input": { "id": campaign.to_string() } }))
        .await;
    site.close().await;
});

on_both!(a_strict_policy_wants_the_very_domain_of_the_sender, async |db| {
    let house = db.bare_house("acme").await;
    db.exec("UPDATE tenant SET sender_address = 'news@mail.acme.example'")
        .await
        .unwrap();
    let dns = NameServer::default();
    let above = house
        .verified_domain("acme.example", &dns, &Surroundings::default())
        .await;
    let problems = async || {
        let tx = house.read().await;
        assent_entity::sending_domain::problems(&tx).await.unwrap()
    };
    assert_eq!(
        problems().await,
        [""; 0],
        "a domain above the sender's is aligned"
    );
    dns.take_away("_dmarc.acme.example");
    dns.publish_text("_dmarc.acme.example", "v=DMARC1; p=none; adkim=s");
    house.check(above.id, &dns.settings()).await;
    assert_eq!(problems().await.len(), 1);
    house
        .verified_domain("mail.acme.example", &dns, &Surroundings::default())
        .await;
    assert_eq!(problems().await, [""; 0]);
});
