//! Where members are signed in: they see it and end it, and nobody is followed (P02).

use std::time::Duration;

use assent_domain::tenant::Role;
use assent_entity::member::{self, NewMember};
use assent_entity::session;
use assent_tests::dump::difference;
use assent_tests::house::{PASSWORD, address};
use assent_tests::http::Client;
use assent_tests::visitor::Site;
use assent_tests::{House, on_both};
use async_graphql::parser::types::{TypeKind, TypeSystemDefinition};
use serde_json::{Value, json};

const SESSIONS: &str = "{ viewer { member { id }
    sessions { totalCount edges { node { id createdAt lastUsedAt expiresAt current } } } } }";
const END: &str =
    "mutation($input: EndSessionInput!) { endSession(input: $input) { session { id current } } }";
const END_OTHERS: &str = "mutation { endOtherSessions { ended } }";
const END_MEMBERS: &str = "mutation($input: EndMemberSessionsInput!) {
    endMemberSessions(input: $input) { ended member { id } } }";

async fn sessions(client: &Client<'_>) -> Vec<Value> {
    let data = client.data(SESSIONS, json!({})).await;
    let edges = data["viewer"]["sessions"]["edges"].as_array().unwrap();
    assert_eq!(data["viewer"]["sessions"]["totalCount"], edges.len());
    edges.iter().map(|edge| edge["node"].clone()).collect()
}

/// The id of the session that a client asks in.
async fn current(client: &Client<'_>) -> Value {
    let sessions = sessions(client).await;
    let mut current = sessions.iter().filter(|session| session["current"] == true);
    let id = current.next().expect("the session that asks")["id"].clone();
    assert!(current.next().is_none(), "and no other: {sessions:?}");
    id
}

async fn mia<'a>(house: &House<'_>, site: &'a Site) -> (Client<'a>, Value) {
    let new = NewMember::new(address("mia@acme.example"), PASSWORD.into())
        .await
        .unwrap();
    let mut tx = house.write().await;
    let id = member::create(&mut tx, new, Role::Marketer).await.unwrap();
    tx.commit().await.unwrap();
    (
        site.member("acme", "mia@acme.example").await,
        json!(id.to_string()),
    )
}

async fn is_out(client: &Client<'_>) -> bool {
    let answer = client.graphql(SESSIONS, json!({})).await;
    answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
}

fn input(id: &Value) -> Value {
    json!({ "input": { "id": id } })
}

on_both!(a_member_sees_their_own_sessions_and_ends_them, async |db| {
    let house = db.bare_house("acme").await;
    db.bare_house("brook").await;
    let site = db.site();
    let [desk, phone, tablet] = [
        site.owner("acme").await,
        site.owner("acme").await,
        site.owner("acme").await,
    ];
    let ((mia, _), elsewhere) = (mia(&house, &site).await, site.owner("brook").await);
    assert_eq!(sessions(&desk).await.len(), 3);
    assert_eq!(sessions(&mia).await.len(), 1);
    let of_phone = current(&phone).await;
    let data = desk.data(END, input(&of_phone)).await;
    assert_eq!(
        data["endSession"]["session"],
        json!({ "id": of_phone, "current": false })
    );
    assert!(is_out(&phone).await);
    assert_eq!(sessions(&desk).await.len(), 2);
    let refused = desk.refused(END, input(&current(&desk).await)).await;
    assert_eq!(
        (refused.code.as_str(), refused.field.as_str()),
        ("CONFLICT", "id")
    );
    let before = db.dump().await;
    let unknown = desk
        .refused(END, input(&json!("session_01h455vb4pex5vsknk084sn02q")))
        .await;
    assert_eq!(unknown.code, "NOT_FOUND");
    for id in [of_phone, current(&mia).await, current(&elsewhere).await] {
        assert_eq!(
            desk.refused(END, input(&id)).await,
            unknown,
            "over, another's, or elsewhere"
        );
    }
    assert_eq!(difference(&before, &db.dump().await), [""; 0]);
    assert_eq!(
        desk.data(END_OTHERS, json!({})).await["endOtherSessions"]["ended"],
        1
    );
    assert!(is_out(&tablet).await);
    for stays in [&desk, &mia, &elsewhere] {
        assert!(!is_out(stays).await);
    }
    let log = desk
        .data(
            "{ auditLog(first: 9) { edges { node { act object } } } }",
            json!({}),
        )
        .await;
    for act in ["SESSION_ENDED", "SESSIONS_ENDED"] {
        let entries = log["auditLog"]["edges"].as_array().unwrap();
        assert_eq!(
            entries.iter().filter(|entry| entry["node"]["act"] == act).count(),
            1,
            "{act}: {log}"
        );
    }
    site.close().await;
});

