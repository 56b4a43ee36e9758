//! What holds for every hosted page, whoever asks: reading changes nothing, and no cookie is set or needed
//! (P05).

use std::time::Duration;

use assent_domain::id::new_id;
use assent_domain::policy::NOTICE_PERIOD;
use assent_entity::campaign_link;
use assent_entity::consent;
use assent_tests::dump::difference;
use assent_tests::house::{NEWS_OFFERS_BILL, WITH_CLICKS};
use assent_tests::visitor::{FORM, Site, answer};
use assent_tests::{TestStore, on_both};
use reqwest::Method;

/// Browsers, mail scanners, previews, proxies, scripts, and what says nothing.
pub(crate) const AGENTS: [&str; 8] = [
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/120.0",
    "Microsoft Office/16.0 (Microsoft Outlook Mail; SafeLinks)",
    "Mozilla/5.0 (compatible; GoogleImageProxy)",
    "BarracudaCentral Link Protect Bot",
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "python-requests/2.32",
    "",
];

/// The routes as the server puts them in place, so that a new one cannot escape.
const ROUTES: &str = include_str!("../../api/src/pages/mod.rs");

/// The addresses of a sign-in by an identity provider that is under way in one browser.
pub(crate) const OF_ONE_BROWSER: [&str; 2] = ["/t/acme/sign-in/callback", "/t/acme/sign-in/code"];

/// An address for every other route, each of which has something to show.
pub(crate) async fn paths(db: &TestStore, site: &Site) -> Vec<String> {
    let house = db.bare_house("acme").await;
    house.first_policy(WITH_CLICKS).await;
    let (list, form) = house.news().await;
    let ann = house.member_of(&form, "ann@example.org", &["news"]).await;
    let measured = house.tracked_campaign(&[list], "Hello").await;
    let tx = house.write().await;
    let links = ["https://shop.example/".to_owned()];
    campaign_link::keep(&tx, measured, &links).await.unwrap();
    tx.commit().await.unwrap();
    let (_, ben) = house.join(&form, "ben@example.org", &["news"]).await;
    let opt_in = house.newest_opt_in(ben).await;
    let campaign = house.campaign("news", &[list]).await;
    house.schedule(campaign, Duration::from_hours(1)).await;
    let mailing = house.mailing_of(campaign).await;
    let upcoming = house.draft(NEWS_OFFERS_BILL).await;
    let at = db.store.now().after(NOTICE_PERIOD);
    house.post(upcoming, at).await.unwrap();

    let (now, mail) = (
        db.store.now(),
        "Subject: Hello\r\nContent-Type: text/html\r\n\r\n<p>Hello\r\n",
    );
    site.mailbox.put(now, new_id(now), mail.as_bytes()).await.unwrap();
    let kept = site.mailbox.newest(1).unwrap().ids.remove(0);
    let unsubscribe = house.unsubscribe_path(ann, mailing);
    let news = house.purpose("news").await.id;
    let record = consent::newest(&house.read().await, ann, news)
        .await
        .unwrap()
        .unwrap()
        .id;
    let (change, _) = crate::address_change::ask(&house, site, ann, "ann@new.example").await;
    crate::identity_provider::somewhere(&house).await;
    let [invitation, reset] = crate::account_mails::account_paths(&house, "acme").await;
    vec![
        format!("{invitation}?name=Eve&password=eve-and-her-horse"),
        invitation,
        format!("{reset}?password=eve-and-her-horse"),
        reset,
        "/.well-known/jwks.json".to_owned(),
        "/t/acme/sign-in".to_owned(),
        "/t/acme/sign-in/done".to_owned(),
        "/t/acme/reset".to_owned(),
        "/t/acme/reset?email=owner@acme.example".to_owned(),
        "/t/acme/keys.json".to_owned(),
        house.receipt_path(ann, record),
        format!("{}/jws", house.receipt_path(ann, record)),
        format!("{}?purpose=news", house.renew_path(ann)),
        format!("{}/address?email=eve@example.org", house.privacy_path(ann)),
        house.address_path(ann, change),
        "/".to_owned(),
        "/setup".to_owned(),
        format!("/setup/{}", site.setup.issue()),
        "/t/acme/style.css".to_owned(),
        "/t/acme/policy".to_owned(),
        "/t/acme/policy/1".to_owned(),
        "/t/acme/policy/1/compare/1".to_owned(),
        "/t/acme/policy/2".to_owned(),
        "/t/acme/join/news".to_owned(),
        "/t/acme/join/news?email=eve@example.org&purpose=news&no_mail=1".to_owned(),
        house.confirm_path(ben, opt_in),
        format!("{unsubscribe}?List-Unsubscribe=One-Click"),
        unsubscribe,
        house.preferences_path(ann),
        format!("{}/privacy", house.preferences_path(ann)),
        house.follow_path(ann, measured, 1),
        format!("{}?no_mail=1&act=come_back", house.preferences_path(ann)),
        format!("{}?choice_offers=yes", house.choices_path(ann, upcoming)),
        "/t/acme/privacy".to_owned(),
        format!("{}?act=erase&sure=1", house.privacy_path(ann)),
        house.sharing_path(ann),
        "/dev/mailbox".to_owned(),
        format!("/dev/mailbox/{kept}"),
        format!("/dev/mailbox/{kept}/html"),
        format!("/dev/mailbox/{kept}/raw"),
        "/assets/pages.css".to_owned(),
        "/assets/icon.svg".to_owned(),
        "/healthz".to_owned(),
        "/readyz".to_owned(),
    ]
}

