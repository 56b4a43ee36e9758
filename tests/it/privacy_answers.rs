//! What members do with requests: they are due within a month, put off once, answered, refused or carried out, and
//! all of it is on the record (P17).

use std::time::Duration;

use assent_domain::id::SubscriberId;
use assent_domain::permit::Refusal;
use assent_domain::tenant::Role;
use assent_entity::member::{self, NewMember};
use assent_tests::house::{PASSWORD, address};
use assent_tests::http::Client;
use assent_tests::people::request;
use assent_tests::visitor::Site;
use assent_tests::{House, on_both};
use serde_json::{Value, json};

const DAY: Duration = Duration::from_hours(24);

const RECORD: &str = "mutation($input: RecordPrivacyRequestInput!) { recordPrivacyRequest(input: $input) {
    privacyRequest { id kind state channel identity overdue receivedAt dueAt subscriber { id } email message } } }";
pub(crate) const EXTEND: &str =
    "mutation($input: ExtendPrivacyRequestInput!) { extendPrivacyRequest(input: $input) {
    privacyRequest { id state dueAt extendedAt extensionReason } } }";
pub(crate) const ANSWER: &str =
    "mutation($input: AnswerPrivacyRequestInput!) { answerPrivacyRequest(input: $input) {
    privacyRequest { id state closedAt answer } } }";
const CARRY_OUT: &str =
    "mutation($input: CarryOutPrivacyRequestInput!) { carryOutPrivacyRequest(input: $input) {
    privacyRequest { id state message subscriber { id } history { step by } } } }";
const OVERDUE: &str =
    "{ privacyRequests(filter: { overdue: true }) { totalCount edges { node { id overdue } } } }";

pub(crate) async fn ann(house: &House<'_>) -> SubscriberId {
    let (_, form) = house.news().await;
    house.member_of(&form, "ann@example.org", &["news"]).await
}

async fn member<'a>(house: &House<'_>, site: &'a Site, role: Role) -> Client<'a> {
    let email = format!("{}@acme.example", role.to_string().to_lowercase());
    let new = NewMember::new(address(&email), PASSWORD.into()).await.unwrap();
    let mut tx = house.write().await;
    member::create(&mut tx, new, role).await.unwrap();
    tx.commit().await.unwrap();
    site.member("acme", &email).await
}

/// The privacy officer, once the last sign-in has had its time.
async fn again(site: &Site) -> Client<'_> {
    site.member("acme", "privacy_officer@acme.example").await
}

/// Enters a request.
pub(crate) async fn record(client: &Client<'_>, input: Value) -> Value {
    let data = client.data(RECORD, json!({ "input": input })).await;
    data["recordPrivacyRequest"]["privacyRequest"].clone()
}

/// The id of what was given.
pub(crate) fn id(of: &Value) -> String {
    of["id"].as_str().expect("an id").to_owned()
}

