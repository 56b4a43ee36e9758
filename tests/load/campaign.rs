//! How fast a campaign goes out, and how much memory that takes, beside `smtp-source` with messages of the same
//! size over as many connections in the same run. It prints and asserts nothing.
//!
//! `tests/load/campaign` runs it; arguments are the numbers of recipients, `sqlite` or `postgres` for one of the two
//! only, and `connections=40` for another number of connections than 10. With `--dkim rsa`, `ed25519` or `both`,
//! messages are signed, and the yardstick is `openssl speed`.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a benchmark prints, and stops where something is wrong"
)]

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use assent_domain::campaign::{BodyFormat, IfUnknown};
use assent_domain::clock::{Clock, SystemClock};
use assent_domain::mailing_list::OptIn;
use assent_domain::purpose::PurposeKind::Marketing;
use assent_entity::campaign::{self, NewCampaign};
use assent_tests::crowd::{Setting, willing};
use assent_tests::process::{Assent, until};
use assent_tests::sink::Sink;
use assent_tests::{Backend, TestStore, run};

mod signatures;

use signatures::Dkim;

/// What Assent opens where nothing else is set.
const CONNECTIONS: usize = 10;
const MESSAGE_OCTETS: usize = 10 * 1024;
const REPEATS: usize = 3;

/// What one run took.
struct Run {
    per_second: f64,
    cpu_seconds_per_1000: f64,
    peak_mib: f64,
}

fn main() {
    let (dkim, arguments) = dkim_of(std::env::args().skip(1).collect());
    let (databases, sizes): (Vec<_>, Vec<_>) = arguments
        .into_iter()
        .partition(|argument| argument.parse::<usize>().is_err());
    let sizes: Vec<usize> = sizes.iter().map(|size| size.parse().expect("a number")).collect();
    let connections = databases
        .iter()
        .find_map(|argument| argument.strip_prefix("connections="))
        .map_or(CONNECTIONS, |number| number.parse().expect("a number"));
    let wanted = |backend: &Backend| {
        let name = format!("{backend:?}").to_lowercase();
        !databases.iter().any(|argument| is_database(argument)) || databases.contains(&name)
    };
    let sizes = if sizes.is_empty() {
        vec![10_000, 100_000]
    } else {
        sizes
    };
    println!(
        "{MESSAGE_OCTETS}-octet messages over {connections} connections into smtp-sink; min / median / max of {REPEATS}\n"
    );
    println!(
        "{:>10}  {:<22} {:>24} {:>8} {:>20} {:>12}",
        "recipients", "sender", "messages/s", "ratio", "CPU s per 1,000", "peak MiB"
    );
    for size in sizes {
        let (name, measure): (_, Box<dyn Fn() -> f64>) = match dkim {
            None => ("smtp-source", Box::new(move || smtp_source(size, connections))),
            Some(_) => ("openssl speed rsa2048", Box::new(signatures::openssl_per_second)),
        };
        let yardstick = spread(&(0..REPEATS).map(|_| measure()).collect::<Vec<_>>());
        print_row(size, name, &yardstick, 1.0, "", "");
        for backend in [Backend::Sqlite, Backend::Postgres].into_iter().filter(wanted) {
            let runs: Vec<Run> = (0..REPEATS)
                .map(|_| campaign_run(backend, size, connections, dkim))
                .collect();
            let speed = spread(&runs.iter().map(|run| run.per_second).collect::<Vec<_>>());
            let cpu = spread(
                &runs
                    .iter()
                    .map(|run| run.cpu_seconds_per_1000)
                    .collect::<Vec<_>>(),
            );
            let peak = spread(&runs.iter().map(|run| run.peak_mib).collect::<Vec<_>>());
            let (cpu, peak) = (format!("{:.2}", cpu.1), format!("{:.0}", peak.2));
            print_row(
                size,
                &format!("assent, {backend:?}"),
                &speed,
                speed.1 / yardstick.1,
                &cpu,
                &peak,
            );
        }
    }
}

/// Takes `--dkim` and what follows out of the arguments.
fn dkim_of(mut arguments: Vec<String>) -> (Option<Dkim>, Vec<String>) {
    let Some(at) = arguments.iter().position(|argument| argument == "--dkim") else {
        return (None, arguments);
    };
    let dkim = arguments.get(at + 1).map(|text| Dkim::parse(text));
    assert!(dkim.is_some(), "--dkim takes rsa, ed25519 or both");
    arguments.drain(at..at + 2);
    (dkim, arguments)
}

