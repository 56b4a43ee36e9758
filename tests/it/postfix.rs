//! Real bounces, end to end: a campaign goes out through Postfix, which sends back what it cannot deliver, and each
//! person ends in the right state.

use std::collections::BTreeMap;
use std::time::Duration;

use assent_domain::permit::Refusal;
use assent_tests::database::TestStore;
use assent_tests::on_both;
use assent_tests::postfix::{Postfix, can_run};
use assent_tests::process::{Assent, until};
use assent_tests::sink::{free_port, until_listening};

use crate::bounce::DOMAIN;
use crate::sending::until_finished;

const PEOPLE: [&str; 4] = ["ann", "bob", "full", "gone"];

/// Sends a campaign to all of them through Postfix, and waits until `reports` have come back. What is told of each.
async fn campaign(
    db: &TestStore,
    protocol: &str,
    refuses_at_once: bool,
    reports: u64,
) -> BTreeMap<&'static str, Option<Refusal>> {
    let house = db.house("acme").await;
    let (list, form) = house.news().await;
    let mut ids = BTreeMap::new();
    for name in PEOPLE {
        ids.insert(
            name,
            house
                .member_of(&form, &format!("{name}@example.org"), &["news"])
                .await,
        );
    }
    let campaign = house.campaign("news", &[list]).await;
    db.forget_jobs().await;
    house.schedule(campaign, Duration::ZERO).await;
    let port = free_port();
    let transport = if protocol == "lmtp" { "lmtp:inet" } else { "smtp" };
    let back = format!("{transport}:[127.0.0.1]:{port}");
    let postfix = Postfix::start(&["ann", "bob"], &["full"], refuses_at_once, DOMAIN, &back);
    let listen = format!("{protocol}://127.0.0.1:{port}");
    let settings = [
        ("ASSENT_BOUNCE_DOMAIN", DOMAIN),
        ("ASSENT_BOUNCE_LISTEN", listen.as_str()),
        ("ASSENT_SOFT_BOUNCES", "2"),
    ];
    let assent = Assent::serve_through(db, postfix.port, &settings);
    until_listening(port, "the listener");
    until_finished(&house, house.mailing_of(campaign).await).await;
    until("what comes back has come", Duration::from_mins(1), || async {
        let delivered = postfix.mailbox("ann") > 0 && postfix.mailbox("bob") > 0;
        delivered && u64::try_from(db.count("bounce", "1 = 1").await).unwrap() >= reports
    })
    .await;
    drop(assent);
    let mut told = BTreeMap::new();
    for (name, id) in ids {
        told.insert(name, house.decision(id, "news").await);
    }
    assert_eq!(db.count("bounce", "class = 'HARD'").await, 1, "{}", postfix.log());
    assert_eq!(
        db.count("bounce", "class = 'SOFT' AND reason = 'mailbox_full'")
            .await,
        1,
        "{}",
        postfix.log()
    );
    told
}

fn expected() -> BTreeMap<&'static str, Option<Refusal>> {
    let gone = Some(Refusal::HardBounced);
    [("ann", None), ("bob", None), ("full", None), ("gone", gone)].into()
}

on_both!(
    p18_real_bounces_come_back_by_smtp_and_each_person_ends_right,
    async |db| {
        if can_run() {
            assert_eq!(campaign(db, "smtp", false, 2).await, expected());
            // Both were taken by the server, and came back.
            assert_eq!(db.count("delivery", "status = 'SENT'").await, 4);
        }
    }
);

on_both!(
    p18_real_bounces_come_back_by_lmtp_where_the_unknown_are_refused_at_once,
    async |db| {
        if can_run() {
            assert_eq!(campaign(db, "lmtp", true, 2).await, expected());
            assert_eq!(db.count("delivery", "status = 'BOUNCED'").await, 1);
        }
    }
);
