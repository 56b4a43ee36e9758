//! A form for a tenant's own pages: its definition and its answers as JSON, and as HTML to be copied, by the same rules
//! as the hosted form (P03, P12, P13).

use std::time::Duration;

use assent_domain::suppression::SuppressionReason;
use assent_entity::suppression;
use assent_tests::dump::difference;
use assent_tests::http::json_of;
use assent_tests::on_both;
use assent_tests::visitor::{Answer, Site, answer};
use reqwest::Method;
use scraper::{Html, Selector};
use serde_json::{Value, json};

use crate::forms::{open, records, reword};

const PATH: &str = "/t/acme/forms/news.json";
const JSON: &str = "application/json";
const ALLOW: &str = "mutation($input: SetAllowedOriginsInput!) {
    setAllowedOrigins(input: $input) { tenant { allowedOrigins } } }";

async fn send(site: &Site, body: &Value) -> Answer {
    site.post(PATH, JSON, body.to_string()).await
}

fn answers(definition: &Value, email: &str) -> Value {
    json!({
        "email": email, "name": "Ann", "choices": [{ "purpose": "news", "given": true }],
        "version": definition["version"], "language": definition["language"],
    })
}

on_both!(
    p03_the_json_of_a_form_takes_the_same_answers_and_tells_as_little,
    async |db| {
        let house = db.house("acme").await;
        let site = db.site();
        let owner = site.owner("acme").await;
        let made = open(&house, &owner, "news", json!({})).await;
        assert!(made["definitionUrl"].as_str().unwrap().ends_with(PATH));
        let got = site.get(PATH).await;
        let definition = json_of(got.must_be(200));
        assert_eq!(got.header("content-type"), JSON);
        assert_eq!(definition["choices"][0]["statement"], "Yes, send me news.");
        assert_eq!(
            definition["fields"],
            json!([{ "name": "email", "required": true }, { "name": "name", "required": false }])
        );
        assert_eq!(definition["outsideParties"], json!([]));
        assert!(
            definition["noMail"]
                .as_str()
                .unwrap()
                .contains("no mail of any sort")
        );
        assert_eq!(definition["needsConfirmation"], true);

        let sent = send(&site, &answers(&definition, "ann@example.org")).await;
        assert_eq!(json_of(sent.must_be(200))["status"], "ACCEPTED");
        let (ann, of_ann) = records(&house, "ann@example.org").await;
        assert_eq!(of_ann[0].statement.as_deref(), Some("Yes, send me news."));
        assert!(of_ann[0].form.as_ref().unwrap().words.is_some());
        let opt_in = house.newest_opt_in(ann).await;
        house.confirm(ann, opt_in).await.unwrap();
        send(&site, &answers(&definition, "bad@example.org"))
            .await
            .must_be(200);
        let (bad, _) = records(&house, "bad@example.org").await;
        let mut tx = house.write().await;
        suppression::add_for(&mut tx, bad, SuppressionReason::Complained, "test")
            .await
            .unwrap();
        tx.commit().await.unwrap();
        for who in ["ann", "bad", "unknown"] {
            let again = send(&site, &answers(&definition, &format!("{who}@example.org"))).await;
            assert_eq!((again.status, &again.body), (sent.status, &sent.body), "{who}");
        }

        let no_mail = json!({ "email": "zoe@example.org", "noMail": true });
        let kept = send(&site, &no_mail).await;
        assert_eq!(json_of(kept.must_be(200))["status"], "OPTED_OUT_OF_ALL");
        let mails = db.count("mailing", "1 = 1").await;
        send(&site, &answers(&definition, "zoe@example.org"))
            .await
            .must_be(200);
        assert_eq!(db.count("mailing", "1 = 1").await, mails);
        site.close().await;
    }
);

