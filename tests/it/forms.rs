//! What a form says, to whom and when: outside parties before any field, the words that were shown and no others, in
//! the language that somebody reads (P03, P12, P13).

use std::collections::BTreeMap;
use std::time::Duration;

use assent_domain::consent::ConsentState;
use assent_domain::id::SubscriberId;
use assent_domain::mailing_list::OptIn;
use assent_domain::policy::{NOTICE_PERIOD, PurposeDraft};
use assent_domain::purpose::{PurposeCode, PurposeKind};
use assent_entity::consent::{self, ConsentRecord};
use assent_entity::policy::{self, NewVersion};
use assent_entity::{receipt, subscriber, verify};
use assent_tests::dump::difference;
use assent_tests::house::address;
use assent_tests::http::Client;
use assent_tests::visitor::{Answer, Site, answer};
use assent_tests::{House, TestStore, on_both};
use reqwest::Method;
use serde_json::{Value, json};

use crate::furnished::FIRST;

pub(crate) const CREATE: &str = "mutation($input: CreateCollectionPointInput!) {
    createCollectionPoint(input: $input) { collectionPoint {
      id slug version language formUrl definitionUrl snippet outsideParties { name }
      choices { purpose { code } statement } texts { language name choices { statement } } } } }";

pub(crate) const UPDATE: &str = "mutation($input: UpdateCollectionPointInput!) {
    updateCollectionPoint(input: $input) { collectionPoint { id version name snippet choices { statement } } } }";

/// What it takes to open a form with one choice, for a list that is used for news.
pub(crate) async fn input(house: &House<'_>, slug: &str, more: Value) -> Value {
    let list = house.list(slug, OptIn::Double, &["news"]).await;
    let mut input = json!({
        "slug": slug, "name": "Our news", "mailingListIds": [list.to_string()],
        "fields": [{ "name": "name", "required": false }],
        "choices": [{ "purpose": "news", "statement": "Yes, send me news." }],
    });
    for (name, value) in more.as_object().unwrap() {
        input[name] = value.clone();
    }
    json!({ "input": input })
}

/// Opens a form through the API.
pub(crate) async fn open(house: &House<'_>, owner: &Client<'_>, slug: &str, more: Value) -> Value {
    let mut made = owner.data(CREATE, input(house, slug, more).await).await;
    made["createCollectionPoint"]["collectionPoint"].take()
}

/// Gives a form other words.
pub(crate) async fn reword(owner: &Client<'_>, id: &Value, statement: &str) -> i64 {
    let choices = json!([{ "purpose": "news", "statement": statement }]);
    let updated = owner
        .data(UPDATE, json!({ "input": { "id": id, "choices": choices } }))
        .await;
    updated["updateCollectionPoint"]["collectionPoint"]["version"]
        .as_i64()
        .unwrap()
}

/// A version of the policy that names nobody from outside takes effect.
pub(crate) async fn policy_without_parties(house: &House<'_>) {
    let new = NewVersion {
        body: "# Privacy".to_owned(),
        summary: "Nobody else.".to_owned(),
        purposes: vec![PurposeDraft {
            code: PurposeCode::parse("news").unwrap(),
            name: "News".to_owned(),
            description: "What is new.".to_owned(),
            kind: PurposeKind::Marketing,
        }],
        parties: Vec::new(),
    };
    let mut tx = house.write().await;
    let id = policy::draft(&mut tx, new).await.unwrap();
    tx.commit().await.unwrap();
    house
        .post(id, house.db.store.now().after(NOTICE_PERIOD))
        .await
        .unwrap();
    house.send_notices(id).await;
    house.db.clock.forward(NOTICE_PERIOD);
}

/// The records of somebody, and who it is.
pub(crate) async fn records(house: &House<'_>, email: &str) -> (SubscriberId, Vec<ConsentRecord>) {
    let tx = house.read().await;
    let person = subscriber::with_address(&tx, &address(email))
        .await
        .unwrap()
        .expect("a subscriber");
    let page = consent::page_of(&tx, person.id, FIRST).await.unwrap();
    (
        person.id,
        page.rows.into_iter().map(|(_, record)| record).collect(),
    )
}

async fn words_of(house: &House<'_>, record: &ConsentRecord) -> String {
    let form = record.form.as_ref().expect("a form");
    let tx = house.read().await;
    consent::words_shown(&tx, form).await.unwrap().expect("words")
}

async fn get_with(site: &Site, path: &str, header: (&str, &str)) -> Answer {
    answer(site.request(Method::GET, path).header(header.0, header.1)).await
}

