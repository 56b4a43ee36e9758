//! Each test that a rule can hold, over people who differ in it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use assent_domain::consent::ConsentSource;
use assent_domain::custom_field::FieldKind;
use assent_domain::id::{CustomFieldId, MailingListId, SubscriberId};
use assent_domain::mailing_list::OptIn;
use assent_entity::custom_field::{self, NewCustomField, NewValue};
use assent_entity::opt_in::JoinRequest;
use assent_entity::outcome::Outcome;
use assent_entity::privacy::by_person;
use assent_entity::restriction::Restricted;
use assent_entity::subscriber::{SubscriberFilter, page};
use assent_entity::{campaign_link, expiry, segment};
use assent_tests::house::{House, WITH_CLICKS};
use assent_tests::people::request;
use assent_tests::{TestStore, on_both};
use serde_json::{Value, json};

use super::rule;
use crate::furnished::FIRST;

const DAY: Duration = Duration::from_hours(24);

/// Fields of each kind; says which is the size.
pub(super) async fn fields(house: &House<'_>) -> CustomFieldId {
    let mut tx = house.write().await;
    let mut made = BTreeMap::new();
    for (key, kind, choices) in [
        ("size", FieldKind::Number, &[][..]),
        ("motto", FieldKind::Text, &[]),
        ("born", FieldKind::Date, &[]),
        ("vip", FieldKind::Flag, &[]),
        ("colour", FieldKind::Choice, &["red", "blue"]),
    ] {
        let new = NewCustomField {
            key: key.to_owned(),
            name: key.to_owned(),
            kind,
            choices: choices.iter().map(|choice| (*choice).to_owned()).collect(),
        };
        made.insert(key, custom_field::create(&mut tx, new).await.unwrap());
    }
    tx.commit().await.unwrap();
    made["size"]
}

async fn keep(house: &House<'_>, of: SubscriberId, values: &[(&str, &str)]) {
    let values: Vec<_> = values
        .iter()
        .map(|(key, value)| NewValue {
            key: (*key).to_owned(),
            value: Some((*value).to_owned()),
        })
        .collect();
    let mut tx = house.write().await;
    custom_field::set(&mut tx, of, &values).await.unwrap();
    tx.commit().await.unwrap();
}

/// Who is there, by the first letter of their address.
struct Town<'a> {
    house: House<'a>,
    names: BTreeMap<SubscriberId, char>,
    lists: [MailingListId; 2],
    forms: [String; 2],
    campaigns: [String; 2],
}

impl Town<'_> {
    async fn meant(&self, of: &Value) -> String {
        let rule = rule(of.clone());
        let filter = SubscriberFilter {
            segment: Some(rule.clone()),
            ..SubscriberFilter::default()
        };
        let tx = self.house.read().await;
        let people = page(&tx, &filter, FIRST).await.unwrap();
        let counted = segment::count(&tx, &rule).await.unwrap();
        assert_eq!(
            (people.total, people.rows.len() as u64),
            (Some(counted), counted),
            "{of}"
        );
        let letters: BTreeSet<_> = people
            .rows
            .iter()
            .map(|(_, person)| self.names[&person.id])
            .collect();
        letters.into_iter().collect()
    }
}

/// Ann joined news 40 days ago and confirmed; Ben 10 days ago and has not confirmed; Cat came by the other form a day ago,
/// took her consent back and left; Dan was never asked for offers and got two campaigns, of which he followed one.
async fn town(db: &TestStore) -> Town<'_> {
    let house = db.bare_house("acme").await;
    house.first_policy(WITH_CLICKS).await;
    let news = house.list("News", OptIn::Double, &["news"]).await;
    let more = house.list("More", OptIn::Double, &["news", "offers"]).await;
    let (form, other) = (
        house.form("news", &[news], &["news"]).await,
        house.form("more", &[more], &["news", "offers"]).await,
    );
    let named = |email: &str, name: &str, company: &str| JoinRequest {
        name: name.to_owned(),
        company: company.to_owned(),
        source: ConsentSource::Form,
        ..request(email, &[("news", true)])
    };
    let ask =
        async |form: &_, request: JoinRequest| house.send_form(form, &request).await.unwrap().1.unwrap();
    let confirm = async |person| {
        let asked = house.newest_opt_in(person).await;
        house.confirm(person, asked).await.unwrap();
    };
    let ann = ask(&form, named("ann@example.org", "Ann Smith", "Ärzte & Co")).await;
    confirm(ann).await;
    db.clock.forward(30 * DAY);
    let ben = ask(&form, named("ben@example.org", "ben smithson", "")).await;
    let dan = ask(&form, named("dan@example.org", "", "ACME 100%_Ltd")).await;
    confirm(dan).await;
    house.choose(dan, &["news", "clicks"], &[news]).await;
    db.clock.forward(9 * DAY);
    let cat = ask(&other, named("cat@example.org", "Cat", "acme")).await;
    confirm(cat).await;
    house.choose(cat, &[], &[]).await;
    let mut campaigns = Vec::new();
    for _ in 0..2 {
        let id = house
            .tracked_campaign(&[news], "[Shop](https://shop.example/)")
            .await;
        house.schedule(id, Duration::ZERO).await;
        house.send(house.mailing_of(id).await, Outcome::Sent).await;
        campaigns.push(id);
    }
    let tx = house.write().await;
    let links = ["https://shop.example/".to_owned()];
    campaign_link::keep(&tx, campaigns[1], &links).await.unwrap();
    assert!(campaign_link::follow(&tx, campaigns[1], 1, dan).await.unwrap());
    tx.commit().await.unwrap();
    db.clock.forward(DAY);
    fields(&house).await;
    keep(
        &house,
        ann,
        &[
            ("size", "38.5"),
            ("motto", "Carpe DIEM 100%"),
            ("born", "2026-04-10"),
            ("vip", "true"),
            ("colour", "red"),
        ],
    )
    .await;
    keep(
        &house,
        ben,
        &[
            ("size", "-1"),
            ("motto", "carpe noctem"),
            ("born", "1999-12-31"),
            ("vip", "false"),
            ("colour", "blue"),
        ],
    )
    .await;
    let letters = [(ann, 'a'), (ben, 'b'), (cat, 'c'), (dan, 'd')];
    Town {
        names: letters.into(),
        lists: [news, more],
        forms: [form.id.to_string(), other.id.to_string()],
        campaigns: [campaigns[0].to_string(), campaigns[1].to_string()],
        house,
    }
}

