//! Segments: who is meant by a rule is the same on both databases, and a campaign goes to nobody else.

use std::time::Duration;

use assent_domain::delivery::DeliveryStatus;
use assent_domain::id::{MailingListId, SegmentId, SubscriberId};
use assent_domain::mailing_list::OptIn;
use assent_domain::permit::Recipient;
use assent_domain::segment::Rule;
use assent_domain::tenant::Role;
use assent_entity::custom_field::{self, NewValue};
use assent_entity::delivery::page_of;
use assent_entity::outcome::Outcome;
use assent_entity::{StoreError, audience, chore, copy, privacy, segment};
use assent_tests::dump::difference;
use assent_tests::house::House;
use assent_tests::{TestStore, on_both};
use serde_json::{Value, json};

use crate::furnished::{FIRST, furnished};
use crate::roles::signed_in;

mod meant;

const CREATE: &str = "mutation($input: CreateSegmentInput!) { createSegment(input: $input) { segment { id name rule people } } }";

/// The rule that a client would write so.
fn rule(of: Value) -> Rule {
    serde_json::from_value(of).unwrap()
}

async fn saved(house: &House<'_>, name: &str, of: Value) -> SegmentId {
    let mut tx = house.write().await;
    let id = segment::create(&mut tx, name, &rule(of)).await.unwrap();
    tx.commit().await.unwrap();
    id
}

/// A list with Ann, Ben and Cat on it, by form; Cat has opted out of all.
async fn three(db: &TestStore) -> (House<'_>, MailingListId, [SubscriberId; 3]) {
    let house = db.house("acme").await;
    let (list, form) = house.news().await;
    let joined = async |email| house.member_of(&form, email, &["news"]).await;
    let people = [
        joined("ann@example.org").await,
        joined("ben@example.org").await,
        joined("cat@example.org").await,
    ];
    house.opt_out_of_all(people[2]).await;
    (house, list, people)
}

async fn size(house: &House<'_>, of: SubscriberId, size: &str) {
    let mut tx = house.write().await;
    let value = NewValue {
        key: "size".to_owned(),
        value: Some(size.to_owned()),
    };
    custom_field::set(&mut tx, of, &[value]).await.unwrap();
    tx.commit().await.unwrap();
}

on_both!(
    a_campaign_goes_to_those_of_its_lists_whom_its_segment_means,
    async |db| {
        let (house, list, [ann, ben, cat]) = three(db).await;
        meant::fields(&house).await;
        for (person, of) in [(ann, "38"), (cat, "39")] {
            size(&house, person, of).await;
        }
        let large = saved(
            &house,
            "Large",
            json!({ "field": { "key": "size", "known": true } }),
        )
        .await;
        let id = house.campaign_to("news", &[list], Some(large)).await;
        let news = house.purpose("news").await.id;
        let counted = audience::of(&house.read().await, id, news).await.unwrap();
        assert_eq!((counted.total, counted.allowed), (2, 1));
        house.schedule(id, Duration::ZERO).await;
        // What was looked at when it was scheduled stands.
        let mut tx = house.write().await;
        let everybody = rule(json!({ "joined": {} }));
        segment::change(&mut tx, large, None, Some(everybody))
            .await
            .unwrap();
        segment::delete(&mut tx, large).await.unwrap();
        tx.commit().await.unwrap();
        let counted = audience::of(&house.read().await, id, news).await.unwrap();
        assert_eq!((counted.total, counted.allowed), (2, 1));
        let mailing = house.mailing_of(id).await;
        house.send(mailing, Outcome::Sent).await;
        let tx = house.read().await;
        let page = page_of(&tx, mailing, FIRST).await.unwrap();
        let became = |of| {
            let mut rows = page.rows.iter().map(|(_, row)| row);
            rows.find(|row| row.recipient == Recipient::Subscriber(of))
                .map(|row| row.status)
        };
        assert_eq!(became(ann), Some(DeliveryStatus::Sent));
        assert_eq!(became(ben), None);
        assert_eq!(became(cat), Some(DeliveryStatus::Refused));
        assert_eq!(page.rows.len(), 2);
    }
);

