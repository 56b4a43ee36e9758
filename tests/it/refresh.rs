//! Staying signed in: a refresh token is good once, and whoever shows it again ends the session (RFC 9700, 4.14.2).

use std::time::Duration;

use assent_entity::session::{self, LONGEST_SESSION, REFRESH_LIFETIME, SESSION_LIFETIME, SignedIn};
use assent_entity::{access_token, chore, member};
use assent_tests::house::PASSWORD;
use assent_tests::http::{Client, Refused, credentials};
use assent_tests::visitor::Site;
use assent_tests::{TestStore, on_both};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use crate::access_token::ISSUER;

const SIGN_IN: &str = "mutation($input: SignInInput!) {
    signIn(input: $input) { accessToken refreshToken refreshExpiresAt } }";
const REFRESH: &str = "mutation($input: RefreshSessionInput!) {
    refreshSession(input: $input) { accessToken expiresAt refreshToken refreshExpiresAt } }";
const WHO: &str = "{ viewer { member { email } } }";

async fn sign_in(db: &TestStore) -> SignedIn {
    let signed_in = session::sign_in(&db.store, "acme", "owner@acme.example", PASSWORD.into(), None).await;
    signed_in.unwrap().expect("the owner signs in")
}

/// Refreshes; gives the next token.
async fn refresh(db: &TestStore, token: &SecretString) -> Option<SecretString> {
    let refreshed = session::refresh(&db.store, token).await.expect("an answer");
    refreshed.map(|refreshed| refreshed.refresh.secret)
}

fn with(token: &Value) -> Value {
    json!({ "input": { "refreshToken": token } })
}

async fn refused(site: &Site, token: &Value) -> Refused {
    site.anybody().refused(REFRESH, with(token)).await
}

fn holding<'a>(site: &'a Site, token: &Value) -> Client<'a> {
    let mut client = site.anybody();
    client.token = token.as_str().map(str::to_owned);
    client
}

on_both!(a_client_stays_signed_in_by_its_refresh_token, async |db| {
    db.bare_house("acme").await;
    let site = db.site();
    let first = site.anybody().data(SIGN_IN, credentials("acme")).await["signIn"].clone();
    db.clock.forward(access_token::LIFETIME);
    let late = holding(&site, &first["accessToken"]);
    assert_eq!(late.refused(WHO, json!({})).await.code, "UNAUTHENTICATED");
    // The old access token that a client sends along is in nobody's way.
    let next = late.data(REFRESH, with(&first["refreshToken"])).await["refreshSession"].clone();
    assert_ne!(next["refreshToken"], first["refreshToken"]);
    assert!(next["refreshExpiresAt"].as_str() > first["refreshExpiresAt"].as_str());
    let told = holding(&site, &next["accessToken"]).data(WHO, json!({})).await;
    assert_eq!(told["viewer"]["member"]["email"], "owner@acme.example");
    assert_eq!(
        db.count("session", "ended_at IS NULL").await,
        1,
        "it is the same session"
    );
    // Neither opens what the other opens.
    let bearer = holding(&site, &next["refreshToken"]);
    assert_eq!(bearer.refused(WHO, json!({})).await.code, "UNAUTHENTICATED");
    for wrong in [
        &next["accessToken"],
        &json!(""),
        &json!("assent_refresh_"),
        &json!("x".repeat(5000)),
    ] {
        assert_eq!(refused(&site, wrong).await.code, "UNAUTHENTICATED");
    }
    let shown = next["refreshToken"].as_str().unwrap();
    assert!(
        shown.starts_with("assent_refresh_") && shown.len() > 50,
        "{shown}"
    );
    for (table, rows) in db.dump().await {
        assert!(!rows.iter().any(|row| row.contains(&shown[15..])), "{table}");
    }
    site.close().await;
});

on_both!(
    a_refresh_token_that_is_shown_twice_ends_the_session_for_both,
    async |db| {
        db.bare_house("acme").await;
        let site = db.site();
        let other = site.owner("acme").await;
        let answer = site.anybody().data(SIGN_IN, credentials("acme")).await["signIn"].clone();
        let stolen = &answer["refreshToken"];
        let theirs = site.anybody().data(REFRESH, with(stolen)).await["refreshSession"].clone();
        holding(&site, &theirs["accessToken"]).data(WHO, json!({})).await;
        let again = refused(&site, stolen).await;
        assert_eq!(again.code, "UNAUTHENTICATED");
        assert_eq!(
            again,
            refused(&site, &json!("assent_refresh_unknown")).await,
            "it does not tell which"
        );
        for token in [&answer["accessToken"], &theirs["accessToken"]] {
            assert_eq!(
                holding(&site, token).refused(WHO, json!({})).await.code,
                "UNAUTHENTICATED"
            );
        }
        assert_eq!(
            refused(&site, &theirs["refreshToken"]).await.code,
            "UNAUTHENTICATED"
        );
        let log =
            "{ auditLog(first: 5) { edges { node { act by object after } } } viewer { member { id } } }";
        let log = other.data(log, json!({})).await;
        let entries = log["auditLog"]["edges"].as_array().unwrap();
        let noted: Vec<_> = entries
            .iter()
            .map(|entry| &entry["node"])
            .filter(|node| node["act"] == "REFRESH_TOKEN_REUSED")
            .collect();
        assert_eq!(noted.len(), 1, "once: {log}");
        assert_eq!(noted[0]["by"], "visitor");
        assert!(noted[0]["object"].as_str().unwrap().starts_with("session_"));
        assert_eq!(noted[0]["after"]["member"], log["viewer"]["member"]["id"]);
        other.data(WHO, json!({})).await;
        site.close().await;
    }
);

