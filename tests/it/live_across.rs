//! Watching where several processes share a database: word of a change comes from whichever made it, and who has no word
//! leaves the database alone.

use std::time::{Duration, Instant};

use assent_domain::id::CampaignId;
use assent_entity::{Store, TenantTx, campaign};
use assent_tests::house::House;
use assent_tests::process::{Assent, until};
use assent_tests::sink::Sink;
use assent_tests::visitor::Site;
use assent_tests::watcher::{Heard, Watcher};
use assent_tests::{Backend, TestStore, on_both, run};
use sea_orm::sqlx::postgres::PgListener;
use serde_json::json;

use crate::furnished::due_campaign;

const WATCH: &str = "subscription($id: ID!) { campaignProgress(id: $id) { total sent } }";

/// A watcher looks after a second at the earliest; without word, after ten at the earliest.
const NO_LOOK_BEFORE: Duration = Duration::from_millis(1100);
const LOOKS_ANYWAY_AFTER: Duration = Duration::from_secs(8);

/// What holds of a connection that listens.
const LISTENS: &str = "datname = current_database() AND query LIKE 'LISTEN%'";

/// A campaign that waits for its day.
async fn waiting(db: &TestStore) -> (House<'_>, CampaignId) {
    let house = db.house("acme").await;
    let (list, form) = house.news().await;
    house.member_of(&form, "ann@example.org", &["news"]).await;
    let id = house.campaign("news", &[list]).await;
    house.schedule(id, Duration::from_hours(24)).await;
    (house, id)
}

/// Somebody who has looked at a campaign and would not look again for long, from when on.
async fn idle(site: &Site, id: CampaignId) -> (Watcher, Instant) {
    let token = site.owner("acme").await.token.expect("a token");
    let mut watcher = site.watch(&token).await;
    watcher
        .subscribe("it", WATCH, json!({ "id": id.to_string() }))
        .await;
    watcher.next("it").await;
    let since = Instant::now();
    tokio::time::sleep(NO_LOOK_BEFORE).await;
    (watcher, since)
}

/// Cancels it as another process would.
async fn cancel(other: &Store, house: &House<'_>, id: CampaignId) {
    let mut tx = TenantTx::write(other, house.ctx).await.unwrap();
    campaign::cancel(&mut tx, id).await.unwrap();
    tx.commit().await.unwrap();
}

/// Hears that it is over, sooner than by looking from time to time.
async fn hears_the_end(watcher: &mut Watcher, since: Instant) {
    let over = Heard::Message(json!({ "type": "complete", "id": "it" }));
    loop {
        let heard = watcher.hear().await;
        if heard == over {
            break;
        }
        assert!(matches!(heard, Heard::Message(_)), "{heard:?}");
    }
    let took = since.elapsed();
    assert!(took < LOOKS_ANYWAY_AFTER, "{took:?}");
}

