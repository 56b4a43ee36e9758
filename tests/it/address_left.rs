//! A mail that was passed on is no account given away: an address is changed with a link that was asked for, and the
//! mailbox that was left is told and can take it back (P17).

use std::time::Duration;

use assent_domain::id::{AddressChangeId, MailingId, SubscriberId, stored};
use assent_domain::suppression::SuppressionReason;
use assent_entity::link::CONFIRM_WITHIN;
use assent_entity::outcome::Outcome;
use assent_tests::dump::difference;
use assent_tests::visitor::FORM;
use assent_tests::{House, on_both};
use uuid::Uuid;

use crate::address_change::{ask, change, email_of};

const DAY: Duration = Duration::from_hours(24);

/// The newest word to a mailbox that was left.
async fn word(house: &House<'_>, of: SubscriberId, sort: &str) -> (AddressChangeId, MailingId) {
    let sql = format!(
        "SELECT id, mailing_id FROM address_change WHERE subscriber_id = {} AND sort = '{sort}'
         ORDER BY requested_at DESC",
        house.db.id(of)
    );
    let row = house.db.query(&sql).await;
    let at = |place| row[0].try_get_by_index::<Uuid>(place).unwrap();
    (stored(at(0)), stored(at(1)))
}

on_both!(
    p17_a_newsletter_that_was_passed_on_changes_no_address,
    async |db| {
        let house = db.house("acme").await;
        let (_, form) = house.news().await;
        let ann = house.member_of(&form, "ann@example.org", &["news"]).await;
        let site = db.site();
        let newsletter = house.preferences_path(ann);
        let before = db.dump().await;
        let page = site.get(&newsletter).await;
        let ways = page.must_be(200).attributes("main a", "href");
        assert!(ways.iter().all(|way| !way.ends_with("/address")), "{ways:?}");
        let asked = format!("{newsletter}/privacy");
        assert!(ways.contains(&asked), "the way to it is there: {ways:?}");
        for path in [
            format!("{newsletter}/address"),
            format!("{}/address", newsletter.replace("/preferences/", "/privacy/")),
        ] {
            site.get(&path).await.must_be(404);
            site.fill_in(&path, &[("email", "finder@elsewhere.example")])
                .await
                .must_be(404);
        }
        assert_eq!(difference(&before, &db.dump().await), [""; 0]);
        // The link that does goes to the mailbox.
        site.post(&asked, FORM, "").await.must_be(200);
        let sent: Vec<Uuid> = db
            .column("SELECT id FROM mailing WHERE kind = 'REQUEST_ANSWER'")
            .await;
        let claims = house.send(stored(sent[sent.len() - 1]), Outcome::Sent).await;
        assert_eq!(claims[0].permit.addressee().address.expose(), "ann@example.org");
        let data = site.get(&house.privacy_path(ann)).await;
        let way = data.must_be(200).attributes("main a", "href");
        let way = way.iter().find(|way| way.ends_with("/address")).unwrap();
        site.get(way).await.must_be(200);
        site.close().await;
    }
);

on_both!(
    p17_the_mailbox_that_was_left_is_told_and_takes_it_back,
    async |db| {
        let house = db.house("acme").await;
        let (_, form) = house.news().await;
        let ann = house.member_of(&form, "ann@example.org", &["news"]).await;
        house.suppress(ann, SuppressionReason::OptedOutOfAll).await;
        let site = db.site();
        let passed_on = house.privacy_path(ann);
        change(&house, &site, ann, "finder@elsewhere.example").await;
        let (back, mailing) = word(&house, ann, "BACK").await;
        let claims = house.send(mailing, Outcome::Sent).await;
        assert_eq!(claims.len(), 1, "whoever reads it is told, whatever they get");
        assert_eq!(claims[0].permit.addressee().address.expose(), "ann@example.org");
        assert_eq!(claims[0].name, "");
        // The finder goes on, and keeps a link of each kind.
        db.clock.forward(DAY);
        change(&house, &site, ann, "second@elsewhere.example").await;
        let (finders_back, _) = word(&house, ann, "BACK").await;
        let (pending, _) = ask(&house, &site, ann, "third@elsewhere.example").await;
        let finders = [
            house.address_path(ann, finders_back),
            house.address_path(ann, pending),
        ];
        db.clock.forward(DAY);
        let path = house.address_path(ann, back);
        let before = db.dump().await;
        let page = site.get(&path).await;
        assert_eq!(page.must_be(200).count("form[method=post] button"), 1);
        let text = page.text();
        assert!(
            text.contains("s•••@elsewhere.example") && text.contains("here again"),
            "{text}"
        );
        assert_eq!(difference(&before, &db.dump().await), [""; 0]);
        site.post(&path, FORM, "").await.must_be(200);
        assert_eq!(email_of(&house, ann).await.as_deref(), Some("ann@example.org"));
        for path in &finders {
            site.post(path, FORM, "").await.must_be(410);
        }
        site.get(&passed_on).await.must_be(410);
        db.clock.forward(Duration::from_secs(2));
        site.get(&house.privacy_path(ann)).await.must_be(200);
        assert_eq!(email_of(&house, ann).await.as_deref(), Some("ann@example.org"));
        assert_eq!(db.count("mailing", "kind = 'ADDRESS_LEFT'").await, 2);
        assert_eq!(
            house.decision(ann, "news").await,
            Some(assent_domain::permit::Refusal::OptedOutOfAll)
        );
        site.close().await;
    }
);

on_both!(p17_a_change_can_be_taken_back_for_a_week, async |db| {
    let house = db.house("acme").await;
    let (_, form) = house.news().await;
    let ann = house.member_of(&form, "ann@example.org", &["news"]).await;
    let site = db.site();
    change(&house, &site, ann, "ann@new.example").await;
    let (back, _) = word(&house, ann, "BACK").await;
    let path = house.address_path(ann, back);
    db.clock.forward(CONFIRM_WITHIN + Duration::from_secs(1));
    site.get(&path).await.must_be(410);
    site.post(&path, FORM, "").await.must_be(410);
    assert_eq!(email_of(&house, ann).await.as_deref(), Some("ann@new.example"));
    site.close().await;
});

on_both!(
    p18_whoever_left_a_mailbox_takes_nothing_of_another_along,
    async |db| {
        let house = db.house("acme").await;
        let (_, form) = house.news().await;
        let eve = house.member_of(&form, "eve@example.org", &["news"]).await;
        let bob = house.member_of(&form, "bob@example.org", &["news"]).await;
        let site = db.site();
        change(&house, &site, eve, "eve@new.example").await;
        let (back, _) = word(&house, eve, "BACK").await;
        let back = house.address_path(eve, back);
        // Bob presses the button in a mail that he did not ask for.
        db.clock.forward(DAY);
        change(&house, &site, eve, "bob@example.org").await;
        assert_eq!(email_of(&house, eve).await, None);
        let (told, mailing) = word(&house, bob, "TOLD").await;
        let claims = house.send(mailing, Outcome::Sent).await;
        assert_eq!(claims[0].permit.addressee().address.expose(), "eve@new.example");
        for path in [back, house.address_path(bob, told)] {
            site.get(&path).await.must_be(404);
            site.post(&path, FORM, "").await.must_be(404);
        }
        assert_eq!(email_of(&house, bob).await.as_deref(), Some("bob@example.org"));
        site.close().await;
    }
);
