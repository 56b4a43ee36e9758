//! The policy page: what is in force, what is coming, what was, and nothing that was not posted (P09).

use std::time::Duration;

use assent_domain::disclosure::PersonField;
use assent_domain::id::PolicyVersionId;
use assent_domain::policy::{NOTICE_PERIOD, PurposeDraft};
use assent_domain::purpose::{PurposeCode, PurposeKind};
use assent_entity::policy::{self, NewVersion, PartyDraft};
use assent_tests::visitor::Answer;
use assent_tests::{House, on_both};
use strum::IntoEnumIterator;

async fn draft(house: &House<'_>, body: &str, summary: &str) -> PolicyVersionId {
    let new = NewVersion {
        body: body.to_owned(),
        summary: summary.to_owned(),
        purposes: vec![PurposeDraft {
            code: PurposeCode::parse("news").unwrap(),
            name: "About <b>news</b>".to_owned(),
            description: "What is new.".to_owned(),
            kind: PurposeKind::Marketing,
        }],
        parties: vec![PartyDraft {
            name: "Courier <script>Ltd</script>".to_owned(),
            why: "delivers".to_owned(),
            what: "name and address".to_owned(),
            fields: PersonField::iter().collect(),
            hosts: Vec::new(),
        }],
    };
    let mut tx = house.write().await;
    let id = policy::draft(&mut tx, new).await.unwrap();
    tx.commit().await.unwrap();
    id
}

/// Where some words begin in what a reader sees.
fn place(page: &Answer, words: &str) -> usize {
    let text = page.text();
    text.find(words).unwrap_or_else(|| panic!("{words}: {text}"))
}

on_both!(
    p09_changes_stand_at_the_top_and_old_versions_at_their_address,
    async |db| {
        let house = db.bare_house("acme").await;
        let site = db.site();
        let none = site.get("/t/acme/policy").await;
        place(none.must_be(200), "has not posted a privacy policy yet");
        let now = db.store.now();
        let first = draft(&house, "First text.", "").await;
        house.post(first, now).await.unwrap();
        let second = draft(&house, "Second text.", "Changed: <i>the text</i>.").await;
        house.post(second, now.after(NOTICE_PERIOD)).await.unwrap();

        let page = site.get("/t/acme/policy").await;
        let notice = place(page.must_be(200), "This policy is going to change");
        assert_eq!(
            notice,
            place(&page, "Privacy policy") + "Privacy policy ".len(),
            "right at the top"
        );
        assert!(place(&page, "9 March 2026, 09:00 UTC") < place(&page, "First text."));
        assert!(place(&page, "Changed: <i>the text</i>.") < place(&page, "First text."));
        assert!(place(&page, "version 1 , in force since 2 March 2026") < place(&page, "First text."));
        assert!(!page.text().contains("Second text."));
        let links = page.attributes(".versions a", "href");
        assert_eq!(links, ["/t/acme/policy/2", "/t/acme/policy/1"]);
        let upcoming = site.get("/t/acme/policy/2").await;
        place(upcoming.must_be(200), "Not in force yet.");
        place(&upcoming, "Second text.");

        house.send_notices(second).await;
        db.clock.forward(NOTICE_PERIOD);
        let page = site.get("/t/acme/policy").await;
        place(&page, "Second text.");
        assert!(!page.text().contains("going to change") && !page.text().contains("First text."));
        let old = site.get("/t/acme/policy/1").await;
        place(old.must_be(200), "No longer in force.");
        place(&old, "First text.");
        db.clock.forward(Duration::from_hours(24 * 3650));
        place(site.get("/t/acme/policy/1").await.must_be(200), "First text.");
        site.close().await;
    }
);

on_both!(
    p09_a_policy_takes_no_effect_on_the_page_before_its_notices_are_out,
    async |db| {
        let house = db.house("acme").await;
        let site = db.site();
        let second = draft(&house, "Second text.", "").await;
        house
            .post(second, db.store.now().after(NOTICE_PERIOD))
            .await
            .unwrap();
        db.clock.forward(NOTICE_PERIOD * 2);
        let page = site.get("/t/acme/policy").await;
        place(&page, "as soon as everybody has been told of it");
        place(&page, "We ask before we write.");
        site.close().await;
    }
);

on_both!(a_draft_is_nobodys_business, async |db| {
    let (house, other) = (db.house("acme").await, db.house("brook").await);
    let site = db.site();
    draft(&house, "Secret plan.", "Secret summary.").await;
    let page = site.get("/t/acme/policy").await;
    assert!(!page.must_be(200).body.contains("Secret") && !page.body.contains("/policy/2"));
    for path in [
        "2",
        "0",
        "-1",
        "+1",
        "01",
        "1.0",
        "%31%00",
        "99999999999999999999",
        "x",
    ] {
        site.get(&format!("/t/acme/policy/{path}")).await.must_be(404);
    }
    let foreign = draft(&other, "Of Brook.", "").await;
    other
        .post(foreign, db.store.now().after(NOTICE_PERIOD))
        .await
        .unwrap();
    site.get("/t/brook/policy/2").await.must_be(200);
    site.get("/t/acme/policy/2").await.must_be(404);
    site.get("/t/nobody/policy").await.must_be(404);
    site.close().await;
});

on_both!(a_policys_text_cannot_run_or_load_anything, async |db| {
    let house = db.bare_house("acme").await;
    let site = db.site();
    let body = "Good text. <script>alert(1)</script> [x](javascript:alert(1)) \
                <a href='jAvAsCrIpT:alert(1)' onclick='alert(1)'>y</a> <b onmouseover=alert(1)>z</b>\n\n\
                <img src=https://a.example/pixel onerror=alert(1)> ![p](https://a.example/p.png)\n\n\
                <style>*{display:none}</style><iframe src=https://a.example></iframe>\n\n\
                <form action=https://a.example><input name=email></form>\n\n[ours](/t/acme/policy/1)";
    let version = draft(&house, body, "<script>alert(1)</script>").await;
    house.post(version, db.store.now()).await.unwrap();
    for path in ["/t/acme/policy", "/t/acme/policy/1"] {
        let page = site.get(path).await;
        place(page.must_be(200), "Good text.");
        assert_eq!(
            page.count("script, iframe, img, form, input, main style, [onclick], [onerror], [onmouseover]"),
            0
        );
        assert!(!page.body.contains("<script") && !page.body.contains("<b>news"));
        let links = page.attributes("a", "href");
        assert!(
            links
                .iter()
                .all(|link| !link.to_lowercase().contains("javascript")),
            "{links:?}"
        );
        assert!(links.iter().any(|link| link == "/t/acme/policy/1"));
        place(&page, "Courier <script>Ltd</script>");
    }
    site.close().await;
});
