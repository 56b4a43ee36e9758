//! Loss: a backup made while the server works, put back elsewhere, and what must not come back with it (P06).

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use assent_domain::campaign::CampaignStatus;
use assent_domain::clock::{Clock, SystemClock, Timestamp};
use assent_domain::consent::ConsentState;
use assent_domain::id::{CampaignId, MailingListId, SubscriberId};
use assent_domain::keys::{KeyUse, Keys};
use assent_domain::policy::NOTICE_PERIOD;
use assent_domain::purpose::PurposeKind::Marketing;
use assent_entity::collection_point::CollectionPoint;
use assent_entity::{campaign, session, verify};
use assent_tests::database::SECRET;
use assent_tests::house::{House, PASSWORD};
use assent_tests::process::{Assent, command, until};
use assent_tests::sending::ON_ITS_WAY;
use assent_tests::sink::Sink;
use assent_tests::{Backend, TestStore, on_both};

use data_encoding::BASE64URL_NOPAD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use sha2::Digest;

use crate::sending::until_finished;

/// With a mail server that takes a second a message, ten at a time, more than it has got when a backup is made.
const PEOPLE: usize = 80;

const LIMIT: Duration = Duration::from_mins(3);

/// Runs the program on a database; what it said to standard output, or to standard error where it failed.
pub(crate) fn assent(db: &TestStore, sink: &Sink, arguments: &[&str]) -> Result<String, String> {
    said(command(db, sink, "127.0.0.1:0").args(arguments))
}

pub(crate) fn said(command: &mut Command) -> Result<String, String> {
    let output = command.output().expect("assent starts");
    let text = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
    if output.status.success() {
        Ok(text(&output.stdout))
    } else {
        Err(text(&output.stderr))
    }
}

pub(crate) fn path(file: &Path) -> &str {
    file.to_str().expect("a path of letters")
}

/// Another database of the same sort, which nobody is connected to.
pub(crate) async fn elsewhere(backend: Backend) -> TestStore {
    let place = TestStore::new(backend).await;
    place.let_go().await;
    place.clock.set(SystemClock.now());
    place
}

/// Who of the crowd was written to, how often.
fn written_to(sink: &Sink) -> BTreeMap<String, usize> {
    let mut times = sink.times();
    times.retain(|recipient, _| recipient.ends_with("@crowd.example"));
    times
}

/// A tenant, its list and form, and people who joined the list by their own act.
async fn stage(
    db: &TestStore,
    people: usize,
) -> (House<'_>, MailingListId, CollectionPoint, Vec<SubscriberId>) {
    db.clock.set(SystemClock.now());
    let house = db.house("acme").await;
    let (list, form) = house.news().await;
    let mut joined = Vec::new();
    for number in 0..people {
        let email = format!("person{number}@crowd.example");
        joined.push(house.member_of(&form, &email, &["news"]).await);
    }
    (house, list, form, joined)
}

const WHY: &str = "query($id: ID!) { campaign(id: $id) { pausedReason } }";

async fn status(house: &House<'_>, id: CampaignId) -> CampaignStatus {
    let tx = house.read().await;
    campaign::by_id(&tx, id).await.expect("a campaign").status
}

pub(crate) async fn holds(db: &TestStore) {
    for report in verify::all(&db.store, |_, _| {}).await.expect("verify runs") {
        assert_eq!(report.fault, None);
    }
}

