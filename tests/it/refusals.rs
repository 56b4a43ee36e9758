//! What a server says of a recipient while a campaign is handed over counts like a report that comes back.

use std::time::Duration;

use assent_domain::id::MailingId;
use assent_domain::permit::Refusal;
use assent_tests::database::TestStore;
use assent_tests::on_both;
use assent_tests::process::{Assent, until};
use assent_tests::sink::Sink;
use serde_json::json;

use crate::bounce::{BLOCKED, FULL, GONE, Stage};
use crate::sending::until_finished;

/// Calls for a campaign to Ann, and for nothing else.
async fn scheduled(db: &TestStore, stage: &Stage<'_>) -> MailingId {
    let list = *stage.house.subscriptions(stage.ann).await.keys().next().unwrap();
    let campaign = stage.house.campaign("news", &[list]).await;
    db.forget_jobs().await;
    stage.house.schedule(campaign, Duration::ZERO).await;
    stage.house.mailing_of(campaign).await
}

/// Sends Ann a campaign through a server that refuses her so for good.
async fn refused(db: &TestStore, stage: &Stage<'_>, reply: &str, settings: &[(&str, &str)]) {
    let mailing = scheduled(db, stage).await;
    let sink = Sink::start(&["-f", "rcpt", "-B", reply]);
    let assent = Assent::serve_with(db, &sink, settings);
    until_finished(&stage.house, mailing).await;
    drop(assent);
}

/// Sends Ann a campaign through a server that refuses the sender, until it has been tried once.
async fn blocked(db: &TestStore, stage: &Stage<'_>, settings: &[(&str, &str)]) {
    let of_it = format!(
        "mailing_id = {} AND status = 'DEFERRED'",
        db.id(scheduled(db, stage).await)
    );
    let sink = Sink::start(&["-f", "rcpt", "-B", BLOCKED]);
    let assent = Assent::serve_with(db, &sink, settings);
    until("Ann is to be tried again", Duration::from_mins(1), || async {
        db.count("delivery", &of_it).await == 1
    })
    .await;
    drop(assent);
}

on_both!(p18_no_such_user_at_the_door_cuts_off_with_evidence, async |db| {
    let stage = Stage::set(db).await;
    refused(db, &stage, GONE, &[]).await;
    assert_eq!(stage.why_not().await, Some(Refusal::HardBounced));
    let site = db.site();
    let query = "query($id: ID!) { subscriber(id: $id) { status bounces(first: 5) { edges { node {
                     class status reason said delivery { status } } } } } }";
    let seen = site
        .owner("acme")
        .await
        .data(query, json!({ "id": stage.ann }))
        .await;
    assert_eq!(seen["subscriber"]["status"], "BOUNCED");
    assert_eq!(
        seen["subscriber"]["bounces"]["edges"][0]["node"],
        json!({ "class": "HARD", "status": "5.1.1", "reason": "no_such_mailbox",
                "said": "550 5.1.1 <address>: no such user here", "delivery": { "status": "BOUNCED" } })
    );
    site.close().await;
});

on_both!(a_server_that_refuses_the_sender_cuts_nobody_off, async |db| {
    let stage = Stage::set(db).await;
    for _ in 0..3 {
        blocked(db, &stage, &[("ASSENT_SOFT_BOUNCES", "1")]).await;
    }
    assert_eq!(db.count("bounce", "class = 'BLOCK'").await, 3);
    assert_eq!(db.count("suppression", "1 = 1").await, 0);
    assert_eq!(stage.why_not().await, None);
});

on_both!(a_full_mailbox_at_the_door_counts_once_a_message, async |db| {
    let stage = Stage::set(db).await;
    let settings = [("ASSENT_SOFT_BOUNCES", "2")];
    refused(db, &stage, FULL, &settings).await;
    assert_eq!(stage.why_not().await, None);
    refused(db, &stage, FULL, &settings).await;
    assert_eq!(stage.why_not().await, Some(Refusal::HardBounced));
    assert_eq!(db.count("bounce", "class = 'SOFT'").await, 2);
});

on_both!(what_was_taken_leaves_nothing_behind, async |db| {
    let stage = Stage::set(db).await;
    let list = *stage.house.subscriptions(stage.ann).await.keys().next().unwrap();
    let campaign = stage.house.campaign("news", &[list]).await;
    db.forget_jobs().await;
    stage.house.schedule(campaign, Duration::ZERO).await;
    let sink = Sink::default();
    let assent = Assent::serve(db, &sink);
    until_finished(&stage.house, stage.house.mailing_of(campaign).await).await;
    drop(assent);
    assert_eq!(db.count("bounce", "1 = 1").await, 0);
    assert_eq!(db.count("delivery", "status = 'SENT'").await, 1);
});
