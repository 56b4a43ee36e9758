//! What all of one tenant send together has a limit too, and nobody else feels it.

use std::time::Duration;

use assent_domain::api_token::Scope;
use assent_tests::http::{Client, json_of};
use assent_tests::on_both;
use assent_tests::visitor::Answer;
use serde_json::json;

use crate::disclosure::with;
use crate::scopes::shop;

async fn ask(client: &Client<'_>) -> Answer {
    let body = json!({ "query": "{ purposes { code } }" }).to_string();
    client.post("application/json", body).await
}

fn told(answer: &Answer) -> (u16, String, String, String) {
    let header = |name: &str| answer.header(name).to_owned();
    (
        answer.status.as_u16(),
        header("ratelimit-policy"),
        header("ratelimit"),
        header("retry-after"),
    )
}

on_both!(
    members_and_tokens_of_a_tenant_have_one_limit_together_and_another_tenant_has_its_own,
    async |db| {
        let house = db.house("acme").await;
        db.house("brook").await;
        let site = db.site_answering(60);
        let (owner, other) = (site.owner("acme").await, site.owner("brook").await);
        let token = with(&site, shop(&house, &[Scope::ReadPolicy]).await);
        let policy = "\"tenant\";q=60;w=60".to_owned();
        for sent in 1..=60 {
            let client = if sent % 2 == 0 { &owner } else { &token };
            // Of 600 a token has much more left than its tenant of 60.
            let expected = (
                200,
                policy.clone(),
                format!("\"tenant\";r={};t={sent}", 60 - sent),
                String::new(),
            );
            assert_eq!(told(&ask(client).await), expected, "{sent}");
        }
        for client in [&owner, &token] {
            let much = ask(client).await;
            let expected = (
                429,
                policy.clone(),
                "\"tenant\";r=0;t=60".to_owned(),
                "1".to_owned(),
            );
            assert_eq!(told(&much), expected);
            let error = &json_of(&much)["errors"][0];
            assert_eq!(
                error["extensions"],
                json!({ "code": "TOO_MANY_REQUESTS", "retryAfter": 1 })
            );
            assert!(error["message"].as_str().unwrap().contains("tenant"), "{error}");
        }
        let others = ask(&other).await;
        assert_eq!(
            told(&others),
            (
                200,
                policy.clone(),
                "\"tenant\";r=59;t=1".to_owned(),
                String::new()
            )
        );
        db.clock.forward(Duration::from_secs(1));
        assert_eq!(ask(&owner).await.status, 200);
        assert_eq!(ask(&token).await.status, 429, "a second gives one");
        db.clock.forward(Duration::from_mins(1));
        assert_eq!(ask(&token).await.status, 200);
        site.close().await;
    }
);

on_both!(
    a_token_beyond_its_own_limit_takes_nothing_of_its_tenants,
    async |db| {
        let house = db.house("acme").await;
        let site = db.site_answering(700);
        let token = with(&site, shop(&house, &[Scope::ReadPolicy]).await);
        for sent in 1..=650 {
            let answer = ask(&token).await;
            assert_eq!(answer.status, if sent > 600 { 429 } else { 200 });
            let policy = answer.header("ratelimit-policy").to_owned();
            assert_eq!(policy, "\"token\";q=600;w=60", "{sent}");
        }
        let owner = site.owner("acme").await;
        assert_eq!(ask(&owner).await.header("ratelimit"), "\"tenant\";r=99;t=52");
        site.close().await;
    }
);
