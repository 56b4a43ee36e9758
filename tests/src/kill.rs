//! A campaign under fire: its processes are killed, its mail server is hostile, and people opt out meanwhile. What has to
//! be so in the end is asserted here; `tests/load/kill` does it at full size, and an ordinary test at a smaller one.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use assent_domain::clock::{Clock, SystemClock};
use assent_domain::delivery::DeliveryStatus;
use assent_domain::id::{MailingId, SubscriberId, stored};
use assent_domain::mailing_list::OptIn;
use assent_domain::purpose::PurposeKind::Marketing;
use assent_entity::delivery::{self, Progress};
use assent_entity::link::{Act as LinkAct, LinkSigner, Reader};
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use uuid::Uuid;

use crate::crowd::{Setting, willing};
use crate::database::{Backend, TestStore};
use crate::house::{House, address};
use crate::process::{Assent, until};
use crate::receiver::{Act, Moment, Receiver};
use crate::sending::ON_ITS_WAY;

/// How large it is.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Recipients.
    pub people: usize,
    /// How often a process is killed, at random moments.
    pub kills: usize,
    /// How many opt out while it goes out.
    pub opt_outs: usize,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Figures {
    /// How long it took.
    pub took: Duration,
    /// How far the mailing came.
    pub progress: Progress,
    /// Messages of which nobody knows.
    pub unknown: u64,
    /// Of those, how many may be unknown because the mail server broke off in the middle.
    pub broken_off: u64,
    /// How many of those who opted out had been written to before, are not written to, and were within the second.
    pub opted_out: [usize; 3],
    /// What the server did that it should not have.
    pub acts: BTreeMap<String, usize>,
    /// Attempts that were made.
    pub attempts: i64,
}

/// Connections of a mailing.
const CONNECTIONS: usize = 10;

const LIMIT: Duration = Duration::from_mins(30);

