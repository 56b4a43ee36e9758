//! Where a request comes from is what the socket says, or what a proxy says that the operator trusts (P02).

use assent_api::visits::VisitSettings;
use assent_tests::visitor::answer;
use assent_tests::{TestStore, on_both};
use reqwest::Method;

/// Whence a request with these headers is taken to come, where `trusted` are the proxies.
async fn logged(db: &TestStore, trusted: &str, headers: &[(&str, &str)]) -> String {
    let site = db.site_that_notes(VisitSettings {
        logs_requests: true,
        trusted_proxies: trusted.parse().unwrap(),
        ..VisitSettings::default()
    });
    let request = headers
        .iter()
        .fold(site.request(Method::GET, "/healthz"), |request, (name, value)| {
            request.header(*name, *value)
        });
    answer(request).await.must_be(200);
    site.close().await;
    let address = db.value("SELECT ip_address FROM request_log").await;
    db.exec("DELETE FROM request_log").await.unwrap();
    address
}

on_both!(p02_proxies_are_trusted_only_by_configuration, async |db| {
    let usual = [("x-forwarded-for", "198.51.100.1, 203.0.113.9")];
    let standard = [("forwarded", "for=198.51.100.1, for=\"[2001:db8::9]:443\"")];
    for headers in [&usual[..], &standard[..]] {
        assert_eq!(logged(db, "", headers).await, "127.0.0.1");
        assert_eq!(logged(db, "10.0.0.0/8", headers).await, "127.0.0.1");
    }
    assert_eq!(logged(db, "127.0.0.0/8, ::1", &usual).await, "203.0.113.9");
    assert_eq!(logged(db, "127.0.0.1", &standard).await, "2001:db8::9");
    let both = [usual[0], standard[0]];
    assert_eq!(
        logged(db, "127.0.0.1", &both).await,
        "127.0.0.1",
        "one of them is made up"
    );
    let lines = [
        ("x-forwarded-for", "198.51.100.1"),
        ("x-forwarded-for", "203.0.113.9"),
    ];
    assert_eq!(logged(db, "127.0.0.1", &lines).await, "203.0.113.9");
});