on_both!(
    p12_json_is_bound_to_the_words_that_were_shown_and_bad_input_changes_nothing,
    async |db| {
        let house = db.house("acme").await;
        let site = db.site();
        let owner = site.owner("acme").await;
        let made = open(&house, &owner, "news", json!({})).await;
        let definition = json_of(&site.get(PATH).await);
        reword(&owner, &made["id"], "Other words.").await;
        send(&site, &answers(&definition, "ann@example.org"))
            .await
            .must_be(200);
        let (_, of_ann) = records(&house, "ann@example.org").await;
        assert_eq!(of_ann[0].statement.as_deref(), Some("Yes, send me news."));

        db.clock
            .forward(Duration::from_hours(24) + Duration::from_secs(1));
        let before = db.dump().await;
        let good = answers(&definition, "ben@example.org");
        let changed = json_of(send(&site, &good).await.must_be(409));
        assert_eq!(changed["error"]["code"], "WORDS_CHANGED");
        assert_eq!(changed["form"]["choices"][0]["statement"], "Other words.");
        let now = answers(&changed["form"], "ben@example.org");
        let with = |field: &str, value: Value| {
            let mut body = now.clone();
            body[field] = value;
            body
        };
        let hostile = "<script>alert(1)</script>\r\nBcc: x";
        for (status, field, body) in [
            (409, "", with("version", json!("99.1"))),
            (409, "", with("version", json!("x"))),
            (409, "", with("version", Value::Null)),
            (409, "", with("language", json!("tlh"))),
            (409, "", with("language", json!("<b>"))),
            (422, "email", with("email", json!(hostile))),
            (422, "email", with("email", json!(""))),
            (422, "name", with("name", json!(hostile))),
            (422, "name", with("name", json!("x".repeat(201)))),
            (422, "choices", with("choices", json!([]))),
            (
                422,
                "choices",
                with("choices", json!([{ "purpose": "news", "given": false }])),
            ),
            (
                422,
                "choices",
                with("choices", json!([{ "purpose": hostile, "given": true }])),
            ),
            (400, "", with("choices", json!("news"))),
            (400, "", with("email", json!(7))),
            (400, "", with("surprise", json!(true))),
            (400, "", json!([])),
        ] {
            let refused = send(&site, &body).await;
            let refused = json_of(refused.must_be(status));
            assert!(
                refused["error"]["message"].as_str().unwrap().len() > 20,
                "{refused}"
            );
            if !field.is_empty() {
                assert_eq!(refused["error"]["fields"][0]["field"], field, "{refused}");
            }
        }
        for (status, content_type, body) in [
            (415, "text/plain", now.to_string().into_bytes()),
            (
                415,
                "application/x-www-form-urlencoded",
                b"email=a@b.example".to_vec(),
            ),
            (400, JSON, b"{\"email\": \"\xff\"}".to_vec()),
            (400, JSON, b"".to_vec()),
            (400, JSON, "[".repeat(60_000).into_bytes()),
            (
                413,
                JSON,
                with("name", json!("x".repeat(70_000))).to_string().into_bytes(),
            ),
        ] {
            let refused = site.post(PATH, content_type, body).await;
            let words = json_of(refused.must_be(status));
            assert!(!words["error"]["message"].as_str().unwrap().is_empty(), "{words}");
        }
        site.post("/t/acme/forms/none.json", JSON, now.to_string())
            .await
            .must_be(404);
        site.post("/t/nobody/forms/news.json", JSON, now.to_string())
            .await
            .must_be(404);
        site.get("/t/acme/forms/none.json").await.must_be(404);
        let put = answer(site.request(Method::PUT, PATH)).await;
        assert_eq!(put.must_be(405).header("allow"), "GET, HEAD, POST, OPTIONS");
        assert_eq!(difference(&before, &db.dump().await), [""; 0]);
        send(&site, &now).await.must_be(200);
        site.close().await;
    }
);

on_both!(fifty_megabytes_are_not_taken_in, async |db| {
    let house = db.house("acme").await;
    let site = db.site();
    let owner = site.owner("acme").await;
    open(&house, &owner, "news", json!({})).await;
    let before = db.dump().await;
    for (path, content_type) in [(PATH, JSON), ("/t/acme/join/news", assent_tests::visitor::FORM)] {
        let request = site
            .request(Method::POST, path)
            .header("content-type", content_type);
        // A server that does not read to the end may close before the client has sent it all.
        if let Ok(response) = request.body(vec![b'x'; 50 * 1024 * 1024]).send().await {
            assert_eq!(response.status(), 413, "{path}");
        }
    }
    assert_eq!(difference(&before, &db.dump().await), [""; 0]);
    site.get(PATH).await.must_be(200);
    site.close().await;
});

async fn from(site: &Site, method: Method, origin: &str, body: Option<&Value>) -> Answer {
    let mut request = site.request(method, PATH).header("origin", origin);
    if let Some(body) = body {
        request = request.header("content-type", JSON).body(body.to_string());
    }
    answer(request).await
}