async fn unchanged(db: &TestStore, before: &BTreeMap<String, Vec<String>>) {
    assert_eq!(difference(before, &db.dump().await), [""; 0]);
}

on_both!(
    p13_outside_parties_are_named_before_any_field_and_people_asked_whether_to_go_on,
    async |db| {
        let house = db.house("acme").await;
        let site = db.site();
        let owner = site.owner("acme").await;
        let parties = json!({ "outsideParties": [{ "name": "Courier Ltd" }] });
        let made = open(&house, &owner, "parcels", parties).await;
        assert_eq!(made["outsideParties"], json!([{ "name": "Courier Ltd" }]));
        let path = "/t/acme/join/parcels";

        let first = site.get(path).await;
        first.must_be(200);
        assert_eq!(first.count("input, textarea, button, form"), 0, "no field yet");
        let (go_on, leave) = (format!("{path}?go_on=1"), format!("{path}?leave=1"));
        assert_eq!(
            first.attributes("main a", "href"),
            [go_on.as_str(), leave.as_str()]
        );
        for words in ["Courier Ltd", "name and address", "delivers what was ordered"] {
            assert!(first.text().contains(words), "{words}: {}", first.text());
        }
        let left = site.get(&leave).await;
        assert!(left.must_be(200).text().contains("You have left the form"));
        assert_eq!(left.count("input"), 0);

        let form = site.get(&go_on).await;
        let (who, field) = (form.body.find("Courier Ltd"), form.body.find("<input"));
        assert!(who < field && who.is_some(), "{}", form.must_be(200).body);
        let filled = form.filled_in();
        assert_eq!(filled["go_on"], "1");

        let before = db.dump().await;
        let shown = form.shown();
        let answers = [
            ("email", "ann@example.org"),
            ("purpose", "news"),
            ("shown", shown.as_str()),
        ];
        let unasked = site.fill_in(path, &answers).await;
        assert_eq!(unasked.must_be(422).count("input"), 0, "asked first");
        unchanged(db, &before).await;
        let sent = site
            .fill_in(path, &[&answers[..], &[("go_on", "1")]].concat())
            .await;
        sent.must_be(200);

        let (ann, asked) = records(&house, "ann@example.org").await;
        let shown = asked[0].form.as_ref().unwrap();
        assert_eq!((shown.version, shown.outside_parties.len()), (1, 1));
        let words = words_of(&house, &asked[0]).await;
        assert!(words.contains("Outside party: Courier Ltd") && words.contains("name and address"));
        let opt_in = house.newest_opt_in(ann).await;
        let confirm = site.get(&house.confirm_path(ann, opt_in)).await;
        assert!(
            confirm.must_be(200).text().contains("Courier Ltd"),
            "named once more"
        );
        house.confirm(ann, opt_in).await.unwrap();
        let (_, confirmed) = records(&house, "ann@example.org").await;
        assert_eq!(
            confirmed[1].form.as_ref().unwrap().outside_parties,
            shown.outside_parties
        );
        let reports = verify::all(&db.store, |_, _| {}).await.unwrap();
        assert_eq!(reports[0].fault, None);
        site.close().await;
    }
);

on_both!(
    p13_nobody_is_brought_in_whom_the_policy_in_force_does_not_name,
    async |db| {
        let house = db.house("acme").await;
        let site = db.site();
        let owner = site.owner("acme").await;
        let stranger = input(
            &house,
            "one",
            json!({ "outsideParties": [{ "name": "Broker Inc" }] }),
        )
        .await;
        let before = db.dump().await;
        let refused = owner.refused(CREATE, stranger.clone()).await;
        assert_eq!(
            (refused.code.as_str(), refused.field.as_str()),
            ("CONFLICT", "outsideParties")
        );
        assert!(refused.message.contains("Broker Inc"), "{}", refused.message);
        for bad in [
            json!([{ "name": "" }]),
            json!([{ "name": "Courier Ltd" }, { "name": "Courier Ltd" }]),
        ] {
            let mut twice = stranger.clone();
            twice["input"]["outsideParties"] = bad;
            assert_eq!(owner.refused(CREATE, twice).await.code, "BAD_USER_INPUT");
        }
        unchanged(db, &before).await;

        let parties = json!({ "outsideParties": [{ "name": "Courier Ltd" }] });
        let made = open(&house, &owner, "parcels", parties).await;
        let go_on = "/t/acme/join/parcels?go_on=1";
        let shown = site.get(go_on).await.shown();
        policy_without_parties(&house).await;
        let owner = site.owner("acme").await;
        let before = db.dump().await;
        let answers = [
            ("email", "ann@example.org"),
            ("purpose", "news"),
            ("go_on", "1"),
            ("shown", shown.as_str()),
        ];
        for page in [site.get(go_on).await, site.fill_in(go_on, &answers).await] {
            assert_eq!(page.must_be(409).count("input"), 0, "the form is closed");
        }
        let id = &made["id"];
        let renamed = owner
            .refused(UPDATE, json!({ "input": { "id": id, "name": "New" } }))
            .await;
        assert_eq!(
            (renamed.code.as_str(), renamed.field.as_str()),
            ("CONFLICT", "outsideParties")
        );
        unchanged(db, &before).await;
        let without = json!({ "input": { "id": id, "outsideParties": [] } });
        owner.data(UPDATE, without).await;
        site.get("/t/acme/join/parcels").await.must_be(200).shown();
        site.close().await;
    }
);

