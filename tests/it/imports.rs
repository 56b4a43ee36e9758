//! Lists of people that a tenant brings along: a yes with evidence counts, whoever has none is asked, and no stays no (P01,
//! P18).

use std::time::Duration;

use assent_domain::consent::{ConsentSource, ConsentState};
use assent_domain::delivery::MailingKind;
use assent_domain::id::{ImportId, SubscriberId};
use assent_domain::import::ImportStatus;
use assent_domain::mailing_list::{OptIn, SubscriptionState};
use assent_domain::permit::Refusal;
use assent_domain::suppression::SuppressionReason;
use assent_entity::import::{self, Import, NewImport, Went};
use assent_entity::{StoreError, consent, subscriber};
use assent_tests::dump::difference;
use assent_tests::house::{House, address};
use assent_tests::http::{Client, data_of};
use assent_tests::process::{Assent, until};
use assent_tests::sink::Sink;
use assent_tests::{TestStore, on_both};
use serde_json::{Value, json};

use crate::address_change::is_sound;
use crate::contract::DOCUMENT;
use crate::furnished::FIRST;

mod bounds;
mod dry_run;
mod harm;
mod hostile;
mod multipart;
mod tables;
mod upload;

const BRING: &str =
    "mutation($input: ImportSubscribersInput!) { importSubscribers(input: $input) { import { id status } } }";
const SHOW: &str = "query($id: ID!) { import(id: $id) { id status failure rowsRead rowsImported rowsHeld rowsRefused octets octetsRead
    evidence { source statement } purposes { code } mailingList { name } collectionPoint { slug }
    problems(first: 10) { totalCount edges { node { line reason field } } } } }";

/// A tenant with a list for news and offers, and the form that leads to it.
async fn stage(db: &TestStore) -> (House<'_>, NewImport) {
    let house = db.house("acme").await;
    let list = house.list("News", OptIn::Double, &["news", "offers"]).await;
    house.form("news", &[list], &["news", "offers"]).await;
    let new = house.brought_to(list);
    (house, new)
}

fn counts(import: &Import) -> [u64; 4] {
    [
        import.rows_read,
        import.rows_imported,
        import.rows_held,
        import.rows_refused,
    ]
}

async fn problems(house: &House<'_>, id: ImportId) -> Vec<(u64, String)> {
    let page = import::problems(&house.read().await, id, FIRST).await.unwrap();
    let rows = page.rows.into_iter();
    rows.map(|(_, problem)| (problem.line, problem.flaw.problem.to_string()))
        .collect()
}

async fn known(house: &House<'_>, email: &str) -> Option<SubscriberId> {
    let tx = house.read().await;
    let person = subscriber::with_address(&tx, &address(email)).await.unwrap();
    person.map(|person| person.id)
}

on_both!(
    p01_who_comes_with_evidence_is_on_the_list_and_it_is_kept,
    async |db| {
        let (house, new) = stage(db).await;
        let csv = "E-mail;Full name;shoe size\r\nann@example.org;Ann;38\r\nBOB@Example.org;\"Bob; \"\"B\"\"\";44\r\n\r\n\
               ann@example.org;Ann again;39\r\n";
        let import = house.take_in(&new, csv).await;
        assert_eq!(import.status, ImportStatus::Finished);
        assert_eq!(counts(&import), [3, 3, 0, 0]);
        assert_eq!(
            db.count("subscriber", "confirmed_at IS NOT NULL").await,
            2,
            "an address is one person"
        );
        let bob = known(&house, "bob@example.org").await.unwrap();
        let person = subscriber::by_id(&house.read().await, bob).await.unwrap();
        assert_eq!(person.name, "Bob; \"B\"");
        assert_eq!(
            house.subscriptions(bob).await[&new.list],
            SubscriptionState::Active
        );
        let news = house.purpose("news").await.id;
        let record = consent::newest(&house.read().await, bob, news)
            .await
            .unwrap()
            .unwrap();
        let said = new.evidence.clone().unwrap();
        assert_eq!(
            (record.state, record.source, record.counts_from, record.statement),
            (
                ConsentState::Given,
                ConsentSource::Import,
                said.collected_at,
                Some(said.statement)
            ),
        );
        assert_eq!(
            db.count("ledger_evidence", "evidence LIKE '%\"note\":\"shop\"%'")
                .await,
            2
        );
        assert_eq!(house.decision(bob, "news").await, None);
        assert_eq!(
            house.decision(bob, "offers").await,
            Some(Refusal::NoConsent),
            "nobody said that"
        );
        assert_eq!(
            db.count("import_text", "1 = 1").await,
            0,
            "what has been read is gone"
        );
        is_sound(db).await;
        // Once more, nothing changes.
        let before = db.dump().await;
        let again = house.take_in(&new, csv).await;
        assert_eq!(counts(&again), [3, 3, 0, 0]);
        let changed = difference(&before, &db.dump().await);
        assert!(
            changed
                .iter()
                .all(|line| !line.contains("subscriber") && !line.contains("consent")),
            "{changed:?}"
        );
    }
);

