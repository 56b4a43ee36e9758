//! What a person's own links do: preferences, one click, and no mail of any sort (P03, P18).

use std::time::Duration;

use assent_domain::consent::ConsentState;
use assent_domain::id::{MailingId, MailingListId, SubscriberId};
use assent_domain::mailing_list::{OptIn, SubscriptionState};
use assent_domain::permit::Refusal;
use assent_domain::policy::NOTICE_PERIOD;
use assent_domain::suppression::SuppressionReason;
use assent_entity::outcome::Outcome;
use assent_entity::preferences::{self, NoMail};
use assent_entity::subscriber;
use assent_tests::house::{NEWS_OFFERS_BILL, address};
use assent_tests::{House, on_both};

async fn one_click(house: &House<'_>, of: SubscriberId, from: MailingId) -> Vec<MailingListId> {
    let mut tx = house.write().await;
    let lists = preferences::unsubscribe(&mut tx, of, from).await.unwrap();
    tx.commit().await.unwrap();
    lists.into_iter().map(|list| list.id).collect()
}

async fn scheduled(house: &House<'_>, purpose: &str, lists: &[MailingListId]) -> MailingId {
    let campaign = house.campaign(purpose, lists).await;
    house.schedule(campaign, Duration::from_hours(1)).await;
    house.mailing_of(campaign).await
}

on_both!(
    one_click_ends_the_lists_of_that_mailing_and_no_other,
    async |db| {
        let house = db.house("acme").await;
        let mut lists = Vec::new();
        for name in ["a", "b", "c"] {
            db.clock.forward(Duration::from_secs(1));
            lists.push(house.list(name, OptIn::Double, &["news"]).await);
        }
        let form = house.form("all", &lists, &["news"]).await;
        let ann = house.member_of(&form, "ann@example.org", &["news"]).await;
        let to_two = scheduled(&house, "news", &lists[..2]).await;

        assert_eq!(one_click(&house, ann, to_two).await, lists[..2]);
        let standing = house.subscriptions(ann).await;
        let states: Vec<_> = lists.iter().map(|list| standing[list]).collect();
        assert_eq!(
            states,
            [
                SubscriptionState::Ended,
                SubscriptionState::Ended,
                SubscriptionState::Active
            ]
        );
        assert_eq!(
            house.consent(ann, "news").await,
            Some(ConsentState::Given),
            "one list with it remains"
        );
        let rows = house.ledger_rows().await;
        one_click(&house, ann, to_two).await;
        assert_eq!(house.ledger_rows().await, rows, "again changes nothing");

        let to_last = scheduled(&house, "news", &lists[2..]).await;
        one_click(&house, ann, to_last).await;
        assert_eq!(
            house.consent(ann, "news").await,
            Some(ConsentState::Withdrawn),
            "no list remains"
        );
        assert_eq!(house.decision(ann, "news").await, Some(Refusal::ConsentWithdrawn));
    }
);

on_both!(one_click_withdraws_only_the_purpose_of_that_mailing, async |db| {
    let house = db.house("acme").await;
    let list = house.list("Both", OptIn::Double, &["news", "offers"]).await;
    let form = house.form("both", &[list], &["news", "offers"]).await;
    let ann = house
        .member_of(&form, "ann@example.org", &["news", "offers"])
        .await;
    let news = scheduled(&house, "news", &[list]).await;
    one_click(&house, ann, news).await;
    assert_eq!(house.consent(ann, "news").await, Some(ConsentState::Withdrawn));
    assert_eq!(house.consent(ann, "offers").await, Some(ConsentState::Given));
    assert_eq!(house.decision(ann, "offers").await, Some(Refusal::Unsubscribed));
});

on_both!(
    one_click_works_years_later_and_before_a_confirmation,
    async |db| {
        let house = db.house("acme").await;
        let (list, form) = house.news().await;
        let ann = house.member_of(&form, "ann@example.org", &["news"]).await;
        let (_, pending) = house.join(&form, "ben@example.org", &["news"]).await;
        let mailing = scheduled(&house, "news", &[list]).await;
        db.clock.forward(Duration::from_hours(24 * 365 * 3));
        for person in [ann, pending] {
            one_click(&house, person, mailing).await;
            assert_eq!(house.subscriptions(person).await[&list], SubscriptionState::Ended);
        }
        assert_eq!(house.consent(ann, "news").await, Some(ConsentState::Withdrawn));
        assert_eq!(house.consent(pending, "news").await, Some(ConsentState::Refused));
    }
);

