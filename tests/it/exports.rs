//! Exports: files that hold what was asked for and open for nobody else, nor for longer than they are to.

use std::time::Duration;

use assent_domain::id::SubscriberId;
use assent_domain::tenant::Role;
use assent_entity::custom_field::{self, NewValue};
use assent_tests::dump::difference;
use assent_tests::house::House;
use assent_tests::http::Client;
use assent_tests::on_both;
use assent_tests::visitor::Site;
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::furnished::furnished;
use crate::roles::signed_in;

pub(crate) const ASK: &str = "mutation($input: ExportSubscribersInput!) { exportSubscribers(input: $input) { file { url expiresAt } } }";

pub(crate) async fn address_of(client: &Client<'_>, input: Value) -> String {
    let asked = client.data(ASK, json!({ "input": input })).await;
    asked["exportSubscribers"]["file"]["url"]
        .as_str()
        .unwrap()
        .to_owned()
}

pub(crate) async fn fetch(site: &Site, url: &str) -> Response {
    let path = url.split_once("/exports/").expect("an export").1;
    let request = site.request(Method::GET, &format!("/exports/{path}"));
    request.send().await.unwrap()
}

/// Somebody whose company a spreadsheet would take for a formula.
async fn eve(house: &House<'_>) -> SubscriberId {
    let list = house
        .list("More", assent_domain::mailing_list::OptIn::Single, &["news"])
        .await;
    let form = house.form("more", &[list], &["news"]).await;
    let (_, eve) = house.join(&form, "eve@example.org", &["news"]).await;
    let sql = format!(
        "UPDATE subscriber SET name = 'Eve \"E\", Jr', company = '=HYPERLINK(1)' WHERE id = {}",
        house.db.id(eve)
    );
    assert_eq!(house.db.exec(&sql).await.unwrap(), 1);
    let mut tx = house.write().await;
    let value = NewValue {
        key: "shoe_size".to_owned(),
        value: Some("-7".to_owned()),
    };
    custom_field::set(&mut tx, eve, &[value]).await.unwrap();
    tx.commit().await.unwrap();
    eve
}

on_both!(an_export_holds_whom_was_asked_for_and_that_is_noted, async |db| {
    let acme = furnished(db, "acme").await;
    furnished(db, "brook").await;
    let house = House { db, ctx: acme.ctx };
    let eve = eve(&house).await;
    let site = db.site();
    let owner = site.owner("acme").await;
    let url = address_of(&owner, json!({})).await;
    let file = fetch(&site, &url).await;
    assert_eq!(file.status(), 200);
    let header = |name: &str| file.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(header("content-type"), "text/csv; charset=utf-8; header=present");
    assert_eq!(header("cache-control"), "no-store");
    assert!(header("content-disposition").starts_with("attachment; filename=\"subscribers-2026-"));
    let text = file.text().await.unwrap();
    let mut rows = csv::Reader::from_reader(text.as_bytes());
    let head: Vec<_> = rows.headers().unwrap().iter().map(str::to_owned).collect();
    assert_eq!(head.last().map(String::as_str), Some("shoe_size"));
    let rows: Vec<csv::StringRecord> = rows.records().map(Result::unwrap).collect();
    let column = |name: &str| head.iter().position(|of| of == name).unwrap();
    let of_eve = rows.iter().find(|row| row[0] == eve.to_string()).unwrap();
    assert_eq!(&of_eve[column("name")], "Eve \"E\", Jr");
    assert_eq!(&of_eve[column("company")], "'=HYPERLINK(1)");
    assert_eq!(&of_eve[column("shoe_size")], "'-7");
    assert_eq!(&of_eve[column("status")], "CONFIRMED");
    assert_eq!(&of_eve[column("collectedUnder")], "1");
    let mut addresses: Vec<_> = rows.iter().map(|row| row[column("email")].to_owned()).collect();
    addresses.sort();
    assert_eq!(
        addresses,
        ["ann@example.org", "ben@example.org", "eve@example.org"]
    );

    let of_list = json!({ "format": "JSON_LINES", "mailingListId": acme.list.to_string() });
    let url = address_of(&owner, of_list).await;
    let text = fetch(&site, &url).await.text().await.unwrap();
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 2, "{text}");
    let ann = lines
        .iter()
        .find(|line| line["email"] == "ann@example.org")
        .unwrap();
    assert_eq!(ann["customValues"], json!({ "shoe_size": "38.5" }));

    let log = "{ auditLog(first: 100) { edges { node { act after } } } }";
    let log = owner.data(log, json!({})).await;
    let noted = log["auditLog"]["edges"].as_array().unwrap().iter();
    let noted: Vec<_> = noted.map(|edge| &edge["node"]).collect();
    let of = |act: &str| noted.iter().filter(|node| node["act"] == act).count();
    assert_eq!(of("SUBSCRIBERS_EXPORTED"), 2);
    let readings = noted
        .iter()
        .filter(|node| node["after"].to_string().contains("an export"));
    assert_eq!(readings.count(), 2, "{log}");
    site.close().await;
});

