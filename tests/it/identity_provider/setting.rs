//! Setting a provider, changing it, taking it away; and where one may be.

use std::sync::Arc;
use std::time::Duration;

use assent_domain::keys::Keys;
use assent_domain::tenant::Role;
use assent_entity::{Store, StoreSettings, TenantTx, chore, identity_provider};
use assent_tests::hook::Reply;
use assent_tests::house::PASSWORD;
use assent_tests::on_both;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::provider::{CLIENT, Provider, SECRET, Says, answer};
use super::{SESSIONS, SET, WHO, ask, begin, provider_of, refused, session_of, set, sign_in, somewhere};

const SHOWN: &str =
    "{ identityProvider { issuer clientId redirectUrl } viewer { tenant { identityRedirectUrl } } }";
const REMOVE: &str =
    "mutation($input: RemoveIdentityProviderInput!) { removeIdentityProvider(input: $input) {
    identityProvider { issuer } } }";
const UNLINK: &str = "mutation($input: UnlinkMemberIdentityInput!) { unlinkMemberIdentity(input: $input) { member { email } } }";

/// A way to answer, whatever is asked.
type Answering = Box<dyn Fn() -> Reply + Send + Sync>;

fn password() -> Value {
    json!({ "input": { "password": PASSWORD } })
}

on_both!(
    an_owner_sets_a_provider_that_answers_and_nobody_sees_the_secret,
    async |db| {
        let house = db.bare_house("acme").await;
        let (site, provider) = (db.site_with_providers(), Provider::start());
        let owner = site.owner("acme").await;
        site.get("/t/acme/sign-in").await.must_be(404);
        let none = owner.data(SHOWN, json!({})).await;
        assert_eq!(none["identityProvider"], json!(null));
        let redirect = none["viewer"]["tenant"]["identityRedirectUrl"].clone();
        let input = |name: &str, value: Value| {
            let mut input = provider_of(&provider.issuer());
            input["input"][name] = value;
            input
        };
        let gone = format!("http://127.0.0.1:{}", Provider::start().hook.port);
        for (name, value, words) in [
            ("issuer", json!("login.example.com"), "no address"),
            (
                "issuer",
                json!(format!("{}?x=1", provider.issuer())),
                "ends with its path",
            ),
            (
                "issuer",
                json!(format!("{}/.well-known/openid-configuration", provider.issuer())),
                "leave /.well-known",
            ),
            ("issuer", json!(format!("{}/elsewhere", provider.issuer())), "404"),
            (
                "issuer",
                json!(format!("{}/", provider.issuer())),
                "unexpected issuer",
            ),
            ("issuer", json!(gone), "nobody took the connection"),
            ("issuer", json!("http://9.9.9.9"), "asked by HTTPS"),
            ("issuer", json!("https://10.0.0.1"), "ASSENT_IDENTITY_NETWORKS"),
            (
                "issuer",
                json!("https://169.254.169.254"),
                "ASSENT_IDENTITY_NETWORKS",
            ),
            ("issuer", json!("https://9.9.9.9:22"), "port"),
            ("clientId", json!(" "), "what the provider shows"),
            ("clientId", json!("a b"), "what the provider shows"),
            ("clientSecret", json!(""), "what the provider shows"),
            ("clientSecret", json!("x".repeat(1001)), "what the provider shows"),
            ("password", json!("wrong horse battery"), "not your password"),
        ] {
            let refused = owner.refused(SET, input(name, value.clone())).await;
            assert_eq!(
                (refused.code.as_str(), refused.field.as_str()),
                ("BAD_USER_INPUT", name),
                "{value}"
            );
            assert!(refused.message.contains(words), "{value}: {}", refused.message);
        }
        assert_eq!(db.count("identity_provider", "1 = 1").await, 0);
        for role in [Role::PrivacyOfficer, Role::Developer] {
            let (_, client) = crate::roles::signed_in(&house, &site, role).await;
            let refused = client.refused(SET, provider_of(&provider.issuer())).await;
            assert_eq!(refused.code, "FORBIDDEN", "{role}");
        }
        assert_eq!(set(&owner, &provider).await["redirectUrl"], redirect);
        let shown = owner.data(SHOWN, json!({})).await;
        assert_eq!(shown["identityProvider"]["issuer"], json!(provider.issuer()));
        assert_eq!(shown["identityProvider"]["clientId"], CLIENT);
        for (table, rows) in db.dump().await {
            assert!(!rows.iter().any(|row| row.contains(SECRET)), "{table}");
        }
        site.close().await;
    }
);

