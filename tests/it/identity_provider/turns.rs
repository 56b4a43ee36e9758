//! A sign-in counts once, for ten minutes, in the browser in which it began.

use std::time::Duration;

use assent_tests::dump::difference;
use assent_tests::on_both;
use assent_tests::visitor::answer;
use reqwest::Method;

use super::provider::{Provider, Says};
use super::{SESSIONS, back, begin, cookies, refused, session_of, set};

fn owner() -> Says {
    Says::of("o-1", "owner@acme.example")
}

const OVER: &str = "This sign-in counts no more";

on_both!(
    of_two_who_come_back_with_the_same_answer_one_is_signed_in,
    async |db| {
        db.bare_house("acme").await;
        let (site, provider) = (db.site_with_providers(), Provider::start());
        set(&site.owner("acme").await, &provider).await;
        for _ in 0..5 {
            let sent = begin(&site, "acme").await;
            let code = provider.sign_in(&sent.asked, owner(), db.store.now());
            let query = sent.with(&code);
            let came = futures::future::join_all((0..4).map(|_| sent.back(&site, &query))).await;
            let (first, others): (Vec<_>, Vec<_>) = came.into_iter().partition(|answer| answer.status == 303);
            assert_eq!(first.len(), 1);
            for other in others {
                refused(&other, 410, OVER);
            }
            refused(&sent.back(&site, &query).await, 410, OVER);
        }
        assert_eq!(db.count("session", SESSIONS).await, 5);
        site.close().await;
    }
);

on_both!(
    a_sign_in_goes_on_in_its_own_browser_and_in_time_only,
    async |db| {
        db.bare_house("acme").await;
        let (site, provider) = (db.site_with_providers(), Provider::start());
        set(&site.owner("acme").await, &provider).await;
        let (sent, other) = (begin(&site, "acme").await, begin(&site, "acme").await);
        assert_ne!(sent.secret, other.secret);
        let code = provider.sign_in(&sent.asked, owner(), db.store.now());
        let query = sent.with(&code);
        let before = db.dump().await;
        let state = &sent.asked["state"];
        for (secret, query) in [
            ("", query.as_str()),
            ("forged", &query),
            (&other.secret, &query),
            (&sent.secret, &other.with(&code)),
            (&sent.secret, &format!("code={code}")),
            (&sent.secret, &format!("code={code}&state=")),
            (&sent.secret, &format!("{query}&state=x")),
            (&sent.secret, &format!("{query}&code=x")),
            (&sent.secret, &format!("code={code}&state={}", &state[1..])),
            // The secret itself is no state.
            (&sent.secret, &format!("code={code}&state={}", sent.secret)),
            (&sent.secret, "code=%ff&state=%fe"),
        ] {
            refused(&back(&site, "acme", secret, query).await, 410, OVER);
        }
        let asked = provider.asked();
        assert!(!asked.contains(&"/token".to_owned()), "no code was redeemed");
        assert_eq!(
            difference(&before, &db.dump().await),
            [""; 0],
            "another page spends no sign-in"
        );
        let head = site.request(Method::HEAD, &format!("/t/acme/sign-in/callback?{query}"));
        let head = answer(head.header("cookie", format!("assent_sign_in={}", sent.secret))).await;
        assert_eq!(head.status, 405);
        db.clock.forward(Duration::from_secs(599));
        let code = provider.sign_in(&sent.asked, owner(), db.store.now());
        session_of(&sent.back(&site, &sent.with(&code)).await);
        let code = provider.sign_in(&other.asked, owner(), db.store.now());
        db.clock.forward(Duration::from_secs(1));
        refused(&other.back(&site, &other.with(&code)).await, 410, OVER);
        assent_entity::chore::of_tenant(&db.store, db.bare_house("brook").await.ctx)
            .await
            .unwrap();
        site.close().await;
    }
);

on_both!(
    what_the_provider_refuses_is_said_and_spends_the_sign_in,
    async |db| {
        db.bare_house("acme").await;
        let (site, provider) = (db.site_with_providers(), Provider::start());
        set(&site.owner("acme").await, &provider).await;
        for (error, status, words) in [
            ("access_denied", 403, "said no"),
            ("login_required", 403, "said no"),
            ("server_error", 502, "gave no answer"),
            ("%3Cb%3E&error_description=%3Cscript%3E", 502, "gave no answer"),
        ] {
            let sent = begin(&site, "acme").await;
            let code = provider.sign_in(&sent.asked, owner(), db.store.now());
            let query = format!("error={error}&state={}", sent.asked["state"]);
            let came = sent.back(&site, &query).await;
            assert!(
                !came.body.contains("<script>") && !came.body.contains("<b>"),
                "{error}"
            );
            assert_eq!(came.count("a[href=\"/t/acme/sign-in\"]"), 1, "{error}");
            refused(&came, status, words);
            refused(&sent.back(&site, &sent.with(&code)).await, 410, OVER);
        }
        // A code that the provider does not know, and none.
        for code in ["made-up", ""] {
            let sent = begin(&site, "acme").await;
            refused(&sent.back(&site, &sent.with(code)).await, 502, "gave no answer");
        }
        assert_eq!(db.count("session", SESSIONS).await, 0);
        site.close().await;
    }
);

on_both!(
    no_other_page_begins_a_sign_in_and_none_leads_elsewhere,
    async |db| {
        db.bare_house("acme").await;
        let (site, provider) = (db.site_with_providers(), Provider::start());
        set(&site.owner("acme").await, &provider).await;
        let before = db.dump().await;
        for (name, value) in [
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
            ("sec-fetch-site", "none"),
            ("origin", "https://evil.example"),
            ("origin", "null"),
        ] {
            let request = site.request(Method::POST, "/t/acme/sign-in").header(name, value);
            let refused = answer(request).await;
            refused.must_be(403);
        }
        site.get("/t/acme/sign-in").await.must_be(200);
        assert_eq!(difference(&before, &db.dump().await), [""; 0]);
        let own = site.request(
            Method::POST,
            "/t/acme/sign-in?next=https://evil.example&redirect_uri=x",
        );
        let sent = answer(own.header("sec-fetch-site", "same-origin")).await;
        assert_eq!(sent.status, 303);
        assert!(!sent.header("location").contains("evil"));
        assert!(cookies(&sent).contains_key("assent_sign_in"));
        let sent = begin(&site, "acme").await;
        let code = provider.sign_in(&sent.asked, owner(), db.store.now());
        let query = format!(
            "{}&next=https://evil.example&redirect=//evil.example",
            sent.with(&code)
        );
        assert_eq!(
            sent.back(&site, &query).await.header("location"),
            "/t/acme/sign-in/done"
        );
        site.close().await;
    }
);

on_both!(
    who_may_look_at_a_closed_tenant_signs_in_to_it_by_its_provider_too,
    async |db| {
        db.bare_house("acme").await;
        let (site, provider) = (db.site_with_providers(), Provider::start());
        let site_owner = site.owner("acme").await;
        set(&site_owner, &provider).await;
        let close = "mutation($input: CloseTenantInput!) { closeTenant(input: $input) { __typename } }";
        let input = serde_json::json!({ "input": { "name": "House acme", "reason": "it was fun" } });
        site_owner.data(close, input).await;
        site.get("/t/acme/sign-in").await.must_be(200);
        let sent = begin(&site, "acme").await;
        session_of(&sent.vouched(db, &site, &provider, owner()).await);
        site.close().await;
    }
);
