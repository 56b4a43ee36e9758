//! Whether a large campaign of one tenant holds up a small one of another: how long the small one takes that is started
//! five seconds after the large one, beside the same small one alone in the same run. It prints and asserts nothing.
//!
//! `tests/load/fairness` runs it; arguments are the recipients of the large campaign and of the small one, and `sqlite` or
//! `postgres` for one of the two only.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a benchmark prints, and stops where something is wrong"
)]

use std::time::{Duration, Instant};

use assent_domain::campaign::{BodyFormat, IfUnknown};
use assent_domain::clock::{Clock, SystemClock};
use assent_domain::id::CampaignId;
use assent_domain::mailing_list::OptIn;
use assent_domain::purpose::PurposeKind::Marketing;
use assent_entity::campaign::{self, NewCampaign};
use assent_tests::crowd::{Setting, willing};
use assent_tests::process::{Assent, until};
use assent_tests::sink::Sink;
use assent_tests::{Backend, House, TestStore, run};

const MESSAGE_OCTETS: usize = 10 * 1024;
const REPEATS: usize = 3;
/// How much later than the large campaign the small one starts.
const HEAD_START: Duration = Duration::from_secs(5);

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let sizes: Vec<usize> = arguments.iter().filter_map(|text| text.parse().ok()).collect();
    let (large, small) = match sizes[..] {
        [] => (100_000, 1000),
        [large, small] => (large, small),
        _ => panic_with_usage(),
    };
    let backends = [Backend::Sqlite, Backend::Postgres]
        .into_iter()
        .filter(|backend| {
            let name = format!("{backend:?}").to_lowercase();
            arguments.len() == sizes.len() || arguments.contains(&name)
        });
    println!(
        "{small} recipients of one tenant, {HEAD_START:?} after {large} of another; seconds, min / median / max of \
         {REPEATS}\n"
    );
    println!(
        "{:<10} {:>24} {:>24} {:>8} {:>14}",
        "database", "alone", "beside the large one", "ratio", "3 times + 1 s"
    );
    for backend in backends {
        let alone = spread(backend, 0, small);
        let beside = spread(backend, large, small);
        println!(
            "{:<10} {:>24} {:>24} {:>8.2} {:>14.2}",
            format!("{backend:?}"),
            in_words(&alone),
            in_words(&beside),
            beside[REPEATS / 2] / alone[REPEATS / 2],
            3.0 * alone[REPEATS / 2] + 1.0
        );
    }
}

#[expect(clippy::panic, reason = "a benchmark that is told nonsense stops")]
fn panic_with_usage() -> ! {
    panic!("give two numbers of recipients, of the large campaign and of the small one, or none")
}

fn in_words(seconds: &[f64]) -> String {
    format!(
        "{:.2} / {:.2} / {:.2}",
        seconds[0],
        seconds[REPEATS / 2],
        seconds[REPEATS - 1]
    )
}

fn spread(backend: Backend, large: usize, small: usize) -> Vec<f64> {
    let mut seconds: Vec<f64> = (0..REPEATS).map(|_| one_run(backend, large, small)).collect();
    seconds.sort_by(f64::total_cmp);
    seconds
}

fn one_run(backend: Backend, large: usize, small: usize) -> f64 {
    let (sender, receiver) = std::sync::mpsc::channel();
    run(backend, async |db: &TestStore| {
        let _ = sender.send(measure(db, large, small).await);
    });
    receiver.recv().expect("a run")
}

fn body() -> String {
    let paragraph = "<p>Dear {{ subscriber.name | default(\"friend\") }}, here are words that fill a message up to the size \
                     of an ordinary one, with a <a href=\"https://shop.example/news\">link</a>.</p>\n";
    paragraph.repeat(MESSAGE_OCTETS / 2 / paragraph.len())
}

/// A tenant with a campaign that is ready to go.
async fn tenant<'a>(db: &'a TestStore, slug: &str, people: usize) -> (House<'a>, CampaignId) {
    let house = db.bare_house(slug).await;
    let version = house.first_policy(&[("news", Marketing)]).await;
    house.send_notices(version).await;
    let list = house.list("News", OptIn::Double, &["news"]).await;
    let setting = Setting {
        versions: vec![version, version],
        purpose: house.purpose("news").await.id,
        list,
    };
    house.admit(&willing(people), &setting).await;
    let new = NewCampaign {
        name: "Load".to_owned(),
        purpose: "news".to_owned(),
        lists: vec![list],
        segment: None,
        subject: "News for {{ subscriber.name | default(\"you\") }}".to_owned(),
        preheader: String::new(),
        body_format: BodyFormat::Html,
        body_source: body(),
        content: Vec::new(),
        if_unknown: IfUnknown::default(),
    };
    let mut tx = house.write().await;
    let id = campaign::create(&mut tx, new).await.expect("a campaign");
    tx.commit().await.expect("a campaign");
    (house, id)
}

/// Seconds from scheduling the small campaign until it is finished; without a large one where that has no recipients.
async fn measure(db: &TestStore, large: usize, small: usize) -> f64 {
    db.clock.set(SystemClock.now());
    let (few, small) = tenant(db, "few", small).await;
    let many = if large > 0 {
        Some(tenant(db, "many", large).await)
    } else {
        None
    };
    let sink = Sink::discarding();
    let assent = Assent::serve(db, &sink);
    tokio::time::sleep(Duration::from_secs(1)).await;
    if let Some((many, large)) = &many {
        many.schedule(*large, Duration::ZERO).await;
        tokio::time::sleep(HEAD_START).await;
    }
    let begun = Instant::now();
    few.schedule(small, Duration::ZERO).await;
    let finished = format!("id = {} AND status = 'FINISHED'", db.id(small));
    until(
        "the small campaign is finished",
        Duration::from_mins(10),
        || async { db.count("campaign", &finished).await == 1 },
    )
    .await;
    let seconds = begun.elapsed().as_secs_f64();
    drop(assent);
    seconds
}
