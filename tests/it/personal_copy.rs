//! A copy of all that is held about a person: complete, readable by machine, and about nobody else (P17).

use std::io::{Cursor, Read};
use std::time::Duration;

use assent_entity::outcome::Outcome;
use assent_tests::on_both;
use assent_tests::visitor::Site;
use reqwest::Method;
use serde_json::{Value, json};
use zip::ZipArchive;

use crate::privacy::ann;

/// The files of a copy that a person downloads.
async fn download(site: &Site, path: &str) -> Vec<(String, String)> {
    let request = site.request(Method::POST, path).form(&[("act", "copy")]);
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(header("content-type"), "application/zip");
    assert_eq!(header("cache-control"), "no-store");
    assert!(header("content-disposition").starts_with("attachment"));
    let mut zip = ZipArchive::new(Cursor::new(answer.bytes().await.unwrap().to_vec())).unwrap();
    let mut files = Vec::new();
    for index in 0..zip.len() {
        let mut file = zip.by_index(index).unwrap();
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        files.push((file.name().unwrap().into_owned(), text));
    }
    files
}

on_both!(p17_a_copy_holds_everything_and_nobody_else, async |db| {
    let house = db.house("acme").await;
    let ann = ann(&house).await;
    let list = house.subscriptions(ann).await.into_keys().next().unwrap();
    let campaign = house.campaign("news", &[list]).await;
    house.schedule(campaign, Duration::ZERO).await;
    house.send(house.mailing_of(campaign).await, Outcome::Sent).await;
    let form = house.form("other", &[list], &["news", "offers"]).await;
    let ben = house.member_of(&form, "ben@example.org", &["news"]).await;
    let site = db.site();
    let owner = site.owner("acme").await;
    let read = json!({
        "query": "{ subscribers { edges { node { email } } } }",
        "extensions": { "reason": "ticket 7" },
    });
    owner.post("application/json", read.to_string()).await;
    let path = house.privacy_path(ann);
    let formula = [
        ("act", "correct"),
        ("name", "=HYPERLINK(1)"),
        ("company", "@SUM(A1)"),
    ];
    site.fill_in(&path, &formula).await.must_be(200);
    site.fill_in(&path, &[("act", "write"), ("message", "Who are you?")])
        .await
        .must_be(200);

    let files = download(&site, &path).await;
    let names: Vec<_> = files.iter().map(|(name, _)| name.as_str()).collect();
    let expected = [
        "your-data.json",
        "person.csv",
        "former-ids.csv",
        "address-changes.csv",
        "memberships.csv",
        "sign-ups.csv",
        "subscriptions.csv",
        "consents.csv",
        "deliveries.csv",
        "attempts.csv",
        "clicks.csv",
        "suppressions.csv",
        "requests.csv",
        "request-history.csv",
        "audit-log.csv",
        "permissions.csv",
        "disclosures.csv",
    ];
    assert_eq!(names, expected);
    let copy: Value = serde_json::from_str(&files[0].1).unwrap();
    assert_eq!(copy["format"], "assent personal copy v5");
    assert_eq!(copy["person"]["email"], "ann@example.org");
    assert_eq!(copy["subscriptions"][0]["list"], "Both");
    let consents = copy["consents"].as_array().unwrap();
    assert_eq!(consents.len(), 4, "asked for two, said yes to two");
    assert_eq!(consents[3]["state"], "GIVEN");
    assert!(
        consents
            .iter()
            .all(|of| of["words"].as_str().unwrap().starts_with("Yes, write to me"))
    );
    assert!(
        consents
            .iter()
            .all(|of| of["evidence"]["email"] == "ann@example.org")
    );
    let deliveries = copy["deliveries"].as_array().unwrap();
    assert_eq!(deliveries.len(), 2, "{deliveries:?}");
    let sent = deliveries.iter().find(|of| of["kind"] == "CAMPAIGN").unwrap();
    assert_eq!(
        (&sent["subject"], &sent["status"]),
        (&json!("Hello"), &json!("SENT"))
    );
    assert_eq!(sent["attempts"][0]["reply"], "as the test wants it");
    let kinds: Vec<_> = copy["requests"]
        .as_array()
        .unwrap()
        .iter()
        .map(|of| &of["kind"])
        .collect();
    assert!(
        ["COPY", "CORRECTION", "QUESTION"]
            .iter()
            .all(|kind| kinds.contains(&&json!(kind)))
    );
    let audit = copy["audit_log"].as_array().unwrap();
    let read = audit.iter().find(|of| of["act"] == "PERSONAL_DATA_READ").unwrap();
    assert_eq!(
        read["after"],
        json!({ "reason": "ticket 7", "fields": ["email"] })
    );
    assert!(audit.iter().any(|of| of["act"] == "PERSON_CORRECTED"));
    for (name, text) in &files {
        assert!(
            !text.contains("ben@") && !text.contains(&ben.to_string()),
            "{name} tells of Ben"
        );
        assert!(
            !text.contains(",=") && !text.contains("\n="),
            "{name} has a formula"
        );
    }
    assert!(files[1].1.contains("'=HYPERLINK(1)"));

    let shown = site.fill_in(&path, &[("act", "read")]).await;
    assert_eq!(shown.must_be(200).header("cache-control"), "no-store");
    for text in [
        "ann@example.org",
        "=HYPERLINK(1)",
        "Hello",
        "ticket 7",
        "Who are you?",
    ] {
        assert!(shown.text().contains(text), "{text}");
    }
    assert_eq!(
        db.count("privacy_request", "kind = 'COPY' AND state = 'DONE'")
            .await,
        2
    );
    site.close().await;
});
