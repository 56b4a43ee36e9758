//! The page on which a member asks for the link to a new password.

use std::time::{Duration, Instant};

use assent_domain::tenant_life::GraceDays;
use assent_entity::tenant_life;
use assent_tests::dump::difference;
use assent_tests::on_both;
use assent_tests::visitor::{FORM, answer};
use reqwest::Method;
use serde_json::json;

use crate::account_mails::{mail_to, mails_to};

const PAGE: &str = "/t/acme/reset";
const OWNER: &str = "owner@acme.example";

on_both!(
    whoever_asks_on_the_page_learns_nothing_of_who_is_a_member,
    async |db| {
        let house = db.bare_house("acme").await;
        db.bare_house("brook").await;
        let site = db.site();
        let page = site.get(PAGE).await;
        page.must_be(200);
        assert_eq!(page.count("form[method=post] input"), 1);
        assert_eq!(
            page.count("input[type=email][required], input[type=email][aria-required]"),
            1
        );
        let before = db.dump().await;
        for wrong in [
            "",
            "email=",
            "email=ann",
            "email=a%40b.example&email=c%40d.example",
            "other=1",
        ] {
            let again = site.post(PAGE, FORM, wrong).await;
            assert_eq!(again.must_be(422).count("[aria-invalid=true]"), 1, "{wrong}");
        }
        let mut seen = Vec::new();
        for email in ["nobody@acme.example", "owner@brook.example", OWNER] {
            assert_eq!(difference(&before, &db.dump().await), [""; 0], "{email}");
            let began = Instant::now();
            let sent = site.fill_in(PAGE, &[("email", email)]).await;
            assert!(began.elapsed() >= Duration::from_millis(250), "{email}");
            let text = sent.must_be(200).body.replace(email, "...");
            seen.push((text, sent.header("cache-control").to_owned()));
        }
        assert!(seen.iter().all(|one| *one == seen[0]), "{seen:#?}");
        assert_eq!(seen[0].1, "no-store");
        let mail = mail_to(db, &site, OWNER).await;
        site.get(&mail.path("reset")).await.must_be(200);
        for nobody in ["nobody@acme.example", "owner@brook.example"] {
            assert_eq!(mails_to(db, &site, nobody).await.len(), 0);
        }
        site.get("/t/nowhere/reset").await.must_be(404);
        site.post("/t/nowhere/reset", FORM, "email=a%40b.example")
            .await
            .must_be(404);
        // A closed tenant makes nobody a new password.
        let mut tx = house.write().await;
        tenant_life::close(&mut tx, "House acme", "they stop writing", GraceDays::default())
            .await
            .unwrap();
        tx.commit().await.unwrap();
        site.get(PAGE).await.must_be(409);
        let before = db.dump().await;
        site.fill_in(PAGE, &[("email", OWNER)]).await.must_be(409);
        assert_eq!(difference(&before, &db.dump().await), [""; 0]);
        site.close().await;
    }
);

on_both!(
    the_page_speaks_the_language_of_its_reader_and_so_does_the_mail,
    async |db| {
        let house = db.house("acme").await;
        crate::identity_provider::somewhere(&house).await;
        let site = db.site();
        // A member finds it where they sign in.
        let sign_in = site.get("/t/acme/sign-in?lang=fr").await;
        let links = sign_in.attributes("main a", "href");
        assert_eq!(links, [format!("{PAGE}?lang=fr")]);
        let page = site.get(&links[0]).await;
        assert_eq!(page.count("html[lang=fr]"), 1);
        let sent = site.fill_in(&links[0], &[("email", OWNER)]).await;
        assert_eq!(sent.must_be(200).count("html[lang=fr]"), 1);
        let mails = mails_to(db, &site, OWNER).await;
        let reset = mails.iter().find(|mail| mail.text.contains("/reset/"));
        assert_eq!(reset.expect("a mail").language, "fr");
        site.close().await;
    }
);

on_both!(
    the_page_and_the_mutation_are_counted_together_and_take_no_cookie,
    async |db| {
        db.bare_house("acme").await;
        let site = db.site_taking(1);
        let ask =
            "mutation($input: RequestPasswordResetInput!) { requestPasswordReset(input: $input) { asked } }";
        let input = json!({ "input": { "tenant": "acme", "email": "ann@acme.example" } });
        site.anybody().data(ask, input.clone()).await;
        for email in ["ben@acme.example", "cat@acme.example"] {
            let request = site.request(Method::POST, PAGE).form(&[("email", email)]);
            // Nothing that a browser sends along counts, so nobody's browser can be made to do more than anybody's.
            let request = request
                .header("cookie", "assent_session=forged")
                .header("origin", "https://evil.example");
            answer(request).await.must_be(200);
        }
        site.fill_in(PAGE, &[("email", OWNER)]).await.must_be(429);
        let refused = site.anybody().refused(ask, input).await;
        assert_eq!(refused.code, "TOO_MANY_REQUESTS");
        assert_eq!(db.count("password_reset", "1 = 1").await, 0);
        site.close().await;
    }
);
