//! Signing in by a tenant's identity provider: members alone, each by the account that was theirs the first time.

use std::collections::BTreeMap;

use assent_domain::identity_provider::Issuer;
use assent_entity::identity_provider::{self, IdentityProvider, NewIdentityProvider};
use assent_entity::{TenantTx, session};
use assent_tests::house::PASSWORD;
use assent_tests::http::{Client, json_of};
use assent_tests::visitor::{Answer, Site, answer};
use assent_tests::{House, TestStore, on_both};
use reqwest::Method;
use serde_json::{Value, json};

mod hostile;
mod provider;
mod second_factor;
mod setting;
mod tenants;
mod turns;

use provider::{CLIENT, Provider, SECRET, Says, query_of};

pub(crate) const SET: &str =
    "mutation($input: SetIdentityProviderInput!) { setIdentityProvider(input: $input) {
    identityProvider { issuer clientId signInUrl redirectUrl createdAt updatedAt } } }";
const WHO: &str =
    "{ viewer { member { email } tenant { slug } sessions(first: 5) { edges { node { way current } } } } }";

/// A provider of a tenant that nobody has to reach.
pub(crate) async fn somewhere(house: &House<'_>) -> IdentityProvider {
    let slug = &house.read().await;
    let slug = assent_entity::tenant::current(slug).await.unwrap().slug;
    let owner = format!("owner@{slug}.example");
    let by = session::sign_in(&house.db.store, &slug, &owner, PASSWORD.into(), None).await;
    let by = by.unwrap().expect("the owner signs in").access;
    let issuer = Issuer::parse("http://127.0.0.1:1").unwrap();
    let new = NewIdentityProvider::new(issuer, CLIENT, &SECRET.into()).unwrap();
    let mut tx = TenantTx::write(&house.db.store, by.ctx).await.unwrap();
    let set = identity_provider::set(&mut tx, &by, new).await.unwrap();
    session::end(&mut tx, by.session).await.unwrap();
    tx.commit().await.unwrap();
    set
}

fn provider_of(issuer: &str) -> Value {
    json!({ "input": { "issuer": issuer, "clientId": CLIENT, "clientSecret": SECRET, "password": PASSWORD } })
}

async fn set(owner: &Client<'_>, provider: &Provider) -> Value {
    let set = owner.data(SET, provider_of(&provider.issuer())).await;
    set["setIdentityProvider"]["identityProvider"].clone()
}

/// A browser that was sent to a provider.
struct Sent {
    slug: String,
    /// What was asked of the provider.
    asked: BTreeMap<String, String>,
    /// The value of the cookie.
    secret: String,
}

/// The cookies that an answer sets, by name, with all that is said of them.
fn cookies(answer: &Answer) -> BTreeMap<String, String> {
    let set = answer.headers.get_all("set-cookie").iter();
    let set = set.map(|cookie| cookie.to_str().unwrap());
    let split = |cookie: &str| {
        cookie
            .split_once('=')
            .map(|(name, rest)| (name.to_owned(), rest.to_owned()))
    };
    set.filter_map(split).collect()
}

fn value_of(cookie: &str) -> String {
    cookie.split(';').next().unwrap().to_owned()
}

async fn begin(site: &Site, slug: &str) -> Sent {
    let sent = answer(site.request(Method::POST, &format!("/t/{slug}/sign-in"))).await;
    assert_eq!(sent.status, 303, "{}", sent.text());
    let (_, query) = sent.header("location").split_once('?').unwrap();
    Sent {
        slug: slug.to_owned(),
        asked: query_of(query),
        secret: value_of(&cookies(&sent)["assent_sign_in"]),
    }
}

impl Sent {
    /// What the provider's answer says in the address.
    fn with(&self, code: &str) -> String {
        format!("code={code}&state={}", self.asked["state"])
    }

    /// Comes back with a query.
    async fn back(&self, site: &Site, query: &str) -> Answer {
        back(site, &self.slug, &self.secret, query).await
    }

    /// Signs in at the provider, which says something, and comes back.
    async fn vouched(&self, db: &TestStore, site: &Site, provider: &Provider, says: Says) -> Answer {
        let code = provider.sign_in(&self.asked, says, db.store.now());
        self.back(site, &self.with(&code)).await
    }
}

async fn back(site: &Site, slug: &str, secret: &str, query: &str) -> Answer {
    let request = site.request(Method::GET, &format!("/t/{slug}/sign-in/callback?{query}"));
    answer(request.header("cookie", format!("assent_sign_in={secret}"))).await
}

/// Signs in by a provider that says something.
async fn sign_in(db: &TestStore, site: &Site, slug: &str, provider: &Provider, says: Says) -> Answer {
    begin(site, slug).await.vouched(db, site, provider, says).await
}

/// The session that an answer opened.
fn session_of(answer: &Answer) -> String {
    assert_eq!(answer.status, 303, "{}", answer.text());
    value_of(&cookies(answer)["assent_session"])
}

/// Asks by the session of an answer.
async fn ask(site: &Site, session: &str, query: &str, variables: Value) -> Value {
    let request = site.request(Method::POST, "/graphql");
    let request = request.header("content-type", "application/json");
    let request = request.header("cookie", format!("assent_session={session}"));
    let body = json!({ "query": query, "variables": variables }).to_string();
    json_of(&answer(request.body(body)).await)
}

/// That nobody was signed in, and why.
#[track_caller]
fn refused(answer: &Answer, status: u16, words: &str) {
    assert_eq!(answer.status.as_u16(), status, "{}", answer.text());
    assert!(answer.text().contains(words), "{}", answer.text());
    assert!(!cookies(answer).contains_key("assent_session"));
}

