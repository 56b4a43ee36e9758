//! What a token or a role may not read of people it does not read by a way around, and what is read is noted (P15).

use assent_api::graphql::access::FOR_TOKENS;
use assent_api::graphql::sdl;
use assent_domain::api_token::Scope;
use assent_domain::suppression::SuppressionReason;
use assent_domain::tenant::Role;
use assent_entity::api_token::NewApiToken;
use assent_entity::member::{self, NewMember};
use assent_tests::house::{PASSWORD, address};
use assent_tests::http::{Client, json_of};
use assent_tests::{House, on_both};
use reqwest::Method;
use serde_json::{Value, json};

use crate::disclosure::{noted, signed_in, with};
use crate::furnished::furnished;
use crate::isolation::atlas::{Atlas, ids_in};

const SAID: &str = "{ campaigns { edges { node { deliveries { edges { node { bounces { said } } } } } } } }";
const AUDIT: &str = "{ auditLog(first: 100) { edges { node { act before after } } } }";
const SUBSCRIBE: &str = "mutation($input: SubscribeInput!) { subscribe(input: $input) {
    status reason subscriber { id } } }";

/// A program of the tenant's own.
pub(crate) async fn shop(house: &House<'_>, scopes: &[Scope]) -> String {
    let owner = signed_in(house, "owner@acme.example").await;
    let new = NewApiToken {
        name: "Shop".to_owned(),
        scopes: scopes.iter().copied().collect(),
        party: None,
        expires_at: None,
    };
    house.token(owner, new).await.1
}

fn text_of(way: &[String]) -> String {
    let inner = "id email".to_owned();
    let query = way
        .iter()
        .rev()
        .fold(inner, |inner, field| format!("{field} {{ {inner} }}"));
    format!("{{ {query} }}")
}

on_both!(
    p15_no_way_through_the_schema_leads_a_token_to_people_that_it_may_not_read,
    async |db| {
        let atlas = Atlas::of(&sdl());
        let acme = furnished(db, "acme").await;
        let house = House { db, ctx: acme.ctx };
        let site = db.site();
        let mut tried = Vec::new();
        for scope in [Scope::ReadPolicy, Scope::ReadLists, Scope::ReadCampaigns] {
            let client = with(&site, shop(&house, &[scope]).await);
            for (root, _) in FOR_TOKENS.iter().filter(|(_, opens)| *opens == scope) {
                for way in atlas.ways(root, "Subscriber") {
                    let answer = client.graphql(&text_of(&way), json!({})).await;
                    let mut ids = std::collections::BTreeSet::new();
                    ids_in(&answer, &mut ids);
                    assert!(
                        ids.iter().all(|id| !id.starts_with("subscriber_")),
                        "{way:?}: {answer}"
                    );
                    assert!(!answer.to_string().contains('@'), "{way:?}: {answer}");
                    let code = &answer["errors"][0]["extensions"]["code"];
                    assert_eq!(*code, json!("FORBIDDEN"), "{way:?}: {answer}");
                    tried.push(way.join("."));
                }
            }
        }
        let known = "campaigns.edges.node.deliveries.edges.node.subscriber";
        assert!(tried.iter().any(|way| way == known), "{tried:?}");
        let may = with(
            &site,
            shop(&house, &[Scope::ReadCampaigns, Scope::ReadSubscribers]).await,
        );
        let way: Vec<_> = known.split('.').map(str::to_owned).collect();
        let answer = may.data(&text_of(&way), json!({})).await;
        assert!(answer.to_string().contains("subscriber_"), "{answer}");
        site.close().await;
    }
);

fn words(answer: &Value, found: &mut Vec<String>) {
    match answer {
        Value::String(text) => found.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| words(item, found)),
        Value::Object(fields) => fields.values().for_each(|field| words(field, found)),
        _ => {}
    }
}

async fn said_to(client: &Client<'_>) -> Vec<String> {
    let mut said = Vec::new();
    words(&client.data(SAID, json!({})).await, &mut said);
    said
}

