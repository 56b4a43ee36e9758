//! Requests that are none: bodies, media types and documents that are turned away before anything is done.

use std::time::{Duration, Instant};

use assent_tests::dump::difference;
use assent_tests::http::{Client, json_of};
use assent_tests::on_both;
use assent_tests::visitor::{Answer, answer};
use reqwest::Method;
use serde_json::json;

use crate::furnished::furnished;

const JSON: &str = "application/json";

/// Creates a list, where it is taken.
const CREATE: &str =
    r#"mutation { createMailingList(input: { name: "More", purposes: ["news"] }) { mailingList { id } } }"#;

fn create() -> String {
    json!({ "query": CREATE }).to_string()
}

/// Makes sure of the status, and that the body says in a few words what is wrong.
#[track_caller]
fn turned_away(answer: &Answer, status: u16, because: &str) {
    assert_eq!(answer.status.as_u16(), status, "{}", answer.body);
    let body = json_of(answer);
    assert_eq!(body.get("data"), None, "{body}");
    let error = &body["errors"][0];
    let message = error["message"].as_str().unwrap_or_default();
    assert!(message.contains(because), "{because:?} is not in {message:?}");
    assert!(message.len() < 300, "{message}");
    assert!(error["extensions"]["code"].is_string(), "{body}");
}

on_both!(a_body_of_twenty_megabytes_is_refused_as_too_large, async |db| {
    furnished(db, "acme").await;
    let site = db.site();
    let owner = site.owner("acme").await;
    let before = db.dump().await;
    let padding = "x".repeat(20_000_000);
    let body = json!({ "query": CREATE, "variables": { "more": padding } }).to_string();
    for client in [&owner, &site.anybody()] {
        let request = client.request(Method::POST).header("content-type", JSON);
        // The server may hang up before it has read all of it: what matters is that it does nothing.
        if let Ok(response) = request.body(body.clone()).send().await {
            assert_eq!(response.status(), 413);
        }
    }
    let just_too_large = format!("{}{}", create(), " ".repeat(2 * 1024 * 1024));
    turned_away(&owner.post(JSON, just_too_large).await, 413, "longer than");
    assert_eq!(difference(&before, &db.dump().await), Vec::<String>::new());
    owner.data("{ viewer { member { id } } }", json!({})).await;
    site.close().await;
});

on_both!(what_is_not_one_operation_in_json_is_refused, async |db| {
    furnished(db, "acme").await;
    let site = db.site();
    let owner = site.owner("acme").await;
    let before = db.dump().await;
    let bad_utf8: Vec<u8> = create()
        .replace("More", "M?re")
        .into_bytes()
        .into_iter()
        .map(|octet| if octet == b'?' { 0xff } else { octet })
        .collect();
    for (body, because) in [
        (bad_utf8, "UTF-8"),
        (format!("[{}]", create()).into_bytes(), "batches"),
        (format!("[{0},{0}]", create()).into_bytes(), "batches"),
        (create().as_bytes()[1..].to_vec(), "JSON"),
        (Vec::new(), "JSON"),
        (CREATE.as_bytes().to_vec(), "JSON"),
        ("[".repeat(100_000).into_bytes(), "JSON"),
        (b"{}".to_vec(), "query"),
        (
            json!({ "query": CREATE, "variables": [] })
                .to_string()
                .into_bytes(),
            "variables",
        ),
    ] {
        turned_away(&owner.post(JSON, body).await, 400, because);
    }
    for content_type in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/graphql",
        "application/json; charset=iso-8859-1",
        "",
    ] {
        turned_away(&owner.post(content_type, create()).await, 415, "application/json");
    }
    let in_parts = owner.post("multipart/form-data; boundary=x", create()).await;
    turned_away(&in_parts, 400, "multipart/form-data");
    assert_eq!(difference(&before, &db.dump().await), Vec::<String>::new());
    assert_eq!(
        owner.post(JSON, create()).await.status,
        200,
        "as it is meant, it is taken"
    );
    site.close().await;
});