on_both!(
    p01_who_comes_without_evidence_is_asked_and_gets_nothing_else,
    async |db| {
        let (house, new) = stage(db).await;
        let new = NewImport {
            evidence: None,
            ..new
        };
        let csv = "email,source,collectedAt,statement\nann@example.org,,,\nbob@example.org,fair,2026-01-02,\n\
                   cat@example.org,fair,2026-01-02,I agree.\n";
        let unsaid = house.bring(&new, csv).await.unwrap_err();
        assert!(
            matches!(
                unsaid,
                StoreError::Invalid {
                    field: "purposes",
                    ..
                }
            ),
            "{unsaid}"
        );
        let new = NewImport {
            purposes: Some(vec!["news".to_owned()]),
            ..new
        };
        let import = house.take_in(&new, csv).await;
        assert_eq!(
            counts(&import),
            [3, 1, 2, 0],
            "{:?}",
            problems(&house, import.id).await
        );
        let ann = known(&house, "ann@example.org").await.unwrap();
        assert_eq!(house.consent(ann, "news").await, Some(ConsentState::Requested));
        assert_eq!(
            house.subscriptions(ann).await[&new.list],
            SubscriptionState::Pending
        );
        assert_eq!(house.decision(ann, "news").await, Some(Refusal::NotConfirmed));
        let asked = format!("kind = '{}'", MailingKind::Confirmation);
        assert_eq!(db.count("mailing", &asked).await, 2, "each is asked once");
        let opt_in = house.newest_opt_in(ann).await;
        house.confirm(ann, opt_in).await.unwrap();
        assert_eq!(house.decision(ann, "news").await, None);
        // Without a form there is nothing to ask by.
        let bare = house.list("Bare", OptIn::Double, &["news"]).await;
        let bare = NewImport { list: bare, ..new };
        let import = house.take_in(&bare, "dan@example.org\n").await;
        assert_eq!(
            problems(&house, import.id).await,
            [(1, "NOTHING_TO_ASK_BY".to_owned())]
        );
        assert_eq!(known(&house, "dan@example.org").await, None);
    }
);

on_both!(p18_no_row_undoes_an_earlier_no, async |db| {
    let (house, new) = stage(db).await;
    let form = house.form("all", &[new.list], &["news", "offers"]).await;
    for name in ["all", "left", "took", "erased", "bounced"] {
        house
            .member_of(&form, &format!("{name}@example.org"), &["news", "offers"])
            .await;
    }
    let id = async |name: &str| known(&house, &format!("{name}@example.org")).await.unwrap();
    house.opt_out_of_all(id("all").await).await;
    house.choose(id("left").await, &["news", "offers"], &[]).await;
    house.choose(id("took").await, &["offers"], &[new.list]).await;
    house
        .suppress(id("bounced").await, SuppressionReason::HardBounced)
        .await;
    house.erase(id("erased").await).await;
    let csv = "all@example.org\nleft@example.org\ntook@example.org\nerased@example.org\nbounced@example.org\nnew@example.org\n";
    let import = house.take_in(&new, csv).await;
    let reasons = async |of: &Import| {
        let found = problems(&house, of.id).await.into_iter();
        found.map(|(_, reason)| reason).collect::<Vec<_>>()
    };
    assert_eq!(
        reasons(&import).await,
        ["HELD_BACK", "SAID_NO", "SAID_NO", "HELD_BACK", "HELD_BACK"]
    );
    assert_eq!(import.rows_imported, 1);
    // Who only took one thing back stays for the other.
    let unproven = NewImport {
        evidence: None,
        ..new.clone()
    };
    let import = house.take_in(&unproven, csv).await;
    assert_eq!(
        reasons(&import).await,
        ["HELD_BACK", "SAID_NO", "HELD_BACK", "HELD_BACK"]
    );
    assert_eq!((import.rows_imported, import.rows_held), (2, 0));
    assert_eq!(
        house.decision(id("took").await, "news").await,
        Some(Refusal::ConsentWithdrawn)
    );
    assert_eq!(
        house.subscriptions(id("left").await).await[&new.list],
        SubscriptionState::Ended
    );
    assert_eq!(known(&house, "erased@example.org").await, None);
});

