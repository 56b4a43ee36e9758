//! A policy change for a great many people, with the process killed twice on the way (P08, P11): everybody is told, a
//! thousand say yes to the new use, and a campaign for it reaches these thousand. It asserts, and prints figures.
//!
//! `tests/load/policy` runs it; arguments are the number of people, and `sqlite` or `postgres` for one of the two only.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a load test prints, and stops where something is wrong"
)]

use std::time::{Duration, Instant};

use assent_domain::clock::{Clock, SystemClock};
use assent_domain::delivery::DeliveryStatus;
use assent_domain::id::{MailingId, PolicyVersionId, SubscriberId, stored};
use assent_domain::mailing_list::OptIn;
use assent_domain::permit::Refusal;
use assent_domain::policy::NOTICE_PERIOD;
use assent_domain::purpose::PurposeKind::Marketing;
use assent_entity::{delivery, mailing_list};
use assent_tests::crowd::{Setting, willing};
use assent_tests::house::House;
use assent_tests::process::{Assent, until};
use assent_tests::sink::{Sink, free_port};
use assent_tests::{Backend, TestStore, run};
use uuid::Uuid;

/// How many say yes.
const WILLING: usize = 1000;

/// Two messages on each of ten connections may be in the air when the process dies.
const IN_FLIGHT: usize = 20;

const LIMIT: Duration = Duration::from_mins(20);

fn main() {
    let (databases, sizes): (Vec<_>, Vec<_>) = std::env::args()
        .skip(1)
        .partition(|argument| argument.parse::<usize>().is_err());
    let people = sizes
        .first()
        .map_or(100_000, |size| size.parse().expect("a number"));
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let name = format!("{backend:?}").to_lowercase();
        if databases.is_empty() || databases.contains(&name) {
            run(backend, async |db: &TestStore| change(db, people, &name).await);
        }
    }
}

async fn change(db: &TestStore, people: usize, name: &str) {
    db.clock.set(SystemClock.now().before(NOTICE_PERIOD * 2));
    let house = db.bare_house("acme").await;
    let first = house.first_policy(&[("news", Marketing)]).await;
    house.send_notices(first).await;
    let list = house.list("News", OptIn::Double, &["news"]).await;
    let purpose = house.purpose("news").await.id;
    let setting = Setting {
        versions: vec![first, first],
        purpose,
        list,
    };
    house.admit(&willing(people), &setting).await;
    // Its day has come, but it waits for its notices.
    db.clock
        .set(SystemClock.now().before(NOTICE_PERIOD + Duration::from_secs(1)));
    let version = house.draft(&[("news", Marketing), ("surveys", Marketing)]).await;
    house
        .post(version, db.store.now().after(NOTICE_PERIOD))
        .await
        .unwrap();
    let mut tx = house.write().await;
    mailing_list::add_purpose(&mut tx, list, "surveys").await.unwrap();
    tx.commit().await.unwrap();
    db.clock.set(SystemClock.now());

    let sink = Sink::default();
    let begun = Instant::now();
    let assent = told(&house, version, &sink, people).await;
    let seconds = begun.elapsed().as_secs_f64();
    let times = sink.times();
    let of_crowd = times
        .iter()
        .filter(|(recipient, _)| recipient.ends_with("@crowd.example"));
    let (told, twice) = of_crowd.fold((0, 0), |(told, twice), (_, times)| {
        assert!(*times <= 3, "somebody was told {times} times");
        (told + 1, twice + usize::from(*times > 1))
    });
    assert_eq!(told, people, "everybody is told");
    assert!(twice <= 2 * IN_FLIGHT, "{twice} were told twice");
    let asked = format!(
        "purpose_id = {} AND state = 'REQUESTED'",
        db.id(house.purpose("surveys").await.id)
    );
    assert_eq!(
        usize::try_from(db.count("consent", &asked).await).unwrap(),
        people,
        "everybody was asked"
    );

    say_yes(&house, &assent, version, people).await;
    let campaign = house.campaign("surveys", &[list]).await;
    house.schedule(campaign, Duration::ZERO).await;
    let mailing = house.mailing_of(campaign).await;
    finished(&house, mailing).await;
    let tx = house.read().await;
    let progress = delivery::progress(&tx, mailing).await.unwrap();
    let others = u64::try_from(people - WILLING).unwrap();
    assert_eq!(progress.of(DeliveryStatus::Sent), u64::try_from(WILLING).unwrap());
    assert_eq!(progress.refused, [(Refusal::ChoicePending, others)]);
    drop(tx);
    println!(
        "{name}: {people} told in {seconds:.0} s ({:.0} a second, two kills on the way), {twice} of them twice; \
         {WILLING} said yes and got the campaign, {others} were refused with {}; peak {:.0} MiB",
        people as f64 / seconds,
        Refusal::ChoicePending,
        assent.peak_mib()
    );
}

/// Sends the notices, with the process killed at a third and at two thirds.
async fn told(house: &House<'_>, version: PolicyVersionId, sink: &Sink, people: usize) -> Assent {
    let assent = Assent::spawn(house.db, sink, free_port());
    until("a third is out", LIMIT, || async { sink.count() > people / 3 }).await;
    assent.kill();
    let assent = Assent::spawn(house.db, sink, free_port());
    until("two thirds are out", LIMIT, || async {
        sink.count() > people * 2 / 3
    })
    .await;
    assent.kill();
    let assent = Assent::serve(house.db, sink);
    finished(house, house.notices(version).await).await;
    assent
}

async fn finished(house: &House<'_>, mailing: MailingId) {
    let over = format!("id = {} AND finished_at IS NOT NULL", house.db.id(mailing));
    until("the mailing is finished", LIMIT, || async {
        house.db.count("mailing", &over).await == 1
    })
    .await;
}

/// A thousand, from all over the crowd, answer on their own page.
async fn say_yes(house: &House<'_>, assent: &Assent, version: PolicyVersionId, people: usize) {
    let ids: Vec<Uuid> = house.db.column("SELECT id FROM subscriber ORDER BY id").await;
    let client = reqwest::Client::new();
    for id in ids.into_iter().step_by(people / WILLING).take(WILLING) {
        let person: SubscriberId = stored(id);
        let page = format!("{}{}", assent.base_url, house.choices_path(person, version));
        let shown = client.get(&page).send().await.unwrap().text().await.unwrap();
        let shown = shown.split_once("name=\"shown\" value=\"").unwrap().1;
        let shown = shown.split_once('"').unwrap().0;
        let answer = client
            .post(page)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(format!("shown={shown}&choice_surveys=yes"))
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 200);
    }
}
