//! A member leaves: at once, on the record, and never the last owner (P15).

use assent_domain::id::MemberId;
use assent_domain::tenant::Role;
use assent_entity::member::{self, NewMember};
use assent_entity::session;
use assent_tests::dump::difference;
use assent_tests::house::{PASSWORD, address};
use assent_tests::{House, on_both};
use serde_json::json;

use crate::session::{by_token, token_of};

const REMOVE: &str =
    "mutation($input: RemoveMemberInput!) { removeMember(input: $input) { member { id role } } }";

async fn hire(house: &House<'_>, name: &str, role: Role) -> MemberId {
    let email = format!("{name}@acme.example");
    let new = NewMember::new(address(&email), PASSWORD.into()).await.unwrap();
    let mut tx = house.write().await;
    let id = member::create(&mut tx, new, role).await.unwrap();
    tx.commit().await.unwrap();
    id
}

on_both!(
    p15_who_leaves_is_out_at_once_and_what_they_did_stays_on_record,
    async |db| {
        let house = db.house("acme").await;
        db.house("brook").await;
        let mia = hire(&house, "mia", Role::Marketer).await;
        let site = db.site();
        let owner = site.owner("acme").await;
        let marketer = site.member("acme", "mia@acme.example").await;
        let signed_in = session::sign_in(&db.store, "acme", "mia@acme.example", PASSWORD.into(), None)
            .await
            .unwrap()
            .unwrap();
        assert!(
            session::by_cookie(&db.store, &signed_in.cookie)
                .await
                .unwrap()
                .is_some()
        );
        let token = token_of(db, &signed_in);
        assert!(by_token(db, &token).await.is_some());
        let input = json!({ "input": { "id": mia.to_string() } });
        for (who, code) in [
            (&marketer, "FORBIDDEN"),
            (&site.owner("brook").await, "NOT_FOUND"),
        ] {
            assert_eq!(who.refused(REMOVE, input.clone()).await.code, code);
        }
        let data = owner.data(REMOVE, input.clone()).await;
        assert_eq!(data["removeMember"]["member"]["role"], "MARKETER");
        assert_eq!(
            marketer
                .refused("{ viewer { member { id } } }", json!({}))
                .await
                .code,
            "UNAUTHENTICATED"
        );
        assert!(
            session::by_cookie(&db.store, &signed_in.cookie)
                .await
                .unwrap()
                .is_none()
        );
        assert!(by_token(db, &token).await.is_none());
        let again = session::sign_in(&db.store, "acme", "mia@acme.example", PASSWORD.into(), None)
            .await
            .unwrap();
        assert!(again.is_none());
        assert_eq!(owner.refused(REMOVE, input).await.code, "NOT_FOUND");
        let log = owner
            .data(
                "{ auditLog(first: 50) { edges { node { act by object } } } }",
                json!({}),
            )
            .await;
        let entries = log["auditLog"]["edges"].as_array().unwrap();
        let of = |act: &str| {
            entries
                .iter()
                .find(|entry| entry["node"]["act"] == act && entry["node"]["object"] == mia.to_string())
        };
        assert!(of("MEMBER_REMOVED").is_some(), "{log}");
        assert!(
            entries.iter().any(|entry| entry["node"]["by"] == mia.to_string()),
            "what Mia did stays"
        );
        let back = hire(&house, "mia", Role::Analyst).await;
        assert_ne!(back, mia);
        site.close().await;
    }
);

on_both!(the_last_owner_stays, async |db| {
    let house = db.house("acme").await;
    let site = db.site();
    let owner = site.owner("acme").await;
    let own = owner.data("{ viewer { member { id } } }", json!({})).await["viewer"]["member"]["id"].clone();
    let before = db.dump().await;
    let refused = owner.refused(REMOVE, json!({ "input": { "id": own } })).await;
    assert_eq!(
        (refused.code.as_str(), refused.field.as_str()),
        ("CONFLICT", "id")
    );
    assert_eq!(difference(&before, &db.dump().await), [""; 0]);
    // Of two who let each other go at the same moment, one stays.
    let second = hire(&house, "second", Role::Owner).await;
    let other = site.member("acme", "second@acme.example").await;
    let each = [
        json!({ "input": { "id": own } }),
        json!({ "input": { "id": second.to_string() } }),
    ];
    let answers = tokio::join!(
        other.graphql(REMOVE, each[0].clone()),
        owner.graphql(REMOVE, each[1].clone())
    );
    let went = [&answers.0, &answers.1]
        .into_iter()
        .filter(|answer| answer.get("errors").is_none())
        .count();
    assert_eq!(went, 1, "{answers:?}");
    assert_eq!(db.count("member", "role = 'OWNER'").await, 1);
    site.close().await;
});
