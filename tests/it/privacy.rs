//! What a person does about their data by their own link, and by the form that is open to all (P17).

use std::time::Duration;

use assent_domain::consent::ConsentState;
use assent_domain::id::SubscriberId;
use assent_domain::mailing_list::{OptIn, SubscriptionState};
use assent_domain::permit::Refusal;
use assent_entity::link::PRIVACY_WITHIN;
use assent_entity::outcome::Outcome;
use assent_entity::verify;
use assent_tests::dump::difference;
use assent_tests::visitor::FORM;
use assent_tests::{House, TestStore, on_both};
use reqwest::Method;

/// Ann, who said yes to news and offers.
pub(crate) async fn ann(house: &House<'_>) -> SubscriberId {
    let list = house.list("Both", OptIn::Double, &["news", "offers"]).await;
    let form = house.form("both", &[list], &["news", "offers"]).await;
    house
        .member_of(&form, "ann@example.org", &["news", "offers"])
        .await
}

async fn kinds(db: &TestStore) -> Vec<String> {
    db.column(
        "SELECT kind || ' ' || state || ' ' || channel || ' ' || identity FROM privacy_request ORDER BY id",
    )
    .await
}

on_both!(p17_what_a_person_asks_by_their_link_is_done_at_once, async |db| {
    let house = db.house("acme").await;
    let ann = ann(&house).await;
    let site = db.site();
    let path = &house.privacy_path(ann);
    let page = site.get(path).await;
    assert!(page.must_be(200).text().contains("a•••@example.org"));
    assert_eq!(page.header("cache-control"), "no-store");
    let act = async |fields: &[(&str, &str)]| site.fill_in(path, fields).await;

    act(&[("act", "correct"), ("name", "Ann Lee"), ("company", "")])
        .await
        .must_be(200);
    assert_eq!(db.value::<String>("SELECT name FROM subscriber").await, "Ann Lee");
    act(&[("act", "restrict")]).await.must_be(200);
    assert_eq!(house.decision(ann, "news").await, Some(Refusal::Restricted));
    db.clock.forward(Duration::from_mins(1));
    act(&[("act", "lift")]).await.must_be(200);
    assert_eq!(house.decision(ann, "news").await, None);
    db.clock.forward(Duration::from_mins(1));
    act(&[("act", "object")]).await.must_be(200);
    assert_eq!(house.decision(ann, "news").await, Some(Refusal::OptedOutOfAll));
    for purpose in ["news", "offers"] {
        assert_eq!(house.consent(ann, purpose).await, Some(ConsentState::Withdrawn));
    }
    let ended = house.subscriptions(ann).await.into_values();
    assert!(ended.into_iter().all(|state| state == SubscriptionState::Ended));
    db.clock.forward(Duration::from_mins(1));
    let asked = act(&[("act", "write"), ("message", "Who <b>sold</b> you my data?")]).await;
    assert_eq!(asked.must_be(200).count("main b"), 0, "markup is text");
    assert!(asked.text().contains("Who <b>sold</b> you my data?"));
    act(&[("act", "write"), ("message", "Who <b>sold</b> you my data?")])
        .await
        .must_be(200);

    let mut requests = kinds(db).await;
    requests[..2].sort();
    let done = [
        "CORRECTION DONE",
        "RESTRICTION DONE",
        "RESTRICTION_LIFT DONE",
        "OBJECTION DONE",
    ];
    let mut expected: Vec<_> = done.iter().map(|of| format!("{of} LINK VERIFIED")).collect();
    expected.push("QUESTION RECEIVED LINK VERIFIED".to_owned());
    assert_eq!(requests, expected, "the same message sent twice is one request");
    let steps: Vec<String> = db
        .column("SELECT step FROM privacy_step ORDER BY request_id, number")
        .await;
    assert_eq!(steps.len(), 9);
    let report = verify::all(&db.store, |_, _| {}).await.unwrap().remove(0);
    assert_eq!(report.fault, None);
    site.close().await;
});

