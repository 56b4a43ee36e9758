//! Campaigns and notices through the whole system: the program as it is run, a real database, a real mail
//! server, and a power cut in the middle.

#![expect(
    clippy::print_stdout,
    reason = "the figures of a run are worth seeing with --nocapture"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, SystemTime};

use assent_domain::clock::{Clock, SystemClock};
use assent_domain::id::{CampaignId, MailingId, SubscriberId, stored};
use assent_domain::mailing_list::OptIn;
use assent_domain::policy::NOTICE_PERIOD;
use assent_domain::purpose::PurposeKind::Marketing;
use assent_entity::link::{Act, LinkSigner, Reader};
use assent_tests::crowd::{Answer, Position, Setting, draw, willing};
use assent_tests::database::TestStore;
use assent_tests::house::{House, address};
use assent_tests::on_both;
use assent_tests::process::{Assent, until};
use assent_tests::sink::{Sink, free_port};
use rand::seq::SliceRandom;
use uuid::Uuid;

use crate::model::{self, OnList, Person, World};

const DAY: Duration = Duration::from_hours(24);

/// What one mailing may have in the air: two messages on each of ten connections.
const IN_FLIGHT: usize = 20;

const LIMIT: Duration = Duration::from_mins(3);

/// A tenant with two versions of its policy, of which only the second names offers, and a crowd on one list.
async fn stage<'a>(db: &'a TestStore, crowd: &[Position]) -> House<'a> {
    db.clock.set(SystemClock.now().before(9 * DAY));
    let house = db.bare_house("acme").await;
    let first = house.first_policy(&[("news", Marketing)]).await;
    house.send_notices(first).await;
    let second = house
        .next_policy(&[("news", Marketing), ("offers", Marketing)])
        .await;
    db.clock.set(SystemClock.now());
    let list = house.list("News", OptIn::Double, &["news", "offers"]).await;
    let purpose = house.purpose("offers").await.id;
    house
        .admit(
            crowd,
            &Setting {
                versions: vec![first, second],
                purpose,
                list,
            },
        )
        .await;
    house
}

/// Now, as the times of files are told.
fn moment() -> SystemTime {
    let micros = u64::try_from(SystemClock.now().micros()).expect("after 1970");
    SystemTime::UNIX_EPOCH + Duration::from_micros(micros)
}

async fn scheduled(house: &House<'_>) -> (CampaignId, MailingId) {
    let lists: Vec<Uuid> = house.db.column("SELECT id FROM mailing_list").await;
    let lists: Vec<_> = lists.into_iter().map(stored).collect();
    let campaign = house.campaign("offers", &lists).await;
    house.schedule(campaign, Duration::ZERO).await;
    (campaign, house.mailing_of(campaign).await)
}

pub(crate) async fn until_finished(house: &House<'_>, mailing: MailingId) {
    let over = format!("id = {} AND finished_at IS NOT NULL", house.db.id(mailing));
    until("the mailing is finished", LIMIT, || async {
        house.db.count("mailing", &over).await == 1
    })
    .await;
}

/// What the rows of a mailing say: by address, the status, or the refusal where it was refused.
async fn rows(house: &House<'_>, mailing: MailingId) -> BTreeMap<String, String> {
    let sql = format!(
        "SELECT s.email, COALESCE(d.refusal, d.status) FROM delivery d JOIN subscriber s
           ON s.tenant_id = d.tenant_id AND s.id = d.recipient_id WHERE d.mailing_id = {}",
        house.db.id(mailing)
    );
    let rows = house.db.query(&sql).await;
    rows.iter()
        .map(|row| (row.try_get_by_index(0).unwrap(), row.try_get_by_index(1).unwrap()))
        .collect()
}

/// What the mail server got for the crowd, by address.
fn got(sink: &Sink) -> BTreeMap<String, usize> {
    let mut times = sink.times();
    times.retain(|recipient, _| recipient.ends_with("@crowd.example"));
    times
}

