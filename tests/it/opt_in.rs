//! Joining: nobody is on a list by another's doing (P04), and no is sticky (P18).

use std::time::Duration;

use assent_domain::clock::Clock;
use assent_domain::consent::{ConsentSource, ConsentState};
use assent_domain::id::SubscriberId;
use assent_domain::mailing_list::{OptIn, SubscriptionState};
use assent_domain::permit::Refusal;
use assent_domain::purpose::PurposeKind;
use assent_domain::suppression::SuppressionReason;
use assent_entity::collection_point::CollectionPoint;
use assent_entity::link::CONFIRM_WITHIN;
use assent_entity::opt_in::{ASK_AGAIN_AFTER, Confirmed, JoinRequest, Joined, MAX_ASKED_A_DAY};
use assent_entity::outcome::Outcome;
use assent_entity::{StoreError, audience, consent, subscriber};
use assent_tests::house::NEWS_OFFERS_BILL;
use assent_tests::people::request;
use assent_tests::{House, on_both};

use crate::furnished::FIRST;

async fn confirmation_mails(house: &House<'_>) -> i64 {
    house.db.count("mailing", "kind = 'CONFIRMATION'").await
}

/// Everything that is stored of a person and could tell that something changed.
async fn state_of(house: &House<'_>, person: SubscriberId) -> String {
    let tx = house.read().await;
    let stored = subscriber::by_id(&tx, person).await.unwrap();
    drop(tx);
    format!(
        "{:?} {:?} {:?} {:?} {} rows",
        (stored.name, stored.company, stored.confirmed_at),
        house.consent(person, "news").await,
        house.consent(person, "offers").await,
        house.subscriptions(person).await,
        house.ledger_rows().await
    )
}

on_both!(p04_nobody_is_written_to_before_they_confirm, async |db| {
    let house = db.house("acme").await;
    let (list, form) = house.news().await;
    let (joined, ann) = house.join(&form, "Ann@Example.org", &["news"]).await;
    assert_eq!(joined, Joined::ConfirmationSent);
    assert_eq!(house.consent(ann, "news").await, Some(ConsentState::Requested));
    assert_eq!(house.subscriptions(ann).await[&list], SubscriptionState::Pending);
    assert_eq!(house.decision(ann, "news").await, Some(Refusal::NotConfirmed));

    let opt_in = house.newest_opt_in(ann).await;
    assert_eq!(house.confirm(ann, opt_in).await.unwrap(), Confirmed::Now);
    assert_eq!(house.consent(ann, "news").await, Some(ConsentState::Given));
    assert_eq!(house.subscriptions(ann).await[&list], SubscriptionState::Active);
    assert_eq!(house.decision(ann, "news").await, None);
    assert_eq!(house.confirm(ann, opt_in).await.unwrap(), Confirmed::Before);
    assert_eq!(
        house.consent_records().await,
        2,
        "the second click changes nothing"
    );
});

on_both!(p04_a_record_says_which_words_which_policy_and_how, async |db| {
    let house = db.house("acme").await;
    let (_, form) = house.news().await;
    let ann = house.member_of(&form, "ann@example.org", &["news"]).await;
    let tx = house.read().await;
    let records = consent::page_of(&tx, ann, FIRST).await.unwrap();
    assert_eq!(records.total, Some(2));
    let records: Vec<_> = records.rows.into_iter().map(|(_, record)| record).collect();
    let sources: Vec<_> = records
        .iter()
        .map(|record| (record.state, record.source))
        .collect();
    let expected = [
        (ConsentState::Requested, ConsentSource::Form),
        (ConsentState::Given, ConsentSource::Confirmation),
    ];
    assert_eq!(sources, expected);
    let in_force = assent_entity::policy::in_force(&tx).await.unwrap().unwrap();
    for record in records {
        assert_eq!(record.statement.as_deref(), Some("Yes, write to me about news."));
        assert_eq!(record.policy_version, in_force.id);
        assert_eq!(record.recorded_at, db.store.now());
    }
});

