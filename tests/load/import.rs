//! How fast a table of people is taken in, with evidence of their permission, beside the same people put into the same three
//! tables (subscriber, subscription, consent) by plain `INSERT`s of 1,000 rows; how long other requests and opt-outs take
//! meanwhile; and whether every row is taken in once when the process is killed in the middle.
//!
//! `tests/load/import` runs it; arguments are the number of rows, and `sqlite` or `postgres` for one of the two only.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a benchmark prints, and stops where something is wrong"
)]

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use assent_domain::clock::{Clock, SystemClock};
use assent_domain::id::{MailingListId, PolicyVersionId, SubscriberId, stored};
use assent_domain::mailing_list::OptIn;
use assent_domain::purpose::PurposeKind::Marketing;
use assent_entity::link::{Act, LinkSigner, Reader};
use assent_tests::crowd::{Setting, willing};
use assent_tests::house::{PASSWORD, address};
use assent_tests::process::{Assent, until};
use assent_tests::sink::Sink;
use assent_tests::{Backend, House, TestStore, run};
use reqwest::Client;
use serde_json::{Value, json};
use uuid::Uuid;

const REPEATS: usize = 3;

/// People whom the tenant has already, and of whom some opt out while others are taken in.
const KNOWN: usize = 1000;

const LIMIT: Duration = Duration::from_hours(2);

fn main() {
    let (databases, sizes): (Vec<_>, Vec<_>) = std::env::args()
        .skip(1)
        .partition(|argument| argument.parse::<usize>().is_err());
    let rows = sizes
        .first()
        .map_or(1_000_000, |size| size.parse().expect("a number"));
    println!("{rows} rows with evidence; rows a second, min / median / max of {REPEATS}\n");
    println!(
        "{:<10} {:<22} {:>27} {:>7} {:>8} {:>9}",
        "database", "what", "rows a second", "share", "CPU s", "peak MiB"
    );
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let name = format!("{backend:?}").to_lowercase();
        if databases.is_empty() || databases.contains(&name) {
            measure(backend, rows, &name);
        }
    }
}

/// What one run came to.
struct Figures {
    upload: f64,
    taken_in: f64,
    cpu: f64,
    peak: f64,
    /// How long requests of another tenant took, and opt-outs of this one, in milliseconds.
    requests: Vec<f64>,
    opt_outs: Vec<f64>,
}

fn measure(backend: Backend, rows: usize, name: &str) {
    let runs: Vec<Figures> = (0..REPEATS)
        .map(|_| of_a_store(backend, async |db| one_run(db, rows).await))
        .collect();
    let plain: Vec<f64> = (0..REPEATS)
        .map(|_| of_a_store(backend, async |db| plainly(db, rows).await))
        .collect();
    let median = sorted(&plain)[REPEATS / 2];
    let line = |what: &str, speeds: &[f64], more: &str| {
        let speeds = sorted(speeds);
        let spread = format!(
            "{:.0} / {:.0} / {:.0}",
            speeds[0],
            speeds[REPEATS / 2],
            speeds[REPEATS - 1]
        );
        println!(
            "{name:<10} {what:<22} {spread:>27} {:>7.2} {more}",
            speeds[REPEATS / 2] / median
        );
    };
    let of = |what: fn(&Figures) -> f64| runs.iter().map(what).collect::<Vec<_>>();
    line("plain INSERTs", &plain, "");
    let (cpu, peak) = (
        sorted(&of(|run| run.cpu))[REPEATS / 2],
        sorted(&of(|run| run.peak))[REPEATS - 1],
    );
    line(
        "import",
        &of(|run| run.taken_in),
        &format!("{cpu:>8.1} {peak:>9.0}"),
    );
    line("upload alone", &of(|run| run.upload), "");
    if backend == Backend::Postgres {
        let copied: Vec<f64> = (0..REPEATS)
            .map(|_| of_a_store(backend, async |db| copied(db, rows).await))
            .collect();
        line("COPY, bare table", &copied, "");
    }
    for (what, times) in [
        (
            "requests of another tenant",
            runs.iter()
                .flat_map(|run| run.requests.clone())
                .collect::<Vec<_>>(),
        ),
        (
            "opt-outs",
            runs.iter().flat_map(|run| run.opt_outs.clone()).collect(),
        ),
    ] {
        let times = sorted(&times);
        let of = |percent: usize| times[(times.len() - 1) * percent / 100];
        println!(
            "{name:<10} {what}, {} of them: median {:.1} ms, p99 {:.1} ms, longest {:.1} ms",
            times.len(),
            of(50),
            of(99),
            of(100)
        );
    }
    of_a_store(backend, async |db| killed(db, rows, name).await);
}