on_both!(
    p12_an_answer_is_recorded_with_the_words_that_were_shown,
    async |db| {
        let house = db.house("acme").await;
        let site = db.site();
        let owner = site.owner("acme").await;
        let made = open(&house, &owner, "news", json!({})).await;
        let path = "/t/acme/join/news";
        let old = site.get(path).await.shown();
        assert_eq!(
            reword(&owner, &made["id"], "Yes, send me news and more.").await,
            2
        );
        assert_eq!(
            reword(&owner, &made["id"], "Yes, send me news and more.").await,
            2,
            "unchanged"
        );
        let now = site.get(path).await;
        assert!(now.text().contains("and more") && now.shown() != old);

        db.clock.forward(Duration::from_hours(24));
        let answers = |email| [("email", email), ("purpose", "news"), ("shown", old.as_str())];
        site.fill_in(path, &answers("ann@example.org")).await.must_be(200);
        let (ann, of_ann) = records(&house, "ann@example.org").await;
        assert_eq!(of_ann[0].statement.as_deref(), Some("Yes, send me news."));
        assert_eq!(of_ann[0].form.as_ref().unwrap().version, 1);
        assert!(!words_of(&house, &of_ann[0]).await.contains("and more"));
        let opt_in = house.newest_opt_in(ann).await;
        let confirm = site.get(&house.confirm_path(ann, opt_in)).await;
        assert!(
            !confirm.must_be(200).text().contains("and more"),
            "{}",
            confirm.text()
        );
        house.confirm(ann, opt_in).await.unwrap();
        let (_, of_ann) = records(&house, "ann@example.org").await;
        assert_eq!(of_ann[1].state, ConsentState::Given);
        assert_eq!(of_ann[1].statement.as_deref(), Some("Yes, send me news."));

        db.clock.forward(Duration::from_secs(1));
        let before = db.dump().await;
        let late = site.fill_in(path, &answers("ben@example.org")).await;
        assert!(late.must_be(409).text().contains("and more"), "{}", late.text());
        assert_eq!(late.filled_in()["email"], "ben@example.org");
        assert_eq!(late.count("[checked]"), 0, "they are to be read again");
        for none in [
            "99.1.en",
            "0.1.en",
            "-1.1.en",
            "2147483647.1.en",
            "2.99.en",
            "2.1.xx",
            "2.1.<b>",
        ] {
            let fields = [("email", "ben@example.org"), ("purpose", "news"), ("shown", none)];
            site.fill_in(path, &fields).await.must_be(409);
        }
        unchanged(db, &before).await;
        let shown = late.shown();
        let fields = [
            ("email", "ben@example.org"),
            ("purpose", "news"),
            ("shown", shown.as_str()),
        ];
        site.fill_in(path, &fields).await.must_be(200);
        let (_, of_ben) = records(&house, "ben@example.org").await;
        assert_eq!(of_ben[0].form.as_ref().unwrap().version, 2);
        for raw in [
            "UPDATE collection_point_version SET created_at = 0",
            "DELETE FROM collection_point_choice",
            "UPDATE collection_point_text SET name = 'x'",
        ] {
            assert!(db.exec(raw).await.is_err(), "{raw}");
        }
        site.close().await;
    }
);