on_both!(p04_single_opt_in_is_the_lists_own_decision, async |db| {
    let house = db.house("acme").await;
    let list = house.list("Quick", OptIn::Single, &["news"]).await;
    let form = house.form("quick", &[list], &["news"]).await;
    let (joined, ann) = house.join(&form, "ann@example.org", &["news"]).await;
    assert_eq!(joined, Joined::Subscribed);
    assert_eq!(house.decision(ann, "news").await, None);
    assert_eq!(confirmation_mails(&house).await, 0);
    assert_eq!(
        house.join(&form, "ann@example.org", &["news"]).await.0,
        Joined::AlreadySubscribed
    );
});

on_both!(
    a_stranger_who_signs_up_a_confirmed_person_changes_nothing,
    async |db| {
        let house = db.house("acme").await;
        let (_, form) = house.news().await;
        let ann = house.member_of(&form, "ann@example.org", &["news"]).await;
        let before = state_of(&house, ann).await;
        db.clock.forward(Duration::from_hours(1));
        let mut stranger = request("ANN@example.org", &[("news", true)]);
        stranger.name = "Eve".to_owned();
        stranger.company = "Evil Ltd".to_owned();
        let (joined, person) = house.send_form(&form, &stranger).await.unwrap();
        assert_eq!((joined, person), (Joined::AlreadySubscribed, Some(ann)));
        assert_eq!(state_of(&house, ann).await, before);
        assert_eq!(confirmation_mails(&house).await, 1);
    }
);

async fn stays_withdrawn(house: &House<'_>, form: &CollectionPoint, opt_in: OptIn) {
    let ann = house.join(form, "ann@example.org", &["news"]).await.1;
    if opt_in == OptIn::Double {
        let first = house.newest_opt_in(ann).await;
        house.confirm(ann, first).await.unwrap();
    }
    house.choose(ann, &[], &[]).await;
    assert_eq!(house.consent(ann, "news").await, Some(ConsentState::Withdrawn));
    let rows = house.consent_records().await;
    house.db.clock.forward(ASK_AGAIN_AFTER);
    for source in [ConsentSource::Form, ConsentSource::Api, ConsentSource::Import] {
        let mut again = request("ann@example.org", &[("news", true)]);
        again.source = source;
        again.evidence = Some("the tenant says so".to_owned());
        let (joined, _) = house.send_form(form, &again).await.unwrap();
        assert_eq!(joined, Joined::ConfirmationSent, "{source}");
        assert_eq!(
            house.consent(ann, "news").await,
            Some(ConsentState::Withdrawn),
            "{source}"
        );
        assert_eq!(
            house.decision(ann, "news").await,
            Some(Refusal::ConsentWithdrawn),
            "{source}"
        );
    }
    assert_eq!(house.consent_records().await, rows);
    assert!(
        house
            .subscriptions(ann)
            .await
            .values()
            .all(|state| *state == SubscriptionState::Ended)
    );

    let own = house.newest_opt_in(ann).await;
    assert_eq!(
        house.confirm(ann, own).await.unwrap(),
        Confirmed::Now,
        "the person can"
    );
    assert_eq!(house.decision(ann, "news").await, None);
}

on_both!(
    p18_withdrawn_stays_withdrawn_whoever_signs_them_up_again,
    async |db| {
        let house = db.house("acme").await;
        for (slug, opt_in) in [("double", OptIn::Double), ("single", OptIn::Single)] {
            let house = House {
                ctx: db.house(slug).await.ctx,
                ..house
            };
            let list = house.list("News", opt_in, &["news"]).await;
            let form = house.form("news", &[list], &["news"]).await;
            stays_withdrawn(&house, &form, opt_in).await;
        }
    }
);

on_both!(
    p18_an_old_confirmation_link_does_not_undo_a_withdrawal,
    async |db| {
        let house = db.house("acme").await;
        let (_, form) = house.news().await;
        let ann = house.member_of(&form, "ann@example.org", &["news"]).await;
        let opt_in = house.newest_opt_in(ann).await;
        house.choose(ann, &[], &[]).await;
        let before = state_of(&house, ann).await;
        assert_eq!(house.confirm(ann, opt_in).await.unwrap(), Confirmed::Before);
        assert_eq!(state_of(&house, ann).await, before);
    }
);

