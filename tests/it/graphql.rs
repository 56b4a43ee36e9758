//! Bad input: each gets an error that says what is wrong and where, and nothing is changed by it.

use assent_tests::dump::difference;
use assent_tests::house::NEWS_OFFERS_BILL;
use assent_tests::http::{Client, Refused, refused_by};
use assent_tests::{TestStore, on_both};
use serde_json::{Value, json};

use crate::furnished::furnished;

mod ids_and_pages;

const DRAFT: &str = "mutation($input: DraftPolicyVersionInput!) { draftPolicyVersion(input: $input) { policyVersion { id } } }";
const POST: &str =
    "mutation($input: PostPolicyVersionInput!) { postPolicyVersion(input: $input) { policyVersion { id } } }";
const LIST: &str =
    "mutation($input: CreateMailingListInput!) { createMailingList(input: $input) { mailingList { id } } }";
const FORM: &str = "mutation($input: CreateCollectionPointInput!) { createCollectionPoint(input: $input) { collectionPoint { id } } }";
const JOIN: &str = "mutation($input: SubscribeInput!) { subscribe(input: $input) { status } }";
const CAMPAIGN: &str =
    "mutation($input: CreateCampaignInput!) { createCampaign(input: $input) { campaign { id } } }";

/// Tries inputs that differ from a good one in one member, and makes sure of the field that is blamed.
async fn all_refused(
    client: &Client<'_>,
    operation: &str,
    good: &Value,
    bad: &[(&str, Value, &str)],
) -> Vec<Refused> {
    let mut all = Vec::new();
    for (member, value, field) in bad {
        let mut input = good.clone();
        input[*member] = value.clone();
        let answer = client.graphql(operation, json!({ "input": input })).await;
        let refused = refused_by(&answer);
        let short: String = value.to_string().chars().take(100).collect();
        let found = (refused.code.as_str(), refused.field.as_str());
        assert_eq!(
            found,
            ("BAD_USER_INPUT", *field),
            "{member}: {short}: {refused:?}"
        );
        assert!(refused.message.len() < 400, "{}", refused.message);
        all.push(refused);
    }
    all
}

