//! What a mail loads brings somebody in: it is found, shown, and not sent before the policy names them (P13, P16).

use std::time::Duration;

use assent_domain::delivery::DeliveryStatus;
use assent_domain::id::{CampaignId, MailingListId};
use assent_domain::mailing_list::OptIn;
use assent_domain::permit::Refusal;
use assent_entity::audience;
use assent_entity::outcome::Outcome;
use assent_tests::dump::difference;
use assent_tests::http::Client;
use assent_tests::on_both;
use serde_json::{Value, json};

use crate::forms::policy_without_parties;
use crate::furnished::progress;

const CREATE: &str = "mutation($input: CreateCampaignInput!) { createCampaign(input: $input) {
    warnings campaign { id contentParties { host kind line named } } } }";
const SCHEDULE: &str = "mutation($input: ScheduleCampaignInput!) {
    scheduleCampaign(input: $input) { campaign { id status } } }";
const DRAFT: &str = "mutation($input: DraftPolicyVersionInput!) {
    draftPolicyVersion(input: $input) { policyVersion { outsideParties { name hosts } } } }";

fn input(list: MailingListId, format: &str, source: &str) -> Value {
    json!({ "input": {
        "name": "News", "purpose": "news", "mailingListIds": [list.to_string()], "subject": "News",
        "body": { "format": format, "source": source },
    } })
}

async fn draft(owner: &Client<'_>, list: MailingListId, format: &str, source: &str) -> Value {
    let mut made = owner.data(CREATE, input(list, format, source)).await;
    made["createCampaign"].take()
}

on_both!(
    p13_a_campaign_is_not_sent_before_the_policy_names_whom_its_content_brings_in,
    async |db| {
        let house = db.house("acme").await;
        let list = house.list("News", OptIn::Double, &["news"]).await;
        let site = db.site();
        let owner = site.owner("acme").await;
        let source = "<p>Hello</p>\n<img src=\"https://tracker.example/o.gif\" width=1 height=1>\n\
                      {% if subscriber.name %}<p style=\"background: url('https://fonts.example/x')\">x</p>{% endif %}\n\
                      <img src=\"https://IMG.courier.example/{{ subscriber.company }}.png\">";
        let made = draft(&owner, list, "HTML", source).await;
        assert_eq!(
            made["campaign"]["contentParties"],
            json!([
                { "host": "tracker.example", "kind": "PIXEL", "line": 2, "named": false },
                { "host": "fonts.example", "kind": "STYLE", "line": 3, "named": false },
                { "host": "img.courier.example", "kind": "IMAGE", "line": 4, "named": true },
            ])
        );
        let warnings = made["warnings"].as_array().unwrap();
        assert_eq!(warnings.len(), 2, "{warnings:?}");
        assert!(warnings[0].as_str().unwrap().contains("tracker.example"));
        let before = db.dump().await;
        let schedule = json!({ "input": { "id": made["campaign"]["id"] } });
        let refused = owner.refused(SCHEDULE, schedule).await;
        assert_eq!(
            (refused.code.as_str(), refused.field.as_str()),
            ("OUTSIDE_PARTY_NOT_IN_POLICY", "id")
        );
        assert!(refused.message.contains("tracker.example"), "{}", refused.message);
        assert_eq!(difference(&before, &db.dump().await), [""; 0]);
        for (format, source) in [
            ("MARKDOWN", "Hello ![](https://tracker.example/o.png)"),
            ("HTML", "<iframe src=//tracker.example></iframe>"),
            (
                "HTML",
                "<!--[if mso]><v:fill src='https://tracker.example/'/><![endif]-->x",
            ),
            ("HTML", "<form action='https://tracker.example/'>x</form>"),
        ] {
            let made = draft(&owner, list, format, source).await;
            assert_eq!(
                made["campaign"]["contentParties"][0]["host"], "tracker.example",
                "{source}"
            );
        }
        // Whose data would choose the host is refused outright.
        let chosen = input(
            list,
            "HTML",
            "a\n<img src=\"https://{{ subscriber.company }}.example/x\">",
        );
        let refused = owner.refused(CREATE, chosen).await;
        assert_eq!(refused.field, "body.source");
        assert_eq!(refused.place.unwrap().0, 2);
        site.close().await;
    }
);

on_both!(p16_own_hosts_named_hosts_and_links_need_nothing, async |db| {
    let house = db.house("acme").await;
    let list = house.list("News", OptIn::Double, &["news"]).await;
    let site = db.site();
    let owner = site.owner("acme").await;
    let source = format!(
        "<a href=\"https://elsewhere.example/\">x</a><img src=\"http://{}/a.png\">\
             <img src=\"https://www.acme.example/a.png\"><img src=\"cid:x\">",
        site.address
    );
    let made = draft(&owner, list, "HTML", &source).await;
    assert_eq!(made["campaign"]["contentParties"], json!([]));
    assert_eq!(made["warnings"], json!([]));
    let named = draft(&owner, list, "HTML", "<img src=https://img.courier.example/a>").await;
    for made in [made, named] {
        let schedule = json!({ "input": { "id": made["campaign"]["id"] } });
        owner.data(SCHEDULE, schedule).await;
    }
    let party = |hosts: Value| {
        json!({ "input": {
                "body": "x", "summary": "y",
                "purposes": [{ "code": "news", "name": "News", "kind": "MARKETING" }],
                "outsideParties": [{ "name": "Fonts Ltd", "why": "letters", "what": "nothing", "hosts": hosts }],
            } })
    };
    for bad in ["https://x.example", "*.x.example", "x.example/a", "<b>", ""] {
        let refused = owner.refused(DRAFT, party(json!([bad]))).await;
        assert_eq!(
            (refused.code.as_str(), refused.field.as_str()),
            ("BAD_USER_INPUT", "outsideParties")
        );
    }
    let drafted = owner
        .data(DRAFT, party(json!(["Fonts.Example", "fonts.example"])))
        .await;
    let parties = &drafted["draftPolicyVersion"]["policyVersion"]["outsideParties"];
    assert_eq!(
        parties,
        &json!([{ "name": "Fonts Ltd", "hosts": ["fonts.example"] }])
    );
    site.close().await;
});

on_both!(
    p13_what_the_policy_no_longer_names_is_refused_at_the_hand_over,
    async |db| {
        let house = db.house("acme").await;
        let (list, form) = house.news().await;
        house.member_of(&form, "ann@example.org", &["news"]).await;
        let site = db.site();
        let owner = site.owner("acme").await;
        let made = draft(&owner, list, "HTML", "<img src=https://img.courier.example/a>").await;
        let id: CampaignId = made["campaign"]["id"].as_str().unwrap().parse().unwrap();
        house.schedule(id, Duration::from_hours(24 * 8)).await;
        let purpose = house.purpose("news").await.id;
        let allowed = audience::of(&house.read().await, id, purpose).await.unwrap();
        assert_eq!(allowed.allowed, 1);
        policy_without_parties(&house).await;
        db.clock.forward(Duration::from_hours(24 * 2));
        let refused = audience::of(&house.read().await, id, purpose).await.unwrap();
        assert_eq!(refused.refused, [(Refusal::OutsidePartyNotInPolicy, 1)]);
        let mailing = house.mailing_of(id).await;
        assert!(house.send(mailing, Outcome::Sent).await.is_empty());
        let progress = progress(&house, mailing).await;
        assert_eq!(progress.of(DeliveryStatus::Sent), 0);
        assert_eq!(progress.refused, [(Refusal::OutsidePartyNotInPolicy, 1)]);
        site.close().await;
    }
);
