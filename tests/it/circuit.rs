//! A server that refuses everything, or cannot be reached, is not asked again and again: the campaign waits, says why, and
//! one message after each rest finds out.

use std::time::Duration;

use assent_domain::circuit::{Pass, REFUSALS_TO_OPEN, Sign};
use assent_domain::clock::{Clock, SystemClock};
use assent_domain::delivery::DeliveryStatus;
use assent_domain::id::{MailingId, WorkerId};
use assent_entity::claim::Claim;
use assent_entity::mailing::Mailing;
use assent_entity::outcome::{Ended, Outcome};
use assent_entity::{campaign, circuit};
use assent_tests::process::{Assent, until};
use assent_tests::receiver::{Act, Moment, Receiver};
use assent_tests::sending::{SERVER, ended};
use assent_tests::sink::free_port;
use assent_tests::{House, TestStore, on_both};
use serde_json::json;

use crate::furnished::{due_campaign, progress};

const LIMIT: Duration = Duration::from_mins(3);

const WAITING: &str = "query($id: ID!) { campaign(id: $id) { status waiting { reason since nextTryAt } } }";

fn all(claims: &[Claim], outcome: Outcome, db: &TestStore) -> Vec<Ended> {
    let now = db.store.now();
    claims.iter().map(|claim| ended(claim, outcome, now)).collect()
}

async fn pass(house: &House<'_>) -> Pass {
    circuit::pass(&house.read().await, SERVER).await.unwrap()
}

/// Opens the circuit: as many are refused in a row as it takes.
async fn refuse(house: &House<'_>, mailing: &Mailing, worker: WorkerId) {
    let claims = house
        .turn(mailing, worker, &[], REFUSALS_TO_OPEN)
        .await
        .unwrap()
        .claims;
    assert_eq!(claims.len(), 10);
    let refused = all(&claims, Outcome::Blocked, house.db);
    let turn = house.turn(mailing, worker, &refused, 20).await.unwrap();
    assert!(turn.rests && turn.claims.is_empty() && turn.goes_on);
}

on_both!(
    after_ten_refusals_in_a_row_one_message_finds_out_and_the_first_that_is_taken_lets_all_go_on,
    async |db| {
        let (house, _, id) = due_campaign(db, 14).await;
        let worker = db.worker();
        let mailing = house.begin(id, worker).await;
        refuse(&house, &mailing, worker).await;
        let Pass::Wait(until) = pass(&house).await else {
            panic!("it rests")
        };
        db.clock.set(until);
        let tried = house.turn(&mailing, worker, &[], 20).await.unwrap().claims;
        assert_eq!(tried.len(), 1, "one finds out");
        let meanwhile = house.turn(&mailing, worker, &[], 20).await.unwrap();
        assert!(meanwhile.rests && meanwhile.claims.is_empty(), "the others wait");
        let taken = all(&tried, Outcome::Sent, db);
        let rest = house.turn(&mailing, worker, &taken, 20).await.unwrap();
        assert_eq!((rest.claims.len(), rest.rests), (3, false));
        assert_eq!(pass(&house).await, Pass::Free);
    }
);

on_both!(
    what_is_said_of_recipients_opens_nothing_and_one_that_is_taken_starts_the_count_anew,
    async |db| {
        let (house, _, id) = due_campaign(db, 30).await;
        let worker = db.worker();
        let mailing = house.begin(id, worker).await;
        let mut last = Vec::new();
        for round in 0..3 {
            let claims = house.turn(&mailing, worker, &last, 10).await.unwrap().claims;
            assert_eq!(claims.len(), 10, "round {round}");
            last = all(&claims, Outcome::Blocked, db);
            if round == 1 {
                last = all(&claims, Outcome::Rejected, db);
            } else {
                last[9].outcome = Outcome::Sent;
                last[9].sign = Sign::Accepts;
            }
        }
        house.turn(&mailing, worker, &last, 0).await.unwrap();
        assert_eq!(pass(&house).await, Pass::Free);
    }
);

on_both!(
    what_one_tenant_is_refused_keeps_no_other_waiting_and_lasts_whoever_works,
    async |db| {
        let (acme, _, id) = due_campaign(db, 10).await;
        let worker = db.worker();
        let mailing = acme.begin(id, worker).await;
        refuse(&acme, &mailing, worker).await;
        let brook = db.house("brook").await;
        assert_eq!(pass(&brook).await, Pass::Free);
        assert!(matches!(pass(&acme).await, Pass::Wait(_)));
        db.clock.forward(Duration::from_secs(15));
        let another = db.worker();
        let taken_over = acme.begin(id, another).await;
        let turn = acme.turn(&taken_over, another, &[], 20).await.unwrap();
        assert!(turn.rests && turn.claims.is_empty(), "another worker knows");
    }
);

/// A campaign to people, with the real time.
pub(crate) async fn real_campaign(db: &TestStore, people: usize) -> (House<'_>, MailingId) {
    db.clock.set(SystemClock.now());
    let (house, _, mailing) = due_campaign(db, people).await;
    db.forget_jobs().await;
    (house, mailing)
}

/// Schedules what [`real_campaign`] made once more, which was forgotten.
pub(crate) async fn go(house: &House<'_>, mailing: MailingId) -> String {
    let tx = house.read().await;
    let campaign = assent_entity::mailing::by_id(&tx, mailing)
        .await
        .unwrap()
        .campaign;
    drop(tx);
    let id = campaign.expect("a campaign");
    let mut tx = house.write().await;
    campaign::pause(&mut tx, id).await.unwrap();
    campaign::resume(&mut tx, id).await.unwrap();
    tx.commit().await.unwrap();
    id.to_string()
}

