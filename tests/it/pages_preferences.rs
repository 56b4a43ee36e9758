//! A person's own page: what they agreed to, changed by nobody else, and the one way back (P03).

use std::time::Duration;

use assent_domain::consent::ConsentState;
use assent_domain::id::{MailingListId, SubscriberId, new_id};
use assent_domain::mailing_list::{OptIn, SubscriptionState};
use assent_domain::permit::Refusal;
use assent_domain::purpose::PurposeKind;
use assent_entity::link::PREFERENCES_WITHIN;
use assent_entity::outcome::Outcome;
use assent_tests::dump::difference;
use assent_tests::house::NEWS_OFFERS_BILL;
use assent_tests::visitor::{Answer, FORM, Site, answer};
use assent_tests::{House, on_both};
use reqwest::Method;

async fn ann(house: &House<'_>) -> (MailingListId, SubscriberId) {
    let list = house.list("Both", OptIn::Double, &["news", "offers"]).await;
    let form = house.form("both", &[list], &["news", "offers"]).await;
    (list, house.member_of(&form, "ann@example.org", &["news"]).await)
}

/// Sends the page as it stands now, with these answers.
async fn send(site: &Site, path: &str, fields: &[(&str, &str)]) -> Answer {
    let shown = site.get(path).await.shown();
    site.fill_in(path, &[&[("shown", shown.as_str())], fields].concat())
        .await
}

on_both!(
    preferences_show_how_things_stand_and_save_what_is_chosen,
    async |db| {
        let house = db.house("acme").await;
        let (list, ann) = ann(&house).await;
        let site = db.site();
        let path = house.preferences_path(ann);
        let id = list.to_string();
        let page = site.get(&path).await;
        assert_eq!(
            page.must_be(200).attributes("input[name=purpose]", "value"),
            ["news", "offers"]
        );
        assert_eq!(page.attributes("[checked]", "value"), ["news", id.as_str()]);
        assert!(
            !page.body.contains("ann@example.org"),
            "a mail forwarded shows no address"
        );
        assert!(
            page.text().contains("Yes, write to me about news."),
            "the words agreed to"
        );

        let saved = send(
            &site,
            &path,
            &[("act", "save"), ("purpose", "offers"), ("list", &id)],
        )
        .await;
        assert!(saved.must_be(200).text().contains("Saved."));
        assert_eq!(saved.attributes("[checked]", "value"), ["offers", id.as_str()]);
        assert_eq!(house.consent(ann, "news").await, Some(ConsentState::Withdrawn));
        assert_eq!(house.consent(ann, "offers").await, Some(ConsentState::Given));
        send(&site, &path, &[]).await.must_be(200);
        assert_eq!(house.subscriptions(ann).await[&list], SubscriptionState::Ended);
        assert_eq!(house.consent(ann, "offers").await, Some(ConsentState::Withdrawn));
        send(&site, &path, &[("purpose", "news"), ("list", &id)])
            .await
            .must_be(200);
        assert_eq!(
            house.decision(ann, "news").await,
            None,
            "her own yes counts again"
        );
        site.close().await;
    }
);

