//! What a campaign looks like before it is sent: for anybody, as a whole, and in members' own mailboxes.

use std::time::Duration;

use assent_domain::api_token::Scope;
use assent_domain::id::{CampaignId, SubscriberId};
use assent_domain::mailing_list::OptIn;
use assent_domain::permit::Refusal;
use assent_domain::tenant::Role;
use assent_entity::outcome::Outcome;
use assent_tests::dump::difference;
use assent_tests::http::Client;
use assent_tests::process::{Assent, until};
use assent_tests::sink::Sink;
use assent_tests::{House, on_both};
use serde_json::{Value, json};

use crate::disclosure::with;
use crate::furnished::furnished;
use crate::roles::{noted, signed_in};
use crate::scopes::shop;

const CREATE: &str = "mutation($input: CreateCampaignInput!) {
    createCampaign(input: $input) { campaign { id } } }";
const PREVIEW: &str = "query Look($id: ID!, $for: ID) { campaign(id: $id) {
    preview(subscriberId: $for) { subject preheader html text htmlBytes textBytes } } }";
const SUMMARY: &str = "query($id: ID!) { campaign(id: $id) { summary {
    audience { total allowed refused { reason count } } fromName fromAddress
    preview { subject preheader text htmlBytes textBytes } warnings { code line message blocks } } } }";
const TEST: &str = "mutation($input: SendTestMailInput!) { sendTestMail(input: $input) {
    campaign { id status } deliveries { id status subscriber { id } } } }";

async fn look(client: &Client<'_>, campaign: CampaignId, whom: Option<SubscriberId>) -> Value {
    let variables = json!({ "id": campaign.to_string(), "for": whom.map(|id| id.to_string()) });
    client.data(PREVIEW, variables).await["campaign"]["preview"].take()
}

async fn named(house: &House<'_>) {
    house
        .db
        .exec("UPDATE subscriber SET name = 'Ann <Archer>', company = 'Archers', language = 'de'")
        .await
        .unwrap();
}

on_both!(
    p15_a_preview_for_somebody_shows_of_them_what_the_asker_may_see_and_notes_it,
    async |db| {
        let house = db.house("acme").await;
        let (list, form) = house.news().await;
        let ann = house.member_of(&form, "ann@example.org", &["news"]).await;
        named(&house).await;
        let campaign = house.campaign("news", &[list]).await;
        let site = db.site();
        let (id, owner) = signed_in(&house, &site, Role::Owner).await;
        let before = noted(db, &id).await;
        let sample = look(&owner, campaign, None).await;
        assert!(
            sample["text"]
                .as_str()
                .unwrap()
                .starts_with("Hello Sample Person\n"),
            "{sample}"
        );
        assert_eq!(noted(db, &id).await, before, "nobody was read");
        let seen = look(&owner, campaign, Some(ann)).await;
        let (html, text) = (seen["html"].as_str().unwrap(), seen["text"].as_str().unwrap());
        assert!(text.starts_with("Hello Ann <Archer>\n"), "{text}");
        assert!(
            html.contains("Hello Ann &lt;Archer&gt;") && html.contains("lang=\"de\""),
            "{html}"
        );
        assert!(text.contains("Abmelden: "), "in their language: {text}");
        assert_eq!(seen["htmlBytes"], html.len());
        assert_eq!(seen["textBytes"], text.len());
        assert_eq!(noted(db, &id).await, before + 1);
        // A link of a person's own would be theirs to whoever looks.
        for page in ["unsubscribe", "preferences"] {
            assert!(html.contains(&format!("/{page}/sample\"")), "{html}");
            assert_eq!(html.matches(&format!("/{page}/")).count(), 1);
        }
        for role in [Role::Analyst, Role::Developer] {
            let (id, client) = signed_in(&house, &site, role).await;
            let before = noted(db, &id).await;
            let seen = look(&client, campaign, Some(ann)).await;
            assert!(
                seen["text"].as_str().unwrap().starts_with("Hello A•••\n"),
                "{seen}"
            );
            assert!(!seen.to_string().contains("Archer"), "{seen}");
            assert_eq!(noted(db, &id).await, before, "what is masked is not noted");
        }
        site.close().await;
    }
);

