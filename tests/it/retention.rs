//! What has had its time is forgotten, no sooner and no later, and the table of rules says the truth (P17).

use std::collections::BTreeSet;
use std::time::Duration;

use assent_domain::consent::ConsentState;
use assent_domain::mailing_list::OptIn;
use assent_domain::retention::{
    ANSWERED_REQUESTS, BROWSER_SHARES, LINK_CLICKS, RETENTION, SERVER_REPLIES, UNCONFIRMED,
};
use assent_entity::outcome::Outcome;
use assent_entity::privacy::by_person;
use assent_entity::restriction::{self, Restricted};
use assent_entity::{address_change, chore, verify};
use assent_tests::house::address;
use assent_tests::{House, on_both};
use serde_json::json;

use crate::furnished::furnished;

const MINUTE: Duration = Duration::from_mins(1);

async fn chores(house: &House<'_>) {
    chore::of_tenant(&house.db.store, house.ctx).await.unwrap();
}

on_both!(
    p17_people_who_were_asked_and_did_not_confirm_are_forgotten_after_thirty_days,
    async |db| {
        let house = db.house("acme").await;
        let (_, form) = house.news().await;
        let more = house.list("More", OptIn::Double, &["offers"]).await;
        let more = house.form("more", &[more], &["offers"]).await;
        let ann = house.member_of(&form, "ann@example.org", &["news"]).await;
        house.join(&more, "ann@example.org", &["offers"]).await;
        let (_, ben) = house.join(&form, "ben@example.org", &["news"]).await;
        db.clock.forward(UNCONFIRMED);
        chores(&house).await;
        assert_eq!(db.count("subscriber", "1 = 1").await, 2, "to the minute");
        let (_, late) = house.join(&form, "late@example.org", &["news"]).await;
        db.clock.forward(MINUTE);
        chores(&house).await;
        let left: Vec<uuid::Uuid> = db.column("SELECT id FROM subscriber ORDER BY id").await;
        assert_eq!(left, [ann.uuid(), late.uuid()]);
        assert_eq!(
            db.count("opt_in", "1 = 1").await,
            2,
            "Ann's that she confirmed, and the new one"
        );
        assert_eq!(db.count("mailing", "kind = 'CONFIRMATION'").await, 2);
        let of_ben = format!("subject_id = {} AND kind = 'CONSENT'", db.id(ben));
        assert_eq!(db.count("ledger", &of_ben).await, 1);
        assert_eq!(db.count("ledger_evidence", "evidence LIKE '%ben@%'").await, 0);
        assert_eq!(db.count("suppression", "1 = 1").await, 0, "nobody said no");
        let report = verify::all(&db.store, |_, _| {}).await.unwrap().remove(0);
        assert_eq!((report.fault, report.erased), (None, 1));
        let again = house.join(&form, "ben@example.org", &["news"]).await;
        assert_ne!(again.1, ben, "he may come back as anybody may");
    }
);

on_both!(
    p18_people_who_have_spoken_by_a_link_of_their_own_are_not_forgotten_with_what_they_said,
    async |db| {
        let house = db.house("acme").await;
        let list = house.list("News", OptIn::Double, &["news", "offers"]).await;
        let form = house.form("news", &[list], &["news", "offers"]).await;
        let joins = async |email: &str| house.join(&form, email, &["news"]).await.1;
        let (said_no, said_yes) = (joins("no@example.org").await, joins("yes@example.org").await);
        let (restricted, objects) = (
            joins("restricted@example.org").await,
            joins("objects@example.org").await,
        );
        let (by_member, moves) = (
            joins("member@example.org").await,
            joins("moves@example.org").await,
        );
        let silent = joins("silent@example.org").await;
        house.choose(said_no, &[], &[]).await;
        house.choose(said_yes, &["offers"], &[]).await;
        let mut tx = house.write().await;
        by_person::restrict(&mut tx, restricted, Restricted::Yes)
            .await
            .unwrap();
        by_person::object(&mut tx, objects).await.unwrap();
        restriction::by_member(&mut tx, by_member).await.unwrap();
        address_change::ask(&mut tx, moves, &address("moved@example.org"))
            .await
            .unwrap();
        tx.commit().await.unwrap();
        db.clock.forward(UNCONFIRMED + MINUTE);
        chores(&house).await;
        let left: BTreeSet<uuid::Uuid> = db.column("SELECT id FROM subscriber").await.into_iter().collect();
        let kept = [said_no, said_yes, restricted, objects, by_member, moves];
        assert_eq!(left, kept.iter().map(type_safe_id::TypeSafeId::uuid).collect());
        assert!(!left.contains(&silent.uuid()));
        assert_eq!(house.consent(said_no, "news").await, Some(ConsentState::Refused));
        assert_eq!(house.consent(said_yes, "offers").await, Some(ConsentState::Given));
        let confirmed = format!("confirmed_at IS NULL AND id = {}", db.id(by_member));
        assert_eq!(
            db.count("subscriber", "confirmed_at IS NULL").await,
            db.count("subscriber", &confirmed).await
        );
    }
);