on_both!(
    of_two_who_refresh_at_once_one_does_and_the_session_ends,
    async |db| {
        db.bare_house("acme").await;
        for _ in 0..5 {
            let signed_in = sign_in(db).await;
            let token = &signed_in.refresh.secret;
            let (one, other) = tokio::join!(refresh(db, token), refresh(db, token));
            let both = [one, other];
            assert!(both.iter().flatten().count() <= 1, "not both");
            for next in both.iter().flatten() {
                assert!(refresh(db, next).await.is_none(), "the session has ended");
            }
            assert!(
                session::by_cookie(&db.store, &signed_in.cookie)
                    .await
                    .unwrap()
                    .is_none()
            );
        }
    }
);

on_both!(
    a_session_goes_on_for_a_day_from_each_refresh_and_for_a_week_in_all,
    async |db| {
        let house = db.bare_house("acme").await;
        let second = Duration::from_secs(1);
        let idle = sign_in(db).await;
        let mut busy = sign_in(db).await;
        let begun = db.store.now();
        assert_eq!(idle.refresh.expires_at, begun.after(REFRESH_LIFETIME));
        db.clock.set(begun.after(SESSION_LIFETIME));
        assert!(
            session::by_cookie(&db.store, &idle.cookie)
                .await
                .unwrap()
                .is_none(),
            "the cookie ends when it did"
        );
        db.clock.set(begun.after(REFRESH_LIFETIME).before(second));
        let refreshed = session::refresh(&db.store, &busy.refresh.secret)
            .await
            .unwrap()
            .unwrap();
        assert!(
            session::by_cookie(&db.store, &busy.cookie)
                .await
                .unwrap()
                .is_none(),
            "a refresh is not the cookie's"
        );
        busy.refresh = refreshed.refresh;
        db.clock.set(begun.after(REFRESH_LIFETIME));
        assert!(refresh(db, &idle.refresh.secret).await.is_none());
        let end = begun.after(LONGEST_SESSION);
        while busy.refresh.expires_at != end {
            let next = busy.refresh.expires_at.before(second);
            db.clock.set(next);
            let refreshed = session::refresh(&db.store, &busy.refresh.secret)
                .await
                .unwrap()
                .unwrap();
            busy.refresh = refreshed.refresh;
            assert_eq!(busy.refresh.expires_at, next.after(REFRESH_LIFETIME).min(end));
        }
        db.clock.set(end.before(second));
        let refreshed = session::refresh(&db.store, &busy.refresh.secret)
            .await
            .unwrap()
            .unwrap();
        let token = access_token::issue(&db.store, ISSUER, &refreshed.access).unwrap();
        assert_eq!((token.expires_at, refreshed.refresh.expires_at), (end, end));
        db.clock.set(end);
        assert!(
            refresh(db, &refreshed.refresh.secret).await.is_none(),
            "then they sign in again"
        );
        chore::of_tenant(&db.store, house.ctx).await.unwrap();
        db.clock.forward(second);
        chore::of_tenant(&db.store, house.ctx).await.unwrap();
        for table in ["session", "credential", "refresh_credential"] {
            assert_eq!(db.count(table, "1 = 1").await, 0, "{table}");
        }
    }
);

on_both!(whoever_is_out_does_not_come_back_by_a_refresh_token, async |db| {
    let house = db.bare_house("acme").await;
    let signed_in = sign_in(db).await;
    let mut tx = house.write().await;
    session::end(&mut tx, signed_in.access.session).await.unwrap();
    tx.commit().await.unwrap();
    assert!(
        refresh(db, &signed_in.refresh.secret).await.is_none(),
        "signed out"
    );
    assert_eq!(db.count("ledger", "facts LIKE '%REFRESH_TOKEN_REUSED%'").await, 0);
    let signed_in = sign_in(db).await;
    let new = member::NewMember::new(assent_tests::house::address("next@acme.example"), PASSWORD.into());
    let new = new.await.unwrap();
    let mut tx = house.write().await;
    member::create(&mut tx, new, assent_domain::tenant::Role::Owner)
        .await
        .unwrap();
    member::remove(&mut tx, signed_in.access.member).await.unwrap();
    tx.commit().await.unwrap();
    assert!(refresh(db, &signed_in.refresh.secret).await.is_none(), "removed");
    assert_eq!(db.count("refresh_credential", "1 = 1").await, 0);
    assert!(!format!("{signed_in:?}").contains(signed_in.refresh.secret.expose_secret()));
});