on_both!(
    p06_a_backup_of_a_running_campaign_comes_back_whole_and_sends_nothing_by_itself,
    async |db| {
        let (house, list, _, people) = stage(db, PEOPLE).await;
        let signed_in = session::sign_in(&db.store, "acme", "owner@acme.example", PASSWORD.into(), None)
            .await
            .unwrap()
            .expect("the owner signs in");
        // The mails that asked these people to confirm are not what this is about.
        db.exec("DELETE FROM outbox").await.unwrap();
        let running = house.campaign("news", &[list]).await;
        house.schedule(running, Duration::ZERO).await;
        let mailing = house.mailing_of(running).await;
        let (sink, file) = (Sink::start(&["-w", "1"]), db.data_dir().join("backup"));
        let server = Assent::serve(db, &sink);
        until("the campaign is under way", LIMIT, || async { sink.count() > 5 }).await;
        let before = SystemClock.now();
        assent(db, &sink, &["backup", path(&file)]).expect("a backup");
        assert_eq!(status(&house, running).await, CampaignStatus::Sending);

        // These are told to the server after the backup, and stand nowhere in it.
        let (left, erased, withdrew) = (people[PEOPLE - 3], people[PEOPLE - 2], people[PEOPLE - 1]);
        db.clock.set(SystemClock.now());
        house.opt_out_of_all(left).await;
        house.erase(erased).await;
        house.choose(withdrew, &[], &[]).await;
        let (nos, since) = (db.data_dir().join("nos"), before.to_string());
        assent(db, &sink, &["nos", "export", path(&nos), "--since", &since]).expect("a list");
        server.kill();

        let mut place = elsewhere(db.backend).await;
        let told = assent(&place, &sink, &["restore", path(&file), "--nos", path(&nos)]).expect("a restore");
        assert!(told.contains("1 campaigns paused"), "{told}");
        place.come_back().await;
        holds(&place).await;
        let restored = House {
            db: &place,
            ctx: house.ctx,
        };
        assert_eq!(
            place.count("subscriber", "1 = 1").await,
            80 - 1,
            "who was erased since is erased again"
        );
        assert_eq!(place.count("delivery", ON_ITS_WAY).await, 0);
        assert_eq!(status(&restored, running).await, CampaignStatus::Paused);
        let site = place.site();
        let owner = site.owner("acme").await;
        let seen = owner.data(WHY, json!({ "id": running })).await;
        let why = seen["campaign"]["pausedReason"].as_str().unwrap_or_default();
        assert!(
            why.contains("restored from the backup of"),
            "members see why: {seen}"
        );
        assert!(
            session::by_cookie(&place.store, &signed_in.cookie)
                .await
                .unwrap()
                .is_none()
        );
        assert_eq!(
            restored.consent(withdrew, "news").await,
            Some(ConsentState::Withdrawn)
        );

        let again = Sink::default();
        let server = Assent::serve(&place, &again);
        tokio::time::sleep(Duration::from_secs(3)).await;
        assert_eq!(written_to(&again), BTreeMap::new(), "nothing starts by itself");
        let mut tx = restored.write().await;
        campaign::resume(&mut tx, running).await.unwrap();
        tx.commit().await.unwrap();
        let seen = owner.data(WHY, json!({ "id": running })).await;
        assert_eq!(seen["campaign"]["pausedReason"], json!(null));
        site.close().await;
        until_finished(&restored, mailing).await;
        drop(server);
        let got = written_to(&again);
        assert!(!got.is_empty());
        for number in PEOPLE - 3..PEOPLE {
            assert!(!got.contains_key(&format!("person{number}@crowd.example")));
        }
        place.remove().await;
    }
);

on_both!(
    p06_after_a_restore_notices_go_on_and_confirmations_whose_link_is_over_do_not,
    async |db| {
        let (house, _, form, _) = stage(db, 20).await;
        let now = SystemClock.now();
        let (_, late) = house.join(&form, "late@example.org", &["news"]).await;
        house.db.exec("UPDATE opt_in SET expires_at = 1").await.unwrap();
        let version = house
            .draft(&[("news", Marketing), ("offers", Marketing), ("more", Marketing)])
            .await;
        house.post(version, now.after(NOTICE_PERIOD * 2)).await.unwrap();
        let (sink, file) = (Sink::default(), db.data_dir().join("backup"));
        assent(db, &sink, &["backup", path(&file)]).expect("a backup");

        let mut place = elsewhere(db.backend).await;
        assent(&place, &sink, &["restore", path(&file)]).expect("a restore");
        place.come_back().await;
        let restored = House {
            db: &place,
            ctx: house.ctx,
        };
        let server = Assent::serve(&place, &sink);
        until_finished(&restored, restored.notices(version).await).await;
        drop(server);
        assert_eq!(written_to(&sink).len(), 20);
        let dropped = format!("recipient_id = {} AND status = 'CANCELLED'", place.id(late));
        assert_eq!(place.count("delivery", &dropped).await, 1);
        let asked = sink
            .received()
            .into_iter()
            .filter(|mail| mail.text.contains("/confirm/"));
        assert_eq!(asked.count(), 0);
        place.remove().await;
    }
);

/// Changes one octet of a file, counted from its end.
fn spoil(file: &Path, from_end: usize) -> Vec<u8> {
    let mut octets = std::fs::read(file).expect("a backup");
    let at = octets.len() - from_end;
    octets[at] ^= 1;
    octets
}

/// The backup as a later release would have made it, which says something else of itself under a seal that holds.
fn newer(whole: &[u8], line: usize, name: &str, value: serde_json::Value) -> Vec<u8> {
    let mut said: serde_json::Value = serde_json::from_slice(&whole[..line]).expect("a line");
    said["assent_backup"]["release"] = json!("9.9.9");
    said["assent_backup"][name] = value;
    let about = serde_json::to_vec(&said["assent_backup"]).expect("a text");
    let about = data_encoding::HEXLOWER.encode(&sha2::Sha256::digest(about));
    let encode = |part: serde_json::Value| BASE64URL_NOPAD.encode(part.to_string().as_bytes());
    let signed = format!(
        "{}.{}",
        encode(json!({ "typ": "JWT", "alg": "HS256" })),
        encode(json!({ "about_sha256": about }))
    );
    let keys = Keys::new(SECRET.to_owned().into()).expect("a secret");
    let key = keys.derive(KeyUse::Backup);
    let mut seal = Hmac::<sha2::Sha256>::new_from_slice(&key).expect("a key of 32 octets");
    seal.update(signed.as_bytes());
    let seal = BASE64URL_NOPAD.encode(&seal.finalize().into_bytes());
    said["seal"] = json!(format!("{signed}.{seal}"));
    [said.to_string().as_bytes(), &whole[line..]].concat()
}