pub(crate) async fn until_sent(house: &House<'_>, mailing: MailingId, people: u64) {
    until("all have it", LIMIT, || async {
        progress(house, mailing).await.of(DeliveryStatus::Sent) == people
    })
    .await;
}

on_both!(
    a_campaign_whose_sender_is_refused_waits_and_says_why_while_another_tenants_goes_out,
    async |db| {
        let (acme, mailing) = real_campaign(db, 40).await;
        let brook = db.house("brook").await;
        let (list, form) = brook.news().await;
        for number in 0..5 {
            brook
                .member_of(&form, &format!("reader{number}@example.org"), &["news"])
                .await;
        }
        let theirs = brook.campaign("news", &[list]).await;
        db.forget_jobs().await;
        let receiver = Receiver::start(|moment| match moment {
            Moment::Rcpt(from, ..) if from.ends_with("acme.example") => {
                Act::Say("550 5.7.1 <news@acme.example>: your domain is on our blacklist")
            }
            _ => Act::Go,
        });
        let id = go(&acme, mailing).await;
        let assent = Assent::serve_through(db, receiver.port, &[]);
        let site = db.site();
        let client = site.owner("acme").await;
        until("it waits", LIMIT, || async {
            let seen = client.data(WAITING, json!({ "id": id })).await;
            seen["campaign"]["waiting"]["reason"] != json!(null)
        })
        .await;
        let seen = client.data(WAITING, json!({ "id": id })).await;
        let waiting = &seen["campaign"]["waiting"];
        let reason = waiting["reason"].as_str().unwrap();
        assert!(
            reason.contains("your domain is on our blacklist") && !reason.contains("news@"),
            "{reason}"
        );
        assert!(waiting["since"].is_string() && waiting["nextTryAt"].is_string());
        assert_eq!(seen["campaign"]["status"], "SENDING");
        let asked = receiver.named();
        assert!(asked <= 10 + 20, "{asked} were tried for nothing");

        brook.schedule(theirs, Duration::ZERO).await;
        let of_brook = brook.mailing_of(theirs).await;
        until_sent(&brook, of_brook, 5).await;

        receiver.turn(|_| Act::Go);
        go(&acme, mailing).await;
        until("the campaign goes on", LIMIT, || async {
            progress(&acme, mailing).await.of(DeliveryStatus::Sent) >= 10
        })
        .await;
        let seen = client.data(WAITING, json!({ "id": id })).await;
        assert_eq!(seen["campaign"]["waiting"], json!(null));
        drop(assent);
        site.close().await;
    }
);

on_both!(
    when_the_mail_server_is_down_a_campaign_waits_and_nobody_is_given_an_attempt,
    async |db| {
        let (house, mailing) = real_campaign(db, 3).await;
        let id = go(&house, mailing).await;
        let port = free_port();
        let assent = Assent::serve_through(db, port, &[]);
        let site = db.site();
        let client = site.owner("acme").await;
        until("it waits", LIMIT, || async {
            let seen = client.data(WAITING, json!({ "id": id })).await;
            let reason = seen["campaign"]["waiting"]["reason"].as_str().map(str::to_owned);
            reason.is_some_and(|reason| reason.contains("cannot connect to 127.0.0.1"))
        })
        .await;
        assert_eq!(db.count("attempt", "1 = 1").await, 0);
        assert_eq!(progress(&house, mailing).await.of(DeliveryStatus::Queued), 3);
        drop(assent);
        site.close().await;
    }
);

/// Sends to a server with a limit of its own, and asks that everybody has it at the first attempt.
async fn at_the_first_attempt(db: &TestStore, mood: fn(Moment<'_>) -> Act) {
    let (house, mailing) = real_campaign(db, 60).await;
    let receiver = Receiver::start(mood);
    go(&house, mailing).await;
    let assent = Assent::serve_through(db, receiver.port, &[]);
    until_sent(&house, mailing, 60).await;
    drop(assent);
    assert!(!receiver.acts().is_empty(), "the limit was met");
    assert_eq!(db.count("attempt", "number > 1 OR outcome <> 'SENT'").await, 0);
    assert_eq!(db.count("circuit", "open_since IS NOT NULL").await, 0);
}

on_both!(a_server_that_closes_after_three_messages_is_normal, async |db| {
    at_the_first_attempt(db, |moment| match moment {
        Moment::Mail(_, messages) if messages >= 3 => Act::Close,
        _ => Act::Go,
    })
    .await;
});

on_both!(
    a_server_that_says_goodbye_after_three_messages_is_normal,
    async |db| {
        at_the_first_attempt(db, |moment| match moment {
            Moment::Mail(_, messages) if messages >= 3 => Act::SayAndClose("421 4.4.2 enough"),
            _ => Act::Go,
        })
        .await;
    }
);

on_both!(
    a_server_that_takes_two_connections_gets_everything_by_two,
    async |db| {
        at_the_first_attempt(db, |moment| match moment {
            Moment::Greeting(open) if open > 2 => Act::SayAndClose("421 4.7.0 two are enough"),
            _ => Act::Go,
        })
        .await;
    }
);