on_both!(changes_go_by_post_only, async |db| {
    furnished(db, "acme").await;
    let site = db.site();
    let owner = site.owner("acme").await;
    let before = db.dump().await;
    turned_away(&owner.get(&[("query", CREATE)]).await, 405, "POST");
    turned_away(
        &owner
            .get(&[("query", "mutation { signOut { signedOut } }")])
            .await,
        405,
        "POST",
    );
    let two = format!(
        "query Q {{ viewer {{ member {{ id }} }} }} {}",
        CREATE.replace("mutation", "mutation M")
    );
    let chosen = owner
        .get(&[("query", two.as_str()), ("operationName", "M")])
        .await;
    turned_away(&chosen, 405, "POST");
    for method in [Method::PUT, Method::DELETE, Method::PATCH] {
        let request = owner.request(method).header("content-type", JSON).body(create());
        turned_away(&answer(request).await, 405, "GET and POST");
    }
    let query = json_of(&owner.get(&[("query", "{ viewer { member { email } } }")]).await);
    assert_eq!(query["data"]["viewer"]["member"]["email"], "owner@acme.example");
    assert_eq!(difference(&before, &db.dump().await), Vec::<String>::new());
    site.close().await;
});

fn repeated(times: usize, part: impl Fn(usize) -> String) -> String {
    (0..times).map(part).collect()
}

/// A few hundred octets that stand for 2^40 fields.
fn bomb(kind: &str, change: &str) -> String {
    let fragments = repeated(40, |level| {
        format!("fragment f{level} on {kind} {{ ...f{0} ...f{0} }} ", level + 1)
    });
    format!("{fragments}fragment f40 on {kind} {{ {change} }}")
}

async fn refused_fast(client: &Client<'_>, query: &str) -> (String, String) {
    let begun = Instant::now();
    let refused = client.refused(query, json!({})).await;
    let took = begun.elapsed();
    assert!(
        took < Duration::from_secs(2),
        "{took:?} for {}",
        &query[..query.len().min(200)]
    );
    (refused.code, refused.message)
}

on_both!(
    what_asks_for_too_much_is_refused_before_it_costs_anything,
    async |db| {
        furnished(db, "acme").await;
        let site = db.site();
        let owner = site.owner("acme").await;
        let before = db.dump().await;
        let one = CREATE
            .trim_start_matches("mutation {")
            .strip_suffix('}')
            .unwrap_or_default();
        let aliases = repeated(60, |n| format!("a{n}: viewer {{ member {{ id }} }} "));
        let changes = repeated(11, |n| format!("a{n}: {one} "));
        let deep = "subscriber { consents { edges { node { policyVersion { ".to_owned();
        let page =
            "subscribers(first: 100) { edges { node { consents(first: 100) { edges { node { id } } } } } }";
        for query in [
            format!("{{ ...f0 }} {}", bomb("Query", "viewer { member { id } }")),
            format!(
                "mutation {{ ...f0 }} {}",
                bomb("Mutation", "signOut { signedOut }")
            ),
            format!("{{ {aliases} }}"),
            format!("mutation {{ {changes} }}"),
            format!("{{ {page} }}"),
            format!("{{ {} }}", "[".repeat(1000)),
            format!("{{ {} id {} }}", "viewer { ".repeat(30), "}".repeat(30)),
            format!("{{ {deep} #{} \n", "x".repeat(70_000)),
        ] {
            let (code, message) = refused_fast(&owner, &query).await;
            assert_eq!(code, "QUERY_TOO_COMPLEX", "{message}");
        }
        let circle = "{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }";
        let (code, message) = refused_fast(&owner, circle).await;
        assert!(
            ["QUERY_TOO_COMPLEX", "BAD_USER_INPUT"].contains(&code.as_str()),
            "{code}: {message}"
        );
        let sign_ins = repeated(3, |n| {
            format!(
                r#"a{n}: signIn(input: {{ tenant: "acme", email: "a", password: "b" }}) {{ accessToken }} "#
            )
        });
        let guesses = format!("mutation {{ {sign_ins} }}");
        let (code, message) = refused_fast(&site.anybody(), &guesses).await;
        assert_eq!(code, "QUERY_TOO_COMPLEX", "{message}");
        assert_eq!(difference(&before, &db.dump().await), Vec::<String>::new());
        site.close().await;
    }
);
