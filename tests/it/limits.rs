//! A form is no weapon, and a password is not guessed: one source sends so many and no more, and is not kept (P02, P04).

use std::time::Duration;

use assent_tests::dump::difference;
use assent_tests::http::{credentials, json_of};
use assent_tests::on_both;
use assent_tests::visitor::{Answer, Site};
use serde_json::{Value, json};

async fn send(site: &Site, email: &str, fields: &[(&str, &str)]) -> Answer {
    let path = "/t/acme/join/news";
    let shown = site.get(path).await.shown();
    let all = [&[("shown", shown.as_str()), ("email", email)], fields].concat();
    site.fill_in(path, &all).await
}

on_both!(
    p04_one_source_sends_so_many_forms_and_no_more_but_a_no_is_always_taken,
    async |db| {
        let house = db.house("acme").await;
        house.news().await;
        let site = db.site_taking(3);
        let field = site
            .get("/t/acme/join/news")
            .await
            .attributes("input[type=checkbox]:not([name=no_mail])", "name")
            .remove(0);
        let value = site
            .get("/t/acme/join/news")
            .await
            .attributes("input[type=checkbox]:not([name=no_mail])", "value")
            .remove(0);
        let yes = [(field.as_str(), value.as_str())];
        for number in 0..3 {
            send(&site, &format!("person{number}@example.org"), &yes)
                .await
                .must_be(200);
        }
        let before = db.dump().await;
        for number in 3..6 {
            let page = send(&site, &format!("person{number}@example.org"), &yes).await;
            assert!(page.must_be(429).text().contains("wait ten minutes"));
            assert_eq!(page.header("retry-after"), "600");
        }
        assert_eq!(difference(&before, &db.dump().await), [""; 0]);
        for number in 0..6 {
            send(&site, &format!("quiet{number}@example.org"), &[("no_mail", "1")])
                .await
                .must_be(200);
        }
        assert_eq!(db.count("suppression", "1 = 1").await, 6);
        db.clock.forward(Duration::from_mins(10));
        send(&site, "person9@example.org", &yes).await.must_be(200);
        for (table, rows) in db.dump().await {
            assert!(rows.iter().all(|row| !row.contains("127.0.0")), "{table}");
        }
        site.close().await;
    }
);

on_both!(
    p03_a_no_is_heard_from_whole_offices_and_nobody_silences_a_town,
    async |db| {
        let house = db.house("acme").await;
        house.news().await;
        let site = db.site_taking(1);
        for number in 0..10 {
            send(&site, &format!("quiet{number}@example.org"), &[("no_mail", "1")])
                .await
                .must_be(200);
        }
        let before = db.dump().await;
        let late = send(&site, "quiet10@example.org", &[("no_mail", "1")]).await;
        assert_eq!(late.must_be(429).header("retry-after"), "600");
        let body = json!({ "email": "quiet11@example.org", "noMail": true });
        let by_script = site
            .post("/t/acme/forms/news.json", "application/json", body.to_string())
            .await;
        assert_eq!(by_script.must_be(429).header("retry-after"), "600");
        assert_eq!(difference(&before, &db.dump().await), [""; 0]);
        db.clock.forward(Duration::from_mins(1));
        send(&site, "quiet10@example.org", &[("no_mail", "1")])
            .await
            .must_be(200);
        assert_eq!(db.count("suppression", "1 = 1").await, 11);
        site.close().await;
    }
);

const SIGN_IN: &str = "mutation($input: SignInInput!) { signIn(input: $input) { accessToken } }";

/// What an attempt to sign in comes to, and what its answer says of when to try again.
async fn attempt(site: &Site, field: &str, wrong: &str) -> (Value, Value, String) {
    let mut variables = credentials("acme");
    variables["input"][field] = json!(wrong);
    let body = json!({ "query": SIGN_IN, "variables": variables }).to_string();
    let answer = site.post("/graphql", "application/json", body).await;
    let error = json_of(&answer);
    let error = error.pointer("/errors/0/extensions").cloned().unwrap_or_default();
    let wait = answer.header("retry-after").to_owned();
    (error["code"].clone(), error["retryAfter"].clone(), wait)
}

