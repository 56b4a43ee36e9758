//! Campaigns that leave through a tenant's own mail servers.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use assent_domain::clock::{Clock, SystemClock};
use assent_domain::delivery::DeliveryStatus;
use assent_domain::mailing_list::OptIn;
use assent_domain::sending_limit::Limits;
use assent_entity::claim::{self, Claims, Place};
use assent_entity::delivery;
use assent_entity::mailing::Mailing;
use assent_entity::outcome::Terms;
use assent_tests::process::{Assent, until};
use assent_tests::receiver::{Act, Moment, Receiver};
use assent_tests::sending::terms;
use assent_tests::sink::free_port;

use super::*;
use crate::circuit::{go, real_campaign, until_sent};
use crate::furnished::{due_campaign, progress};

const LIMIT: Duration = Duration::from_mins(3);

/// With the tenants' mail servers on this machine.
const HERE: &[(&str, &str)] = &[("ASSENT_TRANSPORT_NETWORKS", LOOPBACK)];

fn local(name: &str, port: u16) -> Relay {
    relay(name, "127.0.0.1", port)
}

on_both!(
    each_tenants_campaign_leaves_through_its_own_relay_or_the_operators,
    async |db| {
        let (acme, of_acme) = real_campaign(db, 12).await;
        let brook = db.house("brook").await;
        let (list, form) = brook.news().await;
        for number in 0..5 {
            brook
                .member_of(&form, &format!("reader{number}@example.org"), &["news"])
                .await;
        }
        let theirs = brook.campaign("news", &[list]).await;
        db.forget_jobs().await;
        let (own, operators) = (Receiver::kind(), Receiver::kind());
        acme.transport(local("Own", own.port)).await;
        db.forget_jobs().await;
        go(&acme, of_acme).await;
        brook.schedule(theirs, Duration::ZERO).await;
        let of_brook = brook.mailing_of(theirs).await;
        let assent = Assent::serve_through(db, operators.port, HERE);
        until_sent(&acme, of_acme, 12).await;
        until_sent(&brook, of_brook, 5).await;
        drop(assent);
        assert_eq!((own.count(), operators.count()), (12, 5));
        assert!(own.taken().keys().all(|to| to.starts_with("person")));
        let noted = format!("server = '127.0.0.1:{}'", own.port);
        assert_eq!(db.count("attempt", &noted).await, 12);
    }
);

on_both!(
    when_the_first_relay_refuses_everything_the_second_takes_over,
    async |db| {
        let (acme, mailing) = real_campaign(db, 60).await;
        let (first, second, operators) = (
            Receiver::start(|moment| match moment {
                Moment::Rcpt(..) => Act::Say("550 5.7.1 your domain is on our blacklist"),
                _ => Act::Go,
            }),
            Receiver::kind(),
            Receiver::kind(),
        );
        let id = acme.transport(local("First", first.port)).await;
        acme.transport(Relay {
            rank: 2,
            ..local("Second", second.port)
        })
        .await;
        db.forget_jobs().await;
        go(&acme, mailing).await;
        let assent = Assent::serve_through(db, operators.port, HERE);
        until("the second takes the rest", LIMIT, || async {
            progress(&acme, mailing).await.of(DeliveryStatus::Sent) >= 30
        })
        .await;
        drop(assent);
        assert!(first.named() <= 30, "{} were tried for nothing", first.named());
        assert_eq!((first.count(), operators.count()), (0, 0));
        let open = format!("open_since IS NOT NULL AND server = '{id}'");
        assert_eq!(db.count("circuit", &open).await, 1);
    }
);

on_both!(
    a_relay_that_nobody_answers_at_costs_nobody_an_attempt,
    async |db| {
        let (acme, mailing) = real_campaign(db, 8).await;
        let second = Receiver::kind();
        acme.transport(local("First", free_port())).await;
        acme.transport(Relay {
            rank: 2,
            ..local("Second", second.port)
        })
        .await;
        db.forget_jobs().await;
        go(&acme, mailing).await;
        let assent = Assent::serve_through(db, free_port(), HERE);
        until_sent(&acme, mailing, 8).await;
        drop(assent);
        assert_eq!((second.count(), db.count("attempt", "number > 1").await), (8, 0));
    }
);

