//! There is no way around the gate: not by an id, and not by a page that was shown before the words changed (P14, P15).

use assent_domain::api_token::Scope;
use assent_domain::tenant::Role;
use assent_entity::api_token::NewApiToken;
use assent_entity::member::{self, NewMember};
use assent_entity::outside_party;
use assent_tests::house::{PASSWORD, address};
use assent_tests::partners::COURIER;
use assent_tests::{House, on_both};
use serde_json::json;

use crate::disclosure::{ONE, Town, signed_in, town, with};
use crate::furnished::furnished;

const ANY: &str = "query($id: ID!) { node(id: $id) { id } }";

on_both!(
    p15_what_a_role_or_a_token_may_not_ask_for_is_not_given_by_its_id_either,
    async |db| {
        let acme = furnished(db, "acme").await;
        let house = House { db, ctx: acme.ctx };
        let new = NewMember::new(address("looks@acme.example"), PASSWORD.into())
            .await
            .unwrap();
        let mut tx = house.write().await;
        member::create(&mut tx, new, Role::Analyst).await.unwrap();
        tx.commit().await.unwrap();
        let owner = signed_in(&house, "owner@acme.example").await;
        let order = house.order(owner, &[acme.ann]).await.to_string();
        let of_its_own = NewApiToken {
            name: "Shop".to_owned(),
            scopes: [Scope::ReadSubscribers].into(),
            party: None,
            expires_at: None,
        };
        let (token, secret) = house.token(owner, of_its_own).await;
        let site = db.site();
        let analyst = site.member("acme", "looks@acme.example").await;
        for id in [order.clone(), token.to_string()] {
            assert_eq!(
                analyst.refused(ANY, json!({ "id": id })).await.code,
                "NOT_FOUND",
                "{id}"
            );
        }
        let shop = with(&site, secret);
        for id in [order, token.to_string(), acme.campaign.to_string()] {
            assert_eq!(
                shop.refused(ANY, json!({ "id": id })).await.code,
                "NOT_FOUND",
                "{id}"
            );
        }
        shop.data(ONE, json!({ "id": acme.ann.to_string() })).await;
        site.close().await;
    }
);

on_both!(
    p14_an_answer_counts_only_to_the_words_that_were_shown,
    async |db| {
        let Town { house, ben, .. } = town(db).await;
        let site = db.site();
        let path = house.sharing_path(ben);
        site.get(&path).await.must_be(200);
        let tx = house.read().await;
        let courier = outside_party::by_name(&tx, COURIER)
            .await
            .unwrap()
            .expect("named")
            .id;
        drop(tx);
        let yes = format!("party_{courier}.EMAIL");
        let before = db.dump().await;
        for shown in ["", "policy_01h455vb4pex5vsknk084sn02q"] {
            let answer = site
                .fill_in(&path, &[("shown", shown), (yes.as_str(), "yes")])
                .await;
            assert!(answer.status.is_client_error(), "{shown}");
        }
        assert_eq!(before, db.dump().await, "nothing is recorded");
        site.close().await;
    }
);
