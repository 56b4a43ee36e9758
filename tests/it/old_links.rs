//! A link lies in a mailbox for years, and may be passed on: it opens nothing once the person has moved, it does not make
//! itself last longer, and what opens all that is held goes by mail (P17, P18).

use std::time::Duration;

use assent_domain::consent::ConsentState;
use assent_domain::id::SubscriberId;
use assent_domain::mailing_list::SubscriptionState;
use assent_entity::consent;
use assent_entity::link::PREFERENCES_WITHIN;
use assent_entity::opt_in::MAX_ASKED_A_DAY;
use assent_entity::outcome::Outcome;
use assent_entity::privacy::page_link::AGAIN_AFTER;
use assent_tests::dump::difference;
use assent_tests::house::WITH_CLICKS;
use assent_tests::visitor::{FORM, Site};
use assent_tests::{House, TestStore, on_both};

use crate::address_change::change;

const MINUTE: Duration = Duration::from_mins(1);

const NEW: &str = "quite@elsewhere.example";

async fn links_sent(db: &TestStore) -> usize {
    let sent: Vec<String> = db
        .column("SELECT says FROM privacy_mail WHERE says = 'LINK'")
        .await;
    sent.len()
}

/// Where the pages lead that a person sees.
async fn leads_to(site: &Site, path: &str) -> Vec<String> {
    let page = site.get(path).await;
    page.must_be(200).attributes("main [href], main [action]", "href")
}

on_both!(
    p18_a_link_in_a_mailbox_that_was_left_opens_no_page_and_still_opts_out,
    async |db| {
        let house = db.bare_house("acme").await;
        let version = house.first_policy(WITH_CLICKS).await;
        let (list, form) = house.news().await;
        let ann = house.member_of(&form, "ann@example.org", &["news"]).await;
        house.choose(ann, &["news", "clicks"], &[list]).await;
        let campaign = house
            .tracked_campaign(&[list], "[Look](https://shop.example/)")
            .await;
        keep_link(&house, campaign).await;
        house.schedule(campaign, Duration::ZERO).await;
        let sent = house.mailing_of(campaign).await;
        house.send(sent, Outcome::Sent).await;
        db.clock.forward(Duration::from_hours(2));
        house.join(&form, "ann@example.org", &["news"]).await;
        let opt_in = house.newest_opt_in(ann).await;
        let news = house.purpose("news").await.id;
        let record = consent::newest(&house.read().await, ann, news)
            .await
            .unwrap()
            .unwrap()
            .id;
        let pages = [
            house.preferences_path(ann),
            format!("{}/privacy", house.preferences_path(ann)),
            format!("{}/address", house.privacy_path(ann)),
            house.sharing_path(ann),
            house.privacy_path(ann),
            house.renew_path(ann),
            house.choices_path(ann, version),
            house.receipt_path(ann, record),
            house.confirm_path(ann, opt_in),
        ];
        let (out, follow) = (
            house.unsubscribe_path(ann, sent),
            house.follow_path(ann, campaign, 1),
        );
        let site = db.site();
        change(&house, &site, ann, NEW).await;

        let before = db.dump().await;
        for path in &pages {
            for answer in [
                site.get(path).await,
                site.post(path, FORM, "act=erase&sure=1").await,
            ] {
                if answer.status != 405 {
                    answer.must_be(410);
                }
                assert!(!answer.body.contains("elsewhere"), "{path}: {}", answer.text());
            }
        }
        // Whoever reads there now is led on, and is not counted as her.
        site.get(&follow).await.must_be(200);
        assert_eq!(difference(&before, &db.dump().await), [""; 0]);

        let page = site.get(&out).await;
        assert!(
            page.must_be(200).text().contains("q•••@elsewhere.example"),
            "{}",
            page.text()
        );
        let done = site.post(&out, FORM, "List-Unsubscribe=One-Click").await;
        let text = done.must_be(200).text();
        assert!(
            !text.contains("quite@") && !text.contains("What may still come"),
            "{text}"
        );
        assert_eq!(house.subscriptions(ann).await[&list], SubscriptionState::Ended);
        assert_eq!(house.consent(ann, "news").await, Some(ConsentState::Withdrawn));
        // In the mailbox that she has now, all is open.
        site.get(&house.preferences_path(ann)).await.must_be(200);
        site.get(&house.privacy_path(ann)).await.must_be(200);
        site.close().await;
    }
);

