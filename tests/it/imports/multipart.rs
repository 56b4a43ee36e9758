//! Tables that come within a GraphQL request: the GraphQL multipart request specification, as clients speak it.

use assent_api::uploads::Uploads;
use assent_domain::tenant::Role;
use assent_entity::import::NewImport;
use assent_tests::dump::difference;
use assent_tests::http::{Client, credentials, data_of, json_of, refused_by};
use assent_tests::on_both;
use assent_tests::visitor::{Answer, answer};
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use super::{BRING, stage};
use crate::roles::signed_in;

const MAP: &str = r#"{ "0": ["variables.input.file"] }"#;

fn operations(new: &NewImport) -> Value {
    json!({ "query": BRING, "variables": { "input": { "mailingListId": new.list.to_string(), "file": null,
        "evidence": { "source": "shop", "collectedAt": "2026-01-02T03:04:05Z", "statement": "Yes.", "purposes": ["news"] } } } })
}

fn form(operations: &Value, map: &str, file: impl Into<Vec<u8>>) -> Form {
    let file = Part::bytes(file.into())
        .file_name("people.csv")
        .mime_str("text/csv")
        .unwrap();
    Form::new()
        .text("operations", operations.to_string())
        .text("map", map.to_owned())
        .part("0", file)
}

async fn send(client: &Client<'_>, form: Form) -> Answer {
    answer(client.request(Method::POST).multipart(form)).await
}

on_both!(a_file_comes_as_a_part_of_an_operation, async |db| {
    let (_house, new) = stage(db).await;
    let site = db.site_with_uploads(Uploads {
        file_octets: 1024 * 1024,
        ..Uploads::in_dir(db.data_dir())
    });
    let client = site.owner("acme").await;
    let names = || std::fs::read_dir(db.data_dir()).unwrap().count();
    let names_before = names();
    let taken = send(&client, form(&operations(&new), MAP, "email\nann@example.org\n")).await;
    assert_eq!(taken.status, 200, "{}", taken.body);
    let import = data_of(json_of(&taken))["importSubscribers"]["import"].clone();
    assert_eq!(import["status"], "QUEUED");
    assert_eq!(db.count("import_text", "1 = 1").await, 1);
    assert_eq!(db.count("ledger", "facts LIKE '%PEOPLE_IMPORTED%'").await, 1);
    let before = db.dump().await;
    // A table that cannot be read leaves nothing, not even an import.
    let unreadable = json_of(&send(&client, form(&operations(&new), MAP, "name\nAnn\n")).await);
    assert_eq!(refused_by(&unreadable).field, "file");
    let both = {
        let mut both = operations(&new);
        both["variables"]["input"]["csv"] = json!("email\n");
        both
    };
    assert_eq!(
        refused_by(&json_of(&send(&client, form(&both, MAP, "email\n")).await)).field,
        "csv"
    );
    let mut bare = operations(&new)["variables"].clone();
    assert_eq!(client.refused(BRING, bare.clone()).await.field, "csv");
    // What stands for a file where there is none is no file.
    for token in ["upload:0", "upload:1", "#__graphql_file__:0"] {
        bare["input"]["file"] = json!(token);
        assert_eq!(
            client.refused(BRING, bare.clone()).await.code,
            "BAD_USER_INPUT",
            "{token}"
        );
    }
    let large = send(&client, form(&operations(&new), MAP, vec![b'x'; 1024 * 1024 + 1])).await;
    assert_eq!(large.status, 413, "{}", large.body);
    for map in [
        "{}",
        "[]",
        "x",
        r#"{ "0": [] }"#,
        r#"{ "0": ["variables.input.file"], "1": ["variables.input.csv"] }"#,
        r#"{ "0": ["variables.input.file", "variables.input.csv"] }"#,
        r#"{ "0": ["variables.input.mailingListId"] }"#,
        r#"{ "0": ["variables.nothing"] }"#,
        r#"{ "0": ["query"] }"#,
        r#"{ "1": ["variables.input.file"] }"#,
    ] {
        let refused = send(&client, form(&operations(&new), map, "email\n")).await;
        assert_eq!(refused.status, 400, "{map}: {}", refused.body);
    }
    let turned = Form::new()
        .text("map", MAP)
        .text("operations", operations(&new).to_string());
    assert_eq!(send(&client, turned).await.status, 400);
    assert_eq!(difference(&before, &db.dump().await), [""; 0]);
    assert_eq!(names(), names_before, "no file is left");
    site.close().await;
});

on_both!(a_form_of_another_site_brings_nothing, async |db| {
    let (house, new) = stage(db).await;
    let site = db.site();
    let sign_in = json!({ "query": "mutation($input: SignInInput!) { signIn(input: $input) { expiresAt } }",
        "variables": credentials("acme") });
    let signed_in_by = site.anybody().post("application/json", sign_in.to_string()).await;
    let cookie = signed_in_by
        .header("set-cookie")
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    let before = db.dump().await;
    let people = "email\nann@example.org\n";
    let with_cookie = |header: Option<&str>| {
        let request = site.request(Method::POST, "/graphql").header("cookie", &cookie);
        let request = match header {
            Some(name) => request.header(name, "1"),
            None => request,
        };
        request.multipart(form(&operations(&new), MAP, people))
    };
    let forged = answer(with_cookie(None)).await;
    assert_eq!(forged.status, 415, "{}", forged.body);
    let foreign = with_cookie(Some("graphql-require-preflight")).header("origin", "http://evil.example");
    assert_eq!(answer(foreign).await.status, 403);
    // Nobody, and whoever may not, is told so as of every operation.
    let nobody = site.anybody();
    let request = nobody
        .request(Method::POST)
        .header("x-requested-with", "XMLHttpRequest");
    let told = json_of(&answer(request.multipart(form(&operations(&new), MAP, people))).await);
    assert_eq!(refused_by(&told).code, "UNAUTHENTICATED");
    let (_, analyst) = signed_in(&house, &site, Role::Analyst).await;
    let told = json_of(&send(&analyst, form(&operations(&new), MAP, people)).await);
    assert_eq!(refused_by(&told).code, "FORBIDDEN");
    let changed = difference(&before, &db.dump().await);
    assert!(!changed.iter().any(|line| line.contains("import")), "{changed:?}");
    for header in [
        "graphql-require-preflight",
        "apollo-require-preflight",
        "x-requested-with",
    ] {
        let taken = answer(with_cookie(Some(header))).await;
        data_of(json_of(&taken));
    }
    assert_eq!(db.count("people_import", "1 = 1").await, 3);
    site.close().await;
});