/// Waits until a process listens, and says over which connection.
async fn listening(db: &TestStore) -> i32 {
    let sql = format!("SELECT pid FROM pg_stat_activity WHERE {LISTENS}");
    loop {
        if let Some(pid) = db.column::<i32>(&sql).await.pop() {
            return pid;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[test]
fn a_change_made_at_one_server_is_seen_at_another() {
    run(Backend::Postgres, async |db| {
        let (_house, id) = waiting(db).await;
        let other = db.open_again().await;
        let (here, there) = (db.site(), db.site_on(&other));
        listening(db).await;
        let owner = there.owner("acme").await;
        let (mut watcher, since) = idle(&here, id).await;
        let cancel = "mutation($id: ID!) { cancelCampaign(input: { id: $id }) { campaign { status } } }";
        owner.data(cancel, json!({ "id": id.to_string() })).await;
        hears_the_end(&mut watcher, since).await;
        here.close().await;
        there.close().await;
    });
}

#[test]
fn what_a_worker_elsewhere_does_is_seen() {
    run(Backend::Postgres, async |db| {
        let house = db.house("acme").await;
        let (list, form) = house.news().await;
        house.member_of(&form, "ann@example.org", &["news"]).await;
        let id = house.campaign("news", &[list]).await;
        let sink = Sink::start(&[]);
        let worker = Assent::worker(db, sink.port, &[]);
        let site = db.site();
        listening(db).await;
        // The worker has something to do before, so that it is known to be at work.
        let first = house.campaign("news", &[list]).await;
        house.schedule(first, Duration::ZERO).await;
        while db.count("campaign", "status = 'FINISHED'").await < 1 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let (mut watcher, since) = idle(&site, id).await;
        house.schedule(id, Duration::ZERO).await;
        hears_the_end(&mut watcher, since).await;
        worker.kill();
        site.close().await;
    });
}

#[test]
fn what_changed_while_nobody_listened_is_seen() {
    run(Backend::Postgres, async |db| {
        let (house, id) = waiting(db).await;
        let other = db.open_again().await;
        let site = db.site();
        let before = listening(db).await;
        let (mut watcher, since) = idle(&site, id).await;
        let ended: bool = db.value(&format!("SELECT pg_terminate_backend({before})")).await;
        assert!(ended);
        cancel(&other, &house, id).await;
        hears_the_end(&mut watcher, since).await;
        assert_ne!(listening(db).await, before);
        site.close().await;
        until("who stops listens no more", Duration::from_secs(5), || async {
            db.count("pg_stat_activity", LISTENS).await == 0
        })
        .await;
    });
}

#[test]
fn word_of_anything_else_does_no_harm() {
    run(Backend::Postgres, async |db| {
        let (house, id) = waiting(db).await;
        let other = db.open_again().await;
        let site = db.site();
        listening(db).await;
        let (mut watcher, since) = idle(&site, id).await;
        let before = db.store.statements();
        let brook = db.house("brook").await.ctx.tenant();
        let made = db.store.statements() - before;
        for payload in [
            "",
            " ",
            "nothing at all",
            "'; DROP TABLE campaign; --",
            &"x".repeat(7900),
            &id.to_string(),
            &format!("{brook} {id}"),
            &format!("{} {id} {id}", house.ctx.tenant()),
            &format!("{} {brook}", house.ctx.tenant()),
        ] {
            let payload = payload.replace('\'', "''");
            db.exec(&format!("NOTIFY assent_live, '{payload}'"))
                .await
                .unwrap();
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
        assert_eq!(db.store.statements() - before, made, "somebody looked");
        cancel(&other, &house, id).await;
        hears_the_end(&mut watcher, since).await;
        site.close().await;
    });
}

#[test]
fn much_that_moves_on_is_told_seldom_and_the_last_of_it_is_told() {
    run(Backend::Postgres, async |db| {
        let (house, id) = waiting(db).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        let mut listener = PgListener::connect(&db.url).await.unwrap();
        listener.listen("assent_live").await.unwrap();
        let hearing = tokio::spawn(async move {
            let mut told = Vec::new();
            while let Ok(word) = tokio::time::timeout(Duration::from_secs(3), listener.recv()).await {
                told.push((word.unwrap().payload().to_owned(), Instant::now()));
            }
            told
        });
        let began = Instant::now();
        let mut last = began;
        for _ in 0..20 {
            let mut tx = house.write().await;
            campaign::pause(&mut tx, id).await.unwrap();
            tx.commit().await.unwrap();
            let mut tx = house.write().await;
            campaign::resume(&mut tx, id).await.unwrap();
            last = Instant::now();
            tx.commit().await.unwrap();
        }
        let told = hearing.await.unwrap();
        let expected = format!("{} {id}", house.ctx.tenant());
        assert!(told.iter().all(|(payload, _)| *payload == expected), "{told:?}");
        let most = 2 + (last - began).as_millis() / 500;
        assert!(told.len() as u128 <= most, "{} of {most}", told.len());
        assert!(
            told.first().is_some_and(|(_, at)| *at < last),
            "nothing was told at once"
        );
        assert!(
            told.last().is_some_and(|(_, at)| *at > last),
            "the last change was not told"
        );
    });
}

on_both!(who_waits_for_a_change_does_not_ask_the_database, async |db| {
    let (house, _, mailing) = due_campaign(db, 1).await;
    let tx = house.read().await;
    let id = assent_entity::mailing::by_id(&tx, mailing)
        .await
        .unwrap()
        .campaign;
    drop(tx);
    let site = db.site();
    let (mut watcher, since) = idle(&site, id.unwrap()).await;
    let before = db.store.statements();
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert_eq!(db.store.statements() - before, 0, "somebody looked");
    let mut tx = house.write().await;
    campaign::cancel(&mut tx, id.unwrap()).await.unwrap();
    tx.commit().await.unwrap();
    hears_the_end(&mut watcher, since).await;
    site.close().await;
});
