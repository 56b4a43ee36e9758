//! The operations that clients rely on, as they send them, and what they are answered.

use std::time::Duration;

use assent_domain::id::PolicyVersionId;
use assent_domain::policy::NOTICE_PERIOD;
use assent_tests::http::{Client, Refused, data_of, refused_by};
use assent_tests::on_both;
use serde_json::{Value, json};

mod main_job;
mod partners;

/// What clients send: the whole document, and the name of one of its operations.
pub(crate) const DOCUMENT: &str = assent_api::graphql::OPERATIONS;

const MONDAY: &str = "2026-03-02T09:00:00Z";

async fn run(client: &Client<'_>, operation: &str, variables: Value) -> Value {
    data_of(client.named(DOCUMENT, Some(operation), variables).await)
}

async fn change(client: &Client<'_>, operation: &str, input: Value) -> Value {
    run(client, operation, json!({ "input": input })).await
}

async fn refused(client: &Client<'_>, operation: &str, input: Value) -> Refused {
    let input = json!({ "input": input });
    refused_by(&client.named(DOCUMENT, Some(operation), input).await)
}

#[track_caller]
fn is(refused: &Refused, code: &str, field: &str) {
    assert_eq!(
        (refused.code.as_str(), refused.field.as_str()),
        (code, field),
        "{refused:?}"
    );
    assert!(!refused.message.is_empty());
}

/// Compares what was answered, where an id is told by what it begins with, and a time must be one.
#[track_caller]
fn answers(found: &Value, expected: &Value) {
    let found_and = |found: &Value| format!("{found:#} is not as {expected:#}");
    match (found, expected) {
        (Value::String(text), Value::String(pattern)) if pattern.ends_with('*') => {
            assert!(
                text.starts_with(pattern.trim_end_matches('*')),
                "{}",
                found_and(found)
            );
        }
        (Value::Object(fields), Value::Object(wanted)) => {
            assert!(fields.keys().eq(wanted.keys()), "{}", found_and(found));
            for (name, field) in fields {
                answers(field, &wanted[name]);
            }
        }
        (Value::Array(items), Value::Array(wanted)) => {
            assert_eq!(items.len(), wanted.len(), "{}", found_and(found));
            for (item, wanted) in items.iter().zip(wanted) {
                answers(item, wanted);
            }
        }
        _ => assert_eq!(found, expected),
    }
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

fn draft() -> Value {
    json!({
        "body": "# Privacy\n\nWe ask first.",
        "summary": "The first version.",
        "purposes": [{ "code": "news", "name": "News", "description": "What is new.", "kind": "MARKETING" }],
        "outsideParties": [{ "name": "Courier Ltd", "why": "delivers", "what": "name and address" }],
    })
}

fn point(list: &str) -> Value {
    json!({
        "slug": "newsletter",
        "name": "Newsletter",
        "mailingListIds": [list],
        "fields": [{ "name": "name", "required": false }, { "name": "company", "required": false }],
        "choices": [{ "purpose": "news", "statement": "Yes, write to me." }],
    })
}

on_both!(without_a_policy_in_force_no_form_is_opened, async |db| {
    db.bare_house("acme").await;
    let site = db.site();
    let owner = site.owner("acme").await;
    let unknown = point("list_01h455vb4pex5vsknk084sn02q");
    let refused = refused(&owner, "CreateCollectionPoint", unknown).await;
    assert_eq!(refused.code, "CONFLICT", "{refused:?}");
    assert!(refused.message.contains("policy"), "{}", refused.message);
    site.close().await;
});

on_both!(
    p07_six_days_and_all_but_a_second_are_too_short_and_seven_days_are_taken,
    async |db| {
        let house = db.house("acme").await;
        let (_, form) = house.news().await;
        house.member_of(&form, "ann@example.org", &["news"]).await;
        let site = db.site();
        let owner = site.owner("acme").await;
        let drafted = change(&owner, "DraftPolicyVersion", draft()).await;
        let id = text(&drafted["draftPolicyVersion"]["policyVersion"]["id"]);
        let earliest = db.store.now().after(NOTICE_PERIOD);
        let early = earliest.before(Duration::from_secs(1)).to_string();
        assert_eq!(early, "2026-03-09T08:59:59Z");
        let before = db.dump().await;
        for at in [
            early.as_str(),
            MONDAY,
            "1999-01-01T00:00:00Z",
            "2026-03-09T09:59:59.999999+01:00",
        ] {
            let refused = refused(
                &owner,
                "PostPolicyVersion",
                json!({ "id": id, "effectiveAt": at }),
            )
            .await;
            is(&refused, "NOTICE_PERIOD_TOO_SHORT", "effectiveAt");
            assert!(
                refused.message.contains("2026-03-09T09:00:00Z"),
                "{}",
                refused.message
            );
        }
        assert_eq!(before, db.dump().await, "nothing is posted");
        let posted = change(
            &owner,
            "PostPolicyVersion",
            json!({ "id": id, "effectiveAt": earliest.to_string() }),
        )
        .await;
        assert_eq!(posted["postPolicyVersion"]["policyVersion"]["status"], "POSTED");
        house.send_notices(id.parse::<PolicyVersionId>().unwrap()).await;
        let told = run(&owner, "PolicyNotices", json!({ "id": id })).await;
        let notices = json!({ "total": 2, "sent": 2, "pending": 0, "failed": 0, "excluded": [] });
        let expected = json!({ "id": id, "number": 2, "status": "POSTED", "notices": notices });
        assert_eq!(told["policyVersion"], expected);
        db.clock.forward(NOTICE_PERIOD);
        let owner = site.owner("acme").await;
        let told = run(&owner, "PolicyNotices", json!({ "id": id })).await;
        assert_eq!(told["policyVersion"]["status"], "IN_FORCE");
        site.close().await;
    }
);