on_both!(
    p17_a_link_is_for_one_person_and_what_is_no_act_changes_nothing,
    async |db| {
        let house = db.house("acme").await;
        let brook = db.house("brook").await;
        let ann = ann(&house).await;
        let form = house
            .form(
                "other",
                &[house.list("Other", OptIn::Double, &["news"]).await],
                &["news"],
            )
            .await;
        let ben = house.member_of(&form, "ben@example.org", &["news"]).await;
        let site = db.site();
        let written = [("email", "ben@example.org"), ("message", "It is me")];
        site.fill_in("/t/acme/privacy", &written).await.must_be(200);
        let of_ben: Vec<uuid::Uuid> = db.column("SELECT id FROM privacy_request").await;
        let of_ben: assent_domain::id::PrivacyRequestId = assent_domain::id::stored(of_ben[0]);
        let path = house.privacy_path(ann);
        let before = db.dump().await;

        let preferences = house.preferences_path(ann).replace("/preferences/", "/privacy/");
        for foreign in [
            brook.privacy_path(ann),
            preferences,
            format!("{path}x"),
            "/privacy/x".to_owned(),
        ] {
            for act in ["erase", "copy", "restrict"] {
                let answer = site.fill_in(&foreign, &[("act", act), ("sure", "1")]).await;
                assert!(
                    [404, 410].contains(&answer.status.as_u16()),
                    "{foreign}: {}",
                    answer.status
                );
                assert!(!answer.body.contains("ann@"), "{foreign}");
            }
        }
        let as_preferences = path.replace("/privacy/", "/preferences/");
        site.get(&as_preferences).await.must_be(404);
        let id = of_ben.to_string();
        let long = "x".repeat(5001);
        let wide = "x".repeat(201);
        for (fields, status) in [
            (vec![("act", "vouch"), ("request", id.as_str())], 404),
            (vec![("act", "vouch"), ("request", "request_1")], 404),
            (vec![("act", "destroy")], 400),
            (vec![], 400),
            (vec![("act", "erase"), ("act", "erase"), ("sure", "1")], 400),
            (vec![("act", "erase")], 422),
            (vec![("act", "erase"), ("sure", "0")], 422),
            (vec![("act", "write"), ("message", "")], 422),
            (vec![("act", "write"), ("message", "a\u{1b}[31m")], 422),
            (vec![("act", "write"), ("message", "a\0")], 422),
            (vec![("act", "write"), ("message", long.as_str())], 422),
            (vec![("act", "correct"), ("name", "a\nb"), ("company", "")], 422),
            (
                vec![("act", "correct"), ("name", wide.as_str()), ("company", "")],
                422,
            ),
            (
                vec![("act", "correct"), ("name", "a"), ("name", "b"), ("company", "")],
                422,
            ),
        ] {
            let answer = site.fill_in(&path, &fields).await;
            assert_eq!(answer.status, status, "{:?}: {}", fields.first(), answer.text());
        }
        let large = vec![b'x'; 50 * 1024 * 1024];
        for path in [path.as_str(), "/t/acme/privacy"] {
            let request = site.request(Method::POST, path).header("content-type", FORM);
            if let Ok(answer) = request.body(large.clone()).send().await {
                assert_eq!(answer.status(), 413, "{path}");
            }
            let answer = site.post(path, "application/json", "{}").await;
            answer.must_be(415);
        }
        for query in ["act=erase&sure=1", "act=restrict", "act=copy"] {
            site.get(&format!("{path}?{query}")).await.must_be(200);
        }
        assert_eq!(difference(&before, &db.dump().await), Vec::<String>::new());

        db.clock.forward(PRIVACY_WITHIN);
        let late = site.fill_in(&path, &[("act", "erase"), ("sure", "1")]).await;
        late.must_be(410);
        assert_eq!(db.count("subscriber", "1 = 1").await, 2);
        assert_eq!(house.decision(ben, "news").await, None);
        site.close().await;
    }
);

on_both!(
    p17_the_open_form_tells_nobody_who_is_known_and_is_no_weapon,
    async |db| {
        let house = db.house("acme").await;
        let ann = ann(&house).await;
        house.opt_out_of_all(ann).await;
        let site = db.site();
        let send = async |email: &str, message: &str| {
            let answer = site
                .fill_in("/t/acme/privacy", &[("email", email), ("message", message)])
                .await;
            (answer.status.as_u16(), answer.body.replace(email, "somebody"))
        };
        let form = site.get("/t/acme/privacy").await;
        assert_eq!(form.must_be(200).count("label"), 2);
        let known = send("ann@example.org", "What do you hold?").await;
        assert_eq!(known.0, 200);
        assert_eq!(known, send("nobody@example.org", "What do you hold?").await);
        let rows = kinds(db).await;
        assert_eq!(rows, ["QUESTION RECEIVED FORM UNVERIFIED"; 2]);
        assert_eq!(
            db.count("privacy_request", "email IS NULL").await,
            1,
            "Ann's is on her own row"
        );
        assert_eq!(db.count("mailing", "kind = 'REQUEST_ANSWER'").await, 1);

        for number in 0..5 {
            let message = format!("And {number}?");
            let known = send("ann@example.org", &message).await;
            assert_eq!(known, send("nobody@example.org", &message).await);
            assert_eq!(known.0, if number < 4 { 200 } else { 429 });
        }
        assert_eq!(
            send("ann@example.org", "What do you hold?").await.0,
            200,
            "the same again is no more"
        );
        assert_eq!(db.count("privacy_request", "1 = 1").await, 10);
        assert_eq!(
            db.count("mailing", "kind = 'REQUEST_ANSWER'").await,
            1,
            "one mail in ten minutes"
        );

        // What a person asked for themselves is answered, whatever else they get or do not get.
        let sql = "SELECT id FROM mailing WHERE kind = 'REQUEST_ANSWER'";
        let mailing = assent_domain::id::stored(db.value::<uuid::Uuid>(sql).await);
        assert_eq!(house.send(mailing, Outcome::Sent).await.len(), 1);

        let path = house.privacy_path(ann);
        let page = site.get(&path).await;
        let asked = page.must_be(200).attributes("input[name=request]", "value");
        assert_eq!(asked.len(), 5);
        let vouched = [("act", "vouch"), ("request", asked[0].as_str())];
        site.fill_in(&path, &vouched).await.must_be(200);
        assert_eq!(db.count("privacy_request", "identity = 'VERIFIED'").await, 1);
        for (email, message) in [
            ("nobody", "hello"),
            ("", "hello"),
            ("a@b.example", " "),
            ("a@b.example", "\0"),
        ] {
            assert_eq!(send(email, message).await.0, 422, "{email:?} {message:?}");
        }
        site.get("/t/nobody/privacy").await.must_be(404);
        site.close().await;
    }
);