on_both!(
    p17_an_answer_is_due_in_a_month_put_off_once_and_seen_to_be_late,
    async |db| {
        let house = db.house("acme").await;
        let ann = ann(&house).await;
        house.opt_out_of_all(ann).await;
        let site = db.site();
        let officer = member(&house, &site, Role::PrivacyOfficer).await;
        let asked = record(
            &officer,
            json!({ "kind": "QUESTION", "channel": "POST", "email": "Ann@example.org",
                    "message": "Please explain.", "receivedAt": "2026-02-27T08:00:00Z" }),
        )
        .await;
        assert_eq!(asked["dueAt"], "2026-03-27T08:00:00Z");
        assert_eq!(asked["subscriber"]["id"], ann.to_string());
        assert_eq!(asked["email"], Value::Null, "her address is on her own row");
        let stranger = record(
            &officer,
            json!({ "kind": "COPY", "channel": "PHONE", "email": "nobody@example.org" }),
        )
        .await;
        assert_eq!(stranger["email"], "nobody@example.org");
        db.clock.forward(DAY.saturating_mul(24));
        let officer = again(&site).await;
        let extend = async |until: &str, reason: &str| {
            let input = json!({ "id": id(&asked), "until": until, "reason": reason });
            officer.graphql(EXTEND, json!({ "input": input })).await
        };
        for (until, reason, code) in [
            ("2026-05-28T08:00:00Z", "Many letters.", "CONFLICT"),
            ("2026-03-27T08:00:00Z", "Many letters.", "CONFLICT"),
            ("2026-04-27T08:00:00Z", " ", "BAD_USER_INPUT"),
        ] {
            let refused = assent_tests::http::refused_by(&extend(until, reason).await);
            assert_eq!(refused.code, code, "{until} {reason}");
        }
        let put_off = assent_tests::http::data_of(extend("2026-04-27T08:00:00Z", "Many letters.").await);
        let put_off = &put_off["extendPrivacyRequest"]["privacyRequest"];
        assert_eq!(
            (&put_off["state"], &put_off["dueAt"]),
            (&json!("IN_PROGRESS"), &json!("2026-04-27T08:00:00Z"))
        );
        let twice = assent_tests::http::refused_by(&extend("2026-05-01T08:00:00Z", "More letters.").await);
        assert_eq!(twice.code, "CONFLICT");

        db.clock.forward(DAY.saturating_mul(20));
        let officer = again(&site).await;
        let late = officer.data(OVERDUE, json!({})).await;
        assert_eq!(late["privacyRequests"]["totalCount"], 1, "the stranger's");
        assert_eq!(late["privacyRequests"]["edges"][0]["node"]["id"], stranger["id"]);
        db.clock.forward(DAY.saturating_mul(20));
        let officer = again(&site).await;
        let late = officer.data(OVERDUE, json!({})).await;
        assert_eq!(late["privacyRequests"]["totalCount"], 2);
        for (of, outcome) in [(&asked, "REFUSED"), (&stranger, "DONE")] {
            let wordless = json!({ "input": { "id": id(of), "outcome": outcome, "text": "" } });
            assert_eq!(officer.refused(ANSWER, wordless).await.field, "text");
            let input =
                json!({ "input": { "id": id(of), "outcome": outcome, "text": "For this <reason>." } });
            let answered = officer.data(ANSWER, input.clone()).await;
            assert_eq!(
                answered["answerPrivacyRequest"]["privacyRequest"]["state"],
                outcome
            );
            assert_eq!(
                officer.refused(ANSWER, input).await.code,
                "CONFLICT",
                "answered once"
            );
        }
        let late = officer.data(OVERDUE, json!({})).await;
        assert_eq!(late["privacyRequests"]["totalCount"], 0);
        let told: Vec<String> = db
            .column("SELECT says FROM privacy_mail ORDER BY mailing_id")
            .await;
        assert_eq!(
            told,
            ["EXTENDED", "ANSWER"],
            "Ann, though she wants no mail of any sort"
        );
        let page = site.get(&house.privacy_path(ann)).await;
        assert!(page.must_be(200).text().contains("For this <reason>."));
        site.close().await;
    }
);

on_both!(
    p17_an_erasure_asked_for_by_post_is_carried_out_by_a_member,
    async |db| {
        let house = db.house("acme").await;
        let ann = ann(&house).await;
        let site = db.site();
        let owner = site.owner("acme").await;
        let of_ann = |kind: &str, verified: bool| {
            json!({ "kind": kind, "channel": "POST", "subscriberId": ann.to_string(),
                "message": "Signed, Ann Lee", "identityVerified": verified })
        };
        let unverified = record(&owner, of_ann("ERASURE", false)).await;
        let carry_out = |of: &Value| json!({ "input": { "id": id(of) } });
        assert_eq!(
            owner.refused(CARRY_OUT, carry_out(&unverified)).await.code,
            "CONFLICT"
        );
        let question = record(&owner, of_ann("QUESTION", true)).await;
        assert_eq!(
            owner.refused(CARRY_OUT, carry_out(&question)).await.code,
            "CONFLICT"
        );
        let done = json!({ "input": { "id": id(&unverified), "outcome": "DONE", "text": "Gone." } });
        assert_eq!(
            owner.refused(ANSWER, done).await.field,
            "outcome",
            "it is not gone"
        );

        let restriction = record(&owner, of_ann("RESTRICTION", true)).await;
        owner.data(CARRY_OUT, carry_out(&restriction)).await;
        assert_eq!(house.decision(ann, "news").await, Some(Refusal::Restricted));
        let lift = record(&owner, of_ann("RESTRICTION_LIFT", true)).await;
        owner.data(CARRY_OUT, carry_out(&lift)).await;
        assert_eq!(house.decision(ann, "news").await, None);

        let erasure = record(&owner, of_ann("ERASURE", true)).await;
        let erased = owner.data(CARRY_OUT, carry_out(&erasure)).await;
        let erased = &erased["carryOutPrivacyRequest"]["privacyRequest"];
        assert_eq!(erased["state"], "DONE");
        assert!(
            erased["message"].is_null() && erased["subscriber"].is_null(),
            "{erased}"
        );
        let by = owner.data("{ viewer { member { id } } }", json!({})).await;
        let steps: Vec<_> = erased["history"]
            .as_array()
            .unwrap()
            .iter()
            .map(|step| &step["step"])
            .collect();
        assert_eq!(steps, ["RECEIVED", "DONE", "ERASED"]);
        assert_eq!(erased["history"][1]["by"], by["viewer"]["member"]["id"]);
        assert_eq!(
            db.count("privacy_request", "closed_at IS NULL").await,
            0,
            "nobody is left to answer"
        );
        assert_eq!(
            db.count("privacy_request", "message IS NOT NULL OR email IS NOT NULL")
                .await,
            0
        );
        let (_, form) = (
            0,
            house
                .form(
                    "more",
                    &[house
                        .list("More", assent_domain::mailing_list::OptIn::Double, &["news"])
                        .await],
                    &["news"],
                )
                .await,
        );
        let (_, person) = house
            .send_form(&form, &request("ann@example.org", &[("news", true)]))
            .await
            .unwrap();
        assert_ne!(person, Some(ann), "an id is used once");
        let acts: Vec<String> = db
        .column("SELECT facts FROM ledger WHERE kind = 'AUDIT' AND facts LIKE '%PRIVACY_REQUEST_CARRIED_OUT%'")
        .await;
        assert_eq!(acts.len(), 3);
        site.close().await;
    }
);