fn is_database(argument: &str) -> bool {
    [Backend::Sqlite, Backend::Postgres]
        .iter()
        .any(|backend| format!("{backend:?}").eq_ignore_ascii_case(argument))
}

fn print_row(size: usize, sender: &str, speed: &(f64, f64, f64), ratio: f64, cpu: &str, peak: &str) {
    let speed = format!("{:.0} / {:.0} / {:.0}", speed.0, speed.1, speed.2);
    println!("{size:>10}  {sender:<22} {speed:>24} {ratio:>8.2} {cpu:>20} {peak:>12}");
}

fn spread(values: &[f64]) -> (f64, f64, f64) {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    (sorted[0], sorted[sorted.len() / 2], sorted[sorted.len() - 1])
}

/// The yardstick: messages a second of Postfix's own load generator, its sessions kept.
fn smtp_source(messages: usize, connections: usize) -> f64 {
    let sink = Sink::discarding();
    let begun = Instant::now();
    let status = Command::new("/usr/sbin/smtp-source")
        .args([
            "-d",
            "-s",
            &connections.to_string(),
            "-m",
            &messages.to_string(),
            "-l",
            &MESSAGE_OCTETS.to_string(),
        ])
        .args(["-t", "person@crowd.example", &format!("127.0.0.1:{}", sink.port)])
        .stdout(Stdio::null())
        .status()
        .expect("smtp-source of Postfix is installed");
    assert!(status.success(), "smtp-source failed");
    messages as f64 / begun.elapsed().as_secs_f64()
}

fn body() -> String {
    let paragraph = "<p>Dear {{ subscriber.name | default(\"friend\") }}, this is a paragraph of news that is long \
                     enough to be worth sending, with a <a href=\"https://acme.example/news\">link</a>.</p>\n";
    // The text part repeats the words, so half the size of HTML makes a message of about the whole.
    paragraph.repeat(MESSAGE_OCTETS / 2 / paragraph.len())
}

fn campaign_run(backend: Backend, people: usize, connections: usize, dkim: Option<Dkim>) -> Run {
    let (sender, receiver) = std::sync::mpsc::channel();
    run(backend, async |db: &TestStore| {
        let _ = sender.send(measure(db, people, connections, dkim).await);
    });
    receiver.recv().expect("a run")
}

async fn measure(db: &TestStore, people: usize, connections: usize, dkim: Option<Dkim>) -> Run {
    db.clock.set(SystemClock.now());
    let house = db.bare_house("acme").await;
    if let Some(dkim) = dkim {
        dkim.set_up(&house).await;
    }
    let version = house.first_policy(&[("news", Marketing)]).await;
    house.send_notices(version).await;
    let list = house.list("News", OptIn::Double, &["news"]).await;
    let purpose = house.purpose("news").await.id;
    house
        .admit(
            &willing(people),
            &Setting {
                versions: vec![version, version],
                purpose,
                list,
            },
        )
        .await;
    let mut tx = house.write().await;
    let new = NewCampaign {
        name: "Load".to_owned(),
        purpose: "news".to_owned(),
        lists: vec![list],
        segment: None,
        preheader: String::new(),
        subject: "News for {{ subscriber.name | default(\"you\") }}".to_owned(),
        body_format: BodyFormat::Html,
        body_source: body(),
        content: Vec::new(),
        if_unknown: IfUnknown::default(),
    };
    let id = campaign::create(&mut tx, new).await.unwrap();
    tx.commit().await.unwrap();
    let sink = Sink::discarding();
    let connections = connections.to_string();
    let assent = Assent::serve_with(db, &sink, &[("ASSENT_SMTP_CONNECTIONS", &connections)]);
    // The server is up, its workers too: what is measured is the time from scheduling to the last recipient.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let mut tx = house.write().await;
    let begun = Instant::now();
    let now = tx.now();
    campaign::schedule(&mut tx, id, now).await.unwrap();
    tx.commit().await.unwrap();
    let finished = format!("id = {} AND status = 'FINISHED'", db.id(id));
    until("the campaign is finished", Duration::from_mins(10), || async {
        db.count("campaign", &finished).await == 1
    })
    .await;
    let seconds = begun.elapsed().as_secs_f64();
    let sent = db.count("delivery", "status = 'SENT'").await;
    assert!(
        usize::try_from(sent).unwrap() >= people,
        "{sent} of {people} were sent"
    );
    Run {
        per_second: people as f64 / seconds,
        cpu_seconds_per_1000: assent.cpu_seconds() * 1000.0 / people as f64,
        peak_mib: assent.peak_mib(),
    }
}
