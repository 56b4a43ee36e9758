//! Consent receipts: what a record says, checked by somebody who has nothing but the public keys (P12).

use std::fs;
use std::process::Command;

use assent_domain::consent::ConsentState;
use assent_domain::id::{ConsentRecordId, SubscriberId};
use assent_entity::{consent, expiry};
use assent_tests::dump::difference;
use assent_tests::visitor::Site;
use assent_tests::{House, on_both};
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};

/// What stands before the 32 octets of a public Ed25519 key in the form that openssl reads (RFC 8410, 4).
const PUBLIC_HEAD: [u8; 12] = [
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
];

async fn record_of(house: &House<'_>, of: SubscriberId, purpose: &str) -> ConsentRecordId {
    let purpose = house.purpose(purpose).await.id;
    let tx = house.read().await;
    consent::newest(&tx, of, purpose)
        .await
        .unwrap()
        .expect("a record")
        .id
}

fn parts(jws: &str) -> Vec<&str> {
    let parts: Vec<_> = jws.split('.').collect();
    assert_eq!(parts.len(), 3, "{jws}");
    parts
}

fn json_of(part: &str) -> Value {
    serde_json::from_slice(&BASE64URL_NOPAD.decode(part.as_bytes()).unwrap()).unwrap()
}

/// Whether openssl, which knows nothing of us, accepts the signature with the key of that id.
fn is_genuine(jws: &str, keys: &Value) -> bool {
    let parts = parts(jws);
    let dir = tempfile::tempdir().unwrap();
    let file = |name: &str, octets: &[u8]| {
        let path = dir.path().join(name);
        fs::write(&path, octets).unwrap();
        path
    };
    let Some(key) = keys["keys"].as_array().unwrap().first() else {
        return false;
    };
    let public = BASE64URL_NOPAD
        .decode(key["x"].as_str().unwrap().as_bytes())
        .unwrap();
    let Ok(signature) = BASE64URL_NOPAD.decode(parts[2].as_bytes()) else {
        return false;
    };
    let key = file("key", &[&PUBLIC_HEAD[..], &public].concat());
    let message = file("message", format!("{}.{}", parts[0], parts[1]).as_bytes());
    let signature = file("signature", &signature);
    let mut openssl = Command::new("openssl");
    openssl
        .args([
            "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-rawin", "-inkey",
        ])
        .arg(key)
        .arg("-in")
        .arg(message)
        .arg("-sigfile")
        .arg(signature);
    openssl.output().expect("openssl runs").status.success()
}

async fn keys(site: &Site, slug: &str) -> Value {
    let answer = site.get(&format!("/t/{slug}/keys.json")).await;
    assert_eq!(
        answer.must_be(200).header("content-type"),
        "application/jwk-set+json"
    );
    serde_json::from_str(&answer.body).unwrap()
}

on_both!(
    p12_a_receipt_is_checked_with_the_public_key_alone_and_fails_when_a_character_is_changed,
    async |db| {
        let house = db.house("acme").await;
        db.house("brook").await;
        let (_, form) = house.news().await;
        let ann = house.member_of(&form, "ann@example.org", &["news"]).await;
        let record = record_of(&house, ann, "news").await;
        let site = db.site();
        let path = house.receipt_path(ann, record);
        let before = db.dump().await;
        let file = site.get(&format!("{path}/jws")).await;
        assert_eq!(file.must_be(200).header("content-type"), "application/jose");
        let (ours, theirs) = (keys(&site, "acme").await, keys(&site, "brook").await);
        let jws = file.body.as_str();
        assert!(is_genuine(jws, &ours));
        assert!(!is_genuine(jws, &theirs), "each tenant has a key of its own");
        assert_eq!(json_of(parts(jws)[0])["kid"], ours["keys"][0]["kid"]);
        assert_eq!(json_of(parts(jws)[0])["alg"], "EdDSA");
        let dot = jws.find('.').unwrap();
        for place in [3, dot + 5, jws.rfind('.').unwrap() - 9, jws.len() - 40] {
            let mut altered = jws.as_bytes().to_vec();
            altered[place] = if altered[place] == b'A' { b'B' } else { b'A' };
            let altered = String::from_utf8(altered).unwrap();
            assert!(!is_genuine(&altered, &ours), "{place}");
        }
        let page = site.get(&path).await;
        assert!(page.must_be(200).text().contains("Yes, write to me about news."));
        assert!(!page.body.contains("ann@example.org"));
        assert_eq!(difference(&before, &db.dump().await), [""; 0]);

        let owner = site.owner("acme").await;
        let query = "query($id: ID!) { node(id: $id) { ... on ConsentRecord { receipt { jws keysUrl } } } }";
        let data = owner.data(query, json!({ "id": record.to_string() })).await;
        let receipt = &data["node"]["receipt"];
        assert!(is_genuine(receipt["jws"].as_str().unwrap(), &ours));
        assert!(
            receipt["keysUrl"]
                .as_str()
                .unwrap()
                .ends_with("/t/acme/keys.json")
        );
        site.close().await;
    }
);