on_both!(
    a_campaign_reaches_nothing_within_the_operators_network,
    async |db| {
        let (acme, mailing) = real_campaign(db, 3).await;
        let (inside, operators) = (Receiver::kind(), Receiver::kind());
        acme.transport(local("Inside", inside.port)).await;
        db.forget_jobs().await;
        let id = go(&acme, mailing).await;
        let assent = Assent::serve_through(db, operators.port, &[]);
        let site = db.site();
        let client = site.owner("acme").await;
        let waiting = "query($id: ID!) { campaign(id: $id) { waiting { reason } } }";
        until("it waits", LIMIT, || async {
            let seen = client.data(waiting, json!({ "id": id })).await;
            let reason = seen["campaign"]["waiting"]["reason"].as_str().map(str::to_owned);
            reason.is_some_and(|reason| reason.contains("not on the public internet"))
        })
        .await;
        drop(assent);
        assert_eq!(
            (inside.named(), operators.named()),
            (0, 0),
            "nor does it go another way"
        );
        site.close().await;
    }
);

on_both!(
    all_campaigns_together_open_no_more_connections_than_a_relay_takes,
    async |db| {
        let most = Arc::new(AtomicUsize::new(0));
        let seen = Arc::clone(&most);
        let receiver = Receiver::start(move |moment| match moment {
            Moment::Greeting(open) => {
                seen.fetch_max(open, Ordering::SeqCst);
                Act::Go
            }
            Moment::Message(..) => Act::Stall(Duration::from_millis(20)),
            _ => Act::Go,
        });
        db.clock.set(SystemClock.now());
        let house = db.house("acme").await;
        let mut campaigns = Vec::new();
        for name in ["One", "Two", "Three"] {
            let list = house.list(name, OptIn::Double, &["news"]).await;
            let form = house.form(&name.to_lowercase(), &[list], &["news"]).await;
            for number in 0..15 {
                let email = format!("{}{number}@example.org", name.to_lowercase());
                house.member_of(&form, &email, &["news"]).await;
            }
            campaigns.push(house.campaign("news", &[list]).await);
        }
        house
            .transport(Relay {
                connections: Some(3),
                ..local("Own", receiver.port)
            })
            .await;
        db.forget_jobs().await;
        let mut mailings = Vec::new();
        for campaign in campaigns {
            house.schedule(campaign, Duration::ZERO).await;
            mailings.push(house.mailing_of(campaign).await);
        }
        let assent = Assent::serve_through(db, free_port(), HERE);
        for mailing in mailings {
            until_sent(&house, mailing, 15).await;
        }
        drop(assent);
        assert_eq!(receiver.count(), 45);
        // One is kept free for mail that a person waits for.
        assert_eq!(most.load(Ordering::SeqCst), 2);
    }
);

async fn turn(house: &House<'_>, mailing: &Mailing, terms: &Terms) -> Claims {
    let mut tx = house.write().await;
    let claims = claim::turn(&mut tx, mailing, terms, &[], 20, &mut Place::default())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    claims
}

on_both!(a_relay_is_handed_no_more_in_a_second_than_it_takes, async |db| {
    let (house, _, id) = due_campaign(db, 9).await;
    let limited = |per_second| Relay {
        limits: Limits {
            per_second,
            ..Limits::default()
        },
        ..relay("Own", "a.example", 25)
    };
    let own = house.transport(limited(Some(4))).await;
    let worker = db.worker();
    let terms = Terms {
        transport: Some(own),
        ..terms(worker)
    };
    let mailing = house.begin(id, worker).await;
    assert_eq!(turn(&house, &mailing, &terms).await.claims.len(), 4);
    assert!(turn(&house, &mailing, &terms).await.found_nothing());
    let tx = house.write().await;
    let next = delivery::next_due_at(&tx, &mailing, Some(own)).await.unwrap();
    assert_eq!(next, Some(db.store.now().after(Duration::from_millis(250))));
    let other = delivery::next_due_at(&tx, &mailing, None).await.unwrap();
    assert!(other.unwrap() <= db.store.now(), "another way is free");
    drop(tx);
    db.clock.forward(Duration::from_millis(250));
    assert_eq!(turn(&house, &mailing, &terms).await.claims.len(), 1);
    let mut tx = house.write().await;
    transport::update(&mut tx, own, |relay| relay.limits = Limits::default(), None)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(
        turn(&house, &mailing, &terms).await.claims.len(),
        4,
        "it counts at the next claim"
    );
});

on_both!(a_relay_that_is_no_longer_used_gets_nothing_more, async |db| {
    let (house, _, id) = due_campaign(db, 9).await;
    let own = house.transport(relay("Own", "a.example", 25)).await;
    let worker = db.worker();
    let terms = Terms {
        transport: Some(own),
        ..terms(worker)
    };
    let mailing = house.begin(id, worker).await;
    let mut tx = house.write().await;
    transport::update(&mut tx, own, |relay| relay.is_enabled = false, None)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let off = turn(&house, &mailing, &terms).await;
    assert!(!off.goes_on && off.claims.is_empty());
});