async fn keep_link(house: &House<'_>, campaign: assent_domain::id::CampaignId) {
    let tx = house.write().await;
    let links = ["https://shop.example/".to_owned()];
    assent_entity::campaign_link::keep(&tx, campaign, &links)
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

on_both!(
    p18_who_confirmed_from_a_mailbox_that_was_left_again_gets_no_page_either,
    async |db| {
        let house = db.house("acme").await;
        let (_, form) = house.news().await;
        let ann = house.member_of(&form, "ann@example.org", &["news"]).await;
        let site = db.site();
        let (first, mailing) = crate::address_change::ask(&house, &site, ann, "one@example.org").await;
        house.send(mailing, Outcome::Sent).await;
        let at_one = house.address_path(ann, first);
        let (never, _) = crate::address_change::ask(&house, &site, ann, "two@example.org").await;
        let at_two = house.address_path(ann, never);
        db.clock.forward(MINUTE);
        let page = site.post(&at_one, FORM, "").await;
        let way_on = page
            .must_be(200)
            .attributes("main a[href^='/preferences/']", "href");
        site.get(&way_on[0]).await.must_be(200);
        change(&house, &site, ann, NEW).await;
        let again = site.get(&at_one).await;
        let way_on = again
            .must_be(200)
            .attributes("main a[href^='/preferences/']", "href");
        site.get(&way_on[0]).await.must_be(410);
        // What she asked for before she moved does not move her once more.
        site.post(&at_two, FORM, "").await.must_be(410);
        assert_eq!(db.value::<String>("SELECT email FROM subscriber").await, NEW);
        site.close().await;
    }
);

on_both!(
    p17_links_on_a_page_last_no_longer_than_the_link_that_opened_it,
    async |db| {
        let house = db.house("acme").await;
        let (_, form) = house.news().await;
        let ann = house.member_of(&form, "ann@example.org", &["news"]).await;
        let site = db.site();
        let (leaked, renew) = (house.preferences_path(ann), house.renew_path(ann));
        let end = db.store.now().after(PREFERENCES_WITHIN);
        db.clock.set(end.before(MINUTE));
        let mut minted = Vec::new();
        for start in [&leaked, &renew] {
            let page = site.get(start).await;
            minted.extend(page.must_be(200).attributes("main [href]", "href"));
            minted.extend(page.attributes("main [action]", "action"));
        }
        minted.retain(|path| path.len() > 100);
        assert!(minted.len() >= 5, "{minted:?}");
        assert!(
            minted.iter().all(|path| !path.starts_with("/privacy/")),
            "what opens all that is held is not handed out: {minted:?}"
        );
        for path in &minted {
            site.get(path).await.must_be(200);
        }
        db.clock.set(end);
        for path in &minted {
            site.get(path).await.must_be(410);
        }
        site.close().await;
    }
);

async fn ask_on_page(site: &Site, house: &House<'_>, of: SubscriberId) -> String {
    let path = format!("{}/privacy", house.preferences_path(of));
    site.post(&path, FORM, "").await.must_be(200).text()
}

on_both!(
    p17_the_link_to_all_that_is_held_goes_by_mail_and_not_too_often,
    async |db| {
        let house = db.house("acme").await;
        let (_, form) = house.news().await;
        let ann = house.member_of(&form, "ann@example.org", &["news"]).await;
        let site = db.site();
        let way_in = leads_to(&site, &house.preferences_path(ann)).await;
        assert!(
            way_in.iter().all(|path| !path.starts_with("/privacy/")),
            "{way_in:?}"
        );
        let said = ask_on_page(&site, &house, ann).await;
        assert!(
            said.contains("a•••@example.org") && !said.contains("ann@"),
            "{said}"
        );
        assert_eq!(links_sent(db).await, 1);
        let of_request = "SELECT kind || ' ' || state || ' ' || channel FROM privacy_request";
        assert_eq!(db.column::<String>(of_request).await, ["LINK DONE LINK"]);
        // Both ways are limited together.
        let by_form = [("act", "link"), ("email", "Ann@Example.org")];
        let same = ask_on_page(&site, &house, ann).await;
        assert_eq!(same, said);
        let known = site
            .fill_in("/t/acme/privacy", &by_form)
            .await
            .must_be(200)
            .text();
        assert_eq!(links_sent(db).await, 1, "one was sent a moment ago");
        for asked in 1..MAX_ASKED_A_DAY + 2 {
            db.clock.forward(AGAIN_AFTER);
            if asked % 2 == 0 {
                ask_on_page(&site, &house, ann).await;
            } else {
                site.fill_in("/t/acme/privacy", &by_form).await.must_be(200);
            }
        }
        assert_eq!(links_sent(db).await, MAX_ASKED_A_DAY);
        db.clock.forward(Duration::from_hours(24));
        ask_on_page(&site, &house, ann).await;
        assert_eq!(links_sent(db).await, MAX_ASKED_A_DAY + 1);

        let before = db.dump().await;
        let nobody = [("act", "link"), ("email", "Eve@Example.org")];
        let unknown = site.fill_in("/t/acme/privacy", &nobody).await.must_be(200).text();
        assert_eq!(
            unknown,
            known.replace("Ann@", "Eve@"),
            "nobody learns who is known"
        );
        for email in ["", "x", "a@b@c", "<b>@x.example"] {
            let wrong = [("act", "link"), ("email", email)];
            site.fill_in("/t/acme/privacy", &wrong).await.must_be(422);
        }
        assert_eq!(difference(&before, &db.dump().await), [""; 0]);
        site.close().await;
    }
);