on_both!(a_confirmation_that_comes_too_late_changes_nothing, async |db| {
    let house = db.house("acme").await;
    let (_, form) = house.news().await;
    let (_, ann) = house.join(&form, "ann@example.org", &["news"]).await;
    let opt_in = house.newest_opt_in(ann).await;
    let before = state_of(&house, ann).await;
    let expires = db.clock.now().after(CONFIRM_WITHIN);
    db.clock.set(expires.after(Duration::from_micros(1)));
    assert_eq!(house.confirm(ann, opt_in).await.unwrap(), Confirmed::TooLate);
    assert_eq!(state_of(&house, ann).await, before);
    db.clock.set(expires);
    assert_eq!(house.confirm(ann, opt_in).await.unwrap(), Confirmed::Now);
});

on_both!(nobody_confirms_for_another, async |db| {
    let house = db.house("acme").await;
    let (_, form) = house.news().await;
    let (_, ann) = house.join(&form, "ann@example.org", &["news"]).await;
    let (_, eve) = house.join(&form, "eve@example.org", &["news"]).await;
    let of_ann = house.newest_opt_in(ann).await;
    assert!(matches!(
        house.confirm(eve, of_ann).await,
        Err(StoreError::NotFound(_))
    ));
    assert_eq!(house.decision(ann, "news").await, Some(Refusal::NotConfirmed));
});

on_both!(a_form_is_no_weapon_against_a_mailbox, async |db| {
    let house = db.house("acme").await;
    let list = house.list("Both", OptIn::Double, &["news", "offers"]).await;
    let form = house.form("both", &[list], &["news", "offers"]).await;
    house.join(&form, "ann@example.org", &["news"]).await;
    for _ in 0..5 {
        assert_eq!(
            house.join(&form, "ann@example.org", &["news"]).await.0,
            Joined::ConfirmationSent
        );
    }
    assert_eq!(confirmation_mails(&house).await, 1, "not asked again for a while");
    db.clock.forward(ASK_AGAIN_AFTER);
    house.join(&form, "ann@example.org", &["news"]).await;
    assert_eq!(confirmation_mails(&house).await, 2);
    for _ in 0..10 {
        for choice in [&["news"][..], &["offers"], &["news", "offers"]] {
            house.join(&form, "ann@example.org", choice).await;
        }
        db.clock.forward(ASK_AGAIN_AFTER);
    }
    let most = i64::try_from(MAX_ASKED_A_DAY).unwrap();
    assert_eq!(confirmation_mails(&house).await, most, "by turns neither");
    house.join(&form, "ben@example.org", &["news"]).await;
    assert_eq!(
        confirmation_mails(&house).await,
        most + 1,
        "another mailbox is another matter"
    );
});

on_both!(
    p03_an_address_that_is_held_back_is_not_taken_in_by_a_form,
    async |db| {
        let house = db.house("acme").await;
        let (_, form) = house.news().await;
        for (email, reason, refusal) in [
            (
                "a@example.org",
                SuppressionReason::OptedOutOfAll,
                Refusal::OptedOutOfAll,
            ),
            (
                "b@example.org",
                SuppressionReason::Complained,
                Refusal::Complained,
            ),
            (
                "c@example.org",
                SuppressionReason::HardBounced,
                Refusal::HardBounced,
            ),
        ] {
            let person = house.member_of(&form, email, &["news"]).await;
            house.suppress(person, reason).await;
            let before = state_of(&house, person).await;
            assert_eq!(
                house.join(&form, email, &["news"]).await.0,
                Joined::Refused(refusal)
            );
            assert_eq!(state_of(&house, person).await, before);
        }
        assert_eq!(confirmation_mails(&house).await, 3, "the first ones");
    }
);

on_both!(a_no_to_all_said_meanwhile_wins_over_a_confirmation, async |db| {
    let house = db.house("acme").await;
    let (_, form) = house.news().await;
    let (_, ann) = house.join(&form, "ann@example.org", &["news"]).await;
    let opt_in = house.newest_opt_in(ann).await;
    house.suppress(ann, SuppressionReason::OptedOutOfAll).await;
    assert_eq!(house.confirm(ann, opt_in).await.unwrap(), Confirmed::OptedOut);
    assert_eq!(house.decision(ann, "news").await, Some(Refusal::OptedOutOfAll));
});

on_both!(a_confirmation_mail_goes_to_the_mailbox_it_asks, async |db| {
    let house = db.house("acme").await;
    let (_, form) = house.news().await;
    db.due_jobs().await;
    house.join(&form, "ann@example.org", &["news"]).await;
    let jobs = db.due_jobs().await;
    assert_eq!(jobs.len(), 1);
    let mailing = House::mailing_in(&jobs[0].job);
    let sent = house.send(mailing, Outcome::Sent).await;
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].permit.addressee().address.expose(), "ann@example.org");
});