on_both!(p03_no_mail_of_any_sort_and_the_one_way_back, async |db| {
    let house = db.house("acme").await;
    let (list, ann) = ann(&house).await;
    let site = db.site();
    let path = house.preferences_path(ann);
    let id = list.to_string();
    let open_for_long = site.get(&path).await.shown();
    // It needs nothing else, and wins over all else.
    let fields = [
        ("no_mail", "1"),
        ("act", "come_back"),
        ("purpose", "news"),
        ("purpose", "offers"),
    ];
    let page = site.fill_in(&path, &fields).await;
    assert!(page.must_be(200).text().contains("We send you nothing"));
    assert_eq!(page.count("button[value=come_back]"), 1);
    assert_eq!(page.count("input[name=no_mail], button[value=save]"), 0);
    for purpose in ["news", "offers", "bill", "policy_notice"] {
        assert_eq!(
            house.decision(ann, purpose).await,
            Some(Refusal::OptedOutOfAll),
            "{purpose}"
        );
    }
    assert_eq!(house.consent(ann, "offers").await, Some(ConsentState::Refused));

    let before = db.dump().await;
    let back = [("act", "come_back"), ("purpose", "news"), ("list", id.as_str())];
    for old in [open_for_long.as_str(), "x"] {
        let page = site
            .fill_in(&path, &[&[("shown", old)], &back[..]].concat())
            .await;
        assert!(
            page.must_be(200)
                .text()
                .contains("only what you said no to was saved")
        );
    }
    site.fill_in(&path, &back).await.must_be(400);
    assert_eq!(
        difference(&before, &db.dump().await),
        [""; 0],
        "an old page does not undo a no"
    );
    for act in ["save", "", "comeback"] {
        send(&site, &path, &[("act", act), ("purpose", "news"), ("list", &id)])
            .await
            .must_be(200);
        assert_eq!(
            house.decision(ann, "news").await,
            Some(Refusal::OptedOutOfAll),
            "{act}"
        );
    }
    let page = send(&site, &path, &back).await;
    assert!(page.must_be(200).text().contains("Saved."));
    assert_eq!(page.count("input[name=no_mail]"), 1);
    assert_eq!(house.decision(ann, "news").await, None);
    assert_eq!(house.decision(ann, "bill").await, None);
    site.close().await;
});

on_both!(p11_a_yes_goes_to_the_words_that_were_read, async |db| {
    let house = db.house("acme").await;
    let (list, ann) = ann(&house).await;
    let site = db.site();
    let path = house.preferences_path(ann);
    let old = site.get(&path).await.shown();
    house.next_policy(NEWS_OFFERS_BILL).await;
    let before = db.dump().await;
    let fields = [
        ("shown", old.as_str()),
        ("purpose", "news"),
        ("purpose", "offers"),
        ("list", &list.to_string()),
    ];
    site.fill_in(&path, &fields).await.must_be(200);
    assert_eq!(difference(&before, &db.dump().await), [""; 0]);
    site.fill_in(&path, &fields[..1]).await.must_be(200);
    assert_eq!(
        house.consent(ann, "news").await,
        Some(ConsentState::Withdrawn),
        "a no does"
    );
    site.fill_in(&path, &[("shown", &old), ("no_mail", "1")])
        .await
        .must_be(200);
    assert_eq!(
        house.decision(ann, "bill").await,
        Some(Refusal::OptedOutOfAll),
        "a no always counts"
    );
    site.close().await;
});

on_both!(
    p18_a_page_sent_anew_or_open_since_before_a_no_turns_no_no_into_a_yes,
    async |db| {
        let house = db.house("acme").await;
        let (list, ann) = ann(&house).await;
        let site = db.site();
        let path = house.preferences_path(ann);
        let id = list.to_string();
        let shown = site.get(&path).await.shown();
        let yes = [
            ("shown", shown.as_str()),
            ("purpose", "news"),
            ("purpose", "offers"),
            ("list", id.as_str()),
        ];
        let campaign = house.campaign("news", &[list]).await;
        house.schedule(campaign, Duration::ZERO).await;
        let mailing = house.mailing_of(campaign).await;
        house.send(mailing, Outcome::Sent).await;
        site.post(
            &house.unsubscribe_path(ann, mailing),
            FORM,
            "List-Unsubscribe=One-Click",
        )
        .await
        .must_be(200);
        db.clock.forward(Duration::from_secs(1));
        let before = db.dump().await;
        for _ in 0..2 {
            let page = site.fill_in(&path, &yes).await;
            assert!(
                page.must_be(200)
                    .text()
                    .contains("only what you said no to was saved")
            );
        }
        assert_eq!(difference(&before, &db.dump().await), [""; 0]);
        assert_eq!(house.consent(ann, "news").await, Some(ConsentState::Withdrawn));
        assert_eq!(house.subscriptions(ann).await[&list], SubscriptionState::Ended);
        let sent = site
            .request(Method::POST, &path)
            .form(&[("shown", site.get(&path).await.shown().as_str())]);
        let sent = answer(sent).await;
        assert_eq!(
            sent.status.as_u16(),
            303,
            "a page that is loaded once more sends nothing"
        );
        assert_eq!(sent.header("location"), format!("{path}?saved"));
        site.close().await;
    }
);