/// Rules about what everybody has, and whom they mean. Today is 2026-04-11, 09:00 UTC.
fn about_everybody(town: &Town<'_>) -> Vec<(Value, &'static str)> {
    let ([news, more], [form, _], [first, second]) = (&town.lists, &town.forms, &town.campaigns);
    vec![
        (json!({ "joined": {} }), "abcd"),
        (json!({ "not": { "joined": {} } }), ""),
        (json!({ "joined": { "withinDays": 10 } }), "bcd"),
        (json!({ "joined": { "moreThanDaysAgo": 10 } }), "a"),
        (
            json!({ "joined": { "withinDays": 39, "moreThanDaysAgo": 1 } }),
            "bd",
        ),
        (
            json!({ "joined": { "from": "2026-03-02T09:00:00Z", "before": "2026-04-01T09:00:00Z" } }),
            "a",
        ),
        (json!({ "confirmed": {} }), "acd"),
        (json!({ "not": { "confirmed": {} } }), "b"),
        (json!({ "confirmed": { "withinDays": 2 } }), "c"),
        (json!({ "name": { "is": "ANN SMITH" } }), "a"),
        (json!({ "name": { "contains": "smith" } }), "ab"),
        (json!({ "name": { "startsWith": "Ben S" } }), "b"),
        (json!({ "name": { "known": false } }), "d"),
        (json!({ "not": { "name": { "known": false } } }), "abc"),
        (json!({ "company": { "startsWith": "ACME" } }), "cd"),
        (json!({ "company": { "is": "acme" } }), "c"),
        // What a pattern would take for any character is itself.
        (json!({ "company": { "contains": "0%_l" } }), "d"),
        (json!({ "company": { "contains": "%" } }), "d"),
        (json!({ "company": { "startsWith": "Ä" } }), "a"),
        (json!({ "company": { "is": "' OR 1 = 1 --" } }), ""),
        (json!({ "language": ["en"] }), "abcd"),
        (json!({ "language": ["de", "e"] }), ""),
        (json!({ "cameThrough": { "collectionPointId": form } }), "abd"),
        (
            json!({ "onList": { "mailingListId": news, "states": ["ACTIVE"] } }),
            "ad",
        ),
        (
            json!({ "onList": { "mailingListId": news, "states": ["PENDING", "ACTIVE"] } }),
            "abd",
        ),
        (
            json!({ "onList": { "mailingListId": more, "states": ["ENDED"] } }),
            "c",
        ),
        (
            json!({ "onList": { "mailingListId": news, "states": ["ACTIVE"], "since": { "withinDays": 20 } } }),
            "d",
        ),
        (
            json!({ "consent": { "purpose": "news", "said": ["GIVEN"] } }),
            "ad",
        ),
        (
            json!({ "consent": { "purpose": "news", "said": ["REQUESTED"] } }),
            "b",
        ),
        (
            json!({ "consent": { "purpose": "news", "said": ["WITHDRAWN", "REFUSED"] } }),
            "c",
        ),
        (
            json!({ "consent": { "purpose": "clicks", "said": ["NOTHING"] } }),
            "ab",
        ),
        (
            json!({ "consent": { "purpose": "clicks", "said": ["GIVEN", "NOTHING"] } }),
            "abd",
        ),
        (json!({ "gotCampaign": {} }), "ad"),
        (json!({ "gotCampaign": { "campaignId": first } }), "ad"),
        (json!({ "gotCampaign": { "when": { "moreThanDaysAgo": 2 } } }), ""),
        (json!({ "clicked": {} }), "d"),
        (json!({ "clicked": { "campaignId": first } }), ""),
        // Each of several is asked.
        (
            json!({ "any": [{ "clicked": { "campaignId": first } }, { "clicked": {} }] }),
            "d",
        ),
        (
            json!({ "clicked": { "campaignId": second, "when": { "withinDays": 2 } } }),
            "d",
        ),
        (
            json!({ "any": [
                { "all": [json!({ "field": { "key": "vip", "flag": true } }), { "confirmed": {} }] },
                { "not": { "onList": { "mailingListId": news, "states": ["ACTIVE", "PENDING"] } } },
            ] }),
            "ac",
        ),
    ]
}