on_both!(p12_what_a_form_did_not_ask_is_not_taken, async |db| {
    let house = db.house("acme").await;
    let (_, form) = house.news().await;
    let mut long = request("ann@example.org", &[("news", true)]);
    long.name = "Ann\r\nBcc: all@example.org".to_owned();
    for (bad, field) in [
        (request("ann@example.org", &[("offers", true)]), "choices"),
        (request("ann@example.org", &[("news", false)]), "choices"),
        (request("ann@example.org", &[]), "choices"),
        (long, "name"),
    ] {
        match house.send_form(&form, &bad).await.unwrap_err() {
            StoreError::Invalid { field: of, .. } => assert_eq!(of, field),
            other => panic!("{other}"),
        }
    }
    assert_eq!(db.count("subscriber", "1 = 1").await, 0);
});

/// What a tenant's integration says of somebody.
fn by_api(choices: &[(&str, bool)], evidence: Option<&str>) -> JoinRequest {
    JoinRequest {
        source: ConsentSource::Api,
        evidence: evidence.map(str::to_owned),
        ..request("ann@example.org", choices)
    }
}

on_both!(
    p01_an_integration_that_gives_no_evidence_makes_no_yes_and_people_are_asked_to_confirm,
    async |db| {
        for (code, choices, wanted) in [
            ("news", &["news"][..], Refusal::NotConfirmed),
            ("bill", &[][..], Refusal::NotConfirmed),
        ] {
            let house = db.house(code).await;
            let list = house.list("Quick", OptIn::Single, &[code]).await;
            let form = house.form("quick", &[list], choices).await;
            let yes: Vec<_> = choices.iter().map(|code| (*code, true)).collect();
            let told = |evidence| by_api(&yes, evidence);
            for evidence in [None, Some(""), Some(" \n ")] {
                let (joined, ann) = house.send_form(&form, &told(evidence)).await.unwrap();
                assert_eq!(joined, Joined::ConfirmationSent, "{code} {evidence:?}");
                let ann = ann.unwrap();
                assert_eq!(house.subscriptions(ann).await[&list], SubscriptionState::Pending);
                let campaign = house.campaign(code, &[list]).await;
                let purpose = house.purpose(code).await.id;
                let tx = house.read().await;
                let audience = audience::of(&tx, campaign, purpose).await.unwrap();
                assert_eq!(audience.refused, [(wanted, 1)], "{code}");
            }
            let (joined, ann) = house
                .send_form(&form, &told(Some("on paper, 1 March")))
                .await
                .unwrap();
            assert_eq!(joined, Joined::Subscribed, "{code}");
            assert_eq!(
                house.subscriptions(ann.unwrap()).await[&list],
                SubscriptionState::Active
            );
        }
    }
);

on_both!(
    p11_silence_to_a_policy_notice_becomes_no_yes_by_form_or_integration,
    async |db| {
        let house = db.house("acme").await;
        let (_, form) = house.news().await;
        let ann = house.member_of(&form, "ann@example.org", &["news"]).await;
        let mut named = NEWS_OFFERS_BILL.to_vec();
        named.push(("surveys", PurposeKind::Marketing));
        house.next_policy(&named).await;
        assert_eq!(house.consent(ann, "surveys").await, Some(ConsentState::Requested));
        let list = house.list("Surveys", OptIn::Single, &["surveys"]).await;
        let form = house.form("surveys", &[list], &["surveys"]).await;
        let yes = [("surveys", true)];
        for request in [
            by_api(&yes, Some("they told us")),
            request("ann@example.org", &yes),
        ] {
            let (joined, _) = house.send_form(&form, &request).await.unwrap();
            assert_eq!(joined, Joined::ConfirmationSent);
            assert_eq!(house.consent(ann, "surveys").await, Some(ConsentState::Requested));
            assert_eq!(house.decision(ann, "surveys").await, Some(Refusal::ChoicePending));
        }
        house.confirm(ann, house.newest_opt_in(ann).await).await.unwrap();
        assert_eq!(house.decision(ann, "surveys").await, None, "their own act");
    }
);