on_both!(p03_no_mail_of_any_sort_is_no_mail_of_any_sort, async |db| {
    let house = db.house("acme").await;
    let (list, form) = house.news().await;
    let ann = house.member_of(&form, "ann@example.org", &["news"]).await;
    house.opt_out_of_all(ann).await;
    for purpose in ["news", "bill", "policy_notice", "confirmation"] {
        assert_eq!(
            house.decision(ann, purpose).await,
            Some(Refusal::OptedOutOfAll),
            "{purpose}"
        );
    }
    assert_eq!(
        house.decision(ann, "request_answer").await,
        None,
        "what she asks is answered"
    );

    let campaign = house.campaign("news", &[list]).await;
    house.schedule(campaign, Duration::ZERO).await;
    let mailing = house.mailing_of(campaign).await;
    assert!(house.send(mailing, Outcome::Sent).await.is_empty());
    let second = house.draft(NEWS_OFFERS_BILL).await;
    house
        .post(second, db.store.now().after(NOTICE_PERIOD))
        .await
        .unwrap();
    let notices = house.notices(second).await;
    assert_eq!(
        house.send(notices, Outcome::Sent).await.len(),
        1,
        "only the owner is told"
    );
});

on_both!(
    p03_only_the_person_comes_back_and_only_by_their_own_link,
    async |db| {
        let house = db.house("acme").await;
        let (list, form) = house.news().await;
        for reason in [SuppressionReason::OptedOutOfAll, SuppressionReason::Complained] {
            let email = format!("{}@example.org", reason.to_string().to_lowercase());
            let person = house.member_of(&form, &email, &["news"]).await;
            house.suppress(person, reason).await;
            house.join(&form, &email, &["news"]).await;
            house.choose(person, &["news"], &[list]).await;
            assert!(
                house.decision(person, "news").await.is_some(),
                "a page that was open for long cannot"
            );

            let mut tx = house.write().await;
            let shown = preferences::view(&tx, person).await.unwrap().no_mail;
            assert!(matches!(
                shown,
                Some(NoMail::Chosen { .. } | NoMail::Complained { .. })
            ));
            preferences::come_back(&mut tx, person).await.unwrap();
            tx.commit().await.unwrap();
            assert_eq!(house.decision(person, "news").await, None);
        }
    }
);

on_both!(coming_back_lifts_neither_a_bounce_nor_an_erasure, async |db| {
    let house = db.house("acme").await;
    let (_, form) = house.news().await;
    let ann = house.member_of(&form, "ann@example.org", &["news"]).await;
    house.suppress(ann, SuppressionReason::Erased).await;
    house.suppress(ann, SuppressionReason::HardBounced).await;
    let mut tx = house.write().await;
    preferences::come_back(&mut tx, ann).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(house.decision(ann, "news").await, Some(Refusal::Erased));
});

on_both!(
    p03_no_to_all_at_a_form_holds_for_an_address_nobody_knew,
    async |db| {
        let house = db.house("acme").await;
        let (_, form) = house.news().await;
        let mut tx = house.write().await;
        preferences::opt_out_at_form(&mut tx, &address("Zoe@Example.ORG"))
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let mut tx = house.write().await;
        let request = assent_tests::people::request("zoe@example.org", &[("news", true)]);
        let (joined, person) = assent_entity::opt_in::join(&mut tx, form, &request)
            .await
            .unwrap();
        assert_eq!(
            joined,
            assent_entity::opt_in::Joined::Refused(Refusal::OptedOutOfAll)
        );
        assert!(person.is_none());
        assert!(
            subscriber::with_address(&tx, &address("zoe@example.org"))
                .await
                .unwrap()
                .is_none()
        );
        tx.commit().await.unwrap();
        let texts: Vec<String> = db.column("SELECT evidence FROM ledger_evidence").await;
        assert!(
            texts.iter().all(|text| !text.to_lowercase().contains("zoe")),
            "{texts:?}"
        );
    }
);

on_both!(preferences_change_what_was_chosen_and_show_it, async |db| {
    let house = db.house("acme").await;
    let list = house.list("Both", OptIn::Double, &["news", "offers"]).await;
    let form = house.form("both", &[list], &["news", "offers"]).await;
    let ann = house
        .member_of(&form, "ann@example.org", &["news", "offers"])
        .await;
    house.choose(ann, &["offers"], &[list]).await;
    assert_eq!(house.decision(ann, "news").await, Some(Refusal::ConsentWithdrawn));
    assert_eq!(house.decision(ann, "offers").await, None);
    house.choose(ann, &["news", "offers"], &[list]).await;
    assert_eq!(house.decision(ann, "news").await, None, "her own yes");

    let tx = house.read().await;
    let page = preferences::view(&tx, ann).await.unwrap();
    let news = page
        .purposes
        .iter()
        .find(|shown| shown.purpose.code == "news")
        .unwrap();
    assert_eq!(
        news.statement.as_deref(),
        Some("About news: What we do for news.")
    );
    let offers = page
        .purposes
        .iter()
        .find(|shown| shown.purpose.code == "offers")
        .unwrap();
    assert_eq!(
        offers.statement.as_deref(),
        Some("Yes, write to me about offers.")
    );
    assert_eq!((page.lists.len(), page.no_mail), (1, None));
});