on_both!(
    p06_what_cannot_be_restored_is_refused_before_anything_changes,
    async |db| {
        let (house, sink) = (db.house("acme").await, Sink::discarding());
        house.news().await;
        let dir = db.data_dir().to_owned();
        let file = dir.join("backup");
        assent(db, &sink, &["backup", path(&file)]).expect("a backup");
        let refused = assent(db, &sink, &["backup", path(&file)]).unwrap_err();
        assert!(refused.contains("exists already"), "{refused}");

        let mut place = elsewhere(db.backend).await;
        place.come_back().await;
        place.house("other").await;
        place.let_go().await;
        let whole = std::fs::read(&file).unwrap();
        let line = whole.iter().position(|octet| *octet == b'\n').unwrap();
        let header = String::from_utf8_lossy(&whole[..line]).replace("\"tenant\":1", "\"tenant\":0");
        assert_ne!(header.as_bytes(), &whole[..line]);
        let cases = [
            (spoil(&file, 1), "were altered"),
            (spoil(&file, whole.len() - line - 2), "were altered"),
            (whole[..whole.len() - 1].to_vec(), "cut off"),
            (whole[..line + (whole.len() - line) / 2].to_vec(), "cut off"),
            (whole[..=line].to_vec(), "cut off"),
            (
                newer(&whole, line, "format", json!(2)),
                "made by release 9.9.9, which is newer",
            ),
            (
                newer(&whole, line, "compression", json!("zstd")),
                "made by release 9.9.9, which is newer",
            ),
            (
                newer(&whole, line, "migrations", json!(["m99_later"])),
                "made by release 9.9.9, which is newer",
            ),
            (whole[..line / 2].to_vec(), "first line was altered"),
            (
                [header.as_bytes(), &whole[line..]].concat(),
                "first line was altered",
            ),
            (b"SQLite format 3\0".to_vec(), "no backup of Assent"),
            ([&whole[..], b"more"].concat(), "were altered"),
            (whole.clone(), "--replace"),
        ];
        let bad = dir.join("bad");
        for (octets, why) in cases {
            std::fs::write(&bad, octets).unwrap();
            let replace: &[&str] = if why == "--replace" { &[] } else { &["--replace"] };
            let refused =
                assent(&place, &sink, &[&["restore", path(&bad)], replace].concat()).expect_err(why);
            assert!(refused.contains(why), "{why}: {refused}");
        }
        let mut with_other_secret = command(&place, &sink, "127.0.0.1:0");
        with_other_secret.env("ASSENT_SECRET", "another secret, of 32 and more octets");
        let refused = said(with_other_secret.args(["restore", path(&file), "--replace"])).unwrap_err();
        assert!(refused.contains("ASSENT_SECRET"), "{refused}");
        let other_kind = match db.backend {
            Backend::Sqlite => Backend::Postgres,
            Backend::Postgres => Backend::Sqlite,
        };
        let other = elsewhere(other_kind).await;
        let refused = assent(&other, &sink, &["restore", path(&file)]).unwrap_err();
        assert!(refused.contains("do not mix"), "{refused}");
        other.remove().await;

        place.come_back().await;
        assert_eq!(place.column::<String>("SELECT slug FROM tenant").await, ["other"]);
        place.let_go().await;
        assent(&place, &sink, &["restore", path(&file), "--replace"]).expect("a restore");
        place.come_back().await;
        assert_eq!(place.column::<String>("SELECT slug FROM tenant").await, ["acme"]);
        holds(&place).await;
        place.remove().await;
    }
);

on_both!(
    p06_a_list_of_noes_that_begins_after_the_backup_is_refused,
    async |db| {
        let (house, sink) = (db.house("acme").await, Sink::discarding());
        house.news().await;
        let (file, nos) = (db.data_dir().join("backup"), db.data_dir().join("nos"));
        assent(db, &sink, &["backup", path(&file)]).expect("a backup");
        let since: Timestamp = SystemClock.now();
        assent(
            db,
            &sink,
            &["nos", "export", path(&nos), "--since", &since.to_string()],
        )
        .expect("a list");
        let place = elsewhere(db.backend).await;
        let refused = assent(&place, &sink, &["restore", path(&file), "--nos", path(&nos)]).unwrap_err();
        assert!(refused.contains("begins on"), "{refused}");
        std::fs::write(&nos, "no list").unwrap();
        let refused = assent(&place, &sink, &["restore", path(&file), "--nos", path(&nos)]).unwrap_err();
        assert!(refused.contains("no list of noes"), "{refused}");
        place.remove().await;
    }
);
