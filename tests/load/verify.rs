//! How fast `assent verify` reads a long ledger, and how much memory that takes, beside SHA-256 over the same bytes. It
//! prints, and asserts only that the ledger holds.
//!
//! `tests/load/verify` runs it; arguments are the number of rows, and `sqlite` or `postgres` for one of the two only.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::cast_precision_loss,
    reason = "a benchmark prints, and stops where something is wrong"
)]

use std::fmt::Write as _;
use std::io::Read as _;
use std::process::Stdio;
use std::time::{Duration, Instant};

use assent_domain::clock::Timestamp;
use assent_domain::ledger::{Hash, Row, chain, commit};
use assent_domain::purpose::PurposeKind::Marketing;
use assent_tests::house::House;
use assent_tests::process::{command, peak_mib_of};
use assent_tests::sink::Sink;
use assent_tests::{Backend, TestStore, run};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// Records of one person: asked, yes, no, yes again.
const STATES: [&str; 4] = ["REQUESTED", "GIVEN", "WITHDRAWN", "GIVEN"];

/// People of one statement.
const PEOPLE: usize = 100;

fn main() {
    let (databases, sizes): (Vec<_>, Vec<_>) = std::env::args()
        .skip(1)
        .partition(|argument| argument.parse::<usize>().is_err());
    let rows = sizes
        .first()
        .map_or(10_000_000, |size| size.parse().expect("a number"));
    println!(
        "{:>12}  {:<18} {:>12} {:>8} {:>10}",
        "rows", "what", "rows/s", "ratio", "peak MiB"
    );
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let name = format!("{backend:?}").to_lowercase();
        if databases.is_empty() || databases.contains(&name) {
            run(backend, async |db: &TestStore| measure(db, rows, &name).await);
        }
    }
}

async fn measure(db: &TestStore, rows: usize, name: &str) {
    let house = db.house("acme").await;
    let house_rows = house.ledger_rows().await;
    let mut writer = Writer::begin(&house).await;
    for first in (0..rows / STATES.len()).step_by(PEOPLE) {
        writer.write(first, PEOPLE.min(rows / STATES.len() - first)).await;
    }
    writer.end().await;
    db.store.take_stock().await.unwrap();
    let rows = usize::try_from(house.ledger_rows().await).unwrap();
    assert!(rows > usize::try_from(house_rows).unwrap());
    eprintln!("{rows} rows are written to {name}; measuring");

    let (octets, per_second) = yardstick(&writer.sample);
    println!(
        "{rows:>12}  {:<18} {per_second:>12.0} {:>8.2}",
        format!("SHA-256 ({octets} B)"),
        1.0
    );
    let sink = Sink::discarding();
    let mut child = command(db, &sink, "127.0.0.1:0")
        .arg("verify")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("assent starts");
    let begun = Instant::now();
    let mut peak: f64 = 0.0;
    while child.try_wait().expect("a process").is_none() {
        peak = peak.max(peak_mib_of(child.id()).unwrap_or(0.0));
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let speed = rows as f64 / begun.elapsed().as_secs_f64();
    let mut said = String::new();
    child
        .stdout
        .take()
        .expect("its output")
        .read_to_string(&mut said)
        .unwrap();
    assert!(child.wait().unwrap().success(), "{said}");
    let label = format!("verify, {name}");
    println!(
        "{rows:>12}  {label:<18} {speed:>12.0} {:>8.3} {peak:>10.0}",
        speed / per_second
    );
}

/// What a row brings to be hashed.
struct Hashed {
    facts: String,
    evidence: String,
}

/// Rows a second of nothing but the hashing: the evidence, then the row, as the chain has it.
fn yardstick(sample: &Hashed) -> (usize, f64) {
    const TIMES: usize = 1_000_000;
    let row = [sample.facts.as_bytes(), &[0; 200]].concat();
    let begun = Instant::now();
    let mut last = [0_u8; 32];
    for _ in 0..TIMES {
        let evidence: Hash = Sha256::digest(sample.evidence.as_bytes()).into();
        let mut hasher = Sha256::new();
        hasher.update(last);
        hasher.update(evidence);
        hasher.update(&row);
        last = hasher.finalize().into();
    }
    assert_ne!(last, [0; 32]);
    let octets = sample.evidence.len() + row.len() + 64;
    (octets, TIMES as f64 / begun.elapsed().as_secs_f64())
}

/// Puts people and their records past the software into the tables, as it would have.
struct Writer<'a> {
    db: &'a TestStore,
    tenant: Uuid,
    version: Uuid,
    purpose: Uuid,
    seq: i64,
    hash: Hash,
    sample: Hashed,
}