/// A number between 0 and 999 that is the same for the same recipient, attempt and step.
fn drawn(to: &str, named: usize, step: u32) -> u32 {
    let seed = to.bytes().chain([named.to_le_bytes()[0], step.to_le_bytes()[0]]);
    let hash = seed.fold(0xcbf2_9ce4_8422_2325_u64, |hash, octet| {
        (hash ^ u64::from(octet)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    u32::try_from((hash >> 20) % 1000).unwrap_or(0)
}

/// A server that does everything that servers do. Who has been named three times has it quiet.
fn hostile(moment: Moment<'_>) -> Act {
    match moment {
        Moment::Greeting(open) if open > 4 * CONNECTIONS => {
            Act::SayAndClose("421 4.7.0 too many connections")
        }
        Moment::Mail(_, messages) if messages >= 200 => {
            Act::SayAndClose("421 4.4.2 enough for one connection")
        }
        Moment::Mail(_, messages) if messages >= 150 && messages % 7 == 0 => Act::Close,
        Moment::Rcpt(_, to, _) if drawn(to, 0, 1) < 10 => Act::Say("550 5.1.1 no such user"),
        Moment::Rcpt(_, to, named) if named < 3 => match drawn(to, named, 2) {
            0..15 => Act::Say("450 4.2.0 not now"),
            15..30 => Act::Say("452 4.2.2 mailbox full"),
            30..35 => Act::SayAndClose("421 4.3.2 closing"),
            35..45 => Act::Close,
            45..50 => Act::Stall(Duration::from_secs(2)),
            50..55 => Act::Say("550 5.7.1 your network is on our blacklist"),
            _ => Act::Go,
        },
        Moment::Data(to, named) if named < 3 && drawn(to, named, 3) < 5 => Act::Say("452 4.3.1 no room"),
        Moment::InTheMiddle(to, named) if named < 3 && drawn(to, named, 4) < 2 => Act::Close,
        Moment::Message(to, named) if named < 3 && drawn(to, named, 5) < 5 => {
            Act::Say("451 4.3.0 local error")
        }
        _ => Act::Go,
    }
}

/// The processes: on PostgreSQL one that serves and two that work, on SQLite one that does both.
struct Processes<'a> {
    db: &'a TestStore,
    smtp_port: u16,
    serving: Option<Assent>,
    working: Vec<Assent>,
}

const SETTINGS: &[(&str, &str)] = &[
    ("ASSENT_SMTP_CONNECTIONS", "10"),
    ("ASSENT_DATABASE_CONNECTIONS", "8"),
];

impl<'a> Processes<'a> {
    fn start(db: &'a TestStore, smtp_port: u16) -> Self {
        let mut processes = Self {
            db,
            smtp_port,
            serving: None,
            working: Vec::new(),
        };
        if db.backend == Backend::Postgres {
            processes.serving = Some(Assent::serve_only(db, SETTINGS));
            processes.working.push(processes.worker());
        }
        processes.working.push(processes.worker());
        processes
    }

    fn worker(&self) -> Assent {
        match self.db.backend {
            Backend::Postgres => Assent::worker(self.db, self.smtp_port, SETTINGS),
            Backend::Sqlite => Assent::serve_through(self.db, self.smtp_port, SETTINGS),
        }
    }

    fn base_url(&self) -> String {
        let serving = self.serving.as_ref().or(self.working.first());
        serving.expect("a process that serves").base_url.clone()
    }

    /// Kills a worker, and starts another.
    fn kill_one(&mut self) {
        self.working.remove(0).kill();
        let another = self.worker();
        self.working.push(another);
    }
}

async fn stage(db: &TestStore, people: usize) -> (House<'_>, MailingId) {
    db.clock.set(SystemClock.now().before(Duration::from_hours(1)));
    let house = db.bare_house("acme").await;
    let version = house.first_policy(&[("news", Marketing)]).await;
    house.send_notices(version).await;
    let list = house.list("News", OptIn::Double, &["news"]).await;
    let purpose = house.purpose("news").await.id;
    let setting = Setting {
        versions: vec![version, version],
        purpose,
        list,
    };
    house.admit(&willing(people), &setting).await;
    db.clock.set(SystemClock.now());
    let campaign = house.campaign("news", &[list]).await;
    house.schedule(campaign, Duration::ZERO).await;
    (house, house.mailing_of(campaign).await)
}

/// Runs a campaign under fire, and checks what became of everybody.
pub async fn under_fire(db: &TestStore, size: Size, seed: u64) -> Figures {
    let mut rng = StdRng::seed_from_u64(seed);
    let (house, mailing) = stage(db, size.people).await;
    let receiver = Receiver::start(hostile);
    let begun = Instant::now();
    let mut processes = Processes::start(db, receiver.port);
    let mut moments: Vec<usize> = (0..size.kills)
        .map(|_| rng.random_range(size.people / 50..size.people * 9 / 10))
        .collect();
    moments.sort_unstable();
    let mut leaving: Vec<usize> = (0..size.people).collect();
    leaving.shuffle(&mut rng);
    leaving.truncate(size.opt_outs);
    let mut left = BTreeMap::new();
    let a_stretch = size.opt_outs.div_ceil(size.kills + 1);
    let mut leaving = leaving.into_iter();
    for at in moments {
        until("the campaign goes on", LIMIT, || async { receiver.named() >= at }).await;
        opt_out(
            &house,
            mailing,
            &processes,
            leaving.by_ref().take(a_stretch),
            &mut left,
        )
        .await;
        let pause = Duration::from_millis(rng.random_range(0..300));
        tokio::time::sleep(pause).await;
        processes.kill_one();
    }
    opt_out(&house, mailing, &processes, leaving, &mut left).await;
    finished(&house, mailing).await;
    let took = begun.elapsed();
    drop(processes);
    let figures = figures(&house, mailing, &receiver, &left, took).await;
    let most = u64::try_from(2 * CONNECTIONS * size.kills).expect("a number") + figures.broken_off;
    assert!(
        figures.unknown <= most,
        "{} rows are UNKNOWN, at most {most} may be",
        figures.unknown
    );
    figures
}

/// People follow the link in a message; where nobody answers, they try again.
async fn opt_out(
    house: &House<'_>,
    mailing: MailingId,
    processes: &Processes<'_>,
    people: impl Iterator<Item = usize>,
    left: &mut BTreeMap<String, Instant>,
) {
    let signer = LinkSigner::new(&house.db.store, house.ctx);
    let client = reqwest::Client::new();
    for number in people {
        let person: SubscriberId = stored(Uuid::from_u128((number as u128 + 1) << 8));
        let email = format!("person{number}@crowd.example");
        let to = Reader {
            subscriber: person,
            mailbox: &address(&email),
        };
        let token = signer.sign(to, LinkAct::Unsubscribe { mailing }, SystemClock.now());
        let url = format!("{}/unsubscribe/{token}", processes.base_url());
        let answer = client.post(url).body("List-Unsubscribe=One-Click").send().await;
        assert_eq!(answer.expect("an answer").status(), 200);
        left.insert(email, Instant::now());
    }
}

/// Waits until the mailing is over. What servers put off is brought forward as soon as nothing else is to be done.
async fn finished(house: &House<'_>, mailing: MailingId) {
    let (db, id) = (house.db, house.db.id(mailing));
    let over = format!("id = {id} AND finished_at IS NOT NULL");
    let busy = format!("mailing_id = {id} AND (status = 'QUEUED' OR {ON_ITS_WAY})");
    let later = format!("UPDATE delivery_queue SET due_at = 0 WHERE mailing_id = {id}");
    until("the mailing is finished", LIMIT, || async {
        if db.count("mailing", &over).await == 1 {
            return true;
        }
        if db.count("delivery", &busy).await == 0 {
            db.exec(&later).await.expect("time passes");
            db.exec("UPDATE outbox SET due_at = 0 WHERE stopped_at IS NULL")
                .await
                .expect("time passes");
            tokio::time::sleep(Duration::from_secs(2)).await;
        }
        false
    })
    .await;
}

async fn figures(
    house: &House<'_>,
    mailing: MailingId,
    receiver: &Receiver,
    left: &BTreeMap<String, Instant>,
    took: Duration,
) -> Figures {
    let taken = receiver.taken();
    let sql = format!(
        "SELECT s.email, d.status FROM delivery d JOIN subscriber s
           ON s.tenant_id = d.tenant_id AND s.id = d.recipient_id WHERE d.mailing_id = {}",
        house.db.id(mailing)
    );
    let (mut rows, mut taken_and_unknown) = (0, 0);
    for row in house.db.query(&sql).await {
        let email: String = row.try_get_by_index(0).expect("an address");
        let status: String = row.try_get_by_index(1).expect("a status");
        let times = taken.get(&email).map_or(0, Vec::len);
        rows += 1;
        match status.as_str() {
            "SENT" => assert_eq!(times, 1, "{email}"),
            "UNKNOWN" => {
                assert!(times <= 1, "{email} got it {times} times");
                taken_and_unknown += times;
            }
            "BOUNCED" | "REFUSED" => assert_eq!(times, 0, "{email} is {status}"),
            open => panic!("{email} is {open} though the mailing is over"),
        }
    }
    let tx = house.read().await;
    let progress = delivery::progress(&tx, mailing).await.expect("progress");
    assert_eq!(u64::try_from(rows).ok(), Some(progress.total()));
    let sent = usize::try_from(progress.of(DeliveryStatus::Sent)).expect("a number");
    assert_eq!(sent + taken_and_unknown, receiver.count(), "all counts add up");
    let acts = receiver.acts();
    let broken_off = acts.get("closed at a message").copied().unwrap_or(0);
    Figures {
        took,
        unknown: progress.of(DeliveryStatus::Unknown),
        progress,
        broken_off: u64::try_from(broken_off).expect("a number"),
        opted_out: opted_out(&taken, left),
        attempts: house.db.count("attempt", "1 = 1").await,
        acts,
    }
}

/// How many had their message before they opted out, never got it, and got it within the second after.
fn opted_out(taken: &BTreeMap<String, Vec<Instant>>, left: &BTreeMap<String, Instant>) -> [usize; 3] {
    let [mut before, mut never, mut within] = [0; 3];
    for (email, left_at) in left {
        let Some(got_at) = taken.get(email).and_then(|times| times.first()) else {
            never += 1;
            continue;
        };
        match got_at.checked_duration_since(*left_at) {
            None => before += 1,
            Some(after) => {
                assert!(
                    after <= Duration::from_secs(1),
                    "{email} got it {after:?} after the opt-out"
                );
                within += 1;
            }
        }
    }
    [before, never, within]
}