const SESSIONS: &str = "way <> 'PASSWORD'";

on_both!(
    a_member_signs_in_by_the_provider_and_is_known_by_the_account_from_then_on,
    async |db| {
        let house = db.bare_house("acme").await;
        crate::second_factor::hire(&house, "mia", assent_domain::tenant::Role::Marketer).await;
        let (site, provider) = (db.site_with_providers(), Provider::start());
        let owner = site.owner("acme").await;
        let shown = set(&owner, &provider).await;
        let base = format!("http://{}/t/acme/sign-in", site.address);
        assert_eq!(shown["signInUrl"], json!(base));
        assert_eq!(shown["redirectUrl"], json!(format!("{base}/callback")));

        let page = site.get("/t/acme/sign-in").await;
        page.must_be(200);
        let host = format!("127.0.0.1:{}", provider.hook.port);
        let lead = format!("House acme lets its members sign in by their account at {host}.");
        assert!(page.text().contains(&lead), "{}", page.text());
        let begun = answer(site.request(Method::POST, "/t/acme/sign-in")).await;
        let location = begun.header("location").to_owned();
        assert!(
            location.starts_with(&format!("{}/authorize?", provider.issuer())),
            "{location}"
        );
        let asked = query_of(location.split_once('?').unwrap().1);
        for (name, value) in [
            ("response_type", "code"),
            ("client_id", CLIENT),
            ("scope", "openid email"),
            ("code_challenge_method", "S256"),
            ("redirect_uri", shown["redirectUrl"].as_str().unwrap()),
        ] {
            assert_eq!(asked[name], value, "{location}");
        }
        assert!(!location.contains(SECRET));
        let cookie = cookies(&begun)["assent_sign_in"].clone();
        for part in ["HttpOnly", "SameSite=Lax", "Path=/t/acme/sign-in", "Max-Age=600"] {
            assert!(cookie.contains(part), "{cookie}");
        }
        let sent = Sent {
            slug: "acme".to_owned(),
            asked,
            secret: value_of(&cookie),
        };
        let says = Says::of("account of mia", "Mia@Acme.example");
        let code = provider.sign_in(&sent.asked, says, db.store.now());
        let came = sent.back(&site, &sent.with(&code)).await;
        assert_eq!(came.header("location"), "/t/acme/sign-in/done");
        site.get("/t/acme/sign-in/done").await.must_be(200);
        let set = cookies(&came);
        for part in ["HttpOnly", "SameSite=Strict", "Path=/;", "Max-Age=43200"] {
            assert!(set["assent_session"].contains(part), "{set:?}");
        }
        assert!(
            set["assent_sign_in"].starts_with("; ") && set["assent_sign_in"].contains("Max-Age=0"),
            "{set:?}"
        );
        let who = ask(&site, &session_of(&came), WHO, json!({})).await;
        assert_eq!(
            who["data"]["viewer"]["member"]["email"], "mia@acme.example",
            "{who}"
        );
        let sessions = json!([{ "node": { "way": "PROVIDER", "current": true } }]);
        assert_eq!(who["data"]["viewer"]["sessions"]["edges"], sessions);

        // The address at the provider is another's now: the account counts.
        for email in ["owner@acme.example", "mia@elsewhere.example", "not an address"] {
            let says = Says::of("account of mia", email).with("email_verified", json!(false));
            let came = sign_in(db, &site, "acme", &provider, says).await;
            let who = ask(&site, &session_of(&came), WHO, json!({})).await;
            assert_eq!(
                who["data"]["viewer"]["member"]["email"], "mia@acme.example",
                "{email}"
            );
        }
        let noted = async |act: &str| db.count("ledger", &format!("facts LIKE '%{act}%'")).await;
        assert_eq!(noted("IDENTITY_PROVIDER_SET").await, 1);
        assert_eq!(noted("MEMBER_IDENTITY_LINKED").await, 1);
        let issuer = format!("evidence LIKE '%{}%PROVIDER%'", provider.issuer());
        assert!(db.count("ledger_evidence", &issuer).await >= 4);
        for (table, rows) in db.dump().await {
            for text in [
                "account of mia",
                &sent.secret,
                &sent.asked["state"],
                &sent.asked["nonce"],
                &code,
                SECRET,
            ] {
                assert!(!rows.iter().any(|row| row.contains(text)), "{table} holds {text}");
            }
        }
        site.close().await;
    }
);

on_both!(an_address_is_asked_for_where_the_token_holds_none, async |db| {
    db.bare_house("acme").await;
    let (site, provider) = (db.site_with_providers(), Provider::start());
    set(&site.owner("acme").await, &provider).await;
    let bare = |user_info: Value| Says {
        user_info,
        ..Says::of("o-1", "")
            .with("email", json!(null))
            .with("email_verified", json!(null))
    };
    let about = |sub: &str| json!({ "sub": sub, "email": "owner@acme.example", "email_verified": "true" });
    let other = sign_in(db, &site, "acme", &provider, bare(about("o-2"))).await;
    refused(&other, 502, "no answer by which we can tell who you are");
    let nobody = sign_in(db, &site, "acme", &provider, bare(json!({ "sub": "o-1" }))).await;
    refused(&nobody, 403, "no address of yours that it has verified");
    session_of(&sign_in(db, &site, "acme", &provider, bare(about("o-1"))).await);
    let before = provider.asked();
    assert_eq!(before.iter().filter(|target| *target == "/me").count(), 3);
    session_of(&sign_in(db, &site, "acme", &provider, bare(about("o-1"))).await);
    let since = provider.asked().split_off(before.len());
    assert!(
        !since.contains(&"/me".to_owned()),
        "who is known is not asked about: {since:?}"
    );
    site.close().await;
});
