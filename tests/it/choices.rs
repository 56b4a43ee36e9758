//! What a version adds is asked of each person, one by one, and silence is no (P10, P11).

use assent_domain::consent::{ConsentSource, ConsentState};
use assent_domain::id::{MailingListId, PolicyVersionId, SubscriberId};
use assent_domain::mailing_list::OptIn;
use assent_domain::permit::Refusal;
use assent_domain::policy::NOTICE_PERIOD;
use assent_domain::purpose::PurposeKind::Marketing;
use assent_entity::outcome::Outcome;
use assent_entity::policy::upcoming;
use assent_entity::{consent, mailing_list, verify};
use assent_tests::dump::difference;
use assent_tests::{House, TestStore, on_both};

use crate::furnished::{FIRST, progress};

struct Asked<'a> {
    house: House<'a>,
    list: MailingListId,
    version: PolicyVersionId,
    ann: SubscriberId,
    ben: SubscriberId,
    cat: SubscriberId,
}

/// Three people who joined under version 1 are told of version 2, which adds surveys.
async fn asked(db: &TestStore) -> Asked<'_> {
    let house = db.house("acme").await;
    let list = house.list("News", OptIn::Double, &["news"]).await;
    let form = house.form("news", &[list], &["news"]).await;
    let ann = house.member_of(&form, "ann@example.org", &["news"]).await;
    let ben = house.member_of(&form, "ben@example.org", &["news"]).await;
    let cat = house.member_of(&form, "cat@example.org", &["news"]).await;
    let version = house.draft(&[("news", Marketing), ("surveys", Marketing)]).await;
    house
        .post(version, db.store.now().after(NOTICE_PERIOD))
        .await
        .unwrap();
    let mut tx = house.write().await;
    mailing_list::add_purpose(&mut tx, list, "surveys").await.unwrap();
    tx.commit().await.unwrap();
    house.send_notices(version).await;
    Asked {
        house,
        list,
        version,
        ann,
        ben,
        cat,
    }
}

on_both!(
    p11_a_new_use_reaches_those_who_said_yes_to_it_and_nobody_else,
    async |db| {
        let Asked {
            house,
            list,
            version,
            ann,
            ben,
            cat,
        } = asked(db).await;
        for person in [ann, ben, cat] {
            assert_eq!(
                house.consent(person, "surveys").await,
                Some(ConsentState::Requested)
            );
        }
        let site = db.site();
        let (of_ann, of_ben) = (house.choices_path(ann, version), house.choices_path(ben, version));
        let page = site.get(&of_ann).await;
        assert_eq!(page.must_be(200).count("input[type=radio]"), 2);
        assert_eq!(page.count("input[checked]"), 0, "nothing is ticked");
        site.answer_page(&of_ann, &[("choice_surveys", "yes")])
            .await
            .must_be(200);
        let answered = site.fill_in(&of_ben, &[("choice_surveys", "no")]).await;
        assert_eq!(
            answered.must_be(200).attributes("input[checked]", "value"),
            ["no"]
        );
        assert_eq!(house.consent(ann, "surveys").await, Some(ConsentState::Given));
        assert_eq!(house.consent(ben, "surveys").await, Some(ConsentState::Refused));
        assert_eq!(
            house.decision(ann, "surveys").await,
            Some(Refusal::PurposeNotInPolicy),
            "the version does not count yet"
        );

        db.clock.forward(NOTICE_PERIOD);
        let campaign = house.campaign("surveys", &[list]).await;
        house.schedule(campaign, std::time::Duration::ZERO).await;
        let mailing = house.mailing_of(campaign).await;
        assert_eq!(house.send(mailing, Outcome::Sent).await.len(), 1, "Ann");
        let mut refused = progress(&house, mailing).await.refused;
        refused.sort();
        assert_eq!(refused, [(Refusal::ChoicePending, 1), (Refusal::NoConsent, 1)]);
        assert_eq!(house.decision(cat, "surveys").await, Some(Refusal::ChoicePending));

        let tx = house.read().await;
        let records = consent::page_of(&tx, ann, FIRST).await.unwrap();
        let of_surveys: Vec<_> = records
            .rows
            .iter()
            .rev()
            .take(2)
            .map(|(_, record)| record)
            .collect();
        assert_eq!(of_surveys[0].source, ConsentSource::ChoicePage);
        assert_eq!(of_surveys[1].source, ConsentSource::PolicyNotice);
        assert!(of_surveys.iter().all(|record| record.policy_version == version));
        let words = "About surveys: What we do for surveys.";
        assert_eq!(of_surveys[0].statement.as_deref(), Some(words));
        drop(tx);
        let reports = verify::all(&db.store, |_, _| {}).await.unwrap();
        assert_eq!(reports[0].fault, None);
        site.close().await;
    }
);