on_both!(
    p17_what_servers_answered_is_forgotten_after_ninety_days,
    async |db| {
        let house = db.house("acme").await;
        let (list, form) = house.news().await;
        for number in 0..3 {
            house
                .member_of(&form, &format!("person{number}@example.org"), &["news"])
                .await;
        }
        let send = async || {
            let campaign = house.campaign("news", &[list]).await;
            house.schedule(campaign, Duration::ZERO).await;
            house.send(house.mailing_of(campaign).await, Outcome::Sent).await;
        };
        send().await;
        db.clock.forward(SERVER_REPLIES);
        send().await;
        chores(&house).await;
        assert_eq!(db.count("attempt", "reply <> ''").await, 6);
        db.clock.forward(MINUTE);
        for _ in 0..2 {
            chores(&house).await;
            assert_eq!(
                db.count("attempt", "reply <> ''").await,
                3,
                "the first campaign's are gone"
            );
            assert_eq!(
                db.count("attempt", "outcome = 'SENT'").await,
                6,
                "what became of it stays"
            );
        }
    }
);

on_both!(
    p17_answered_requests_are_forgotten_after_three_years_and_open_ones_never,
    async |db| {
        let house = db.house("acme").await;
        let (_, form) = house.news().await;
        let ann = house.member_of(&form, "ann@example.org", &["news"]).await;
        let site = db.site();
        let page = house.privacy_path(ann);
        site.fill_in(&page, &[("act", "restrict")]).await.must_be(200);
        site.fill_in(&page, &[("act", "write"), ("message", "Why?")])
            .await
            .must_be(200);
        db.clock.forward(ANSWERED_REQUESTS);
        chores(&house).await;
        assert_eq!(db.count("privacy_request", "1 = 1").await, 2);
        db.clock.forward(MINUTE);
        chores(&house).await;
        let left: Vec<String> = db.column("SELECT kind FROM privacy_request").await;
        assert_eq!(left, ["QUESTION"]);
        assert_eq!(db.count("privacy_step", "1 = 1").await, 1);
        let open = db.exec("DELETE FROM privacy_step").await.unwrap_err().to_string();
        assert!(open.contains("cannot be deleted"), "{open}");
        let changed = db
            .exec("UPDATE privacy_step SET step = 'DONE'")
            .await
            .unwrap_err();
        assert!(changed.to_string().contains("cannot be changed"), "{changed}");
        site.close().await;
    }
);

on_both!(p17_the_rules_of_retention_can_be_asked_for, async |db| {
    db.house("acme").await;
    let site = db.site();
    let owner = site.owner("acme").await;
    let rules = owner
        .data(
            "{ retentionRules { code keptUntil days countedFrom basis } }",
            json!({}),
        )
        .await;
    let rules = rules["retentionRules"].as_array().unwrap();
    assert_eq!(rules.len(), RETENTION.len());
    let days = |code: &str| rules.iter().find(|rule| rule["code"] == code).unwrap()["days"].clone();
    assert_eq!(days("UNCONFIRMED"), 30);
    assert_eq!(days("SERVER_REPLIES"), 90);
    assert_eq!(days("PRIVACY_REQUESTS"), 1095);
    assert_eq!(days("LINK_CLICKS"), 365);
    assert_eq!(days("BROWSER_SHARES"), 730);
    assert!(days("SUPPRESSIONS").is_null());
    site.close().await;
});

on_both!(
    p17_clicks_are_forgotten_after_a_year_and_browsers_after_two,
    async |db| {
        let acme = furnished(db, "acme").await;
        let house = House { db, ctx: acme.ctx };
        let left = async || {
            (
                db.count("link_click", "1 = 1").await,
                db.count("browser_share", "1 = 1").await,
            )
        };
        assert_eq!(left().await, (1, 1));
        let began = db.store.now();
        db.clock.forward(LINK_CLICKS);
        chores(&house).await;
        assert_eq!(left().await, (1, 1), "on the day itself all is there");
        db.clock.forward(MINUTE);
        chores(&house).await;
        assert_eq!(left().await, (0, 1));
        let clicks: i64 = db.value("SELECT clicks FROM campaign_link").await;
        assert_eq!(clicks, 1, "how often a link was followed stays");
        db.clock.set(began.after(BROWSER_SHARES));
        chores(&house).await;
        assert_eq!(left().await, (0, 1));
        db.clock.forward(Duration::from_hours(24));
        chores(&house).await;
        assert_eq!(left().await, (0, 0));
    }
);
