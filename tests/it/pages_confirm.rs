//! The link of a confirmation mail: one button, for one person and one request, for seven days (P04).

use std::time::Duration;

use assent_domain::clock::Clock;
use assent_domain::consent::ConsentState;
use assent_domain::id::{MailingId, OptInId, SubscriberId, new_id};
use assent_domain::mailing_list::SubscriptionState;
use assent_entity::link::CONFIRM_WITHIN;
use assent_tests::dump::difference;
use assent_tests::visitor::FORM;
use assent_tests::{House, on_both};

/// Somebody who has typed their address into a form, and what they were asked to confirm.
async fn asked(house: &House<'_>, email: &str) -> (SubscriberId, OptInId) {
    let form = assent_entity::collection_point::by_slug(&house.read().await, "news").await;
    let (_, person) = house.join(&form.unwrap().unwrap(), email, &["news"]).await;
    (person, house.newest_opt_in(person).await)
}

on_both!(
    p04_the_button_confirms_and_pressing_it_again_is_harmless,
    async |db| {
        let house = db.house("acme").await;
        let (list, _) = house.news().await;
        let site = db.site();
        let (ann, opt_in) = asked(&house, "ann@example.org").await;
        let path = house.confirm_path(ann, opt_in);
        let question = site.get(&path).await;
        assert_eq!(question.must_be(200).count("form[method=post] button"), 1);
        assert_eq!(question.count("input:not([type=hidden])"), 0, "one button is all");
        assert!(question.text().contains("Yes, write to me about news."));
        assert!(
            !question.body.contains("ann@example.org"),
            "a link forwarded shows no address"
        );
        assert_eq!(house.consent(ann, "news").await, Some(ConsentState::Requested));

        let done = site.post(&path, FORM, "").await;
        done.must_be(200);
        assert_eq!(house.consent(ann, "news").await, Some(ConsentState::Given));
        assert_eq!(house.subscriptions(ann).await[&list], SubscriptionState::Active);
        let before = db.dump().await;
        db.clock.forward(Duration::from_hours(1));
        for _ in 0..2 {
            assert_eq!(site.post(&path, FORM, "").await.must_be(200).text(), done.text());
            assert_eq!(site.get(&path).await.must_be(200).text(), done.text());
        }
        assert_eq!(difference(&before, &db.dump().await), [""; 0]);
        site.close().await;
    }
);

on_both!(p04_a_confirmation_needs_no_body_and_minds_none, async |db| {
    let house = db.house("acme").await;
    house.news().await;
    let site = db.site();
    let bodies: [(&str, &[u8]); 4] = [
        (FORM, b"\xff"),
        ("multipart/form-data", b""),
        ("application/json", b"{"),
        ("text/plain", b"yes"),
    ];
    for (number, (content_type, body)) in bodies.into_iter().enumerate() {
        let (person, opt_in) = asked(&house, &format!("p{number}@example.org")).await;
        let path = house.confirm_path(person, opt_in);
        site.post(&path, content_type, body).await.must_be(200);
        assert_eq!(house.consent(person, "news").await, Some(ConsentState::Given));
    }
    site.close().await;
});

on_both!(
    p04_a_confirmation_that_comes_too_late_changes_nothing,
    async |db| {
        let house = db.house("acme").await;
        house.news().await;
        let site = db.site();
        let (ann, opt_in) = asked(&house, "ann@example.org").await;
        let early = house.confirm_path(ann, opt_in);
        db.clock.forward(Duration::from_hours(24));
        // A mail that went out a day late: its link is still good, but what it asks is not.
        let late = house.confirm_path(ann, opt_in);
        db.clock.set(
            db.clock
                .now()
                .after(CONFIRM_WITHIN)
                .before(Duration::from_hours(24)),
        );
        db.clock.forward(Duration::from_secs(1));
        let before = db.dump().await;
        for path in [&early, &late] {
            for _ in 0..2 {
                let refused = site.post(path, FORM, "").await;
                assert!(
                    refused.must_be(410).text().contains("run out"),
                    "{}",
                    refused.text()
                );
                site.get(path).await.must_be(410);
            }
        }
        let page = site.get(&late).await;
        assert_eq!(
            page.attributes("main a", "href"),
            ["/t/acme/join/news"],
            "the way to try again"
        );
        assert_eq!(difference(&before, &db.dump().await), [""; 0]);
        site.close().await;
    }
);