/// Runs a body with a furnished tenant and its owner, and makes sure that nothing was changed, and that the
/// input that all were made from is taken.
async fn with_owner(
    db: &TestStore,
    operation: &str,
    good: Value,
    bad: impl AsyncFnOnce(&Client<'_>, &Value),
) {
    furnished(db, "acme").await;
    let site = db.site();
    let owner = site.owner("acme").await;
    let before = db.dump().await;
    bad(&owner, &good).await;
    assert_eq!(difference(&before, &db.dump().await), Vec::<String>::new());
    owner.data(operation, json!({ "input": good })).await;
    site.close().await;
}

on_both!(a_request_to_join_takes_no_address_that_is_none, async |db| {
    let good = json!({
        "collectionPoint": "news",
        "email": "cat@example.org",
        "choices": [{ "purpose": "news", "given": true }],
    });
    with_owner(db, JOIN, good, async |owner, good| {
        let no = |address: &str| ("email", json!(address), "email");
        let bad = [
            no(""),
            no("cat"),
            no("cat@"),
            no("@example.org"),
            no("cat@example.org\r\nBcc: all@example.org"),
            no("cat@example.org\n"),
            no("ca\nt@example.org"),
            no("\"ca\r\nt\"@example.org"),
            no("cat@example.org\u{0}"),
            no("cat@exa\u{2028}mple.org"),
            no("cat@example.org, ben@example.org"),
            no("Cat <cat@example.org>"),
            no("<cat@example.org>"),
            no("cat@ex ample.org"),
            no(&format!("{}@example.org", "c".repeat(65))),
            no(&format!("cat@{}.org", "x".repeat(300))),
            ("name", json!("Cat\r\nBcc: all@example.org"), "name"),
            ("name", json!("C".repeat(1000)), "name"),
            ("company", json!("Cat\nLtd"), "company"),
            ("evidence", json!("x".repeat(2001)), "evidence"),
            ("choices", json!([]), "choices"),
            (
                "choices",
                json!([{ "purpose": "news", "given": false }]),
                "choices",
            ),
            (
                "choices",
                json!([{ "purpose": "offers", "given": true }]),
                "choices",
            ),
            (
                "choices",
                json!([{ "purpose": "news", "given": true }, { "purpose": "news", "given": false }]),
                "choices",
            ),
        ];
        for refused in all_refused(owner, JOIN, good, &bad).await {
            assert!(!refused.message.contains("all@"), "{}", refused.message);
        }
        let mut elsewhere = good.clone();
        elsewhere["collectionPoint"] = json!("nowhere");
        let refused = owner.refused(JOIN, json!({ "input": elsewhere })).await;
        assert_eq!(
            (refused.code.as_str(), refused.field.as_str()),
            ("NOT_FOUND", "collectionPoint")
        );
    })
    .await;
});

on_both!(
    a_template_that_would_not_make_a_mail_is_refused_with_line_and_column,
    async |db| {
        let house = furnished(db, "acme").await;
        let site = db.site();
        let owner = site.owner("acme").await;
        let before = db.dump().await;
        let campaign = |subject: &str, body: &str| {
            json!({ "input": {
            "name": "March", "purpose": "news", "mailingListIds": [house.list.to_string()], "subject": subject,
            "body": { "format": "HTML", "source": body },
        } })
        };
        for (subject, body, field, place, because) in [
            (
                "Hello",
                "<p>One</p>\n<p>{{ subscriber.name </p>",
                "body.source",
                (2, 24),
                "",
            ),
            (
                "Hello",
                "<p>\n\n  {{ subscriber.shoe_size }}</p>",
                "body.source",
                (3, 6),
                "shoe_size",
            ),
            ("Hello", "<p>{{ wizard }}</p>", "body.source", (1, 7), "wizard"),
            (
                "Hello",
                "{% include '/etc/passwd' %}",
                "body.source",
                (1, 4),
                "include",
            ),
            ("Hello", "{% if subscriber.name %}<p>", "body.source", (1, 25), ""),
            (
                "Hello {{ subscriber.shoe_size }}",
                "<p>Hello</p>",
                "subject",
                (1, 10),
                "shoe_size",
            ),
            ("Hello {{", "<p>Hello</p>", "subject", (1, 7), ""),
        ] {
            let refused = owner.refused(CAMPAIGN, campaign(subject, body)).await;
            let found = (refused.code.as_str(), refused.field.as_str());
            assert_eq!(found, ("BAD_USER_INPUT", field), "{subject} {body}: {refused:?}");
            let (line, column) = refused.place.expect("line and column");
            assert_eq!((line, column), place, "{subject} {body}: {refused:?}");
            assert!(refused.message.contains(because), "{}", refused.message);
        }
        for subject in [
            "",
            " 
",
            &"x".repeat(999),
        ] {
            let refused = owner.refused(CAMPAIGN, campaign(subject, "<p>Hello</p>")).await;
            let found = (refused.code.as_str(), refused.field.as_str());
            assert_eq!(found, ("BAD_USER_INPUT", "subject"), "{refused:?}");
        }
        assert_eq!(difference(&before, &db.dump().await), Vec::<String>::new());
        let broken = campaign("Hello\r\nBcc: all@example.org", "<p>{{ subscriber.name }}</p>");
        let id = owner.data(CAMPAIGN, broken).await["createCampaign"]["campaign"]["id"].clone();
        let preview = "query($id: ID!) { campaign(id: $id) { preview { subject } } }";
        let told = owner.data(preview, json!({ "id": id })).await;
        let subject = &told["campaign"]["preview"]["subject"];
        assert_eq!(
            subject, "Hello  Bcc: all@example.org",
            "one line, whatever was written"
        );
        site.close().await;
    }
);

on_both!(a_policy_without_purposes_is_refused, async |db| {
    let purpose = |code: &str, kind: &str| json!({ "code": code, "name": "News", "kind": kind });
    let good = json!({ "body": "Text", "summary": "New", "purposes": [purpose("news", "MARKETING")] });
    with_owner(db, DRAFT, good, async |owner, good| {
        let bad = [
            ("purposes", json!([]), "purposes"),
            (
                "purposes",
                json!([purpose("news", "MARKETING"), purpose("news", "MARKETING")]),
                "purposes",
            ),
            ("purposes", json!([purpose("news", "ESSENTIAL")]), "purposes"),
            ("purposes", json!([purpose("No Code", "MARKETING")]), "purposes"),
            (
                "purposes",
                json!([purpose("policy_notice", "MARKETING")]),
                "purposes",
            ),
            ("body", json!("  \n"), "body"),
            ("body", json!("x".repeat(1024 * 1024 + 1)), "body"),
            ("summary", json!("x".repeat(2001)), "summary"),
        ];
        all_refused(owner, DRAFT, good, &bad).await;
        for bad in [json!("GIFT"), json!(null), json!(7)] {
            let mut input = good.clone();
            input["purposes"][0]["kind"] = bad;
            assert_eq!(
                owner.refused(DRAFT, json!({ "input": input })).await.code,
                "BAD_USER_INPUT"
            );
        }
        let untimely =
            json!({ "input": { "id": "policy_01h455vb4pex5vsknk084sn02q", "effectiveAt": "tomorrow" } });
        let refused = owner.refused(POST, untimely).await;
        assert_eq!(
            (refused.code.as_str(), refused.field.as_str()),
            ("BAD_USER_INPUT", "effectiveAt")
        );
    })
    .await;
});

on_both!(a_list_is_for_purposes_that_a_policy_names, async |db| {
    with_owner(
        db,
        LIST,
        json!({ "name": "More", "purposes": ["news"] }),
        async |owner, good| {
            let bad = [
                ("purposes", json!([]), "purposes"),
                ("name", json!(""), "name"),
                ("name", json!("A\nB"), "name"),
                ("name", json!("x".repeat(201)), "name"),
            ];
            all_refused(owner, LIST, good, &bad).await;
            let unnamed = json!({ "input": { "name": "More", "purposes": ["gossip"] } });
            let refused = owner.refused(LIST, unnamed).await;
            assert_ne!(refused.code, "INTERNAL");
            assert!(refused.message.contains("gossip"), "{refused:?}");
        },
    )
    .await;
});

on_both!(
    the_choices_of_a_form_cover_the_purposes_of_its_lists,
    async |db| {
        let house = db.house("acme").await;
        let lists = [
            house
                .list(
                    "News",
                    assent_domain::mailing_list::OptIn::Double,
                    &["news", "bill"],
                )
                .await,
            house
                .list("Offers", assent_domain::mailing_list::OptIn::Double, &["offers"])
                .await,
        ];
        assert!(NEWS_OFFERS_BILL.len() == 3, "bill needs no choice");
        let choice = |code: &str| json!({ "purpose": code, "statement": format!("Yes to {code}.") });
        let good = json!({
            "slug": "join", "name": "Join", "mailingListIds": lists.map(|list| list.to_string()),
            "choices": [choice("news"), choice("offers")],
        });
        let site = db.site();
        let owner = site.owner("acme").await;
        let before = db.dump().await;
        let bad = [
            ("choices", json!([]), "choices"),
            ("choices", json!([choice("news")]), "choices"),
            (
                "choices",
                json!([choice("news"), choice("offers"), choice("bill")]),
                "choices",
            ),
            (
                "choices",
                json!([choice("news"), choice("offers"), choice("news")]),
                "choices",
            ),
            (
                "choices",
                json!([choice("news"), choice("offers"), choice("gossip")]),
                "choices",
            ),
            (
                "choices",
                json!([choice("news"), { "purpose": "offers", "statement": " " }]),
                "choices",
            ),
            (
                "choices",
                json!([choice("news"), { "purpose": "offers", "statement": "x".repeat(2001) }]),
                "choices",
            ),
            ("mailingListIds", json!([]), "mailingListIds"),
            ("fields", json!([{ "name": "shoe_size" }]), "fields"),
            (
                "fields",
                json!([{ "name": "name" }, { "name": "name" }]),
                "fields",
            ),
            ("slug", json!("No Slug"), "slug"),
            ("slug", json!("../policy"), "slug"),
            ("name", json!("A\nB"), "name"),
        ];
        for refused in all_refused(&owner, FORM, &good, &bad[1..2]).await {
            assert!(refused.message.contains("offers"), "{}", refused.message);
        }
        all_refused(&owner, FORM, &good, &bad).await;
        assert_eq!(difference(&before, &db.dump().await), Vec::<String>::new());
        owner.data(FORM, json!({ "input": good })).await;
        site.close().await;
    }
);
