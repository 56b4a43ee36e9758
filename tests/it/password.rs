//! Changing one's own password: with the one there is, and everybody else is out.

use assent_entity::{member, session};
use assent_tests::dump::difference;
use assent_tests::house::PASSWORD;
use assent_tests::on_both;
use serde_json::{Value, json};

const CHANGE: &str =
    "mutation($input: ChangePasswordInput!) { changePassword(input: $input) { sessionsEnded } }";
const WHO: &str = "{ viewer { member { email } } }";
const NEW: &str = "another horse, another battery";

fn passwords(current: &str, new: &str) -> Value {
    json!({ "input": { "currentPassword": current, "newPassword": new } })
}

on_both!(
    a_member_changes_their_password_and_everybody_else_is_out,
    async |db| {
        db.bare_house("acme").await;
        db.bare_house("brook").await;
        let site = db.site();
        let (owner, other) = (site.owner("acme").await, site.owner("acme").await);
        let sign_in = async |slug: &str, password: &str| {
            let email = format!("owner@{slug}.example");
            let signed_in = session::sign_in(&db.store, slug, &email, password.into(), None).await;
            signed_in.unwrap()
        };
        let cookie = sign_in("acme", PASSWORD).await.unwrap();
        let before = db.dump().await;
        for (current, new, field) in [
            ("wrong horse battery", NEW, "currentPassword"),
            ("", NEW, "currentPassword"),
            (PASSWORD, "short", "newPassword"),
            (PASSWORD, &"long".repeat(51), "newPassword"),
        ] {
            let refused = owner.refused(CHANGE, passwords(current, new)).await;
            assert_eq!(
                (refused.code.as_str(), refused.field.as_str()),
                ("BAD_USER_INPUT", field)
            );
        }
        assert_eq!(difference(&before, &db.dump().await), [""; 0]);
        let changed = owner.data(CHANGE, passwords(PASSWORD, NEW)).await;
        assert_eq!(changed["changePassword"]["sessionsEnded"], 2);
        assert_eq!(other.refused(WHO, json!({})).await.code, "UNAUTHENTICATED");
        assert!(
            session::by_cookie(&db.store, &cookie.cookie)
                .await
                .unwrap()
                .is_none()
        );
        assert!(
            session::refresh(&db.store, &cookie.refresh.secret)
                .await
                .unwrap()
                .is_none()
        );
        owner.data(WHO, json!({})).await;
        assert!(sign_in("acme", PASSWORD).await.is_none());
        assert!(sign_in("acme", NEW).await.is_some());
        assert!(sign_in("brook", PASSWORD).await.is_some(), "nobody else's");
        let log = owner
            .data(
                "{ auditLog(first: 9) { edges { node { act by object } } } viewer { member { id } } }",
                json!({}),
            )
            .await;
        let own = &log["viewer"]["member"]["id"];
        let noted = json!({ "act": "PASSWORD_CHANGED", "by": own, "object": own });
        assert!(
            log["auditLog"]["edges"]
                .as_array()
                .unwrap()
                .iter()
                .any(|entry| entry["node"] == noted),
            "{log}"
        );
        site.close().await;
    }
);

on_both!(
    whoever_signs_in_by_the_old_password_meanwhile_is_out_too,
    async |db| {
        db.bare_house("acme").await;
        let mut old = PASSWORD.to_owned();
        let sign_in = async |password: &str| {
            let signed_in =
                session::sign_in(&db.store, "acme", "owner@acme.example", password.into(), None).await;
            signed_in.unwrap()
        };
        let by = sign_in(&old).await.unwrap().access;
        for round in 0..5 {
            let new = format!("{NEW} {round}");
            let change = member::change_password(&db.store, &by, old.clone().into(), new.clone().into());
            let (late, changed) = tokio::join!(sign_in(&old), change);
            changed.unwrap();
            if let Some(late) = late {
                assert!(
                    session::by_cookie(&db.store, &late.cookie)
                        .await
                        .unwrap()
                        .is_none(),
                    "round {round}"
                );
            }
            assert!(sign_in(&old).await.is_none());
            old = new;
        }
    }
);

on_both!(
    guessing_the_current_password_is_no_quicker_than_signing_in,
    async |db| {
        db.bare_house("acme").await;
        let site = db.site_taking(20);
        let owner = site.owner("acme").await;
        for _ in 0..10 {
            let refused = owner.refused(CHANGE, passwords("wrong horse battery", NEW)).await;
            assert_eq!(refused.code, "BAD_USER_INPUT");
        }
        let refused = owner.refused(CHANGE, passwords(PASSWORD, NEW)).await;
        assert_eq!(refused.code, "TOO_MANY_REQUESTS");
        site.close().await;
    }
);

on_both!(
    a_session_that_was_ended_meanwhile_changes_no_password,
    async |db| {
        db.bare_house("acme").await;
        let sign_in = async || {
            let signed_in =
                session::sign_in(&db.store, "acme", "owner@acme.example", PASSWORD.into(), None).await;
            signed_in.unwrap().unwrap().access
        };
        let (thief, owner) = (sign_in().await, sign_in().await);
        let change = async |by, new: &str| {
            member::change_password(&db.store, &by, PASSWORD.into(), new.to_owned().into()).await
        };
        // Both know the password. Whoever comes second is out, and changes nothing any more.
        let (first, second) = tokio::join!(change(owner, NEW), change(thief, "thief horse battery"));
        assert!(first.is_ok() != second.is_ok(), "{first:?} {second:?}");
        let (one, other) = if first.is_ok() {
            (NEW, "thief horse battery")
        } else {
            ("thief horse battery", NEW)
        };
        for (password, is_right) in [(one, true), (other, false), (PASSWORD, false)] {
            let signed_in =
                session::sign_in(&db.store, "acme", "owner@acme.example", password.into(), None).await;
            assert_eq!(signed_in.unwrap().is_some(), is_right, "{password}");
        }
    }
);