on_both!(
    a_provider_whose_description_will_not_do_is_refused_with_the_reason,
    async |db| {
        db.bare_house("acme").await;
        let site = db.site_with_providers();
        let owner = site.owner("acme").await;
        for (name, value, words) in [
            (
                "authorization_endpoint",
                json!("javascript:alert(1)"),
                "authorization_endpoint",
            ),
            (
                "authorization_endpoint",
                json!("https://10.0.0.1/authorize"),
                "authorization_endpoint",
            ),
            ("authorization_endpoint", json!(null), "authorization_endpoint"),
            ("token_endpoint", json!(null), "token_endpoint"),
            (
                "jwks_uri",
                json!("https://169.254.169.254/keys"),
                "ASSENT_IDENTITY_NETWORKS",
            ),
            (
                "jwks_uri",
                json!("http://127.0.0.1:1/keys"),
                "nobody took the connection",
            ),
            (
                "response_types_supported",
                json!(["id_token"]),
                "response type code",
            ),
            (
                "id_token_signing_alg_values_supported",
                json!(["HS256", "none"]),
                "RS256",
            ),
            ("issuer", json!("https://login.example.com"), "unexpected issuer"),
        ] {
            let provider = Provider::start();
            provider.describe(name, value.clone());
            let refused = owner.refused(SET, provider_of(&provider.issuer())).await;
            assert_eq!(
                (refused.code.as_str(), refused.field.as_str()),
                ("BAD_USER_INPUT", "issuer"),
                "{value}"
            );
            assert!(
                refused.message.contains(words),
                "{name} {value}: {}",
                refused.message
            );
        }
        let elsewhere = Provider::start();
        let to = format!(
            "location: {}/.well-known/openid-configuration",
            elsewhere.issuer()
        );
        let too_much = format!("{{\"issuer\":\"{}\"}}", "x".repeat(300 * 1024));
        let plans: [(Answering, &str); 4] = [
            (Box::new(move || Reply::With(302, to.clone())), "302"),
            (Box::new(move || answer(200, &too_much)), "too large"),
            (Box::new(|| Reply::Silence(Duration::from_secs(5))), "too long"),
            (
                Box::new(|| Reply::Raw("SSH-2.0-x\r\n".to_owned())),
                "no answer of HTTP",
            ),
        ];
        for (plan, words) in plans {
            let provider = Provider::answering(move |_, _| Some(plan()));
            let refused = owner.refused(SET, provider_of(&provider.issuer())).await;
            assert!(refused.message.contains(words), "{words}: {}", refused.message);
        }
        assert_eq!(elsewhere.asked(), [""; 0], "no redirect was followed");
        assert_eq!(db.count("identity_provider", "1 = 1").await, 0);
        site.close().await;
    }
);