fn as_the_model_sees(position: &Position) -> Person {
    let mut person = Person {
        collected: position.collected,
        wants_no_mail: position.opted_out,
        bounced: position.bounced,
        ..Person::default()
    };
    let standing = match position.standing {
        "ACTIVE" => OnList::On,
        "PENDING" => OnList::Waiting,
        _ => OnList::Left,
    };
    person.lists.insert("news", standing);
    let answer = match position.answer {
        Answer::None => return person,
        Answer::Requested => model::Answer::Asked,
        Answer::Given(version) => model::Answer::Yes(version),
        Answer::Refused => model::Answer::No,
        Answer::Withdrawn => model::Answer::TookBack,
    };
    person.answers.insert("offers", answer);
    person
}

fn expected(crowd: &[Position]) -> BTreeMap<String, String> {
    let world = World {
        versions: vec![BTreeSet::from(["news"]), BTreeSet::from(["news", "offers"])],
    };
    let verdict = |position: &Position| {
        let refusal = as_the_model_sees(position).why_not(&world, "offers", true, &["news"]);
        (position.email.clone(), refusal.unwrap_or("SENT").to_owned())
    };
    crowd.iter().map(verdict).collect()
}

on_both!(
    p01_a_campaign_reaches_exactly_those_the_reference_model_allows,
    async |db| {
        let crowd = draw(10_000, 1);
        let house = stage(db, &crowd).await;
        let (_, mailing) = scheduled(&house).await;
        let sink = Sink::default();
        let assent = Assent::serve(db, &sink);
        until_finished(&house, mailing).await;
        drop(assent);
        let expected = expected(&crowd);
        assert_eq!(rows(&house, mailing).await, expected);
        let allowed = expected.iter().filter(|(_, verdict)| *verdict == "SENT");
        let once: BTreeMap<_, _> = allowed.map(|(email, _)| (email.clone(), 1)).collect();
        assert!(once.len() > 1000, "the histories allow {} people", once.len());
        assert_eq!(got(&sink), once);
    }
);

on_both!(
    p18_a_power_cut_in_the_middle_sends_nothing_twice_and_loses_nobody,
    async |db| {
        let crowd = draw(10_000, 2);
        let house = stage(db, &crowd).await;
        let (_, mailing) = scheduled(&house).await;
        let sink = Sink::default();
        let assent = Assent::serve(db, &sink);
        until("a third is out", LIMIT, || async { sink.count() > 1200 }).await;
        assent.kill();
        let again = Assent::spawn(db, &sink, free_port());
        tokio::time::sleep(Duration::from_millis(700)).await;
        again.kill();
        let assent = Assent::serve(db, &sink);
        until_finished(&house, mailing).await;
        drop(assent);
        let (rows, got, expected) = (rows(&house, mailing).await, got(&sink), expected(&crowd));
        assert_eq!(rows.len(), crowd.len(), "everybody has a row");
        let mut unknown = 0;
        for (email, verdict) in &rows {
            let times = got.get(email).copied().unwrap_or(0);
            match verdict.as_str() {
                "UNKNOWN" => {
                    unknown += 1;
                    assert!(times <= 1, "{email}: {times} times");
                    assert_eq!(expected[email], "SENT");
                }
                "SENT" => assert_eq!((times, expected[email].as_str()), (1, "SENT"), "{email}"),
                refused => assert_eq!((times, refused), (0, expected[email].as_str()), "{email}"),
            }
        }
        println!("unknown after two kills: {unknown}");
        assert!(unknown <= 2 * IN_FLIGHT, "{unknown} rows are UNKNOWN");
    }
);