/// The patterns of all routes.
pub(crate) fn routes() -> Vec<&'static str> {
    let texts = ROUTES.split('"').skip(1).step_by(2);
    let routes: Vec<_> = texts.filter(|text| text.starts_with('/')).collect();
    assert!(routes.len() > 15, "{routes:?}");
    routes
}

pub(crate) fn is_of(route: &str, path: &str) -> bool {
    let path = path.split('?').next().unwrap_or_default();
    let (route, path): (Vec<_>, Vec<_>) = (route.split('/').collect(), path.split('/').collect());
    let mut parts = route.iter().zip(&path);
    route.len() == path.len() && parts.all(|(route, part)| route == part || route.starts_with('{'))
}

on_both!(every_route_of_the_hosted_pages_is_tried, async |db| {
    let site = db.site();
    let mut paths = paths(db, &site).await;
    paths.extend(OF_ONE_BROWSER.map(str::to_owned));
    for route in routes() {
        assert!(
            paths.iter().any(|path| is_of(route, path)),
            "{route} is not tried"
        );
    }
    site.close().await;
});

on_both!(reading_any_page_changes_nothing, async |db| {
    let site = db.site();
    let paths = paths(db, &site).await;
    let before = db.dump().await;
    for path in &paths {
        for method in [Method::GET, Method::HEAD] {
            for agent in AGENTS {
                let request = site.request(method.clone(), path);
                let request = request
                    .header("user-agent", agent)
                    .header("sec-purpose", "prefetch");
                let answer = answer(request).await;
                answer.must_be(200);
                assert_eq!(answer.body.is_empty(), method == Method::HEAD, "{method} {path}");
            }
        }
    }
    for path in OF_ONE_BROWSER {
        for (cookie, query) in [("", ""), ("assent_sign_in=forged", "?code=a&state=b")] {
            let request = site.request(Method::GET, &format!("{path}{query}"));
            answer(request.header("cookie", cookie)).await.must_be(410);
        }
    }
    assert_eq!(difference(&before, &db.dump().await), [""; 0]);
    site.close().await;
});

on_both!(no_other_method_than_those_of_a_page_does_anything, async |db| {
    let site = db.site();
    let paths = paths(db, &site).await;
    let before = db.dump().await;
    for path in &paths {
        for method in [Method::PUT, Method::DELETE, Method::PATCH, Method::OPTIONS] {
            let refused = answer(site.request(method, path)).await;
            refused.must_be(405);
            assert!(refused.header("allow").starts_with("GET, HEAD"), "{path}");
        }
    }
    assert_eq!(difference(&before, &db.dump().await), [""; 0]);
    site.close().await;
});

on_both!(p05_no_page_sets_a_cookie_or_looks_at_one, async |db| {
    let site = db.site();
    let mut paths = paths(db, &site).await;
    paths.extend(["/graphql", "/nowhere", "/t/nobody/policy", "/confirm/x"].map(str::to_owned));
    for path in &paths {
        let without = site.get(path).await;
        let cookie = "assent_session=forged; __Host-assent_session=forged; tracker=1";
        let with = answer(site.request(Method::GET, path).header("cookie", cookie)).await;
        for of in [&without, &with] {
            assert!(!of.headers.contains_key("set-cookie"), "{path}");
        }
        assert_eq!((with.status, with.body), (without.status, without.body), "{path}");
        let posted = site.post(path, FORM, "").await;
        assert!(!posted.headers.contains_key("set-cookie"), "POST {path}");
    }
    site.close().await;
});

on_both!(every_page_says_what_a_browser_may_do_with_it, async |db| {
    let site = db.site();
    let mut paths = paths(db, &site).await;
    paths.extend(["/nowhere", "/t/nobody/policy", "/t/acme/policy/9", "/confirm/x"].map(str::to_owned));
    for path in &paths {
        let page = site.get(path).await;
        let policy = page.header("content-security-policy");
        assert!(policy.contains("default-src 'none'"), "{path}: {policy}");
        assert!(policy.contains("base-uri 'none'"), "{path}: {policy}");
        assert!(policy.contains("frame-ancestors"), "{path}: {policy}");
        assert!(policy.contains("form-action"), "{path}: {policy}");
        assert!(!policy.contains("script-src"), "{path}: {policy}");
        assert_eq!(page.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(page.header("referrer-policy"), "same-origin", "{path}");
        assert!(!page.header("permissions-policy").is_empty(), "{path}");
        assert!(!page.header("cache-control").is_empty(), "{path}");
        assert!(!page.header("content-type").is_empty(), "{path}");
        let personal = [
            "/confirm/",
            "/unsubscribe/",
            "/preferences/",
            "/privacy/",
            "/invitation/",
            "/reset/",
            "/setup",
        ];
        if personal.iter().any(|start| path.starts_with(start)) {
            assert_eq!(page.header("cache-control"), "no-store", "{path}");
            assert_eq!(page.header("x-robots-tag"), "noindex", "{path}");
        }
        assert_eq!(
            page.count("script, [style], [onclick], [onload], iframe[src^=http]"),
            0,
            "{path}"
        );
    }
    site.close().await;
});