on_both!(on_several_lists_everybody_of_a_segment_counts_once, async |db| {
    let (house, list, [ann, ben, _]) = three(db).await;
    let more = house.list("More", OptIn::Double, &["news"]).await;
    let form = house.form("more", &[more], &["news"]).await;
    // Two questions to one person are told apart by their times.
    db.clock.forward(Duration::from_secs(1));
    house.member_of(&form, "ann@example.org", &["news"]).await;
    house.member_of(&form, "dan@example.org", &["news"]).await;
    let on_more = saved(
        &house,
        "More",
        json!({ "onList": { "mailingListId": more, "states": ["ACTIVE"] } }),
    )
    .await;
    let not_more = saved(
        &house,
        "Not more",
        json!({ "not": { "onList": { "mailingListId": more, "states": ["ACTIVE"] } } }),
    )
    .await;
    let news = house.purpose("news").await.id;
    for (segment, expected) in [(Some(on_more), (2, 2)), (Some(not_more), (2, 1)), (None, (4, 3))] {
        let id = house.campaign_to("news", &[list, more], segment).await;
        let counted = audience::of(&house.read().await, id, news).await.unwrap();
        assert_eq!(
            (counted.total, counted.allowed),
            expected,
            "{segment:?}: {ann} {ben}"
        );
    }
});

on_both!(what_is_in_use_stays, async |db| {
    let (house, list, [ann, ..]) = three(db).await;
    let size_field = meant::fields(&house).await;
    size(&house, ann, "38").await;
    let sized = saved(
        &house,
        "Sized",
        json!({ "not": { "field": { "key": "size", "number": { "atLeast": 40 } } } }),
    )
    .await;
    let draft = house.campaign_to("news", &[list], Some(sized)).await;
    let before = db.dump().await;
    let mut tx = house.write().await;
    for (what, refused) in [
        ("segment", segment::delete(&mut tx, sized).await),
        ("field", custom_field::delete(&mut tx, size_field).await),
    ] {
        assert!(
            matches!(&refused, Err(StoreError::Conflict { field: "id", .. })),
            "{what}: {refused:?}"
        );
    }
    drop(tx);
    assert_eq!(difference(&before, &db.dump().await), [""; 0]);
    // A campaign that has still to find its people keeps the field, even where the segment is gone.
    house.schedule(draft, Duration::ZERO).await;
    let mut tx = house.write().await;
    segment::delete(&mut tx, sized).await.unwrap();
    assert!(custom_field::delete(&mut tx, size_field).await.is_err());
    tx.commit().await.unwrap();
    let mailing = house.mailing_of(draft).await;
    house.send(mailing, Outcome::Sent).await;
    let mut tx = house.write().await;
    custom_field::delete(&mut tx, size_field).await.unwrap();
    tx.commit().await.unwrap();
    // What is deleted is nowhere to be seen at once, and gone after the next chores.
    let tx = house.read().await;
    assert!(
        custom_field::of_subscribers(&tx, &[ann])
            .await
            .unwrap()
            .is_empty()
    );
    let news = house.purpose("news").await.id;
    let counted = audience::of(&tx, draft, news).await.unwrap();
    assert_eq!(counted.total, 3, "nobody has a value by now");
    drop(tx);
    chore::of_tenant(&db.store, house.ctx).await.unwrap();
    for table in ["custom_value", "custom_field WHERE key = 'size'"] {
        let sql = format!("SELECT COUNT(*) FROM {table}");
        assert_eq!(db.value::<i64>(&sql).await, 0, "{table}");
    }
});

on_both!(
    p17_what_is_kept_of_somebody_is_in_their_copy_and_goes_with_them,
    async |db| {
        let acme = furnished(db, "acme").await;
        let house = House { db, ctx: acme.ctx };
        let held = copy::of_person(&house.read().await, acme.ann).await.unwrap();
        let held = serde_json::to_value(held).unwrap();
        assert_eq!(
            held["person"]["fields"],
            json!([{ "name": "Shoe size", "value": "38.5" }])
        );
        let mut tx = house.write().await;
        privacy::by_person::erase(&mut tx, acme.ann).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(db.value::<i64>("SELECT COUNT(*) FROM custom_value").await, 0);
        let left = format!("{:?}", db.dump().await);
        assert!(!left.contains("38.5"), "{left}");
    }
);

