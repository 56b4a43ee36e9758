//! Partners: a token for an outside party, what it reads, and the ledger of that.

use assent_domain::disclosure::PersonField::{Email, Name};
use assent_tests::on_both;
use assent_tests::partners::COURIER;
use serde_json::json;

use super::{MONDAY, answers, change, is, refused, run, text};

on_both!(
    a_partner_gets_a_token_reads_what_was_permitted_and_loses_it,
    async |db| {
        let house = db.house("acme").await;
        let (_, form) = house.news().await;
        let ann = house.member_of(&form, "ann@example.org", &["news"]).await;
        house.permit(ann, &[(Email, true), (Name, true)]).await;
        let site = db.site();
        let owner = site.owner("acme").await;
        let wish = json!({
            "name": "Courier", "scopes": ["READ_SUBSCRIBERS"], "outsideParty": COURIER, "expiresAt": "2026-04-01T09:00:00Z",
        });
        let made = change(&owner, "CreateApiToken", wish.clone()).await;
        let token = json!({
            "id": "token_*", "name": "Courier", "scopes": ["READ_SUBSCRIBERS"], "outsideParty": { "name": COURIER },
            "expiresAt": "2026-04-01T09:00:00Z", "lastUsedAt": null,
        });
        answers(
            &made["createApiToken"],
            &json!({ "secret": "assent_token_*", "apiToken": token }),
        );
        for (field, value, named) in [
            ("outsideParty", json!("Nobody Ltd"), "outsideParty"),
            ("scopes", json!([]), "scopes"),
            ("scopes", json!(["SUBSCRIBE"]), "scopes"),
            ("expiresAt", json!(MONDAY), "expiresAt"),
            ("expiresAt", json!("2036-04-01T09:00:00Z"), "expiresAt"),
            ("name", json!("two\nlines"), "name"),
        ] {
            let mut wrong = wish.clone();
            wrong[field] = value;
            is(
                &refused(&owner, "CreateApiToken", wrong).await,
                "BAD_USER_INPUT",
                named,
            );
        }

        let mut partner = site.anybody();
        partner.token = Some(text(&made["createApiToken"]["secret"]));
        let people = partner
            .data("{ subscribers { edges { node { email name } } } }", json!({}))
            .await;
        assert_eq!(
            people["subscribers"]["edges"][0]["node"]["email"],
            "ann@example.org"
        );
        let variables = json!({ "subscriberId": ann.to_string() });
        let told = run(&owner, "Disclosures", variables).await;
        let node = json!({
            "id": "disclosure_*", "outsideParty": { "name": COURIER }, "basis": "PERMISSION", "fields": ["EMAIL", "NAME"],
            "disclosedAt": MONDAY,
        });
        answers(
            &told["subscriber"]["disclosures"],
            &json!({ "edges": [{ "node": node }] }),
        );

        let id = json!({ "id": made["createApiToken"]["apiToken"]["id"] });
        let revoked = change(&owner, "RevokeApiToken", id.clone()).await;
        assert_eq!(revoked["revokeApiToken"]["apiToken"]["revokedAt"], MONDAY);
        let again = change(&owner, "RevokeApiToken", id).await;
        assert_eq!(again, revoked, "revoked twice is revoked");
        let gone = partner
            .refused("{ subscribers { edges { node { email } } } }", json!({}))
            .await;
        assert_eq!(gone.code, "UNAUTHENTICATED");
        site.close().await;
    }
);