fn sorted(of: &[f64]) -> Vec<f64> {
    let mut sorted = of.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
}

fn of_a_store<T: Send + 'static>(backend: Backend, act: impl AsyncFn(&TestStore) -> T) -> T {
    let (sender, receiver) = std::sync::mpsc::channel();
    run(backend, async |db: &TestStore| {
        let _ = sender.send(act(db).await);
    });
    receiver.recv().expect("a run")
}

/// A tenant with a list and people on it.
async fn tenant<'a>(db: &'a TestStore, slug: &str) -> (House<'a>, MailingListId, PolicyVersionId) {
    let house = db.bare_house(slug).await;
    let version = house.first_policy(&[("news", Marketing)]).await;
    house.send_notices(version).await;
    let list = house.list("News", OptIn::Double, &["news"]).await;
    let setting = Setting {
        versions: vec![version, version],
        purpose: house.purpose("news").await.id,
        list,
    };
    house.admit(&willing(KNOWN), &setting).await;
    (house, list, version)
}

fn table(rows: usize) -> String {
    let mut table = String::with_capacity(rows * 50);
    table.push_str("Email Address,First Name,Last Name,Company\n");
    for number in 0..rows {
        writeln!(
            table,
            "somebody{number}@crowd.example,Some,Body {number},Company {}",
            number % 1000
        )
        .unwrap();
    }
    table
}

/// Somebody who speaks to a server.
struct Speaker {
    client: Client,
    base_url: String,
    token: String,
}

impl Speaker {
    async fn of(assent: &Assent, slug: &str) -> Self {
        let mut speaker = Self {
            client: Client::new(),
            base_url: assent.base_url.clone(),
            token: String::new(),
        };
        let input = json!({ "tenant": slug, "email": format!("owner@{slug}.example"), "password": PASSWORD });
        let sign_in = "mutation($input: SignInInput!) { signIn(input: $input) { accessToken } }";
        let signed_in = speaker.ask(sign_in, json!({ "input": input })).await;
        let token = signed_in["signIn"]["accessToken"].as_str().expect("a token");
        speaker.token.push_str(token);
        speaker
    }

    async fn ask(&self, query: &str, variables: Value) -> Value {
        let body = json!({ "query": query, "variables": variables });
        let request = self.client.post(format!("{}/graphql", self.base_url)).json(&body);
        let request = if self.token.is_empty() {
            request
        } else {
            request.bearer_auth(&self.token)
        };
        let answer: Value = request
            .send()
            .await
            .expect("an answer")
            .json()
            .await
            .expect("JSON");
        assert!(answer.get("errors").is_none(), "{answer}");
        answer["data"].clone()
    }

    /// Prepares an import and sends its table; gives how long the latter took.
    async fn send(&self, list: MailingListId, table: String) -> Duration {
        let input = json!({ "mailingListId": list.to_string(), "evidence": {
            "source": "shop", "collectedAt": "2026-01-02T03:04:05Z", "statement": "Yes, send me the news.", "purposes": ["news"] } });
        let prepare =
            "mutation($input: PrepareImportInput!) { prepareImport(input: $input) { upload { url } } }";
        let prepared = self.ask(prepare, json!({ "input": input })).await;
        let url = prepared["prepareImport"]["upload"]["url"]
            .as_str()
            .expect("an address");
        let begun = Instant::now();
        let answer = self.client.put(url).body(table).send().await.expect("an answer");
        assert_eq!(
            answer.status(),
            200,
            "{}",
            answer.text().await.unwrap_or_default()
        );
        begun.elapsed()
    }
}

