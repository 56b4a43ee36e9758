//! The one cookie there is says that a member is signed in, and nothing sets it but signing in (P05).

use assent_tests::http::credentials;
use assent_tests::on_both;
use assent_tests::visitor::{FORM, answer};
use reqwest::Method;
use serde_json::json;

use crate::pages::{OF_ONE_BROWSER, is_of, paths, routes};

/// The one address that is no hosted page.
const API: &str = "/graphql";

const SIGN_IN: &str = "mutation($input: SignInInput!) { signIn(input: $input) { accessToken } }";

on_both!(p05_no_route_sets_a_cookie_but_signing_in, async |db| {
    let site = db.site();
    let mut paths = paths(db, &site).await;
    paths.extend(OF_ONE_BROWSER.map(str::to_owned));
    for route in routes() {
        assert!(
            paths.iter().any(|path| is_of(route, path)),
            "{route} is not tried"
        );
    }
    paths.extend([API, "/nowhere", "/t/nobody/policy", "/confirm/x", "/l/x"].map(str::to_owned));
    for path in &paths {
        for method in [
            Method::GET,
            Method::HEAD,
            Method::POST,
            Method::PUT,
            Method::OPTIONS,
        ] {
            for cookie in ["", "assent_session=forged; other=1"] {
                let request = site.request(method.clone(), path).header("content-type", FORM);
                let answered = answer(request.header("cookie", cookie)).await;
                let set = answered.headers.get("set-cookie");
                assert!(set.is_none(), "{method} {path} sets {set:?}");
            }
        }
    }
    for query in [
        "{ viewer { member { id } } }",
        "{ __typename }",
        "mutation { signOut { signedOut } }",
    ] {
        let body = json!({ "query": query }).to_string();
        let answered = site.post(API, "application/json", body).await;
        assert!(!answered.headers.contains_key("set-cookie"), "{query}");
    }
    site.close().await;
});

on_both!(p05_the_cookie_of_signing_in_is_for_the_server_alone, async |db| {
    db.house("acme").await;
    let site = db.site();
    let mut wrong = credentials("acme");
    wrong["input"]["password"] = json!("not the password at all");
    for (variables, is_set) in [(credentials("acme"), true), (wrong, false)] {
        let body = json!({ "query": SIGN_IN, "variables": variables }).to_string();
        let answered = site.post(API, "application/json", body).await;
        let cookies: Vec<_> = answered.headers.get_all("set-cookie").iter().collect();
        assert_eq!(cookies.len(), usize::from(is_set));
        for cookie in cookies {
            let cookie = cookie.to_str().unwrap();
            assert!(cookie.starts_with("assent_session="), "{cookie}");
            for part in ["HttpOnly", "SameSite=Strict", "Path=/"] {
                assert!(cookie.contains(part), "{cookie}");
            }
            assert!(!cookie.contains("Domain"), "{cookie}");
            let value = cookie.split(['=', ';']).nth(1).unwrap();
            assert_eq!(value.len(), 43, "32 random octets, which say nothing: {cookie}");
            for table in ["subscriber", "request_log", "link_click"] {
                let dump = db.dump().await;
                let rows = dump.iter().find(|(name, _)| name.ends_with(table)).unwrap().1;
                assert!(!rows.iter().any(|row| row.contains(value)), "{table}");
            }
        }
    }
    site.close().await;
});