on_both!(
    p11_who_was_asked_by_a_policy_notice_is_not_answered_for,
    async |db| {
        let (house, new) = stage(db).await;
        house
            .member_of(
                &house.form("old", &[new.list], &["news", "offers"]).await,
                "ann@example.org",
                &["news"],
            )
            .await;
        let import = house.take_in(&new, "ann@example.org\n").await;
        assert_eq!(counts(&import), [1, 1, 0, 0], "they had said yes themselves");
        let ann = known(&house, "ann@example.org").await.unwrap();
        let news = house.purpose("news").await.id;
        let record = consent::newest(&house.read().await, ann, news)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            record.source,
            ConsentSource::Confirmation,
            "their own word stands"
        );
    }
);

on_both!(an_import_goes_on_where_it_was_and_can_be_stopped, async |db| {
    let (house, new) = stage(db).await;
    let people: Vec<_> = (0..20)
        .map(|number| format!("person{number}@example.org"))
        .collect();
    let csv = people.join("\n");
    let id = house.bring(&new, &csv).await.unwrap();
    assert!(house.take_some_in(id, 3).await);
    // A second worker that read the same piece comes too late.
    let tx = house.read().await;
    let piece = import::piece(&tx, id, 10).await.unwrap().unwrap();
    drop(tx);
    assert!(house.take_some_in(id, 3).await);
    let late = piece.rows(3, db.store.now()).unwrap();
    let mut tx = house.write().await;
    let went = import::take(&mut tx, id, &piece, late).await.unwrap();
    assert_eq!(went, Went::Elsewhere);
    drop(tx);
    let import = import::by_id(&house.read().await, id).await.unwrap();
    assert_eq!(
        (import.status, counts(&import)),
        (ImportStatus::Running, [6, 6, 0, 0])
    );
    let mut tx = house.write().await;
    import::cancel(&mut tx, id).await.unwrap();
    tx.commit().await.unwrap();
    assert!(!house.take_some_in(id, 3).await);
    assert_eq!(
        db.count("subscriber", "1 = 1").await,
        6,
        "what was taken in stays"
    );
    assert_eq!(db.count("import_text", "1 = 1").await, 0);
    let mut tx = house.write().await;
    assert!(matches!(
        import::cancel(&mut tx, id).await,
        Err(StoreError::Conflict { field: "id", .. })
    ));
});

async fn settled(client: &Client<'_>, id: &Value) -> Value {
    let show = async || client.data(SHOW, json!({ "id": id })).await["import"].clone();
    until("the import has ended", Duration::from_mins(1), || async {
        !["QUEUED", "RUNNING"].contains(&show().await["status"].as_str().unwrap())
    })
    .await;
    show().await
}