on_both!(
    at_another_client_nobody_goes_on_for_whom_the_one_before_vouched,
    async |db| {
        let house = db.bare_house("acme").await;
        crate::second_factor::hire(&house, "mia", Role::Marketer).await;
        let (site, provider) = (db.site_with_providers(), Provider::start());
        let owner = site.owner("acme").await;
        set(&owner, &provider).await;
        let mia = || Says::of("m-1", "mia@acme.example");
        let password_session = site.member("acme", "mia@acme.example").await;
        let signed_in = async || session_of(&sign_in(db, &site, "acme", &provider, mia()).await);
        let is_in = async |session: &str| ask(&site, session, WHO, json!({})).await.get("errors").is_none();
        let first = signed_in().await;
        // The same client with another secret: everybody stays.
        set(&owner, &provider).await;
        assert!(is_in(&first).await);
        let under_way = begin(&site, "acme").await;
        let query = under_way.with(&provider.sign_in(&under_way.asked, mia(), db.store.now()));
        let other = Provider::start();
        set(&owner, &other).await;
        assert!(!is_in(&first).await);
        refused(&under_way.back(&site, &query).await, 410, "");
        assert_eq!(db.count("member_identity", "1 = 1").await, 0);
        set(&owner, &provider).await;
        let second = signed_in().await;
        let wrong = json!({ "input": { "password": "wrong horse battery" } });
        assert_eq!(owner.refused(REMOVE, wrong).await.field, "password");
        assert!(is_in(&second).await);
        owner.data(REMOVE, password()).await;
        assert!(!is_in(&second).await);
        assert_eq!(owner.refused(REMOVE, password()).await.code, "NOT_FOUND");
        site.get("/t/acme/sign-in").await.must_be(404);
        password_session.data(WHO, json!({})).await;
        assert_eq!(db.count("identity_sign_in", "1 = 1").await, 0);
        let ended = format!("{SESSIONS} AND ended_at IS NULL");
        assert_eq!(db.count("session", &ended).await, 0);
        site.close().await;
    }
);

on_both!(an_owner_lets_a_member_sign_in_by_another_account, async |db| {
    let house = db.bare_house("acme").await;
    let mia = crate::second_factor::hire(&house, "mia", Role::Marketer).await;
    let (site, provider) = (db.site_with_providers(), Provider::start());
    let owner = site.owner("acme").await;
    set(&owner, &provider).await;
    let unlink = json!({ "input": { "id": mia } });
    assert_eq!(owner.refused(UNLINK, unlink.clone()).await.code, "CONFLICT");
    let with = async |subject: &str| {
        sign_in(
            db,
            &site,
            "acme",
            &provider,
            Says::of(subject, "mia@acme.example"),
        )
        .await
    };
    let first = session_of(&with("m-1").await);
    refused(&with("m-2").await, 403, "another account");
    owner.data(UNLINK, unlink.clone()).await;
    assert!(ask(&site, &first, WHO, json!({})).await.get("errors").is_some());
    session_of(&with("m-2").await);
    refused(&with("m-1").await, 403, "another account");
    // Who leaves takes it with them.
    let remove = "mutation($input: RemoveMemberInput!) { removeMember(input: $input) { member { id } } }";
    owner.data(remove, unlink).await;
    refused(&with("m-2").await, 403, "nobody with your address");
    assert_eq!(db.count("member_identity", "1 = 1").await, 0);
    site.close().await;
});

on_both!(
    p06_the_secret_is_sealed_anew_when_the_operators_has_changed,
    async |db| {
        let house = db.bare_house("acme").await;
        somewhere(&house).await;
        let changed = Keys::new("another secret, of thirty-two and more octets".into()).unwrap();
        let reopened = async |keys: Keys| {
            let settings = StoreSettings {
                url: db.url.clone(),
                max_connections: 2,
                allow_rls_bypass: false,
            };
            Store::open(&settings, keys, Arc::clone(&db.clock) as _)
                .await
                .unwrap()
        };
        let old = assent_tests::database::SECRET.to_owned().into();
        let during = reopened(changed.clone().with_previous(vec![old]).unwrap()).await;
        chore::of_tenant(&during, house.ctx).await.unwrap();
        let after = reopened(changed).await;
        let tx = TenantTx::read(&after, house.ctx).await.unwrap();
        let (_, secret) = identity_provider::with_secret(&tx).await.unwrap().unwrap();
        assert_eq!(secret.expose_secret(), SECRET);
    }
);