on_both!(
    p18_an_answer_to_a_policy_that_is_sent_anew_turns_no_no_into_a_yes,
    async |db| {
        let house = db.house("acme").await;
        let (_, ann) = ann(&house).await;
        let mut named = NEWS_OFFERS_BILL.to_vec();
        named.push(("surveys", PurposeKind::Marketing));
        let version = house.next_policy(&named).await;
        let site = db.site();
        let path = house.choices_path(ann, version);
        let shown = site.get(&path).await.shown();
        let sent = [("shown", shown.as_str()), ("choice_surveys", "yes")];
        site.fill_in(&path, &sent).await.must_be(200);
        assert_eq!(house.consent(ann, "surveys").await, Some(ConsentState::Given));
        house.choose(ann, &["news"], &[]).await;
        for fields in [&sent[..], &sent[1..]] {
            let page = site.fill_in(&path, fields).await;
            assert!(
                page.must_be(200)
                    .text()
                    .contains("only what you said no to was saved")
            );
            assert_eq!(house.consent(ann, "surveys").await, Some(ConsentState::Withdrawn));
        }
        site.answer_page(&path, &[("choice_surveys", "yes")])
            .await
            .must_be(200);
        site.fill_in(&path, &[("choice_surveys", "no")])
            .await
            .must_be(200);
        assert_eq!(
            house.consent(ann, "surveys").await,
            Some(ConsentState::Withdrawn),
            "a no always counts"
        );
        site.close().await;
    }
);

on_both!(preferences_open_for_their_person_only, async |db| {
    let (acme, brook) = (db.house("acme").await, db.house("brook").await);
    let (_, ann) = ann(&acme).await;
    let site = db.site();
    let path = acme.preferences_path(ann);
    let before = db.dump().await;
    for path in [
        format!("{path}A"),
        path[..path.len() - 2].to_owned(),
        brook.preferences_path(ann),
        acme.preferences_path(new_id(db.store.now())),
        "/preferences/x".to_owned(),
    ] {
        site.get(&path).await.must_be(404);
        site.post(&path, FORM, "no_mail=1").await.must_be(404);
    }
    db.clock.forward(PREFERENCES_WITHIN + Duration::from_secs(1));
    site.get(&path).await.must_be(410);
    site.post(&path, FORM, "no_mail=1").await.must_be(410);
    assert_eq!(difference(&before, &db.dump().await), [""; 0]);
    site.close().await;
});

on_both!(preferences_take_no_bad_input_and_no_list_of_others, async |db| {
    let (acme, brook) = (db.house("acme").await, db.house("brook").await);
    let (own, ann) = ann(&acme).await;
    let (foreign, _) = brook.news().await;
    let never_joined = acme.list("Another", OptIn::Single, &["news"]).await;
    let site = db.site();
    let path = acme.preferences_path(ann);
    let shown = site.get(&path).await.shown();
    let before = db.dump().await;
    for (content_type, status, body) in [
        (FORM, 400, format!("shown={shown}&purpose=%ff")),
        (FORM, 413, format!("shown={shown}&x={}", "x".repeat(100 * 1024))),
        ("application/json", 415, "{}".to_owned()),
    ] {
        site.post(&path, content_type, body).await.must_be(status);
    }
    assert_eq!(difference(&before, &db.dump().await), [""; 0]);
    let (own, foreign, never) = (own.to_string(), foreign.to_string(), never_joined.to_string());
    let lists = [&own, &foreign, &never].map(|id| ("list", id.as_str()));
    let rest = [
        ("list", "x"),
        ("purpose", "news"),
        ("purpose", "bill"),
        ("purpose", "<script>"),
    ];
    send(&site, &path, &[&lists[..], &rest].concat())
        .await
        .must_be(200);
    assert_eq!(acme.subscriptions(ann).await.len(), 1, "only lists once joined");
    assert_eq!(acme.consent(ann, "bill").await, None);
    site.close().await;
});
