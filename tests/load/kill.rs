//! A campaign under fire: 50,000 recipients, `kill -9` ten times at random moments, a mail server that drops connections,
//! answers 421, 450, 452 and 550, stalls and closes in the middle of a message, and 1,000 opt-outs meanwhile. Two worker
//! processes on PostgreSQL, one on SQLite. It asserts, and prints figures.
//!
//! `tests/load/kill` runs it; arguments are the number of recipients, and `sqlite` or `postgres` for one of the two only.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a load test prints, and stops where something is wrong"
)]

use assent_domain::delivery::DeliveryStatus;
use assent_tests::kill::{Size, under_fire};
use assent_tests::{Backend, TestStore, run};

fn main() {
    let (databases, sizes): (Vec<_>, Vec<_>) = std::env::args()
        .skip(1)
        .partition(|argument| argument.parse::<usize>().is_err());
    let people = sizes
        .first()
        .map_or(50_000, |size| size.parse().expect("a number"));
    let size = Size {
        people,
        kills: 10,
        opt_outs: 1000.min(people / 10),
    };
    for backend in [Backend::Postgres, Backend::Sqlite] {
        let name = format!("{backend:?}").to_lowercase();
        if databases.is_empty() || databases.contains(&name) {
            run(backend, async |db: &TestStore| fight(db, size, &name).await);
        }
    }
}

async fn fight(db: &TestStore, size: Size, name: &str) {
    let seed = rand::random();
    println!("{name}: {size:?}, seed {seed}");
    let figures = under_fire(db, size, seed).await;
    let seconds = figures.took.as_secs_f64();
    let of = |status| figures.progress.of(status);
    println!(
        "{name}: {} rows in {seconds:.0} s ({:.0} a second), {} attempts: {} sent, {} unknown, {} bounced {:?}, refused {:?}",
        figures.progress.total(),
        figures.progress.total() as f64 / seconds,
        figures.attempts,
        of(DeliveryStatus::Sent),
        figures.unknown,
        of(DeliveryStatus::Bounced),
        figures.progress.failed,
        figures.progress.refused,
    );
    println!(
        "{name}: of the unknown, {} at most because the server closed in the middle; nobody got it twice",
        figures.broken_off
    );
    let [before, never, within] = figures.opted_out;
    println!(
        "{name}: {} opted out: {before} had it before, {never} never got it, {within} within the second after, none later",
        size.opt_outs
    );
    for (act, times) in &figures.acts {
        println!("{name}: the server {act}: {times}");
    }
}