on_both!(
    nobody_is_shown_a_campaign_as_somebody_they_may_not_see,
    async |db| {
        let acme = furnished(db, "acme").await;
        let brook = furnished(db, "brook").await;
        let house = House { db, ctx: acme.ctx };
        let site = db.site();
        let owner = site.owner("acme").await;
        let of = |whom: String| json!({ "id": acme.campaign.to_string(), "for": whom });
        let foreign = owner.refused(PREVIEW, of(brook.ann.to_string())).await;
        let nobodys = owner
            .refused(PREVIEW, of("subscriber_01h455vb4pex5vsknk084sn02q".to_owned()))
            .await;
        assert_eq!(foreign.code, "NOT_FOUND");
        assert_eq!(foreign, nobodys, "tells that somebody has it");
        for wrong in [
            brook.campaign.to_string(),
            acme.delivery.to_string(),
            "x".to_owned(),
        ] {
            let refused = owner.refused(PREVIEW, of(wrong)).await;
            assert_eq!(
                (refused.code.as_str(), refused.field.as_str()),
                ("BAD_USER_INPUT", "subscriberId")
            );
        }
        let program = with(&site, shop(&house, &[Scope::ReadCampaigns]).await);
        let refused = program.refused(PREVIEW, of(acme.ann.to_string())).await;
        assert_eq!(
            (refused.code.as_str(), refused.field.as_str()),
            ("FORBIDDEN", "subscriberId")
        );
        look(&program, acme.campaign, None).await;
        site.close().await;
    }
);

on_both!(
    a_summary_says_to_how_many_from_whom_and_what_is_missing,
    async |db| {
        let house = db.house("acme").await;
        let list = house.list("News", OptIn::Double, &["news"]).await;
        let form = house.form("news", &[list], &["news"]).await;
        house.member_of(&form, "ann@example.org", &["news"]).await;
        let ben = house.member_of(&form, "ben@example.org", &["news"]).await;
        house.opt_out_of_all(ben).await;
        let site = db.site();
        let owner = site.owner("acme").await;
        let source = "<mjml><mj-body><mj-section><mj-column><mj-text>Hi</mj-text>\n\
                      <mj-image src=\"https://pictures.example/a.png\" /></mj-column></mj-section></mj-body></mjml>";
        let mut input = json!({ "input": {
            "name": "News", "purpose": "news", "mailingListIds": [list.to_string()], "subject": "For {{ subscriber.name }}",
            "body": { "format": "MJML", "source": source },
        } });
        let made = owner.data(CREATE, input.clone()).await;
        let id = json!({ "id": made["createCampaign"]["campaign"]["id"] });
        let seen = owner.data(SUMMARY, id).await["campaign"]["summary"].take();
        assert_eq!(
            seen["audience"],
            json!({ "total": 2, "allowed": 0, "refused": [
                { "reason": "OPTED_OUT_OF_ALL", "count": 1 }, { "reason": "OUTSIDE_PARTY_NOT_IN_POLICY", "count": 1 }] })
        );
        assert_eq!(
            (&seen["fromName"], &seen["fromAddress"]),
            (&json!("House acme"), &json!("news@acme.example"))
        );
        assert_eq!(seen["preview"]["subject"], "For Sample Person");
        assert_eq!(seen["preview"]["preheader"], Value::Null);
        assert!(
            seen["preview"]["text"].as_str().unwrap().starts_with("Hi\n"),
            "{seen}"
        );
        assert!(seen["preview"]["htmlBytes"].as_u64().unwrap() > 1000);
        let warnings: Vec<_> = seen["warnings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|of| {
                (
                    of["code"].as_str().unwrap(),
                    of["line"].as_u64(),
                    of["blocks"].as_bool().unwrap(),
                )
            })
            .collect();
        assert_eq!(
            warnings,
            [
                ("OUTSIDE_PARTY_NOT_IN_POLICY", Some(2), true),
                ("SENDER_UNVERIFIED", None, false),
                ("NOBODY_ALLOWED", None, false),
                ("IMAGE_WITHOUT_TEXT", Some(2), false),
                ("NO_PREHEADER", None, false),
            ]
        );
        input["input"]["preheader"] = json!("Look, {{ subscriber.name }}");
        input["input"]["body"] = json!({ "format": "HTML", "source": "<p>x</p>\n".repeat(13_000) });
        let made = owner.data(CREATE, input).await;
        let id = json!({ "id": made["createCampaign"]["campaign"]["id"] });
        house
            .db
            .exec("UPDATE subscription SET state = 'ENDED'")
            .await
            .unwrap();
        let seen = owner.data(SUMMARY, id).await["campaign"]["summary"].take();
        assert_eq!(seen["preview"]["preheader"], "Look, Sample Person");
        let codes: Vec<_> = seen["warnings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|of| of["code"].clone())
            .collect();
        assert_eq!(codes, ["SENDER_UNVERIFIED", "NOBODY_ALLOWED", "CLIPPED"]);
        site.close().await;
    }
);