/// Rules about fields of the tenant's own, and whom they mean.
fn about_fields() -> Vec<(Value, &'static str)> {
    let field = |key: &str, test: &str, of: Value| json!({ "field": { "key": key, test: of } });
    vec![
        (field("size", "known", json!(true)), "ab"),
        (field("size", "known", json!(false)), "cd"),
        (
            field("size", "number", json!({ "atLeast": -1, "atMost": 38 })),
            "b",
        ),
        (field("size", "number", json!({ "atMost": 38.5 })), "ab"),
        (
            json!({ "not": field("size", "number", json!({ "atLeast": 0 })) }),
            "bcd",
        ),
        (field("motto", "text", json!({ "startsWith": "CARPE" })), "ab"),
        (field("motto", "text", json!({ "contains": "0%" })), "a"),
        (field("motto", "text", json!({ "is": "carpe noctem" })), "b"),
        (field("born", "date", json!({ "withinDays": 1 })), "a"),
        (field("born", "date", json!({ "withinDays": 0 })), ""),
        (
            field("born", "date", json!({ "before": "2000-01-01T00:00:00Z" })),
            "b",
        ),
        (
            field("born", "date", json!({ "from": "1999-12-31T23:00:00Z" })),
            "ab",
        ),
        (field("vip", "flag", json!(true)), "a"),
        (field("vip", "flag", json!(false)), "b"),
        (field("colour", "among", json!(["red", "blue"])), "ab"),
        (field("colour", "text", json!({ "startsWith": "B" })), "b"),
    ]
}

on_both!(each_test_means_the_same_on_both_databases, async |db| {
    let town = town(db).await;
    for (rule, expected) in about_everybody(&town).into_iter().chain(about_fields()) {
        assert_eq!(town.meant(&rule).await, expected, "{rule}");
    }
});

on_both!(p05_clicks_of_who_agrees_no_longer_mean_nobody, async |db| {
    let town = town(db).await;
    let clicked = json!({ "clicked": {} });
    assert_eq!(town.meant(&clicked).await, "d");
    let dan = town.names.iter().find(|(_, letter)| **letter == 'd').unwrap();
    town.house.choose(*dan.0, &["news"], &[town.lists[0]]).await;
    assert_eq!(town.meant(&clicked).await, "");
});

on_both!(a_yes_whose_time_is_over_counts_as_expired, async |db| {
    let town = town(db).await;
    let house = &town.house;
    let mut tx = house.write().await;
    for purpose in ["news", "clicks"] {
        expiry::set(&mut tx, purpose, Some(60)).await.unwrap();
    }
    tx.commit().await.unwrap();
    let said = |said: &str| json!({ "consent": { "purpose": "news", "said": [said] } });
    let clicked = json!({ "clicked": {} });
    // Ann said yes 40 days ago, and Dan 10 days.
    db.clock.forward(25 * DAY);
    assert_eq!(
        [
            town.meant(&said("GIVEN")).await,
            town.meant(&said("EXPIRED")).await
        ],
        ["d", "a"]
    );
    assert_eq!(town.meant(&clicked).await, "d");
    db.clock.forward(30 * DAY);
    assert_eq!(
        [
            town.meant(&said("GIVEN")).await,
            town.meant(&said("EXPIRED")).await
        ],
        ["", "ad"]
    );
    assert_eq!(town.meant(&clicked).await, "");
});

on_both!(
    clicks_of_who_restricted_the_use_of_their_data_mean_nobody,
    async |db| {
        let town = town(db).await;
        let dan = town.names.iter().find(|(_, letter)| **letter == 'd').unwrap();
        let mut tx = town.house.write().await;
        by_person::restrict(&mut tx, *dan.0, Restricted::Yes)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        assert_eq!(town.meant(&json!({ "clicked": {} })).await, "");
        assert_eq!(town.meant(&json!({ "gotCampaign": {} })).await, "ad");
    }
);

on_both!(a_language_takes_its_varieties_in, async |db| {
    let town = town(db).await;
    for (name, tag) in [("ann@", "de-AT"), ("ben@", "de"), ("cat@", "den")] {
        let sql = format!("UPDATE subscriber SET language = '{tag}' WHERE email LIKE '{name}%'");
        assert_eq!(db.exec(&sql).await.unwrap(), 1);
    }
    for (tag, expected) in [
        ("de", "ab"),
        ("de-AT", "a"),
        ("den", "c"),
        ("en", "d"),
        ("fr", ""),
    ] {
        assert_eq!(town.meant(&json!({ "language": [tag] })).await, expected, "{tag}");
    }
});