impl<'a> Writer<'a> {
    async fn begin(house: &House<'a>) -> Self {
        let version = house.next_policy(&[("news", Marketing)]).await;
        let head: Vec<Vec<u8>> = house.db.column("SELECT hash FROM ledger_head").await;
        let seq: i64 = house.db.value("SELECT seq FROM ledger_head").await;
        let hash = head.first().expect("a head").as_slice();
        Self {
            db: house.db,
            tenant: house.ctx.tenant().uuid(),
            version: version.uuid(),
            purpose: house.purpose("news").await.id.uuid(),
            seq,
            hash: hash.try_into().expect("a hash"),
            sample: Hashed {
                facts: String::new(),
                evidence: String::new(),
            },
        }
    }

    async fn write(&mut self, first: usize, people: usize) {
        let (mut ledger, mut beside) = (String::new(), String::new());
        let (mut persons, mut states) = (String::new(), String::new());
        let tenant = self.db.uuid(self.tenant);
        let version = self.db.uuid(self.version);
        let purpose = self.db.uuid(self.purpose);
        for number in first..first + people {
            let person = Uuid::from_u128(((u128::try_from(number).unwrap()) + 1) << 16);
            let id = self.db.uuid(person);
            let mut key = [0; 32];
            key[..8].copy_from_slice(&number.to_be_bytes());
            let key = self.db.octets(&key);
            write!(
                persons,
                ", ({tenant}, {id}, 'p{number}@crowd.example', {key}, '', '', {version}, 0)"
            )
            .unwrap();
            let mut record = Uuid::nil();
            for (of_person, state) in (1..).zip(STATES) {
                record = Uuid::from_u128(person.as_u128() + of_person);
                self.row(person, record, state, number, &mut ledger, &mut beside);
            }
            let record = self.db.uuid(record);
            write!(
                states,
                ", ({tenant}, {id}, {purpose}, 'GIVEN', {version}, {record}, 0)"
            )
            .unwrap();
        }
        for (table, columns, rows) in [
            (
                "subscriber",
                "tenant_id, id, email, address_hash, name, company, collected_under, created_at",
                persons,
            ),
            (
                "ledger",
                "tenant_id, seq, kind, id, subject_id, recorded_at, facts, commitment, hash",
                ledger,
            ),
            ("ledger_evidence", "tenant_id, seq, salt, evidence", beside),
            (
                "consent",
                "tenant_id, subscriber_id, purpose_id, state, policy_version_id, record_id, recorded_at",
                states,
            ),
        ] {
            let sql = format!("INSERT INTO {table} ({columns}) VALUES {}", &rows[2..]);
            self.db.exec(&sql).await.expect(table);
        }
    }

    fn row(
        &mut self,
        person: Uuid,
        record: Uuid,
        state: &str,
        number: usize,
        ledger: &mut String,
        beside: &mut String,
    ) {
        self.seq += 1;
        let purpose = assent_domain::id::stored::<assent_domain::id::Purpose>(self.purpose);
        let version = assent_domain::id::stored::<assent_domain::id::PolicyVersion>(self.version);
        let facts = format!(
            r#"{{"purpose":"{purpose}","state":"{state}","policy_version":"{version}","collection_point":null,"wording":null,"source":"FORM"}}"#
        );
        let evidence = format!(r#"{{"email":"p{number}@crowd.example","name":"","company":""}}"#);
        let salt = [7; 16];
        let commitment = commit(&salt, evidence.as_bytes());
        let seq = self.seq;
        self.hash = chain(
            &self.hash,
            &Row {
                seq,
                kind: "CONSENT",
                id: record,
                subject: Some(person),
                recorded_at: Timestamp::from_micros(0),
                facts: &facts,
                commitment: &commitment,
            },
        );
        let (db, tenant) = (self.db, self.db.uuid(self.tenant));
        write!(
            ledger,
            ", ({tenant}, {seq}, 'CONSENT', {}, {}, 0, '{facts}', {}, {})",
            db.uuid(record),
            db.uuid(person),
            db.octets(&commitment),
            db.octets(&self.hash)
        )
        .unwrap();
        write!(beside, ", ({tenant}, {seq}, {}, '{evidence}')", db.octets(&salt)).unwrap();
        self.sample = Hashed { facts, evidence };
    }

    async fn end(&self) {
        let sql = format!(
            "UPDATE ledger_head SET seq = {}, hash = {}",
            self.seq,
            self.db.octets(&self.hash)
        );
        self.db.exec(&sql).await.unwrap();
    }
}