on_both!(
    a_marketer_brings_people_along_and_sees_what_became_of_each_row,
    async |db| {
        let (_house, new) = stage(db).await;
        let sink = Sink::default();
        let assent = Assent::serve(db, &sink);
        let site = db.site();
        let client = site.owner("acme").await;
        let input = |csv: &str, key: &str| {
            json!({ "input": { "mailingListId": new.list.to_string(), "csv": csv, "idempotencyKey": key,
            "evidence": { "source": "shop", "collectedAt": "2026-01-02T03:04:05Z", "statement": "Yes.", "purposes": ["news"] } } })
        };
        let csv = "email,name,collected_at\nann@example.org,Ann,\nnobody,,\n,Nameless,\nbob@example.org,B,2999-01-01\ncat@example.org,C,soon\n";
        let first = client.named(DOCUMENT, Some("ImportSubscribers"), input(csv, "one"));
        let first = data_of(first.await)["importSubscribers"]["import"].clone();
        let again = client.data(BRING, input(csv, "one")).await["importSubscribers"]["import"].clone();
        assert_eq!(first["id"], again["id"]);
        let refused = client.refused(BRING, input("other@example.org", "one")).await;
        assert_eq!(
            (refused.code.as_str(), refused.field.as_str()),
            ("CONFLICT", "idempotencyKey")
        );
        let shown = settled(&client, &first["id"]).await;
        assert_eq!(shown["status"], "FINISHED");
        assert_eq!(
            shown["problems"]["edges"],
            json!([
                { "node": { "line": 3, "reason": "EMAIL_INVALID", "field": "EMAIL" } },
                { "node": { "line": 4, "reason": "EMAIL_MISSING", "field": "EMAIL" } },
                { "node": { "line": 5, "reason": "TIME_IN_FUTURE", "field": "COLLECTED_AT" } },
                { "node": { "line": 6, "reason": "TIME_INVALID", "field": "COLLECTED_AT" } },
            ])
        );
        assert_eq!(
            (
                &shown["rowsRead"],
                &shown["rowsImported"],
                &shown["rowsRefused"],
                &shown["octets"]
            ),
            (&json!(5), &json!(1), &json!(4), &shown["octetsRead"])
        );
        assert_eq!(shown["purposes"], json!([{ "code": "news" }]));
        let as_relied_on = client.named(DOCUMENT, Some("Import"), json!({ "id": first["id"] }));
        let as_relied_on = data_of(as_relied_on.await)["import"].clone();
        assert_eq!(as_relied_on["problems"]["edges"], shown["problems"]["edges"]);
        assert_eq!(as_relied_on["rowsRead"], shown["rowsRead"]);
        // A quote that is never closed takes neither the worker nor the rest of the house with it.
        let endless = format!("email\ndan@example.org\n\"{}", "x".repeat(1_300_000));
        let open =
            client.data(BRING, input(&endless, "two")).await["importSubscribers"]["import"]["id"].clone();
        let shown = settled(&client, &open).await;
        assert_eq!(
            (&shown["status"], &shown["rowsImported"]),
            (&json!("FAILED"), &json!(1))
        );
        assert!(shown["failure"].as_str().unwrap().contains("line 3"), "{shown}");
        drop(assent);
        site.close().await;
    }
);

on_both!(what_is_not_whole_is_refused_and_changes_nothing, async |db| {
    let (_house, new) = stage(db).await;
    let site = db.site();
    let client = site.owner("acme").await;
    let before = db.dump().await;
    let input = |csv: &str, purposes: Value, source: &str, at: &str| {
        json!({ "input": { "mailingListId": new.list.to_string(), "csv": csv,
            "evidence": { "source": source, "collectedAt": at, "statement": "Yes.", "purposes": purposes } } })
    };
    let past = "2026-01-02T03:04:05Z";
    for (input, field) in [
        (input("", json!(["news"]), "shop", past), "csv"),
        (input("name\nAnn", json!(["news"]), "shop", past), "csv"),
        (input("email,mail\n", json!(["news"]), "shop", past), "csv"),
        (input("email\n", json!([]), "shop", past), "evidence.purposes"),
        (
            input("email\n", json!(["bill"]), "shop", past),
            "evidence.purposes",
        ),
        (input("email\n", json!(["news"]), " ", past), "evidence.source"),
        (
            input("email\n", json!(["news"]), "shop\u{0}", past),
            "evidence.source",
        ),
        (
            input("email\n", json!(["news"]), "shop", "2999-01-01T00:00:00Z"),
            "evidence.collectedAt",
        ),
    ] {
        let refused = client.refused(BRING, input.clone()).await;
        assert_eq!(
            (refused.code.as_str(), refused.field.as_str()),
            ("BAD_USER_INPUT", field),
            "{input}"
        );
    }
    assert_eq!(difference(&before, &db.dump().await), [""; 0]);
    site.close().await;
});