on_both!(
    p18_an_opt_out_wins_over_every_hand_over_a_second_after_its_commit,
    async |db| {
        let crowd = willing(8000);
        let house = stage(db, &crowd).await;
        let (_, mailing) = scheduled(&house).await;
        let sink = Sink::default();
        let assent = Assent::serve(db, &sink);
        until("the campaign is under way", LIMIT, || async {
            sink.count() > 200
        })
        .await;
        let signer = LinkSigner::new(&db.store, house.ctx);
        let mut leaving: Vec<usize> = (0..crowd.len()).collect();
        leaving.shuffle(&mut rand::rng());
        leaving.truncate(300);
        let client = reqwest::Client::new();
        let mut left: BTreeMap<String, SystemTime> = BTreeMap::new();
        for number in leaving {
            let person: SubscriberId = stored(Uuid::from_u128((number as u128 + 1) << 8));
            let to = Reader {
                subscriber: person,
                mailbox: &address(&format!("person{number}@crowd.example")),
            };
            let token = signer.sign(to, Act::Unsubscribe { mailing }, SystemClock.now());
            let url = format!("{}/unsubscribe/{token}", assent.base_url);
            let answer = client
                .post(url)
                .body("List-Unsubscribe=One-Click")
                .send()
                .await
                .unwrap();
            assert_eq!(answer.status(), 200);
            left.insert(format!("person{number}@crowd.example"), moment());
        }
        until_finished(&house, mailing).await;
        drop(assent);
        let (rows, mut late) = (rows(&house, mailing).await, 0);
        let held_back = left.keys().filter(|email| rows[*email] != "SENT").count();
        for message in sink.received() {
            let Some(left_at) = left.get(&message.recipient) else {
                continue;
            };
            if let Ok(after) = message.at.duration_since(*left_at) {
                late += 1;
                assert!(
                    after <= Duration::from_secs(1),
                    "handed over {after:?} after the opt-out"
                );
            }
        }
        println!("{held_back} of 300 were held back; {late} were handed over within the second");
        assert!(held_back > 0, "no opt-out came in time to prove anything");
    }
);

on_both!(
    p08_everybody_is_told_of_a_new_policy_at_least_once_though_the_process_is_killed,
    async |db| {
        let mut crowd = willing(5000);
        for position in crowd.iter_mut().step_by(50) {
            position.opted_out = true;
        }
        let house = stage(db, &crowd).await;
        let version = house
            .draft(&[
                ("news", Marketing),
                ("offers", Marketing),
                ("measuring", Marketing),
            ])
            .await;
        house
            .post(version, db.store.now().after(NOTICE_PERIOD))
            .await
            .unwrap();
        let mailing = house.notices(version).await;
        let sink = Sink::default();
        let assent = Assent::serve(db, &sink);
        until("some are told", LIMIT, || async { sink.count() > 500 }).await;
        assent.kill();
        let assent = Assent::serve(db, &sink);
        until_finished(&house, mailing).await;
        drop(assent);
        let (rows, mut ids): (_, BTreeMap<String, Vec<String>>) =
            (rows(&house, mailing).await, BTreeMap::new());
        for message in sink.received() {
            assert!(message.text.contains("Auto-Submitted: auto-generated"));
            ids.entry(message.recipient).or_default().push(message.message_id);
        }
        let mut repeated = 0;
        for position in &crowd {
            let told = ids.get(&position.email).map_or(&[][..], Vec::as_slice);
            if position.opted_out {
                assert_eq!(
                    (told.len(), rows[&position.email].as_str()),
                    (0, "OPTED_OUT_OF_ALL")
                );
                continue;
            }
            assert!(!told.is_empty(), "{} was not told", position.email);
            assert!(
                told.iter().all(|id| *id == told[0]),
                "a repeat has the same Message-ID"
            );
            assert_eq!(rows[&position.email], "SENT");
            repeated += told.len() - 1;
        }
        println!("told twice: {repeated}");
        assert!(repeated <= IN_FLIGHT, "{repeated} people were told twice");
        assert!(ids.contains_key("owner@acme.example"), "members are told too");
    }
);

/// Sends to a server that takes its time, longer than a permit lives, and asks that nobody suffers for it.
async fn send_slowly(db: &TestStore, options: &[&str]) {
    let crowd = willing(60);
    let house = stage(db, &crowd).await;
    let (_, mailing) = scheduled(&house).await;
    let sink = Sink::start(options);
    let assent = Assent::serve(db, &sink);
    until_finished(&house, mailing).await;
    drop(assent);
    let once: BTreeMap<_, _> = crowd.iter().map(|position| (position.email.clone(), 1)).collect();
    assert_eq!(got(&sink), once);
    assert!(
        rows(&house, mailing)
            .await
            .values()
            .all(|status| status == "SENT")
    );
    assert_eq!(
        db.count("attempt", "number > 1").await,
        0,
        "waiting is no attempt"
    );
}

on_both!(
    a_server_that_greets_slowly_gets_everybody_at_the_first_attempt,
    async |db| send_slowly(db, &["-W", "connect:2"]).await
);

on_both!(
    a_server_that_is_slow_with_each_message_gets_everybody_at_the_first_attempt,
    async |db| send_slowly(db, &["-w", "2"]).await
);