on_both!(
    p15_who_sees_people_masked_learns_nothing_by_segments,
    async |db| {
        let acme = furnished(db, "acme").await;
        let house = House { db, ctx: acme.ctx };
        let words = saved(&house, "Ann", json!({ "name": { "is": "Ann Smith" } })).await;
        let plain = saved(&house, "New", json!({ "joined": { "withinDays": 30 } })).await;
        let site = db.site();
        let (_, analyst) = signed_in(&house, &site, Role::Analyst).await;
        let seen = analyst
            .data("{ segments { edges { node { name rule } } } }", json!({}))
            .await;
        assert!(!seen.to_string().contains("Smith"), "{seen}");
        let of_person = "query($id: ID!) { subscriber(id: $id) { customValues { field { key } value } } }";
        let seen = analyst
            .data(of_person, json!({ "id": acme.ann.to_string() }))
            .await;
        assert_eq!(
            seen["subscriber"]["customValues"],
            json!([{ "field": { "key": "shoe_size" }, "value": "•••" }])
        );
        let list = "query($id: ID!) { subscribers(filter: { segmentId: $id }) { totalCount edges { node { id } } } }";
        let refused = analyst.refused(list, json!({ "id": words.to_string() })).await;
        assert_eq!(
            (refused.code.as_str(), refused.field.as_str()),
            ("FORBIDDEN", "filter.segmentId")
        );
        let seen = analyst.data(list, json!({ "id": plain.to_string() })).await;
        assert_eq!(seen["subscribers"]["totalCount"], 2);
        let count = "{ segmentSize(rule: { name: { is: \"Ann Smith\" } }) { people } }";
        assert_eq!(analyst.refused(count, json!({})).await.code, "FORBIDDEN");
        let owner = site.owner("acme").await;
        let seen = owner.data(of_person, json!({ "id": acme.ann.to_string() })).await;
        assert_eq!(seen["subscriber"]["customValues"][0]["value"], "38.5");
        let log = "{ auditLog(first: 100) { edges { node { act after } } } }";
        let log = owner.data(log, json!({})).await.to_string();
        assert!(log.contains("customValues"), "the reading is noted: {log}");
        assert!(!log.contains("Smith"), "the log keeps no words: {log}");
        site.close().await;
    }
);

on_both!(
    a_marketer_saves_a_rule_and_reads_it_as_it_was_written,
    async |db| {
        let (house, list, [ann, ..]) = three(db).await;
        meant::fields(&house).await;
        size(&house, ann, "38").await;
        let site = db.site();
        let owner = site.owner("acme").await;
        let rule = json!({ "all": [
            { "onList": { "mailingListId": list.to_string(), "states": ["ACTIVE", "PENDING"] } },
            { "not": { "any": [
                { "consent": { "purpose": "news", "said": ["WITHDRAWN"] } },
                { "joined": { "moreThanDaysAgo": 7 } },
            ] } },
            { "field": { "key": "size", "number": { "atLeast": 37.5 } } },
        ] });
        let input = json!({ "input": { "name": "Close", "rule": rule } });
        let made = owner.data(CREATE, input.clone()).await["createSegment"]["segment"].clone();
        assert_eq!((&made["rule"], &made["people"]), (&rule, &json!(1)));
        let taken = owner.refused(CREATE, input).await;
        assert_eq!((taken.code.as_str(), taken.field.as_str()), ("CONFLICT", "name"));
        let of_it = "query($id: ID!) { subscribers(filter: { segmentId: $id }) { edges { node { id customValues { value } } } } }";
        let people = owner.data(of_it, json!({ "id": made["id"] })).await;
        assert_eq!(
            people["subscribers"]["edges"],
            json!([{ "node": { "id": ann.to_string(), "customValues": [{ "value": "38" }] } }])
        );
        let draft = json!({ "input": { "name": "To some", "purpose": "news", "mailingListIds": [list.to_string()],
            "segment": made["id"], "subject": "Hello", "body": { "format": "MARKDOWN", "source": "Hello" } } });
        let create = "mutation($input: CreateCampaignInput!) { createCampaign(input: $input) {
            campaign { segment { name } segmentRule audience { total allowed } } } }";
        let campaign = owner.data(create, draft).await["createCampaign"]["campaign"].clone();
        assert_eq!(
            campaign,
            json!({ "segment": { "name": "Close" }, "segmentRule": rule, "audience": { "total": 1, "allowed": 1 } })
        );
        site.close().await;
    }
);