on_both!(
    p15_what_servers_said_is_told_to_who_sees_people_and_noted,
    async |db| {
        let acme = furnished(db, "acme").await;
        let house = House { db, ctx: acme.ctx };
        let new = NewMember::new(address("looks@acme.example"), PASSWORD.into())
            .await
            .unwrap();
        let mut tx = house.write().await;
        member::create(&mut tx, new, Role::Analyst).await.unwrap();
        tx.commit().await.unwrap();
        let site = db.site();
        let analyst = site.member("acme", "looks@acme.example").await;
        let program = with(&site, shop(&house, &[Scope::ReadCampaigns]).await);
        let before = noted(db, "PERSONAL_DATA_READ").await;
        assert_eq!(said_to(&analyst).await, [""; 0]);
        assert_eq!(said_to(&program).await, [""; 0]);
        assert_eq!(noted(db, "PERSONAL_DATA_READ").await, before);
        let owner = site.owner("acme").await;
        assert_eq!(said_to(&owner).await.len(), 1);
        assert_eq!(noted(db, "PERSONAL_DATA_READ").await, before + 1);
        site.close().await;
    }
);

on_both!(
    p15_reading_who_people_were_in_the_audit_log_is_noted,
    async |db| {
        furnished(db, "acme").await;
        let site = db.site();
        let owner = site.owner("acme").await;
        let before = noted(db, "PERSONAL_DATA_READ").await;
        owner
            .data("{ auditLog(first: 100) { edges { node { act } } } }", json!({}))
            .await;
        assert_eq!(
            noted(db, "PERSONAL_DATA_READ").await,
            before,
            "what was done is not who they are"
        );
        let seen = owner.data(AUDIT, json!({})).await;
        assert!(seen.to_string().contains("SUBSCRIBERS_MERGED"), "{seen}");
        assert_eq!(noted(db, "PERSONAL_DATA_READ").await, before + 1);
        site.close().await;
    }
);

on_both!(
    p15_a_token_that_only_asks_people_to_join_learns_nothing_of_them,
    async |db| {
        let house = db.house("acme").await;
        let (_, form) = house.news().await;
        house.member_of(&form, "ann@example.org", &["news"]).await;
        let quiet = house.member_of(&form, "quiet@example.org", &["news"]).await;
        house.suppress(quiet, SuppressionReason::Complained).await;
        let site = db.site();
        let client = with(&site, shop(&house, &[Scope::Subscribe]).await);
        let mut answers = Vec::new();
        for email in ["ann@example.org", "quiet@example.org", "new@example.org"] {
            let choices = json!([{ "purpose": "news", "given": true }]);
            let input = json!({ "collectionPoint": "news", "email": email, "choices": choices });
            answers.push(client.data(SUBSCRIBE, json!({ "input": input })).await);
        }
        assert_eq!(answers[0]["subscribe"]["status"], json!("TAKEN"));
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
        site.close().await;
    }
);

on_both!(a_token_sends_so_many_operations_a_minute, async |db| {
    let house = db.house("acme").await;
    let site = db.site_taking(20);
    let client = with(&site, shop(&house, &[Scope::ReadPolicy]).await);
    let body = json!({ "query": "{ __typename }" }).to_string();
    for sent in 1..=600 {
        let answer = client.post("application/json", body.clone()).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert_eq!(answer.header("ratelimit-policy"), "\"token\";q=600;w=60");
        let (left, again) = (600 - sent, sent / 10 + i32::from(sent % 10 > 0));
        assert_eq!(
            answer.header("ratelimit"),
            format!("\"token\";r={left};t={again}")
        );
    }
    for accept in ["application/json", "application/graphql-response+json"] {
        let request = client
            .request(Method::POST)
            .header("content-type", "application/json")
            .header("accept", accept);
        let much = assent_tests::visitor::answer(request.body(body.clone())).await;
        assert_eq!((much.status.as_u16(), much.header("retry-after")), (429, "1"));
        let error = &json_of(&much)["errors"][0]["extensions"];
        assert_eq!(*error, json!({ "code": "TOO_MANY_REQUESTS", "retryAfter": 1 }));
    }
    db.clock.forward(std::time::Duration::from_secs(1));
    assert_eq!(client.post("application/json", body).await.status, 200);
    site.close().await;
});