on_both!(a_test_goes_to_members_and_says_that_it_is_one, async |db| {
    let house = db.house("acme").await;
    let (list, form) = house.news().await;
    house.member_of(&form, "ann@example.org", &["news"]).await;
    let campaign = house.campaign("news", &[list]).await;
    db.forget_jobs().await;
    let site = db.site();
    let owner = site.owner("acme").await;
    let sent = owner
        .data(TEST, json!({ "input": { "campaignId": campaign.to_string() } }))
        .await;
    site.close().await;
    let sent = &sent["sendTestMail"];
    assert_eq!(sent["campaign"]["status"], "DRAFT");
    assert_eq!(sent["deliveries"].as_array().unwrap().len(), 1);
    assert_eq!(sent["deliveries"][0]["subscriber"], Value::Null);
    let sink = Sink::default();
    let assent = Assent::serve(db, &sink);
    until("the test has come", Duration::from_mins(1), || async {
        sink.received().len() == 1
    })
    .await;
    drop(assent);
    let mail = sink.received().remove(0);
    assert_eq!(mail.recipient, "owner@acme.example");
    assert!(mail.text.contains("\nSubject: [Test] Hello\n"), "{}", mail.text);
    assert!(mail.text.contains("Hello Sample Person"), "{}", mail.text);
    assert!(mail.text.contains("/unsubscribe/sample"), "{}", mail.text);
    for field in ["List-Unsubscribe", "List-Id", "Auto-Submitted"] {
        assert!(!mail.text.contains(&format!("\n{field}:")), "{}", mail.text);
    }
    assert_eq!(db.count("campaign", "status <> 'DRAFT'").await, 0);
});

on_both!(
    a_test_to_anybody_but_a_member_is_refused_by_the_rule,
    async |db| {
        let house = db.house("acme").await;
        let (list, form) = house.news().await;
        let ann = house.member_of(&form, "ann@example.org", &["news"]).await;
        let campaign = house.campaign("news", &[list]).await;
        let site = db.site();
        let owner = site.owner("acme").await;
        let input =
            |members: Value| json!({ "input": { "campaignId": campaign.to_string(), "memberIds": members } });
        let before = db.dump().await;
        let nobody = owner.refused(TEST, input(json!([]))).await;
        assert_eq!(
            (nobody.code.as_str(), nobody.field.as_str()),
            ("BAD_USER_INPUT", "memberIds")
        );
        let person = owner.refused(TEST, input(json!([ann.to_string()]))).await;
        assert_eq!(
            (person.code.as_str(), person.field.as_str()),
            ("BAD_USER_INPUT", "memberIds")
        );
        assert_eq!(difference(&before, &db.dump().await), [""; 0]);
        owner
            .data(TEST, json!({ "input": { "campaignId": campaign.to_string() } }))
            .await;
        // Whatever a row says, the rule knows members.
        let turned = format!(
        "UPDATE delivery SET recipient_kind = 'SUBSCRIBER', recipient_id = {} WHERE recipient_kind = 'MEMBER'
         AND mailing_id IN (SELECT mailing_id FROM test_mail)",
        db.id(ann)
    );
        assert_eq!(db.exec(&turned).await.unwrap(), 1);
        let mailing = assent_domain::id::stored(db.value("SELECT mailing_id FROM test_mail").await);
        assert_eq!(house.send(mailing, Outcome::Sent).await.len(), 0);
        let refused = format!("refusal = '{}'", Refusal::NotAMember);
        assert_eq!(db.count("delivery", &refused).await, 1);
        site.close().await;
    }
);
