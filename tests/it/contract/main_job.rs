//! The main job, operation by operation: from signing in to the progress of a campaign.

use std::time::Duration;

use assent_domain::id::{CampaignId, SubscriberId};
use assent_entity::outcome::Outcome;
use assent_tests::http::{Client, credentials};
use assent_tests::{House, on_both};
use serde_json::{Value, json};

use super::{MONDAY, answers, change, draft, is, point, refused, run, text};

fn joins(email: &str) -> Value {
    json!({
        "collectionPoint": "newsletter",
        "email": email,
        "name": "Ann",
        "company": "Example Ltd",
        "choices": [{ "purpose": "news", "given": true }],
        "evidence": "on the fair, 1 March",
    })
}

async fn signs_in(stranger: Client<'_>) -> Client<'_> {
    let answer = run(&stranger, "SignIn", credentials("acme")).await;
    let viewer = json!({
        "member": { "id": "member_*", "email": "owner@acme.example", "role": "OWNER" },
        "tenant": { "id": "tenant_*", "slug": "acme", "name": "House acme" },
    });
    let expected = json!({ "accessToken": "*", "expiresAt": "2026-03-02T09:15:00Z", "viewer": viewer });
    answers(&answer["signIn"], &expected);
    let mut owner = stranger;
    owner.token = Some(text(&answer["signIn"]["accessToken"]));
    let tenant = json!({
        "id": "tenant_*",
        "slug": "acme",
        "name": "House acme",
        "privacyContact": "privacy@acme.example",
        "postalAddress": "1 Main Street, Springfield",
    });
    let viewer = json!({ "viewer": { "member": viewer["member"], "tenant": tenant } });
    answers(&run(&owner, "Viewer", json!({})).await, &viewer);
    owner
}

async fn posts_a_policy(owner: &Client<'_>) {
    let drafted = change(owner, "DraftPolicyVersion", draft()).await;
    let drafted = &drafted["draftPolicyVersion"]["policyVersion"];
    let named = &drafted["purposes"][0];
    assert_eq!(
        named,
        &json!({ "code": "news", "name": "News", "kind": "MARKETING" })
    );
    assert_eq!(drafted["outsideParties"], json!([{ "name": "Courier Ltd" }]));
    assert_eq!(
        (&drafted["number"], &drafted["status"]),
        (&json!(1), &json!("DRAFT"))
    );
    let id = text(&drafted["id"]);
    let posted = change(
        owner,
        "PostPolicyVersion",
        json!({ "id": id, "effectiveAt": MONDAY }),
    )
    .await;
    let version =
        json!({ "id": id, "number": 1, "status": "IN_FORCE", "postedAt": MONDAY, "effectiveAt": MONDAY });
    answers(&posted["postPolicyVersion"]["policyVersion"], &version);
}

async fn opens_a_form(owner: &Client<'_>) -> String {
    let list = json!({ "name": "Newsletter", "optIn": "DOUBLE", "purposes": ["news"] });
    let created = change(owner, "CreateMailingList", list).await;
    let list =
        json!({ "id": "list_*", "name": "Newsletter", "optIn": "DOUBLE", "purposes": [{ "code": "news" }] });
    answers(&created["createMailingList"]["mailingList"], &list);
    let list = text(&created["createMailingList"]["mailingList"]["id"]);
    let mut without_choice = point(&list);
    without_choice["choices"] = json!([]);
    is(
        &refused(owner, "CreateCollectionPoint", without_choice).await,
        "BAD_USER_INPUT",
        "choices",
    );
    let opened = change(owner, "CreateCollectionPoint", point(&list)).await;
    let opened = &opened["createCollectionPoint"]["collectionPoint"];
    let choices = json!([{ "purpose": { "code": "news" }, "statement": "Yes, write to me." }]);
    answers(
        opened,
        &json!({ "id": "form_*", "slug": "newsletter", "formUrl": "http://*", "choices": choices }),
    );
    assert!(text(&opened["formUrl"]).ends_with("/t/acme/join/newsletter"));
    list
}

/// Ann joins and confirms, Ben wants no mail of any sort, Cat does not confirm.
async fn people_join(owner: &Client<'_>, house: &House<'_>) -> [SubscriberId; 3] {
    let mut people = Vec::new();
    // Ids, and with them the order of lists, follow the clock.
    for email in ["ann@example.org", "ben@example.org", "cat@example.org"] {
        let joined = &change(owner, "Subscribe", joins(email)).await["subscribe"];
        let subscriber = json!({ "id": "subscriber_*", "email": email, "status": "PENDING" });
        answers(
            joined,
            &json!({ "status": "CONFIRMATION_SENT", "reason": null, "subscriber": subscriber }),
        );
        house.db.clock.forward(Duration::from_secs(1));
        people.push(text(&joined["subscriber"]["id"]).parse().expect("an id"));
    }
    let [ann, ben, cat] = people.try_into().expect("three people");
    house.confirm(ann, house.newest_opt_in(ann).await).await.unwrap();
    house.opt_out_of_all(ben).await;
    let again = &change(owner, "Subscribe", joins("Ann@EXAMPLE.org")).await["subscribe"];
    assert_eq!(
        (&again["status"], &again["reason"]),
        (&json!("ALREADY_SUBSCRIBED"), &Value::Null)
    );
    let again = &change(owner, "Subscribe", joins("ben@example.org")).await["subscribe"];
    assert_eq!(
        (&again["status"], &again["reason"]),
        (&json!("REFUSED"), &json!("OPTED_OUT_OF_ALL"))
    );
    [ann, ben, cat]
}

async fn subscribers_are_paged(owner: &Client<'_>, list: &str) {
    let filter = json!({ "filter": { "mailingListId": list }, "first": 2 });
    let page = &run(owner, "Subscribers", filter).await["subscribers"];
    let ann = json!({
        "id": "subscriber_*", "email": "ann@example.org", "name": "Ann", "company": "Example Ltd",
        "status": "CONFIRMED", "collectedUnder": { "number": 1 },
    });
    answers(&page["edges"][0], &json!({ "cursor": "*", "node": ann }));
    assert_eq!(page["pageInfo"]["hasNextPage"], true);
    let next = json!({ "first": 2, "after": page["pageInfo"]["endCursor"] });
    let next = &run(owner, "Subscribers", next).await["subscribers"];
    let mut edges = [&page["edges"], &next["edges"]]
        .map(|edges| edges.as_array().unwrap().clone())
        .concat();
    edges.sort_by_key(|edge| text(&edge["node"]["email"]));
    let statuses: Vec<_> = edges.iter().map(|edge| text(&edge["node"]["status"])).collect();
    assert_eq!(statuses, ["CONFIRMED", "OPTED_OUT", "PENDING"]);
    assert_eq!(next["pageInfo"]["hasNextPage"], false);
    let one = run(
        owner,
        "Subscribers",
        json!({ "filter": { "email": "CAT@example.org" } }),
    )
    .await;
    assert_eq!(one["subscribers"]["edges"].as_array().unwrap().len(), 1);
}

async fn consent_is_told(owner: &Client<'_>, [ann, _, cat]: [SubscriberId; 3]) {
    let of = |id: SubscriberId| json!({ "subscriberId": id.to_string(), "purpose": "news" });
    let record = |state: &str, source: &str| {
        json!({
            "id": "consent_*", "state": state, "purpose": { "code": "news" }, "policyVersion": { "number": 1 },
            "source": source, "recordedAt": "2026-03-02T09:00:*", "statement": "Yes, write to me.",
        })
    };
    let allowed = json!({ "allowed": true, "refusal": null, "record": record("GIVEN", "CONFIRMATION") });
    answers(
        &run(owner, "ConsentDecision", of(ann)).await["consentDecision"],
        &allowed,
    );
    let asked = json!({ "allowed": false, "refusal": "NOT_CONFIRMED", "record": record("REQUESTED", "API") });
    answers(
        &run(owner, "ConsentDecision", of(cat)).await["consentDecision"],
        &asked,
    );
    let history = run(
        owner,
        "ConsentHistory",
        json!({ "subscriberId": ann.to_string(), "first": 10 }),
    )
    .await;
    let said = [("REQUESTED", "API"), ("GIVEN", "CONFIRMATION")].map(|(state, source)| record(state, source));
    let edges = said.map(|record| json!({ "node": record }));
    let page = json!({ "hasNextPage": false, "endCursor": "*" });
    let expected = json!({ "id": ann.to_string(), "consents": { "edges": edges, "pageInfo": page } });
    answers(&history["subscriber"], &expected);
}

async fn drafts_a_campaign(owner: &Client<'_>, list: &str) -> String {
    let input = json!({
        "name": "March", "purpose": "news", "mailingListIds": [list], "subject": "Hello {{ subscriber.name }}",
        "body": { "format": "MARKDOWN", "source": "News for *{{ subscriber.name }}*." },
    });
    let created = change(owner, "CreateCampaign", input).await;
    let campaign = &created["createCampaign"]["campaign"];
    answers(
        campaign,
        &json!({ "id": "campaign_*", "name": "March", "status": "DRAFT" }),
    );
    text(&campaign["id"])
}

fn refusals(counts: &[(&str, u64)]) -> Value {
    let counts = counts
        .iter()
        .map(|(reason, count)| json!({ "reason": reason, "count": count }));
    counts.collect()
}

#[track_caller]
fn same_counts(found: &Value, counts: &[(&str, u64)]) {
    let mut found = found.as_array().expect("counts").clone();
    found.sort_by_key(|count| text(&count["reason"]));
    assert_eq!(Value::Array(found), refusals(counts));
}

async fn a_campaign_goes_out(owner: &Client<'_>, house: &House<'_>, list: &str) {
    let id = drafts_a_campaign(owner, list).await;
    let told = run(owner, "CampaignPreview", json!({ "id": id })).await;
    let (audience, preview) = (&told["campaign"]["audience"], &told["campaign"]["preview"]);
    let why = [("NOT_CONFIRMED", 1), ("OPTED_OUT_OF_ALL", 1)];
    assert_eq!((&audience["total"], &audience["allowed"]), (&json!(3), &json!(1)));
    same_counts(&audience["refused"], &why);
    assert_eq!(preview["subject"], "Hello Sample Person");
    assert!(text(&preview["html"]).contains("<em>Sample Person</em>"));
    assert!(text(&preview["text"]).contains("/unsubscribe/"));
    let at = json!({ "id": id, "at": "2026-03-02T10:00:00+01:00" });
    for (operation, field, input, status) in [
        ("ScheduleCampaign", "scheduleCampaign", at, "SCHEDULED"),
        ("PauseCampaign", "pauseCampaign", json!({ "id": id }), "PAUSED"),
        (
            "ResumeCampaign",
            "resumeCampaign",
            json!({ "id": id }),
            "SCHEDULED",
        ),
    ] {
        let done = change(owner, operation, input).await;
        assert_eq!(
            done[field]["campaign"],
            json!({ "id": id, "status": status }),
            "{operation}"
        );
    }
    let mailing = house.mailing_of(id.parse::<CampaignId>().unwrap()).await;
    assert_eq!(house.send(mailing, Outcome::Sent).await.len(), 1);
    let told = &run(owner, "CampaignProgress", json!({ "id": id })).await["campaign"];
    let progress = &told["progress"];
    assert_eq!(told["status"], "FINISHED");
    let names = ["total", "sent", "queued", "deferred", "bounced", "unknown"];
    assert_eq!(
        names.map(|name| progress[name].as_u64().unwrap()),
        [3, 1, 0, 0, 0, 0]
    );
    same_counts(&progress["refused"], &why);
    let mut rows = told["deliveries"]["edges"].as_array().unwrap().clone();
    rows.sort_by_key(|row| text(&row["node"]["subscriber"]["email"]));
    let row = |status: &str, refusal: Value, message: Value, email: &str| {
        let subscriber = json!({ "id": "subscriber_*", "email": email });
        json!({ "node": {
            "id": "delivery_*", "status": status, "refusal": refusal, "messageId": message, "subscriber": subscriber,
        } })
    };
    let expected = json!([
        row("SENT", Value::Null, json!("<*"), "ann@example.org"),
        row(
            "REFUSED",
            json!("OPTED_OUT_OF_ALL"),
            Value::Null,
            "ben@example.org"
        ),
        row("REFUSED", json!("NOT_CONFIRMED"), Value::Null, "cat@example.org"),
    ]);
    answers(&Value::Array(rows), &expected);
    is(
        &refused(owner, "CancelCampaign", json!({ "id": id })).await,
        "CONFLICT",
        "id",
    );
}

on_both!(
    what_clients_send_is_answered_from_signing_in_to_the_progress_of_a_campaign,
    async |db| {
        let house = db.bare_house("acme").await;
        let site = db.site();
        let owner = signs_in(site.anybody()).await;
        posts_a_policy(&owner).await;
        let list = opens_a_form(&owner).await;
        let people = people_join(&owner, &house).await;
        subscribers_are_paged(&owner, &list).await;
        consent_is_told(&owner, people).await;
        a_campaign_goes_out(&owner, &house, &list).await;
        let other = drafts_a_campaign(&owner, &list).await;
        let scheduled = change(&owner, "ScheduleCampaign", json!({ "id": other })).await;
        assert_eq!(scheduled["scheduleCampaign"]["campaign"]["status"], "SCHEDULED");
        let cancelled = change(&owner, "CancelCampaign", json!({ "id": other })).await;
        assert_eq!(
            cancelled["cancelCampaign"]["campaign"],
            json!({ "id": other, "status": "CANCELLED" })
        );
        site.close().await;
    }
);
