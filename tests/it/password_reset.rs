//! A forgotten password: nobody learns who is a member, the link counts once, and whoever was signed in is out.

use std::time::{Duration, Instant};

use assent_entity::session;
use assent_tests::dump::difference;
use assent_tests::house::PASSWORD;
use assent_tests::http::{Refused, json_of};
use assent_tests::visitor::{Answer, Site, answer};
use assent_tests::{TestStore, on_both};
use reqwest::Method;
use serde_json::{Value, json};

use crate::account_mails::{altered, mail_to, mails_to, token_of};
use crate::pages::AGENTS;

const ASK: &str =
    "mutation($input: RequestPasswordResetInput!) { requestPasswordReset(input: $input) { asked } }";
const RESET: &str = "mutation($input: ResetPasswordInput!) { resetPassword(input: $input) { reset } }";
const WHO: &str = "{ viewer { member { email } } }";
const OWNER: &str = "owner@acme.example";
const NEW: &str = "a horse that I remember";

fn of(tenant: &str, email: &str) -> Value {
    json!({ "input": { "tenant": tenant, "email": email } })
}

fn with(token: &str, password: &str) -> Value {
    json!({ "input": { "token": token, "password": password } })
}

async fn asked(site: &Site, tenant: &str, email: &str) -> Answer {
    let body = json!({ "query": ASK, "variables": of(tenant, email) }).to_string();
    site.post("/graphql", "application/json", body).await
}

async fn signs_in(db: &TestStore, password: &str) -> bool {
    let signed_in = session::sign_in(&db.store, "acme", OWNER, password.into(), None).await;
    signed_in.unwrap().is_some()
}

on_both!(
    whoever_asks_for_a_new_password_learns_nothing_of_who_is_a_member,
    async |db| {
        db.bare_house("acme").await;
        db.bare_house("brook").await;
        let site = db.site();
        let before = db.dump().await;
        let mut answers = Vec::new();
        for (tenant, email) in [
            ("acme", "nobody@acme.example"),
            ("brook", OWNER),
            ("nowhere", OWNER),
            ("no slug at all", OWNER),
            ("acme", "no address\r\nBcc: all@example.org"),
            ("acme", ""),
            ("acme", OWNER),
        ] {
            if email == OWNER && tenant == "acme" {
                assert_eq!(difference(&before, &db.dump().await), [""; 0]);
            }
            let began = Instant::now();
            let answer = asked(&site, tenant, email).await;
            assert!(began.elapsed() >= Duration::from_millis(250), "{tenant} {email}");
            let mut headers = answer.headers.clone();
            headers.remove("date");
            answers.push((answer.status, headers, answer.body));
        }
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:#?}");
        assert!(answers[0].2.contains("\"asked\":true"), "{}", answers[0].2);
        assert_eq!(mails_to(db, &site, "nobody@acme.example").await.len(), 0);
        assert_eq!(mails_to(db, &site, OWNER).await.len(), 1);
        site.close().await;
    }
);

on_both!(
    a_member_chooses_a_new_password_by_a_link_that_counts_once_and_everybody_is_out,
    async |db| {
        db.bare_house("acme").await;
        let site = db.site();
        let owner = site.owner("acme").await;
        let input =
            json!({ "input": { "tenant": "acme", "email": "Owner@ACME.example", "language": "fr-CA" } });
        site.anybody().data(ASK, input).await;
        let mail = mail_to(db, &site, OWNER).await;
        assert_eq!(
            (mail.subject.as_str(), mail.language.as_str()),
            ("House acme : choisissez un nouveau mot de passe", "fr")
        );
        let path = mail.path("reset");
        let before = db.dump().await;
        for agent in AGENTS {
            for method in [Method::GET, Method::HEAD] {
                answer(site.request(method, &path).header("user-agent", agent))
                    .await
                    .must_be(200);
            }
        }
        let page = site.get(&path).await;
        assert_eq!(page.count("html[lang=fr] form[method=post] input"), 1);
        assert_eq!(page.header("cache-control"), "no-store");
        for password in ["", "short"] {
            site.fill_in(&path, &[("password", password)]).await.must_be(422);
            let refused = site
                .anybody()
                .refused(RESET, with(&token_of(&path), password))
                .await;
            assert_eq!(
                (refused.code.as_str(), refused.field.as_str()),
                ("BAD_USER_INPUT", "password")
            );
        }
        assert_eq!(difference(&before, &db.dump().await), [""; 0]);
        owner.data(WHO, json!({})).await;

        site.fill_in(&path, &[("password", NEW)]).await.must_be(200);
        assert!(signs_in(db, NEW).await && !signs_in(db, PASSWORD).await);
        assert_eq!(owner.refused(WHO, json!({})).await.code, "UNAUTHENTICATED");
        let told = mails_to(db, &site, OWNER).await;
        let told = told
            .iter()
            .find(|mail| mail.subject.contains("a été changé"))
            .expect("word of it");
        assert!(
            told.text.contains("2 mars 2026") && !told.text.contains("/reset/"),
            "{}",
            told.text
        );
        let before = db.dump().await;
        site.get(&path).await.must_be(410);
        site.fill_in(&path, &[("password", "whoever has the mail later")])
            .await
            .must_be(410);
        let refused = site
            .anybody()
            .refused(RESET, with(&token_of(&path), "another one of those"))
            .await;
        assert_eq!(
            (refused.code.as_str(), refused.field.as_str()),
            ("CONFLICT", "token")
        );
        assert_eq!(difference(&before, &db.dump().await), [""; 0]);
        let acts: Vec<String> = db
            .column("SELECT facts FROM ledger WHERE kind = 'AUDIT' ORDER BY seq")
            .await;
        for act in ["PASSWORD_RESET_REQUESTED", "\"PASSWORD_RESET\"", "SESSIONS_ENDED"] {
            assert!(acts.iter().any(|facts| facts.contains(act)), "{act}: {acts:?}");
        }
        site.close().await;
    }
);

