//! A tenant that demands a second factor of every member: who has none can set one up, and nothing else.

use assent_domain::api_token::Scope;
use assent_domain::tenant::Role;
use assent_tests::house::PASSWORD;
use assent_tests::http::Client;
use assent_tests::on_both;
use serde_json::{Value, json};

use crate::disclosure::with;
use crate::scopes::shop;
use crate::second_factor::{BEGIN, CONFIRM, Device, REMOVE, code};

const DEMAND: &str = "mutation($input: DemandSecondFactorInput!) { demandSecondFactor(input: $input) { tenant { secondFactorRequired } } }";
const MEMBERS: &str = "{ members { totalCount } }";
const WHO: &str =
    "{ viewer { member { email } tenant { secondFactorRequired } secondFactor { confirmedAt } } }";

async fn demand(by: &Client<'_>, required: bool) -> Value {
    by.graphql(DEMAND, json!({ "input": { "required": required } }))
        .await
}

on_both!(
    members_without_a_second_factor_can_do_nothing_but_set_one_up_and_tokens_are_not_asked,
    async |db| {
        let house = db.house("acme").await;
        db.house("brook").await;
        let site = db.site();
        let owner = site.owner("acme").await;
        let token = with(&site, shop(&house, &[Scope::ReadPolicy]).await);
        let (_, marketer) = crate::roles::signed_in(&house, &site, Role::Marketer).await;
        let refused = demand(&owner, true).await;
        assert_eq!(
            refused["errors"][0]["extensions"]["code"], "CONFLICT",
            "{refused}"
        );
        marketer.data(MEMBERS, json!({})).await;
        let device = Device::of(db, &owner).await;
        let set = demand(&owner, true).await;
        assert_eq!(
            set["data"]["demandSecondFactor"]["tenant"]["secondFactorRequired"], true,
            "{set}"
        );
        assert_eq!(
            demand(&marketer, false).await["errors"][0]["extensions"]["code"],
            "SECOND_FACTOR_SETUP_REQUIRED"
        );

        // It holds at once, for sessions that there are and for new ones.
        let fresh = site.member("acme", "marketer@roles.example").await;
        for client in [&marketer, &fresh] {
            for query in [
                MEMBERS,
                "{ node(id: \"member_01h455vb4pex5vsknk084sn02q\") { id } }",
                "{ viewer { member { id } } campaigns { totalCount } }",
                "mutation { a: endOtherSessions { __typename } }",
            ] {
                let refused = client.refused(query, json!({})).await;
                assert_eq!(refused.code, "SECOND_FACTOR_SETUP_REQUIRED", "{query}");
            }
            let seen = client.data(WHO, json!({})).await;
            assert_eq!(seen["viewer"]["tenant"]["secondFactorRequired"], true);
        }
        token.data("{ purposes { code } }", json!({})).await;
        owner.data(MEMBERS, json!({})).await;
        site.owner("brook").await.data(MEMBERS, json!({})).await;

        // Beginning is not enough.
        marketer
            .data(BEGIN, json!({ "input": { "password": PASSWORD } }))
            .await;
        assert_eq!(
            marketer.refused(MEMBERS, json!({})).await.code,
            "SECOND_FACTOR_SETUP_REQUIRED"
        );
        assert_eq!(
            marketer.refused(CONFIRM, code("000000")).await.code,
            "BAD_USER_INPUT"
        );
        Device::of(db, &marketer).await;
        for client in [&marketer, &fresh] {
            client.data(MEMBERS, json!({})).await;
        }
        // Who takes theirs away is asked for one again; without the demand they are not.
        owner.data(REMOVE, code(&device.recovery_codes[0])).await;
        assert_eq!(
            demand(&owner, false).await["errors"][0]["extensions"]["code"],
            "SECOND_FACTOR_SETUP_REQUIRED"
        );
        Device::of(db, &owner).await;
        assert_eq!(
            demand(&owner, false).await["data"]["demandSecondFactor"]["tenant"]["secondFactorRequired"],
            false
        );
        let noted = "kind = 'AUDIT' AND facts LIKE '%SECOND_FACTOR_DEMAND_SET%'";
        assert_eq!(db.count("ledger", noted).await, 2);
        site.close().await;
    }
);
