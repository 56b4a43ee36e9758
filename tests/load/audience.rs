//! How long it takes to say whom a campaign would reach, and whom not and why, beside one full count of the subscribers. It
//! prints, and asserts only that everybody is counted.
//!
//! `tests/load/audience` runs it; arguments are the number of people, and `sqlite` or `postgres` for one of the two only.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark prints, and stops where something is wrong"
)]

use std::time::{Duration, Instant};

use assent_domain::mailing_list::OptIn;
use assent_domain::purpose::PurposeKind::Marketing;
use assent_entity::audience;
use assent_tests::crowd::{Setting, draw};
use assent_tests::{Backend, TestStore, run};

const REPEATS: usize = 5;

/// The same people on every run.
const SEED: u64 = 2002;

fn main() {
    let (databases, sizes): (Vec<_>, Vec<_>) = std::env::args()
        .skip(1)
        .partition(|argument| argument.parse::<usize>().is_err());
    let people = sizes
        .first()
        .map_or(1_000_000, |size| size.parse().expect("a number"));
    println!(
        "{:>10}  {:<22} {:>26} {:>8}",
        "people", "what", "ms, min / median / max", "times"
    );
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let name = format!("{backend:?}").to_lowercase();
        if databases.is_empty() || databases.contains(&name) {
            run(backend, async |db: &TestStore| measure(db, people, &name).await);
        }
    }
}

async fn measure(db: &TestStore, people: usize, name: &str) {
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
    house.admit(&draw(people, SEED), &setting).await;
    let campaign = house.campaign("news", &[list]).await;

    let count = timed(async || u64::try_from(db.count("subscriber", "1 = 1").await).unwrap()).await;
    let audience = timed(async || {
        let tx = house.read().await;
        let audience = audience::of(&tx, campaign, purpose).await.unwrap();
        let refused: u64 = audience.refused.iter().map(|(_, people)| people).sum();
        assert!(audience.allowed > 0 && refused > 0, "{audience:?}");
        assert_eq!(audience.allowed + refused, audience.total);
        audience.total
    })
    .await;
    assert_eq!((count.counted, audience.counted), (people as u64, people as u64));
    count.print(people, &format!("count, {name}"), count.median());
    audience.print(people, &format!("audience, {name}"), count.median());
}

/// A question and what it took.
struct Timed {
    counted: u64,
    took: Vec<Duration>,
}

/// Asks some times; the first time is for the caches.
async fn timed(ask: impl AsyncFn() -> u64) -> Timed {
    let counted = ask().await;
    let mut took = Vec::new();
    for _ in 0..REPEATS {
        let begun = Instant::now();
        assert_eq!(ask().await, counted);
        took.push(begun.elapsed());
    }
    took.sort_unstable();
    Timed { counted, took }
}

impl Timed {
    fn median(&self) -> Duration {
        self.took.get(REPEATS / 2).copied().unwrap_or_default()
    }

    fn print(&self, people: usize, what: &str, yardstick: Duration) {
        let of = |place: usize| self.took.get(place).map_or(0, Duration::as_millis);
        let spread = format!("{} / {} / {}", of(0), of(REPEATS / 2), of(REPEATS - 1));
        let times = self.median().as_secs_f64() / yardstick.as_secs_f64();
        println!("{people:>10}  {what:<22} {spread:>26} {times:>8.1}");
    }
}
