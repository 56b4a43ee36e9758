//! A hostile owner with a hostile provider: it claims whom it likes, and opens sessions of its own tenant and no other.

use assent_domain::tenant::Role;
use assent_entity::member::{self, NewMember};
use assent_tests::dump::difference;
use assent_tests::house::{PASSWORD, address};
use assent_tests::{House, on_both};
use serde_json::{Value, json};

use super::provider::{Provider, Says};
use super::{SESSIONS, WHO, ask, back, begin, refused, session_of, set, sign_in};

/// A password that is not that of the same person elsewhere.
const OTHER: &str = "another horse, another battery";

async fn join(house: &House<'_>, email: &str, password: &str) {
    let new = NewMember::new(address(email), password.into()).await.unwrap();
    let mut tx = house.write().await;
    member::create(&mut tx, new, Role::Owner).await.unwrap();
    tx.commit().await.unwrap();
}

fn code(answer: &Value) -> &str {
    answer["errors"][0]["extensions"]["code"]
        .as_str()
        .unwrap_or_default()
}

on_both!(a_provider_of_one_tenant_signs_nobody_in_to_another, async |db| {
    let (evil, acme) = (db.bare_house("evil").await, db.bare_house("acme").await);
    // Ann is a member of both.
    join(&evil, "ann@example.org", OTHER).await;
    join(&acme, "ann@example.org", PASSWORD).await;
    let (site, provider) = (db.site_with_providers(), Provider::start());
    set(&site.owner("evil").await, &provider).await;
    let ann_at_acme = site.member("acme", "ann@example.org").await;

    // Who is a member of the other tenant alone is a stranger here.
    let claims = Says::of("x", "owner@acme.example");
    let came = sign_in(db, &site, "evil", &provider, claims).await;
    refused(&came, 403, "nobody with your address there is a member");

    // Nothing that began here goes on there: not before it has a provider, nor with one of its own.
    let own = Provider::start();
    for with_own in [false, true] {
        if with_own {
            set(&site.owner("acme").await, &own).await;
        }
        let sent = begin(&site, "evil").await;
        let says = Says::of("ann", "ann@example.org");
        let query = sent.with(&provider.sign_in(&sent.asked, says, db.store.now()));
        let there = back(&site, "acme", &sent.secret, &query).await;
        assert_eq!(there.status, if with_own { 410 } else { 404 }, "{}", there.text());
        assert_eq!(there.headers.get("set-cookie"), None);
    }
    assert_eq!(db.count("session", SESSIONS).await, 0);

    // It vouches for Ann: the session is of its own tenant.
    let before = db.dump().await;
    let came = sign_in(db, &site, "evil", &provider, Says::of("ann", "ann@example.org")).await;
    let session = session_of(&came);
    let who = ask(&site, &session, WHO, json!({})).await;
    assert_eq!(who["data"]["viewer"]["tenant"]["slug"], "evil", "{who}");
    assert_eq!(
        who["data"]["viewer"]["sessions"]["edges"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    let evil_id = format!("{:?}", evil.ctx.tenant().uuid());
    let of_acme = format!("tenant_id = {}", db.id(acme.ctx.tenant()));
    assert_eq!(db.count("session", &format!("{of_acme} AND {SESSIONS}")).await, 0);
    assert_eq!(db.count("member_identity", &of_acme).await, 0);
    assert_ne!(difference(&before, &db.dump().await), [""; 0], "{evil_id}");

    // It changes nothing of how Ann signs in, here or there.
    for (mutation, input) in [
        (
            "changePassword(input: $input) { sessionsEnded }",
            json!({ "currentPassword": PASSWORD, "newPassword": "a password of eve's" }),
        ),
        (
            "beginSecondFactor(input: $input) { secret }",
            json!({ "password": PASSWORD }),
        ),
        (
            "confirmSecondFactor(input: $input) { recoveryCodes }",
            json!({ "code": "000000" }),
        ),
        (
            "removeSecondFactor(input: $input) { removed }",
            json!({ "code": "000000" }),
        ),
        (
            "setIdentityProvider(input: $input) { identityProvider { issuer } }",
            json!({ "issuer": provider.issuer(), "clientId": "x", "clientSecret": "y", "password": PASSWORD }),
        ),
        (
            "removeIdentityProvider(input: $input) { identityProvider { issuer } }",
            json!({ "password": PASSWORD }),
        ),
    ] {
        let name = mutation.split('(').next().unwrap();
        let kind = format!("{}{}Input", name[..1].to_uppercase(), &name[1..]);
        let query = format!("mutation($input: {kind}!) {{ {mutation} }}");
        let refused = ask(&site, &session, &query, json!({ "input": input })).await;
        assert!(
            ["BAD_USER_INPUT", "CONFLICT"].contains(&code(&refused)),
            "{mutation}: {refused}"
        );
    }
    let ended = ask(
        &site,
        &session,
        "mutation { endOtherSessions { ended } }",
        json!({}),
    )
    .await;
    assert_eq!(ended["data"]["endOtherSessions"]["ended"], 0);
    ann_at_acme.data(WHO, json!({})).await;
    for (slug, password) in [("evil", OTHER), ("acme", PASSWORD)] {
        let input = json!({ "input": { "tenant": slug, "email": "ann@example.org", "password": password } });
        let query = "mutation($input: SignInInput!) { signIn(input: $input) { accessToken } }";
        site.anybody().data(query, input).await;
    }
    site.close().await;
});

on_both!(
    the_same_account_at_the_same_provider_is_another_member_in_each_tenant,
    async |db| {
        for slug in ["acme", "brook"] {
            let house = db.bare_house(slug).await;
            join(&house, "ann@example.org", PASSWORD).await;
        }
        let (site, provider) = (db.site_with_providers(), Provider::start());
        for slug in ["acme", "brook"] {
            set(&site.owner(slug).await, &provider).await;
        }
        let first = sign_in(db, &site, "acme", &provider, Says::of("ann", "ann@example.org")).await;
        session_of(&first);
        // That one of them knows the account makes it nobody's in the other.
        let unverified = Says::of("ann", "ann@example.org").with("email_verified", json!(false));
        let came = sign_in(db, &site, "brook", &provider, unverified).await;
        refused(&came, 403, "no address of yours that it has verified");
        let came = sign_in(db, &site, "brook", &provider, Says::of("ann", "ann@example.org")).await;
        let who = ask(&site, &session_of(&came), WHO, json!({})).await;
        assert_eq!(who["data"]["viewer"]["tenant"]["slug"], "brook");
        assert_eq!(db.count("member_identity", "1 = 1").await, 2);
        site.close().await;
    }
);