on_both!(
    nobody_guesses_a_members_password_and_that_they_tried_is_noted,
    async |db| {
        db.bare_house("acme").await;
        let site = db.site_taking(20);
        for (slug, email) in [("acme", "owner@acme.example"), ("acme", "nobody@acme.example")] {
            for number in 0..12 {
                let (code, wait, header) = attempt(&site, "email", email).await;
                // The right password for the one, and anything for the other.
                let expected = match number {
                    _ if number >= 10 => "TOO_MANY_REQUESTS",
                    _ if email.starts_with("owner") => "",
                    _ => "UNAUTHENTICATED",
                };
                assert_eq!(
                    code.as_str().unwrap_or_default(),
                    expected,
                    "{slug} {email} {number}"
                );
                assert_eq!(wait, if number >= 10 { json!(60) } else { Value::Null });
                assert_eq!(header, if number >= 10 { "60" } else { "" });
            }
        }
        db.clock.forward(Duration::from_mins(1));
        assert_eq!(attempt(&site, "email", "owner@acme.example").await.0, Value::Null);
        assert_eq!(
            attempt(&site, "tenant", "nowhere").await.0,
            json!("UNAUTHENTICATED")
        );
        site.write_down().await;
        let noted: Vec<String> = db
            .column(
                "SELECT e.evidence FROM ledger l JOIN ledger_evidence e
                   ON e.tenant_id = l.tenant_id AND e.seq = l.seq
                 WHERE l.facts LIKE '%SIGN_INS_FAILED%'",
            )
            .await;
        assert_eq!(noted.len(), 1, "{noted:?}");
        assert!(noted[0].contains("\"failures\":14"), "{noted:?}");
        for (table, rows) in db.dump().await {
            assert!(rows.iter().all(|row| !row.contains("127.0.0")), "{table}");
        }
        site.close().await;
    }
);

on_both!(one_network_tries_few_members, async |db| {
    db.bare_house("acme").await;
    let site = db.site_taking(1);
    let mut codes = Vec::new();
    for number in 0..5 {
        let (code, ..) = attempt(&site, "email", &format!("member{number}@acme.example")).await;
        codes.push(code.as_str().unwrap_or_default().to_owned());
    }
    let refused = "UNAUTHENTICATED";
    let much = "TOO_MANY_REQUESTS";
    assert_eq!(codes, [refused, refused, refused, much, much]);
    site.close().await;
});

on_both!(
    what_strangers_try_keeps_no_member_from_their_own_password_and_pushes_no_tenant_out_of_the_log,
    async |db| {
        db.bare_house("acme").await;
        let site = db.site_taking(10_000);
        let owner = site.owner("acme").await;
        for number in 0..12 {
            let (code, ..) = attempt(&site, "password", "wrong horse battery").await;
            let expected = if number < 9 {
                "UNAUTHENTICATED"
            } else {
                "TOO_MANY_REQUESTS"
            };
            assert_eq!(code, expected, "{number}");
        }
        let change =
            "mutation($input: ChangePasswordInput!) { changePassword(input: $input) { sessionsEnded } }";
        let passwords =
            json!({ "currentPassword": assent_tests::house::PASSWORD, "newPassword": "a horse of my own" });
        owner.data(change, json!({ "input": passwords })).await;
        db.clock.forward(Duration::from_mins(1));
        site.write_down().await;
        let noted: Vec<String> = db
            .column(
                "SELECT e.evidence FROM ledger l JOIN ledger_evidence e
                   ON e.tenant_id = l.tenant_id AND e.seq = l.seq
                 WHERE l.facts LIKE '%SIGN_INS_FAILED%'",
            )
            .await;
        assert_eq!(noted.len(), 1, "{noted:?}");
        assert!(noted[0].contains("\"failures\":12"), "{noted:?}");
        site.close().await;
    }
);