on_both!(p12_a_form_speaks_the_language_of_whoever_reads_it, async |db| {
    let house = db.house("acme").await;
    let site = db.site();
    let owner = site.owner("acme").await;
    let german = json!({
        "language": "de-at", "name": "Unsere Neuigkeiten",
        "statements": [{ "purpose": "news", "statement": "Ja, schickt mir Neuigkeiten." }],
    });
    let made = open(
        &house,
        &owner,
        "news",
        json!({ "translations": [german.clone()] }),
    )
    .await;
    let languages: Vec<_> = made["texts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|text| &text["language"])
        .collect();
    assert_eq!(languages, ["en", "de-AT"]);
    let path = "/t/acme/join/news";
    for (asked, browser, expected) in [
        ("", "en", "en"),
        ("", "de", "de-AT"),
        ("", "fr-FR, de-AT;q=0.9, en;q=0.1", "de-AT"),
        ("", "fr, tlh;q=0.5", "en"),
        ("", "*", "en"),
        ("", "\u{a0}; q=x,,,", "en"),
        ("?lang=de", "en", "de-AT"),
        ("?lang=en", "de", "en"),
        ("?lang=tlh", "en", "en"),
        ("?lang=%ff%00", "en", "en"),
        ("?lang=%3Cscript%3E", "de", "de-AT"),
    ] {
        let page = get_with(&site, &format!("{path}{asked}"), ("accept-language", browser)).await;
        page.must_be(200);
        let lang = page.attributes("h1[lang]", "lang");
        assert_eq!(lang, [expected], "{asked} {browser}");
        assert_eq!(page.attributes(".choices .words[lang]", "lang"), [expected]);
        assert_eq!(page.text().contains("Ja, schickt mir"), expected == "de-AT");
        assert!(page.header("vary").contains("accept-language"));
    }
    let german_page = format!("{path}?lang=de");
    let shown = site.get(&german_page).await.shown();
    let fields = [
        ("email", "ann@example.org"),
        ("purpose", "news"),
        ("shown", shown.as_str()),
    ];
    site.fill_in(&german_page, &fields).await.must_be(200);
    let (_, records) = records(&house, "ann@example.org").await;
    assert_eq!(
        records[0].statement.as_deref(),
        Some("Ja, schickt mir Neuigkeiten.")
    );
    assert_eq!(records[0].form.as_ref().unwrap().language.as_str(), "de-AT");
    let receipt = receipt::issue(&house.read().await, records[0].id, "https://x.example").await;
    let processing = receipt.unwrap().document.pii_processing;
    assert_eq!(processing.language.unwrap().as_str(), "de-AT");

    let statement = |code: &str| json!([{ "purpose": code, "statement": "x" }]);
    let before = db.dump().await;
    for (field, more) in [
        ("language", json!({ "language": "no language" })),
        (
            "translations",
            json!({ "translations": [{ "language": "<b>", "name": "x", "statements": statement("news") }] }),
        ),
        (
            "translations",
            json!({ "translations": [{ "language": "fr", "name": "x" }] }),
        ),
        (
            "translations",
            json!({ "translations": [{ "language": "fr", "name": "", "statements": statement("news") }] }),
        ),
        ("translations", json!({ "translations": [german, german] })),
        (
            "translations",
            json!({ "translations": [{ "language": "en", "name": "x", "statements": statement("news") }] }),
        ),
    ] {
        let mut change = more.clone();
        change["id"] = made["id"].clone();
        let refused = owner.refused(UPDATE, json!({ "input": change })).await;
        assert_eq!(
            (refused.code.as_str(), refused.field.as_str()),
            ("BAD_USER_INPUT", field),
            "{more}"
        );
    }
    unchanged(db, &before).await;
    site.close().await;
});

on_both!(
    what_a_tenant_writes_on_a_form_is_text_and_never_markup,
    async |db| {
        let house = db.house("acme").await;
        let site = db.site();
        let owner = site.owner("acme").await;
        let hostile = "</label><script>alert(1)</script>\" onclick='x' {{ 7 * 7 }}";
        let words = json!({
            "name": hostile,
            "choices": [{ "purpose": "news", "statement": hostile }],
            "translations": [{
                "language": "de", "name": hostile,
                "statements": [{ "purpose": "news", "statement": hostile }],
            }],
        });
        let made = open(&house, &owner, "news", words).await;
        let snippet = made["snippet"].as_str().unwrap();
        let pages = [
            site.get("/t/acme/join/news").await.body,
            site.get("/t/acme/join/news?lang=de").await.body,
            snippet.to_owned(),
        ];
        for page in pages {
            assert!(
                page.contains("{{ 7 * 7 }}") && page.contains("&#60;script&#62;"),
                "{page}"
            );
            assert!(
                !page.contains("<script") && !page.contains("\" onclick"),
                "{page}"
            );
        }
        for bad in ["\u{0}", "a\nb", "\u{1b}[31m", &"x".repeat(201)] {
            let refused = owner
                .refused(UPDATE, json!({ "input": { "id": made["id"], "name": bad } }))
                .await;
            assert_eq!(
                (refused.code.as_str(), refused.field.as_str()),
                ("BAD_USER_INPUT", "name")
            );
        }
        site.close().await;
    }
);