async fn one_run(db: &TestStore, rows: usize) -> Figures {
    db.clock.set(SystemClock.now().before(Duration::from_hours(1)));
    let (house, list, _) = tenant(db, "many").await;
    tenant(db, "few").await;
    let campaign = house.campaign("news", &[list]).await;
    db.clock.set(SystemClock.now());
    house.schedule(campaign, Duration::from_hours(100)).await;
    let mailing = house.mailing_of(campaign).await;

    let sink = Sink::discarding();
    let assent = Assent::serve(db, &sink);
    let speaker = Speaker::of(&assent, "many").await;
    let other = Speaker::of(&assent, "few").await;
    let is_over = Arc::new(AtomicBool::new(false));
    let cpu_before = assent.cpu_seconds();
    let upload = speaker.send(list, table(rows)).await;
    let begun = Instant::now();
    let requests = tokio::spawn({
        let is_over = Arc::clone(&is_over);
        async move {
            let mut took = Vec::new();
            while !is_over.load(Ordering::Relaxed) {
                let begun = Instant::now();
                other
                    .ask(
                        "{ subscribers(first: 20) { edges { node { id email } } } }",
                        json!({}),
                    )
                    .await;
                took.push(begun.elapsed().as_secs_f64() * 1000.0);
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            took
        }
    });
    let signer = LinkSigner::new(&db.store, house.ctx);
    let mut opt_outs = Vec::new();
    let mut leaving = 0;
    while db.count("people_import", "status = 'FINISHED'").await == 0 {
        assert!(begun.elapsed() < LIMIT, "it takes too long");
        if leaving < KNOWN {
            let person: SubscriberId = stored(Uuid::from_u128((leaving as u128 + 1) << 8));
            let to = Reader {
                subscriber: person,
                mailbox: &address(&format!("person{leaving}@crowd.example")),
            };
            let token = signer.sign(to, Act::Unsubscribe { mailing }, SystemClock.now());
            let asked = Instant::now();
            let url = format!("{}/unsubscribe/{token}", assent.base_url);
            let answer = speaker
                .client
                .post(url)
                .body("List-Unsubscribe=One-Click")
                .send()
                .await;
            assert_eq!(answer.expect("an answer").status(), 200);
            opt_outs.push(asked.elapsed().as_secs_f64() * 1000.0);
            leaving += 1;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let took = begun.elapsed().as_secs_f64();
    is_over.store(true, Ordering::Relaxed);
    check(db, rows).await;
    Figures {
        upload: rows as f64 / upload.as_secs_f64(),
        taken_in: rows as f64 / took,
        cpu: assent.cpu_seconds() - cpu_before,
        peak: assent.peak_mib(),
        requests: requests.await.expect("requests"),
        opt_outs,
    }
}

/// Everybody was taken in once.
async fn check(db: &TestStore, rows: usize) {
    let rows = i64::try_from(rows).unwrap();
    let all = format!("rows_read = {rows} AND rows_imported = {rows} AND people_new = {rows}");
    assert_eq!(
        db.count("people_import", &all).await,
        1,
        "each row is counted once"
    );
    assert_eq!(db.count("subscriber", "email LIKE 'somebody%'").await, rows);
    let of_them = "subscriber_id IN (SELECT id FROM subscriber WHERE email LIKE 'somebody%')";
    assert_eq!(
        db.count("subscription", &format!("state = 'ACTIVE' AND {of_them}"))
            .await,
        rows
    );
    assert_eq!(
        db.count("consent", &format!("state = 'GIVEN' AND {of_them}"))
            .await,
        rows
    );
    let entries =
        "kind = 'CONSENT' AND subject_id IN (SELECT id FROM subscriber WHERE email LIKE 'somebody%')";
    assert_eq!(db.count("ledger", entries).await, rows);
    assert_eq!(db.count("import_text", "1 = 1").await, 0);
}

async fn killed(db: &TestStore, rows: usize, name: &str) {
    db.clock.set(SystemClock.now().before(Duration::from_hours(1)));
    let (_house, list, _) = tenant(db, "many").await;
    db.clock.set(SystemClock.now());
    let sink = Sink::discarding();
    let mut assent = Assent::serve(db, &sink);
    let speaker = Speaker::of(&assent, "many").await;
    speaker.send(list, table(rows)).await;
    for part in [3, 2] {
        let so_far = format!("rows_read > {}", rows - rows / part);
        let so_far = if part == 3 {
            format!("rows_read > {}", rows / 3)
        } else {
            so_far
        };
        until("it goes on", LIMIT, || async {
            db.count("people_import", &so_far).await == 1
        })
        .await;
        assent.kill();
        assent = Assent::serve(db, &sink);
    }
    until("it has ended", LIMIT, || async {
        db.count("people_import", "status = 'FINISHED'").await == 1
    })
    .await;
    check(db, rows).await;
    println!("{name:<10} killed twice on the way: each of {rows} rows was taken in once\n");
}

/// Rows a second of the same people, put into the tables past the software, 1,000 in a statement and a transaction.
async fn plainly(db: &TestStore, rows: usize) -> f64 {
    const ROWS: usize = 1000;
    db.clock.set(SystemClock.now());
    let (house, list, version) = tenant(db, "many").await;
    let (tenant, list, version) = (db.id(house.ctx.tenant()), db.id(list), db.id(version));
    let purpose = db.id(house.purpose("news").await.id);
    let hasher = db.store.keys().address_hasher(house.ctx.tenant());
    let now = db.store.now();
    // Ids and hashes are not part of it.
    let people: Vec<_> = (0..rows)
        .map(|number| {
            let email = format!("somebody{number}@crowd.example");
            let hash = db.octets(&hasher.hash(&address(&email)).0);
            let id = |_| db.uuid(assent_domain::id::new_id::<assent_domain::id::Subscriber>(now).uuid());
            (number, email, hash, id(0), id(1))
        })
        .collect();
    let at = now.micros();
    let begun = Instant::now();
    for some in people.chunks(ROWS) {
        let (mut persons, mut places, mut consents) = (String::new(), String::new(), String::new());
        for (number, email, hash, id, record) in some {
            let company = number % 1000;
            write!(
                persons,
                ", ({tenant}, {id}, '{email}', {hash}, 'Some Body {number}', 'Company {company}', {version}, {at}, {at})"
            )
            .unwrap();
            write!(places, ", ({tenant}, {list}, {id}, 'ACTIVE', {at})").unwrap();
            write!(
                consents,
                ", ({tenant}, {id}, {purpose}, 'GIVEN', {version}, {record}, {at})"
            )
            .unwrap();
        }
        let sql = format!(
            "BEGIN; INSERT INTO subscriber (tenant_id, id, email, address_hash, name, company, collected_under, created_at, \
             confirmed_at) VALUES {}; INSERT INTO subscription (tenant_id, list_id, subscriber_id, state, changed_at) \
             VALUES {}; INSERT INTO consent (tenant_id, subscriber_id, purpose_id, state, policy_version_id, record_id, \
             recorded_at) VALUES {}; COMMIT",
            &persons[2..],
            &places[2..],
            &consents[2..]
        );
        db.exec(&sql).await.expect("rows");
    }
    rows as f64 / begun.elapsed().as_secs_f64()
}

/// Rows a second of `COPY` into a table without keys.
async fn copied(db: &TestStore, rows: usize) -> f64 {
    db.exec("CREATE TABLE bare (email TEXT, first TEXT, last TEXT, company TEXT)")
        .await
        .expect("a table");
    let table = table(rows);
    let begun = Instant::now();
    let mut psql = Command::new("psql")
        .args([
            db.url.as_str(),
            "-q",
            "-c",
            "COPY bare FROM STDIN WITH (FORMAT csv, HEADER)",
        ])
        .stdin(Stdio::piped())
        .spawn()
        .expect("psql starts");
    psql.stdin
        .take()
        .expect("its input")
        .write_all(table.as_bytes())
        .expect("it reads");
    assert!(psql.wait().expect("it ends").success());
    rows as f64 / begun.elapsed().as_secs_f64()
}