/// Rules that are none.
fn broken() -> Vec<Value> {
    let deep = (0..9).fold(json!({ "joined": {} }), |rule, _| json!({ "not": rule }));
    let wide = vec![json!({ "joined": {} }); 64];
    vec![
        deep,
        json!({ "any": wide }),
        json!({ "all": [] }),
        json!({ "name": { "is": "" } }),
        json!({ "name": { "contains": "a\u{0}b" } }),
        json!({ "name": { "contains": "x".repeat(201) } }),
        json!({ "joined": { "withinDays": 40000 } }),
        json!({ "joined": { "from": "2026-03-01T00:00:00Z", "before": "2026-02-01T00:00:00Z" } }),
        json!({ "language": ["klingonisch?"] }),
        json!({ "consent": { "purpose": "no such", "said": ["GIVEN"] } }),
        json!({ "consent": { "purpose": "nosuch", "said": ["GIVEN"] } }),
        json!({ "field": { "key": "nosuch", "known": true } }),
        json!({ "field": { "key": "Robert'); DROP TABLE segment;--", "known": true } }),
        json!({ "field": { "key": "size" } }),
        json!({ "field": { "key": "size", "known": true, "flag": true } }),
        json!({ "field": { "key": "size", "flag": true } }),
        json!({ "field": { "key": "size", "number": {} } }),
        json!({ "field": { "key": "colour", "among": ["green"] } }),
        json!({ "field": { "key": "colour", "text": { "known": true } } }),
    ]
}

on_both!(a_rule_that_is_none_is_refused_and_changes_nothing, async |db| {
    let (house, ..) = three(db).await;
    meant::fields(&house).await;
    let site = db.site();
    let owner = site.owner("acme").await;
    let before = db.dump().await;
    for rule in broken() {
        let input = json!({ "input": { "name": "Broken", "rule": rule } });
        let refused = owner.refused(CREATE, input).await;
        assert_eq!(
            (refused.code.as_str(), refused.field.as_str()),
            ("BAD_USER_INPUT", "rule"),
            "{rule}"
        );
    }
    // Two tests where one is to stand are refused before anything is looked at.
    let two = json!({ "input": { "name": "Two", "rule": { "joined": {}, "confirmed": {} } } });
    assert_eq!(owner.refused(CREATE, two).await.code, "BAD_USER_INPUT");
    let set =
        "mutation($input: SetCustomValuesInput!) { setCustomValues(input: $input) { subscriber { id } } }";
    let person: uuid::Uuid = db.value("SELECT id FROM subscriber ORDER BY id LIMIT 1").await;
    let person: SubscriberId = assent_domain::id::stored(person);
    for values in [
        json!([]),
        json!([{ "key": "nosuch", "value": "1" }]),
        json!([{ "key": "size", "value": "large" }]),
        json!([{ "key": "size", "value": "NaN" }]),
        json!([{ "key": "size", "value": "1" }, { "key": "size", "value": "2" }]),
        json!([{ "key": "size", "value": "1" }, { "key": "colour", "value": "green" }]),
        json!([{ "key": "motto", "value": "two\nlines" }]),
    ] {
        let input = json!({ "input": { "subscriberId": person.to_string(), "values": values } });
        let refused = owner.refused(set, input).await;
        assert_eq!(
            (refused.code.as_str(), refused.field.as_str()),
            ("BAD_USER_INPUT", "values"),
            "{values}"
        );
    }
    assert_eq!(difference(&before, &db.dump().await), [""; 0]);
    site.close().await;
});
