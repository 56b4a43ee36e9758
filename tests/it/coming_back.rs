//! Anybody can say "no mail of any sort" for anybody, so whoever reads the mailbox has a way back that is theirs alone
//! (P03).

use std::time::Duration;

use assent_domain::id::{MailingId, SubscriberId, stored};
use assent_entity::outcome::Outcome;
use assent_entity::{chore, subscriber};
use assent_tests::house::address;
use assent_tests::visitor::Site;
use assent_tests::{House, TestStore, on_both};
use uuid::Uuid;

const DAY: Duration = Duration::from_hours(24);

async fn silence(site: &Site, email: &str) {
    let path = "/t/acme/join/news";
    let shown = site.get(path).await.shown();
    site.fill_in(path, &[("shown", &shown), ("email", email), ("no_mail", "1")])
        .await
        .must_be(200);
}

async fn ask_for_link(site: &Site, email: &str) -> String {
    let asked = [("act", "link"), ("email", email)];
    let page = site.fill_in("/t/acme/privacy", &asked).await;
    page.must_be(200).text()
}

async fn links(db: &TestStore) -> Vec<MailingId> {
    let sql = "SELECT id FROM mailing WHERE kind = 'REQUEST_ANSWER' ORDER BY created_at";
    let ids: Vec<Uuid> = db.column(sql).await;
    ids.into_iter().map(stored).collect()
}

async fn id_of(house: &House<'_>, email: &str) -> Option<SubscriberId> {
    let tx = house.read().await;
    let person = subscriber::with_address(&tx, &address(email)).await.unwrap();
    person.map(|person| person.id)
}

on_both!(
    p03_whoever_reads_a_mailbox_that_was_silenced_finds_the_way_back,
    async |db| {
        let house = db.house("acme").await;
        let (_, form) = house.news().await;
        let site = db.site();
        house.member_of(&form, "ann@example.org", &["news"]).await;
        for email in ["ann@example.org", "nobody@example.org"] {
            silence(&site, email).await;
            let told = ask_for_link(&site, email).await;
            let elsewhere = ask_for_link(&site, "stranger@example.org").await;
            assert_eq!(told.replace(email, "stranger@example.org"), elsewhere);
            let sent = links(db).await;
            let claims = house.send(sent[sent.len() - 1], Outcome::Sent).await;
            assert_eq!(claims.len(), 1, "{email}");
            assert_eq!(claims[0].permit.addressee().address.expose(), email);
            let path = house.privacy_path(id_of(&house, email).await.unwrap());
            let page = site.get(&path).await;
            let no = page.must_be(200).attributes("input[name=no]", "value");
            // A page from before a later no does not undo it.
            site.fill_in(&path, &[("act", "come_back"), ("no", "1")])
                .await
                .must_be(200);
            assert_eq!(db.count("suppression", "1 = 1").await, 1);
            let back = site.fill_in(&path, &[("act", "come_back"), ("no", &no[0])]).await;
            assert!(
                back.must_be(200).text().contains("Mail may come again"),
                "{}",
                back.text()
            );
            assert_eq!(db.count("suppression", "1 = 1").await, 0);
            db.clock.forward(Duration::from_mins(1));
        }
        assert_eq!(links(db).await.len(), 2, "a stranger is mailed nothing");
        assert_eq!(id_of(&house, "stranger@example.org").await, None);
        site.close().await;
    }
);

on_both!(
    p03_a_mailbox_that_was_silenced_gets_one_link_in_thirty_days,
    async |db| {
        let house = db.house("acme").await;
        house.news().await;
        let site = db.site();
        silence(&site, "quiet@example.org").await;
        let entries = db.count("ledger", "1 = 1").await;
        for number in 0..4 {
            silence(&site, &format!("quiet{number}@example.org")).await;
        }
        assert_eq!(db.count("suppression", "reason = 'OPTED_OUT_OF_ALL'").await, 5);
        assert_eq!(
            db.count("ledger", "1 = 1").await,
            entries,
            "whoever fills in forms does not fill the ledger"
        );
        for _ in 0..3 {
            ask_for_link(&site, "quiet@example.org").await;
            db.clock.forward(DAY * 9);
        }
        assert_eq!(links(db).await.len(), 1);
        db.clock.forward(DAY * 4);
        chore::of_tenant(&db.store, house.ctx).await.unwrap();
        assert_eq!(
            id_of(&house, "quiet@example.org").await,
            None,
            "who did not act is forgotten"
        );
        assert_eq!(
            db.count("suppression", "reason = 'OPTED_OUT_OF_ALL'").await,
            5,
            "and still gets no mail"
        );
        ask_for_link(&site, "quiet@example.org").await;
        assert_eq!(
            db.count("mailing", "kind = 'REQUEST_ANSWER'").await,
            2,
            "another after that time"
        );
        site.close().await;
    }
);
