//! Browsers as counts, and nothing else (P02).

use assent_api::visits::VisitSettings;
use assent_domain::tenant::Role;
use assent_entity::member::{self, NewMember};
use assent_tests::house::{PASSWORD, address};
use assent_tests::on_both;
use assent_tests::visitor::{Site, answer};
use reqwest::Method;
use serde_json::json;

use crate::catalogue::columns;

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const SAFARI: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1";

const ASK: &str = "query($from: DateTime!, $to: DateTime!) {
    browserShare(from: $from, to: $to) { family views share } }";

async fn read(site: &Site, method: Method, path: &str, browser: &str, ahead: bool) {
    let request = site.request(method, path).header("user-agent", browser);
    let request = if ahead {
        request.header("sec-purpose", "prefetch;prerender")
    } else {
        request
    };
    answer(request).await;
}

on_both!(p02_browsers_are_counted_a_day_and_family, async |db| {
    let house = db.house("acme").await;
    house.news().await;
    db.house("brook").await;
    let site = db.site_that_notes(VisitSettings {
        logs_requests: true,
        counts_browsers: true,
        ..VisitSettings::default()
    });
    for _ in 0..3 {
        read(&site, Method::GET, "/t/acme/policy", FIREFOX, false).await;
    }
    read(&site, Method::GET, "/t/acme/join/news", SAFARI, false).await;
    // None of these is somebody who reads a page.
    read(&site, Method::GET, "/t/acme/style.css", SAFARI, false).await;
    read(&site, Method::GET, "/t/acme/policy/9", SAFARI, false).await;
    read(&site, Method::GET, "/t/acme/policy", SAFARI, true).await;
    read(&site, Method::HEAD, "/t/acme/policy", SAFARI, false).await;
    read(&site, Method::GET, "/t/nobody/policy", SAFARI, false).await;
    read(&site, Method::GET, "/graphql?query={__typename}", SAFARI, false).await;
    site.write_down().await;
    read(&site, Method::GET, "/t/acme/policy", FIREFOX, false).await;
    site.write_down().await;

    let day = json!({ "from": "2026-03-02T00:00:00Z", "to": "2026-03-02T23:59:59Z" });
    let owner = site.owner("acme").await;
    let seen = owner.data(ASK, day.clone()).await;
    let expected = json!([
        { "family": "FIREFOX", "views": 4, "share": 0.8 },
        { "family": "SAFARI", "views": 1, "share": 0.2 },
    ]);
    assert_eq!(seen["browserShare"], expected);
    let before = json!({ "from": "2026-02-02T00:00:00Z", "to": "2026-03-01T23:59:59Z" });
    assert_eq!(owner.data(ASK, before).await["browserShare"], json!([]));
    let other = site.owner("brook").await;
    assert_eq!(other.data(ASK, day).await["browserShare"], json!([]));

    assert_eq!(
        db.count("browser_share", "1 = 1").await,
        2,
        "a row a day and family"
    );
    let mut columns = columns(db, "browser_share").await;
    columns.sort();
    assert_eq!(columns, ["day", "family", "tenant_id", "views"]);
    let dump = format!("{:?}", db.dump().await);
    assert!(
        !dump.contains("Gecko"),
        "what a browser says of itself is not kept"
    );
    site.close().await;
});

on_both!(p02_only_those_who_run_pages_see_the_counts, async |db| {
    let house = db.house("acme").await;
    let site = db.site();
    for (role, may) in [
        (Role::PrivacyOfficer, true),
        (Role::Marketer, true),
        (Role::Analyst, false),
        (Role::Developer, false),
    ] {
        let email = format!("{}@acme.example", role.to_string().to_lowercase());
        let new = NewMember::new(address(&email), PASSWORD.into()).await.unwrap();
        let mut tx = house.write().await;
        member::create(&mut tx, new, role).await.unwrap();
        tx.commit().await.unwrap();
        let day = json!({ "from": "2026-03-02T00:00:00Z", "to": "2026-03-02T00:00:00Z" });
        let answer = site.member("acme", &email).await.graphql(ASK, day).await;
        assert_eq!(answer.get("errors").is_none(), may, "{role}: {answer}");
    }
    site.close().await;
});
