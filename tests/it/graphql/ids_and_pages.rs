//! What points somewhere: ids that are none or of another type, pages of no size, cursors of no list.

use assent_tests::dump::difference;
use assent_tests::on_both;
use serde_json::{Value, json};

use crate::furnished::furnished;

const BAD_IDS: &[&str] = &[
    "",
    "7",
    "campaign_",
    "campaign_1",
    "campaign_01h455vb4pex5vsknk084sn02",
    "campaign_01h455vb4pex5vsknk084sn02q'; DROP TABLE campaign; --",
    "campaign_81h455vb4pex5vsknk084sn02q",
    "Campaign_01h455vb4pex5vsknk084sn02q",
    "wizard_01h455vb4pex5vsknk084sn02q",
    "list_01h455vb4pex5vsknk084sn02q",
    "campaign_01h455vb4pex5vsknk084sn02q\u{0}",
    "campaign_\u{1f984}",
];

on_both!(
    an_id_that_is_malformed_or_of_another_type_is_told_apart_from_an_unknown_one,
    async |db| {
        furnished(db, "acme").await;
        let site = db.site();
        let owner = site.owner("acme").await;
        let before = db.dump().await;
        let ask = "query($id: ID!) { campaign(id: $id) { id } }";
        let pause = "mutation($id: ID!) { pauseCampaign(input: { id: $id }) { campaign { id } } }";
        let long = "x".repeat(100_000);
        for operation in [ask, pause] {
            for bad in BAD_IDS.iter().copied().chain([long.as_str()]) {
                let refused = owner.refused(operation, json!({ "id": bad })).await;
                let found = (refused.code.as_str(), refused.field.as_str());
                assert_eq!(found, ("BAD_USER_INPUT", "id"), "{refused:?}");
                assert!(refused.message.contains("campaign_"), "{}", refused.message);
                assert!(refused.message.len() < 200, "{}", refused.message);
            }
            let unknown = json!({ "id": "campaign_01h455vb4pex5vsknk084sn02q" });
            assert_eq!(owner.refused(operation, unknown).await.code, "NOT_FOUND");
            for bad in [json!(true), json!(null), json!({}), json!(["a"]), json!(1.5)] {
                let refused = owner.refused(operation, json!({ "id": bad })).await;
                assert_eq!(refused.code, "BAD_USER_INPUT", "{refused:?}");
            }
        }
        let list = json!({ "id": "list_01h455vb4pex5vsknk084sn02q" });
        let told = owner.refused(ask, list).await.message;
        assert!(told.contains("this is the id of a list"), "{told}");
        assert_eq!(difference(&before, &db.dump().await), Vec::<String>::new());
        site.close().await;
    }
);

on_both!(
    a_page_is_asked_for_with_a_number_of_rows_and_a_cursor_of_its_list,
    async |db| {
        furnished(db, "acme").await;
        let site = db.site();
        let owner = site.owner("acme").await;
        let ask = "query($first: Int, $after: String) { subscribers(first: $first, after: $after) { edges { cursor } } }";
        let refused = async |variables: Value| {
            let answer = owner.graphql(ask, variables.clone()).await;
            let errors = answer["errors"].as_array().expect("errors");
            for error in errors {
                assert_eq!(
                    error["extensions"]["code"], "BAD_USER_INPUT",
                    "{variables}: {answer}"
                );
            }
            errors[0]["extensions"]["field"]
                .as_str()
                .unwrap_or_default()
                .to_owned()
        };
        for first in [-1, 101, 1000, i64::from(i32::MAX), i64::from(i32::MIN)] {
            let answer = owner.refused(ask, json!({ "first": first })).await;
            let codes = ["BAD_USER_INPUT", "QUERY_TOO_COMPLEX"];
            assert!(codes.contains(&answer.code.as_str()), "{first}: {answer:?}");
        }
        assert_eq!(refused(json!({ "first": 101 })).await, "first");
        for first in [json!(i64::MAX), json!(1.5), json!("20"), json!(true)] {
            refused(json!({ "first": first })).await;
        }
        let page = owner.data(ask, json!({ "first": 1 })).await;
        let good = page["subscribers"]["edges"][0]["cursor"].as_str().unwrap();
        for position in 0..good.len() {
            let mut altered = good.as_bytes().to_vec();
            altered[position] = if altered[position] == b'A' { b'B' } else { b'A' };
            let altered = String::from_utf8(altered).unwrap();
            assert_eq!(refused(json!({ "after": altered })).await, "after", "{position}");
        }
        for bad in [
            "",
            "0",
            "MQ==",
            "käse",
            "' OR 1=1 --",
            &"A".repeat(100_000),
            &good[1..],
        ] {
            assert_eq!(refused(json!({ "after": bad })).await, "after");
        }
        let lists = "query($after: String) { mailingLists(after: $after) { totalCount } }";
        assert_eq!(
            owner.refused(lists, json!({ "after": good })).await.field,
            "after",
            "of another list"
        );
        site.close().await;
    }
);