on_both!(
    p17_requests_are_for_owners_and_privacy_officers_and_reading_them_is_noted,
    async |db| {
        let house = db.house("acme").await;
        let ann = ann(&house).await;
        let site = db.site();
        let written = [("email", "stranger@example.org"), ("message", "Who are you?")];
        site.fill_in("/t/acme/privacy", &written).await.must_be(200);
        let query = "{ privacyRequests { edges { node { id email message } } } }";
        for role in [Role::Marketer, Role::Analyst, Role::Developer] {
            let client = member(&house, &site, role).await;
            assert_eq!(client.refused(query, json!({})).await.code, "FORBIDDEN", "{role}");
            let restrict = "mutation($input: RestrictSubscriberInput!) { restrictSubscriber(input: $input) {
                subscriber { restrictedAt } } }";
            let input = json!({ "input": { "id": ann.to_string() } });
            assert_eq!(client.refused(restrict, input).await.code, "FORBIDDEN", "{role}");
        }
        let owner = site.owner("acme").await;
        let read = json!({ "query": query, "extensions": { "reason": "answering" } });
        let answer = owner.post("application/json", read.to_string()).await;
        assert!(answer.body.contains("stranger@example.org"));
        let noted: Vec<String> = db
            .column("SELECT evidence FROM ledger_evidence WHERE evidence LIKE '%answering%'")
            .await;
        assert_eq!(noted.len(), 1);
        assert!(
            noted[0].contains("request_") && !noted[0].contains("stranger@"),
            "{noted:?}"
        );

        for (input, field) in [
            (json!({ "kind": "COPY", "channel": "POST" }), "email"),
            (
                json!({ "kind": "COPY", "channel": "POST", "email": "x" }),
                "email",
            ),
            (
                json!({ "kind": "COPY", "channel": "POST", "email": "a@b.example", "subscriberId": ann.to_string() }),
                "email",
            ),
            (
                json!({ "kind": "COPY", "channel": "POST", "email": "a@b.example", "receivedAt": "2027-01-01T00:00:00Z" }),
                "receivedAt",
            ),
            (
                json!({ "kind": "COPY", "channel": "POST", "email": "a@b.example", "message": "x".repeat(5001) }),
                "message",
            ),
            (
                json!({ "kind": "COPY", "channel": "POST", "email": "a@b.example", "message": "\u{0}" }),
                "message",
            ),
        ] {
            let refused = owner.refused(RECORD, json!({ "input": input })).await;
            assert_eq!(
                (refused.code.as_str(), refused.field.as_str()),
                ("BAD_USER_INPUT", field)
            );
        }
        let restrict = "mutation($input: RestrictSubscriberInput!) { restrictSubscriber(input: $input) {
            subscriber { restrictedAt } } }";
        let input = json!({ "input": { "id": ann.to_string() } });
        let restricted = owner.data(restrict, input).await;
        assert_eq!(
            restricted["restrictSubscriber"]["subscriber"]["restrictedAt"],
            "2026-03-02T09:00:00Z"
        );
        assert_eq!(house.decision(ann, "news").await, Some(Refusal::Restricted));
        site.close().await;
    }
);