async fn is_refused(site: &Site, token: &str) -> Refused {
    site.anybody().refused(RESET, with(token, NEW)).await
}

on_both!(
    a_link_that_is_altered_expired_or_overtaken_changes_no_password,
    async |db| {
        db.bare_house("acme").await;
        db.bare_house("brook").await;
        let site = db.site();
        for _ in 0..2 {
            asked(&site, "acme", OWNER).await;
        }
        let mails = mails_to(db, &site, OWNER).await;
        let tokens: Vec<_> = mails.iter().map(|mail| token_of(&mail.path("reset"))).collect();
        let [one, other] = tokens.as_slice() else {
            panic!("two links: {tokens:?}")
        };
        for bad in altered(one) {
            assert_eq!(is_refused(&site, &bad).await.code, "BAD_USER_INPUT", "{bad}");
            site.get(&format!("/reset/{bad}")).await.must_be(404);
        }
        db.clock.forward(Duration::from_secs(3599));
        site.get(&format!("/reset/{one}")).await.must_be(200);
        // Of several who use links at once one changes the password, and no link is left.
        let anybody = site.anybody();
        let (first, second) = tokio::join!(
            anybody.graphql(RESET, with(one, NEW)),
            anybody.graphql(RESET, with(other, "another horse, my battery")),
        );
        let went = [&first, &second]
            .iter()
            .filter(|answer| answer.get("errors").is_none())
            .count();
        assert_eq!(went, 1, "{first} {second}");
        assert_ne!(
            signs_in(db, NEW).await,
            signs_in(db, "another horse, my battery").await
        );
        for token in &tokens {
            assert_eq!(is_refused(&site, token).await.code, "CONFLICT");
        }
        asked(&site, "acme", OWNER).await;
        let fresh = mails_to(db, &site, OWNER).await;
        let resets = fresh.iter().filter(|mail| mail.text.contains("/reset/"));
        let fresh = resets
            .map(|mail| token_of(&mail.path("reset")))
            .find(|token| !tokens.contains(token));
        db.clock.forward(Duration::from_hours(1));
        assert_eq!(
            is_refused(&site, &fresh.expect("a third link")).await.code,
            "CONFLICT"
        );
        assert!(
            session::sign_in(&db.store, "brook", "owner@brook.example", PASSWORD.into(), None)
                .await
                .unwrap()
                .is_some()
        );
        site.close().await;
    }
);

on_both!(
    nobody_floods_a_member_with_such_mail_and_every_link_of_an_hour_counts,
    async |db| {
        db.bare_house("acme").await;
        let site = db.site();
        for _ in 0..6 {
            assert_eq!(asked(&site, "acme", OWNER).await.status, 200);
        }
        let mails = mails_to(db, &site, OWNER).await;
        assert_eq!(mails.len(), 3);
        for mail in &mails {
            site.get(&mail.path("reset")).await.must_be(200);
        }
        db.clock.forward(Duration::from_hours(1));
        asked(&site, "acme", OWNER).await;
        assert_eq!(mails_to(db, &site, OWNER).await.len(), 4);
        site.close().await;
        // And one network does not ask for a town.
        let site = db.site_taking(1);
        let mut codes = Vec::new();
        for number in 0..4 {
            let answer = asked(&site, "acme", &format!("person{number}@acme.example")).await;
            let code = json_of(&answer)["errors"][0]["extensions"]["code"].clone();
            codes.push(code.as_str().unwrap_or_default().to_owned());
        }
        assert_eq!(codes, ["", "", "", "TOO_MANY_REQUESTS"]);
        site.close().await;
    }
);

on_both!(
    a_password_that_is_changed_otherwise_takes_the_links_away,
    async |db| {
        db.bare_house("acme").await;
        let site = db.site();
        asked(&site, "acme", OWNER).await;
        let token = token_of(&mail_to(db, &site, OWNER).await.path("reset"));
        let owner = site.owner("acme").await;
        let change =
            "mutation($input: ChangePasswordInput!) { changePassword(input: $input) { sessionsEnded } }";
        let passwords = json!({ "input": { "currentPassword": PASSWORD, "newPassword": NEW } });
        owner.data(change, passwords).await;
        assert_eq!(is_refused(&site, &token).await.code, "CONFLICT");
        let told = mails_to(db, &site, OWNER).await;
        assert!(
            told.iter()
                .any(|mail| mail.subject.contains("your password was changed")),
            "{told:?}"
        );
        site.close().await;
    }
);