on_both!(p04_to_the_last_second_a_confirmation_counts, async |db| {
    let house = db.house("acme").await;
    house.news().await;
    let site = db.site();
    let (ann, opt_in) = asked(&house, "ann@example.org").await;
    let path = house.confirm_path(ann, opt_in);
    db.clock.set(
        db.clock
            .now()
            .after(CONFIRM_WITHIN)
            .before(Duration::from_secs(1)),
    );
    site.post(&path, FORM, "").await.must_be(200);
    assert_eq!(house.consent(ann, "news").await, Some(ConsentState::Given));
    site.close().await;
});

on_both!(p04_an_old_click_does_not_undo_a_no, async |db| {
    let house = db.house("acme").await;
    let (list, _) = house.news().await;
    let site = db.site();
    let (ann, first) = asked(&house, "ann@example.org").await;
    let path = house.confirm_path(ann, first);
    site.post(&path, FORM, "").await.must_be(200);
    house.choose(ann, &[], &[]).await;
    let before = db.dump().await;
    db.clock.forward(Duration::from_hours(1));
    site.post(&path, FORM, "").await.must_be(200);
    assert_eq!(difference(&before, &db.dump().await), [""; 0]);
    assert_eq!(house.consent(ann, "news").await, Some(ConsentState::Withdrawn));
    assert_eq!(house.subscriptions(ann).await[&list], SubscriptionState::Ended);

    let (ben, opt_in) = asked(&house, "ben@example.org").await;
    house.opt_out_of_all(ben).await;
    let before = db.dump().await;
    let refused = site.post(&house.confirm_path(ben, opt_in), FORM, "").await;
    refused.must_be(409);
    assert_eq!(difference(&before, &db.dump().await), [""; 0]);
    site.close().await;
});

on_both!(p04_nobody_confirms_with_a_link_that_is_not_theirs, async |db| {
    let (acme, brook) = (db.house("acme").await, db.house("brook").await);
    acme.news().await;
    brook.news().await;
    let site = db.site();
    let (ann, of_ann) = asked(&acme, "ann@example.org").await;
    let (ben, of_ben) = asked(&acme, "ben@example.org").await;
    let (cat, of_cat) = asked(&brook, "cat@example.org").await;
    let before = db.dump().await;
    let now = db.store.now();
    let path = acme.confirm_path(ann, of_ann);
    let (head, signature) = path.rsplit_once('.').unwrap();
    let other = acme.confirm_path(ben, of_ben);
    let refused = [
        format!("{path}A"),
        path[..path.len() - 1].to_owned(),
        format!("{head}."),
        head.to_owned(),
        // What one link says under the signature of another.
        format!("{}.{signature}", other.rsplit_once('.').unwrap().0),
        "/confirm/x".to_owned(),
        "/confirm/%00%ff".to_owned(),
        acme.confirm_path(ann, of_ben),
        acme.confirm_path(ann, new_id(now)),
        acme.confirm_path(new_id(now), of_ann),
        // Signed by Brook, for what is Acme's.
        brook.confirm_path(ann, of_ann),
        brook.confirm_path(cat, of_ann),
        brook.confirm_path(ann, of_cat),
    ];
    for path in refused {
        site.post(&path, FORM, "").await.must_be(404);
        site.get(&path).await.must_be(404);
    }
    assert_eq!(difference(&before, &db.dump().await), [""; 0]);
    site.close().await;
});

on_both!(a_link_is_for_one_page_and_no_other, async |db| {
    let house = db.house("acme").await;
    let (list, _) = house.news().await;
    let site = db.site();
    let (ann, opt_in) = asked(&house, "ann@example.org").await;
    let campaign = house.campaign("news", &[list]).await;
    house.schedule(campaign, Duration::from_hours(1)).await;
    let mailing: MailingId = house.mailing_of(campaign).await;
    let before = db.dump().await;
    let links = [
        house.confirm_path(ann, opt_in),
        house.unsubscribe_path(ann, mailing),
        house.preferences_path(ann),
    ];
    for link in &links {
        let (of, token) = link.trim_start_matches('/').split_once('/').unwrap();
        for page in ["confirm", "unsubscribe", "preferences", "setup", "dev/mailbox"] {
            if page != of {
                let path = format!("/{page}/{token}");
                let posted = site.post(&path, FORM, "no_mail=1").await;
                assert!(posted.status.is_client_error(), "{path}");
                site.get(&path).await.must_be(404);
            }
        }
    }
    assert_eq!(difference(&before, &db.dump().await), [""; 0]);
    site.close().await;
});