on_both!(
    p11_nobody_is_asked_for_what_they_joined_for_or_twice,
    async |db| {
        let Asked { house, version, .. } = asked(db).await;
        let requested = "kind = 'CONSENT' AND facts LIKE '%POLICY_NOTICE%'";
        assert_eq!(db.count("ledger", requested).await, 3);
        db.clock.forward(NOTICE_PERIOD);
        let (_, form) = (
            house.purpose("surveys").await,
            house.list("Late", OptIn::Double, &["surveys"]).await,
        );
        let form = house.form("late", &[form], &["surveys"]).await;
        house.member_of(&form, "dan@example.org", &["surveys"]).await;
        let third = house
            .draft(&[("news", Marketing), ("surveys", Marketing), ("games", Marketing)])
            .await;
        house
            .post(third, db.store.now().after(NOTICE_PERIOD))
            .await
            .unwrap();
        house.send_notices(third).await;
        let of_third = format!("{requested} AND facts LIKE '%{third}%'");
        assert_eq!(db.count("ledger", &of_third).await, 4, "games, of all four");
        let of_second = format!("{requested} AND facts LIKE '%{version}%'");
        assert_eq!(db.count("ledger", &of_second).await, 3, "surveys, not again");
    }
);

on_both!(
    p11_somebody_who_joins_after_the_announcement_is_asked_too,
    async |db| {
        let Asked { house, .. } = asked(db).await;
        let list = house.list("More", OptIn::Double, &["news"]).await;
        let form = house.form("more", &[list], &["news"]).await;
        let dan = house.member_of(&form, "dan@example.org", &["news"]).await;
        assert_eq!(house.consent(dan, "surveys").await, Some(ConsentState::Requested));
    }
);

on_both!(p11_an_answer_that_is_none_changes_nothing, async |db| {
    let Asked {
        house,
        version,
        ann,
        ben,
        ..
    } = asked(db).await;
    let brook = db.house("brook").await;
    let site = db.site();
    let path = house.choices_path(ann, version);
    let before = db.dump().await;
    for (fields, status) in [
        (vec![("choice_surveys", "maybe")], 400),
        (vec![("choice_surveys", "yes"), ("choice_surveys", "no")], 400),
        (vec![("choice_news", "no")], 422),
        (vec![("choice_nothing", "yes")], 422),
        (vec![], 200),
    ] {
        let answer = site.fill_in(&path, &fields).await;
        assert!(
            answer.status == status || (status == 422 && answer.status == 400),
            "{fields:?}: {}",
            answer.status
        );
    }
    site.get(&format!("{path}?choice_surveys=yes")).await.must_be(200);
    for foreign in [
        brook.choices_path(ann, version),
        house.preferences_path(ben).replace("/preferences/", "/choices/"),
        format!("{path}x"),
    ] {
        let answer = site.fill_in(&foreign, &[("choice_surveys", "yes")]).await;
        answer.must_be(404);
    }
    assert_eq!(difference(&before, &db.dump().await), Vec::<String>::new());

    let mut tx = house.write().await;
    upcoming::withdraw(&mut tx, version).await.unwrap();
    tx.commit().await.unwrap();
    let late = site.fill_in(&path, &[("choice_surveys", "yes")]).await;
    late.must_be(409);
    assert_eq!(house.consent(ann, "surveys").await, Some(ConsentState::Requested));
    site.close().await;
});

on_both!(p11_each_version_asks_for_what_does_not_count_yet, async |db| {
    let Asked {
        house, version, ann, ..
    } = asked(db).await;
    let third = house.draft(&[("news", Marketing), ("surveys", Marketing)]).await;
    house
        .post(third, db.store.now().after(NOTICE_PERIOD))
        .await
        .unwrap();
    let mut tx = house.write().await;
    upcoming::withdraw(&mut tx, version).await.unwrap();
    tx.commit().await.unwrap();
    let site = db.site();
    let page = site.get(&house.choices_path(ann, third)).await;
    assert_eq!(page.must_be(200).count("input[name=choice_surveys]"), 2);
    site.close().await;
});

on_both!(
    p10_a_yes_to_a_version_that_was_taken_back_counts_for_nothing_and_can_be_said_anew,
    async |db| {
        let Asked {
            house,
            version,
            ann,
            ben,
            ..
        } = asked(db).await;
        let site = db.site();
        let path = house.choices_path(ann, version);
        site.answer_page(&path, &[("choice_surveys", "yes")])
            .await
            .must_be(200);
        site.fill_in(&house.choices_path(ben, version), &[("choice_surveys", "no")])
            .await
            .must_be(200);
        let mut tx = house.write().await;
        upcoming::withdraw(&mut tx, version).await.unwrap();
        tx.commit().await.unwrap();
        let third = house
            .next_policy(&[("news", Marketing), ("surveys", Marketing)])
            .await;
        assert_eq!(
            house.decision(ann, "surveys").await,
            Some(Refusal::PurposeNotInPolicy)
        );
        assert_eq!(house.decision(ben, "surveys").await, Some(Refusal::NoConsent));
        let path = house.choices_path(ann, third);
        assert_eq!(site.get(&path).await.must_be(200).count("input[checked]"), 0);
        site.answer_page(&path, &[("choice_surveys", "yes")])
            .await
            .must_be(200);
        assert_eq!(house.decision(ann, "surveys").await, None);
        site.close().await;
    }
);