on_both!(
    p12_a_receipt_says_who_what_when_how_and_to_which_words,
    async |db| {
        let house = db.house("acme").await;
        let (_, form) = house.news().await;
        let ann = house.member_of(&form, "ann@example.org", &["news"]).await;
        let record = record_of(&house, ann, "news").await;
        let mut tx = house.write().await;
        expiry::set(&mut tx, "news", Some(365)).await.unwrap();
        tx.commit().await.unwrap();
        house.choose(ann, &[], &[]).await;
        assert_eq!(house.consent(ann, "news").await, Some(ConsentState::Withdrawn));
        let site = db.site();
        let jws = site
            .get(&format!("{}/jws", house.receipt_path(ann, record)))
            .await
            .body;
        let said = json_of(parts(&jws)[1]);
        assert_eq!(said["schema_version"], "ISO/IEC TS 27560:2023");
        assert_eq!(said["record_id"], record.uuid().to_string());
        assert_eq!(said["pii_principal_id"], ann.to_string());
        let controller = &said["party_identification"][0];
        assert_eq!(controller["party_name"], "House acme");
        assert_eq!(controller["party_address"], "1 Main Street, Springfield");
        assert_eq!(controller["party_contact"], "privacy@acme.example");
        let notice = &said["pii_processing"]["privacy_notice"];
        assert_eq!(notice["version"], 1);
        let url = notice["url"].as_str().unwrap();
        let own = format!("http://{}", site.address);
        site.get(url.strip_prefix(&own).unwrap()).await.must_be(200);
        assert_eq!(said["pii_processing"]["language"], "en", "that of the form");
        assert_eq!(said["events"][1]["language"], "en");
        assert!(
            said["events"][2].get("language").is_none(),
            "in which a page without a form was read is not known"
        );
        let purpose = &said["pii_processing"]["purposes"][0];
        assert_eq!(
            (purpose["purpose"].as_str(), purpose["purpose_type"].as_str()),
            (Some("news"), Some("MARKETING"))
        );
        assert_eq!(purpose["pii_controllers"][0], controller["party_id"]);
        assert_eq!(purpose["recipients"][0]["name"], "Courier Ltd");
        let events = said["events"].as_array().unwrap();
        let told: Vec<_> = events
            .iter()
            .map(|event| {
                (
                    event["event_state"].as_str().unwrap(),
                    event["collection_method"].as_str().unwrap(),
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                ("ConsentRequested", "FORM"),
                ("ConsentGiven", "CONFIRMATION"),
                ("ConsentWithdrawn", "PREFERENCE_PAGE")
            ]
        );
        assert_eq!(events[1]["statement"], "Yes, write to me about news.");
        assert_eq!(events[1]["collection_point"]["name"], "Join news");
        assert_eq!(events[1]["entity_id"], ann.to_string());
        assert_eq!(events[0]["entity_id"], "visitor");
        assert_eq!(events[1]["event_id"], said["record_id"]);
        assert_eq!(events[1]["validity_duration"], "P365D");
        assert!(
            !said.to_string().contains("example.org"),
            "a pseudonym only: {said}"
        );
        site.close().await;
    }
);

on_both!(p12_a_receipt_opens_for_its_person_only, async |db| {
    let (acme, brook) = (db.house("acme").await, db.house("brook").await);
    let (_, form) = acme.news().await;
    let ann = acme.member_of(&form, "ann@example.org", &["news"]).await;
    let ben = acme.member_of(&form, "ben@example.org", &["news"]).await;
    let record = record_of(&acme, ann, "news").await;
    let site = db.site();
    let own = acme.receipt_path(ann, record);
    for path in [
        acme.receipt_path(ben, record),
        brook.receipt_path(ann, record),
        acme.preferences_path(ann).replace("preferences", "receipt"),
        own[..own.len() - 2].to_owned(),
        "/receipt/x".to_owned(),
    ] {
        site.get(&path).await.must_be(404);
        site.get(&format!("{path}/jws")).await.must_be(404);
    }
    site.get("/t/nobody/keys.json").await.must_be(404);
    site.close().await;
});

on_both!(
    p12_the_preferences_page_shows_what_was_agreed_to_where_and_the_way_to_each_receipt,
    async |db| {
        let house = db.house("acme").await;
        let (_, form) = house.news().await;
        let ann = house.member_of(&form, "ann@example.org", &["news"]).await;
        let site = db.site();
        let page = site.get(&house.preferences_path(ann)).await;
        let text = page.must_be(200).text();
        assert!(
            text.contains("the link in a confirmation mail (“Join news”)"),
            "{text}"
        );
        assert!(text.contains("version 1"), "{text}");
        let receipts = page.attributes("a[href^='/receipt/']", "href");
        assert_eq!(receipts.len(), 1);
        site.get(&receipts[0]).await.must_be(200);

        // What the policy does not name any more is shown all the same.
        house
            .next_policy(&[("bill", assent_domain::purpose::PurposeKind::Essential)])
            .await;
        let page = site.get(&house.preferences_path(ann)).await;
        let text = page.must_be(200).text();
        assert!(text.contains("About news You had said yes."), "{text}");
        assert_eq!(page.count("a[href^='/receipt/']"), 1);
        site.close().await;
    }
);