on_both!(only_pages_of_the_tenants_own_origins_send_its_forms, async |db| {
    let house = db.house("acme").await;
    db.house("brook").await;
    let site = db.site();
    let owner = site.owner("acme").await;
    open(&house, &owner, "news", json!({})).await;
    let set = |origins: Value| json!({ "input": { "origins": origins } });
    for bad in [
        "*",
        "https://*.acme.example",
        "http://www.acme.example",
        "https://a.example/x",
        "null",
        "",
    ] {
        let refused = owner.refused(ALLOW, set(json!([bad]))).await;
        assert_eq!(
            (refused.code.as_str(), refused.field.as_str()),
            ("BAD_USER_INPUT", "origins"),
            "{bad}"
        );
    }
    let origins = json!(["https://www.acme.example", "http://localhost:3000"]);
    owner.data(ALLOW, set(origins)).await;
    assert_eq!(db.count("ledger", "facts LIKE '%ALLOWED_ORIGINS_SET%'").await, 1);
    let others = site.owner("brook").await;
    others
        .data(ALLOW, set(json!(["https://www.brook.example"])))
        .await;

    let definition = json_of(&site.get(PATH).await);
    let body = answers(&definition, "ann@example.org");
    let before = db.dump().await;
    for stranger in [
        "https://www.brook.example",
        "https://www.acme.example.evil.example",
        "https://acme.example",
        "http://www.acme.example",
        "https://www.acme.example:8443",
        "HTTPS://WWW.ACME.EXAMPLE",
        "null",
    ] {
        for (method, body, status) in [
            (Method::OPTIONS, None, 204),
            (Method::GET, None, 200),
            (Method::POST, Some(&body), 403),
        ] {
            let refused = from(&site, method, stranger, body).await;
            assert_eq!(
                refused.must_be(status).header("access-control-allow-origin"),
                "",
                "{stranger}"
            );
        }
    }
    assert_eq!(difference(&before, &db.dump().await), [""; 0]);
    for allowed in ["https://www.acme.example", "http://localhost:3000"] {
        let asked = from(&site, Method::OPTIONS, allowed, None).await;
        asked.must_be(204);
        assert_eq!(asked.header("access-control-allow-methods"), "GET, POST");
        assert_eq!(asked.header("access-control-allow-headers"), "content-type");
        for answer in [
            asked,
            from(&site, Method::GET, allowed, None).await,
            from(&site, Method::POST, allowed, Some(&body)).await,
            from(&site, Method::POST, allowed, Some(&json!({}))).await,
        ] {
            assert_eq!(
                answer.header("access-control-allow-origin"),
                allowed,
                "{}",
                answer.body
            );
            assert_eq!(answer.header("access-control-allow-credentials"), "");
            assert!(answer.header("vary").contains("origin"));
        }
    }
    site.close().await;
});

on_both!(
    p13_json_and_snippet_ask_before_outside_parties_get_anything,
    async |db| {
        let house = db.house("acme").await;
        let site = db.site();
        let owner = site.owner("acme").await;
        let parties = json!({ "outsideParties": [{ "name": "Courier Ltd" }] });
        let made = open(&house, &owner, "news", parties).await;
        let definition = json_of(&site.get(PATH).await);
        let party =
            json!({ "name": "Courier Ltd", "what": "name and address", "why": "delivers what was ordered" });
        assert_eq!(definition["outsideParties"], json!([party]));
        let mut body = answers(&definition, "ann@example.org");
        let before = db.dump().await;
        let refused = json_of(send(&site, &body).await.must_be(422));
        assert_eq!(refused["error"]["code"], "OUTSIDE_PARTIES_NOT_SHOWN");
        assert_eq!(refused["error"]["fields"][0]["field"], "goOn");
        assert_eq!(difference(&before, &db.dump().await), [""; 0]);
        body["goOn"] = json!(true);
        send(&site, &body).await.must_be(200);

        let html = made["snippet"].as_str().unwrap();
        let fragment = Html::parse_fragment(html);
        let select = |css: &str| Selector::parse(css).unwrap();
        let form = fragment.select(&select("form[method=post]")).next().unwrap();
        assert_eq!(form.value().attr("action"), made["formUrl"].as_str());
        assert!(html.find("Courier Ltd") < html.find("type=\"email\""));
        assert_eq!(
            fragment
                .select(&select("script, [checked], [onclick], style"))
                .count(),
            0
        );
        assert_eq!(fragment.select(&select("input[name=go_on][required]")).count(), 1);
        let shown = fragment.select(&select("input[name=shown]")).next().unwrap();
        let shown = shown.value().attr("value").unwrap();
        let fields = [
            ("email", "ben@example.org"),
            ("purpose", "news"),
            ("shown", shown),
        ];
        site.fill_in("/t/acme/join/news", &fields).await.must_be(422);
        let fields = [&fields[..], &[("go_on", "1")]].concat();
        site.fill_in("/t/acme/join/news", &fields).await.must_be(200);
        assert_eq!(records(&house, "ben@example.org").await.1.len(), 1);
        site.close().await;
    }
);