on_both!(
    an_export_opens_for_whom_it_is_and_no_longer_than_it_is_to,
    async |db| {
        let acme = furnished(db, "acme").await;
        let house = House { db, ctx: acme.ctx };
        let site = db.site();
        let (_, analyst) = signed_in(&house, &site, Role::Analyst).await;
        let refused = analyst.refused(ASK, json!({ "input": {} })).await;
        assert_eq!(refused.code, "FORBIDDEN");
        let owner = site.owner("acme").await;
        let url = address_of(&owner, json!({})).await;
        let before = db.dump().await;
        let token = url.rsplit('/').next().unwrap();
        let altered = url.replace(&token[token.len() - 4..], "AAAA");
        let (head, _) = token.split_once('.').unwrap();
        for no in [altered, format!("/exports/{head}.e30."), "/exports/x".to_owned()] {
            let answer = fetch(&site, &no).await;
            assert_eq!(answer.status(), 404, "{no}");
            assert!(!answer.text().await.unwrap().contains("example.org"));
        }
        assert_eq!(difference(&before, &db.dump().await), [""; 0]);
        // It is no access token, and an access token is no ticket.
        let mut stranger = site.anybody();
        stranger.token = Some(token.to_owned());
        let refused = stranger.refused("{ viewer { member { id } } }", json!({})).await;
        assert_eq!(refused.code, "UNAUTHENTICATED");
        let as_ticket = format!("/exports/{}", owner.token.as_deref().unwrap());
        assert_eq!(fetch(&site, &as_ticket).await.status(), 404);
        db.clock.forward(Duration::from_mins(9));
        assert_eq!(fetch(&site, &url).await.status(), 200);
        db.clock.forward(Duration::from_mins(2));
        assert_eq!(fetch(&site, &url).await.status(), 404, "its time is over");
        let url = address_of(&owner, json!({})).await;
        assert_eq!(fetch(&site, &url).await.status(), 200);
        owner.data("mutation { signOut { signedOut } }", json!({})).await;
        assert_eq!(fetch(&site, &url).await.status(), 404, "whoever asked is gone");
        site.close().await;
    }
);

on_both!(a_large_export_holds_everybody_once, async |db| {
    let acme = furnished(db, "acme").await;
    let tenant = db.id(acme.ctx.tenant());
    // 2,500 people more, in three parts.
    let id = match db.backend {
        assent_tests::Backend::Sqlite => "randomblob(16)",
        assent_tests::Backend::Postgres => "gen_random_uuid()",
    };
    let hash = match db.backend {
        assent_tests::Backend::Sqlite => "randomblob(32)",
        assent_tests::Backend::Postgres => "decode(md5(random()::text) || md5(random()::text), 'hex')",
    };
    let sql = format!(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500)
         INSERT INTO subscriber (tenant_id, id, email, address_hash, collected_under, created_at)
         SELECT {tenant}, {id}, 'p' || n.i || '@example.org', {hash}, p.id, 0
         FROM n CROSS JOIN (SELECT id FROM policy_version WHERE tenant_id = {tenant} LIMIT 1) p"
    );
    assert_eq!(db.exec(&sql).await.unwrap(), 2500);
    let site = db.site();
    let owner = site.owner("acme").await;
    let url = address_of(&owner, json!({ "format": "JSON_LINES" })).await;
    let text = fetch(&site, &url).await.text().await.unwrap();
    let ids: std::collections::BTreeSet<String> = text
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["id"].to_string())
        .collect();
    assert_eq!((text.lines().count(), ids.len()), (2502, 2502));
    site.close().await;
});

on_both!(what_an_import_left_out_comes_as_a_file, async |db| {
    furnished(db, "acme").await;
    let site = db.site();
    let owner = site.owner("acme").await;
    let imports = "{ imports { edges { node { problemsFile { url } } } } }";
    let imports = owner.data(imports, json!({})).await;
    let file = &imports["imports"]["edges"][0]["node"]["problemsFile"];
    let url = file["url"].as_str().unwrap();
    let text = fetch(&site, url).await.text().await.unwrap();
    assert_eq!(text, "line,reason,field\r\n3,EMAIL_INVALID,EMAIL\r\n");
    site.close().await;
});