on_both!(
    p15_an_owner_and_nobody_else_ends_the_sessions_of_another_member,
    async |db| {
        let house = db.bare_house("acme").await;
        db.bare_house("brook").await;
        let site = db.site();
        let owner = site.owner("acme").await;
        let (mia, her_id) = mia(&house, &site).await;
        let hers = session::sign_in(&db.store, "acme", "mia@acme.example", PASSWORD.into(), None)
            .await
            .unwrap()
            .unwrap();
        let own_id = owner.data(SESSIONS, json!({})).await["viewer"]["member"]["id"].clone();
        for (who, id, code) in [
            (&mia, &own_id, "FORBIDDEN"),
            (&site.owner("brook").await, &her_id, "NOT_FOUND"),
            (&owner, &own_id, "CONFLICT"),
        ] {
            assert_eq!(who.refused(END_MEMBERS, input(id)).await.code, code);
        }
        let data = owner.data(END_MEMBERS, input(&her_id)).await;
        assert_eq!(
            data["endMemberSessions"],
            json!({ "ended": 2, "member": { "id": her_id } })
        );
        assert!(is_out(&mia).await);
        assert!(
            session::by_cookie(&db.store, &hers.cookie)
                .await
                .unwrap()
                .is_none()
        );
        assert!(
            session::refresh(&db.store, &hers.refresh.secret)
                .await
                .unwrap()
                .is_none()
        );
        assert!(
            !is_out(&site.member("acme", "mia@acme.example").await).await,
            "she can sign in anew"
        );
        site.close().await;
    }
);

on_both!(
    p02_of_a_session_it_is_known_when_it_was_used_to_the_hour_and_not_from_where,
    async |db| {
        db.bare_house("acme").await;
        let site = db.site();
        let owner = site.owner("acme").await;
        let used = async || sessions(&owner).await[0]["lastUsedAt"].clone();
        let first = used().await;
        let before = db.dump().await;
        db.clock.forward(Duration::from_mins(14));
        assert_eq!(used().await, first);
        assert_eq!(
            difference(&before, &db.dump().await),
            [""; 0],
            "asking is not a write"
        );
        let signed_in = session::sign_in(&db.store, "acme", "owner@acme.example", PASSWORD.into(), None)
            .await
            .unwrap()
            .unwrap();
        let noted = async || {
            let of = format!(
                "SELECT last_used_at FROM session WHERE id = {}",
                db.id(signed_in.access.session)
            );
            db.value::<i64>(&of).await
        };
        let begun = db.store.now();
        for (minutes, known) in [
            (59, begun),
            (60, begun.after(Duration::from_hours(1))),
            (61, begun.after(Duration::from_hours(1))),
        ] {
            db.clock.set(begun.after(Duration::from_mins(minutes)));
            assert!(
                session::by_cookie(&db.store, &signed_in.cookie)
                    .await
                    .unwrap()
                    .is_some()
            );
            assert_eq!(noted().await, known.micros(), "after {minutes} minutes");
        }
        let schema = async_graphql::parser::parse_schema(assent_api::graphql::sdl()).unwrap();
        let fields = schema.definitions.into_iter().find_map(|of| match of {
            TypeSystemDefinition::Type(of) if of.node.name.node == "Session" => match of.node.kind {
                TypeKind::Object(object) => Some(object.fields),
                _ => None,
            },
            _ => None,
        });
        let fields: Vec<_> = fields
            .unwrap()
            .iter()
            .map(|field| field.node.name.node.to_string())
            .collect();
        // The way is how they showed who they are, not from where.
        assert_eq!(
            fields,
            ["id", "createdAt", "lastUsedAt", "expiresAt", "way", "current"]
        );
        site.close().await;
    }
);
