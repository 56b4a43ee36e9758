//! Signing in over HTTP: what is told to whom, and what a browser keeps.

use std::net::TcpListener;
use std::time::Duration;

use assent_api::app::App;
use assent_api::server;
use assent_entity::access_token::LIFETIME;
use assent_tests::dump::difference;
use assent_tests::http::{Client, credentials, json_of};
use assent_tests::visitor::Answer;
use assent_tests::{TestStore, on_both};
use reqwest::Method;
use serde_json::{Value, json};

const SIGN_IN: &str = "mutation($input: SignInInput!) { signIn(input: $input) { accessToken expiresAt } }";
const WHO: &str = "{ viewer { member { email } } }";
const SIGN_OUT: &str = "mutation { signOut { signedOut } }";

fn body(query: &str, variables: Value) -> String {
    json!({ "query": query, "variables": variables }).to_string()
}

async fn sign_in(client: &Client<'_>, input: Value) -> Answer {
    client.post("application/json", body(SIGN_IN, input)).await
}

/// The value of the cookie that an answer sets, and its attributes in order.
fn cookie(answer: &Answer) -> (String, Vec<String>) {
    let mut parts = answer.header("set-cookie").split("; ").map(str::to_owned);
    let pair = parts.next().unwrap_or_default();
    let value = pair.strip_prefix("assent_session=").expect("the session cookie");
    let mut attributes: Vec<_> = parts.collect();
    attributes.sort();
    (value.to_owned(), attributes)
}

/// Who a cookie says it is, over another origin if there is one.
async fn who(client: &Client<'_>, cookie: &str, origin: Option<&str>) -> Answer {
    let mut request = client
        .request(Method::POST)
        .header("content-type", "application/json")
        .header("cookie", format!("assent_session={cookie}"));
    if let Some(origin) = origin {
        request = request.header("origin", origin);
    }
    assent_tests::visitor::answer(request.body(body(WHO, json!({})))).await
}

on_both!(
    a_wrong_tenant_a_wrong_address_and_a_wrong_password_look_the_same,
    async |db| {
        db.bare_house("acme").await;
        db.bare_house("brook").await;
        let site = db.site();
        let stranger = site.anybody();
        let before = db.dump().await;
        let mut answers = Vec::new();
        for (field, wrong) in [
            ("tenant", "nowhere"),
            ("tenant", "brook"),
            ("tenant", "no slug at all"),
            ("email", "nobody@acme.example"),
            ("email", "no address\r\nBcc: all@example.org"),
            ("password", "wrong horse battery"),
            ("password", ""),
        ] {
            let mut input = credentials("acme");
            input["input"][field] = json!(wrong);
            let answer = sign_in(&stranger, input).await;
            assert_eq!(answer.header("set-cookie"), "", "{wrong}");
            let mut headers = answer.headers.clone();
            headers.remove("date");
            answers.push((answer.status, headers, answer.body));
        }
        let body: Value = serde_json::from_str(&answers[0].2).unwrap();
        assert_eq!(
            body["errors"][0]["extensions"],
            json!({ "code": "UNAUTHENTICATED" })
        );
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:#?}");
        assert_eq!(difference(&before, &db.dump().await), Vec::<String>::new());
        site.close().await;
    }
);

on_both!(
    the_cookie_is_out_of_reach_of_scripts_and_of_other_sites,
    async |db| {
        db.bare_house("acme").await;
        let site = db.site();
        let browser = site.anybody();
        let (secret, attributes) = cookie(&sign_in(&browser, credentials("acme")).await);
        assert_eq!(
            attributes,
            ["HttpOnly", "Max-Age=43200", "Path=/", "SameSite=Strict"]
        );
        let own = format!("http://{}", site.address);
        for origin in [None, Some(own.as_str())] {
            let told = json_of(&who(&browser, &secret, origin).await);
            assert_eq!(told["data"]["viewer"]["member"]["email"], "owner@acme.example");
        }
        for origin in ["http://evil.example", "null", "http://127.0.0.1:1"] {
            let answer = who(&browser, &secret, Some(origin)).await;
            assert_eq!(answer.status, 403, "{origin}");
            assert!(!answer.body.contains("owner@"), "{}", answer.body);
        }
        site.close().await;
    }
);

#[test]
fn over_https_the_cookie_is_for_https_only() {
    assent_tests::run(assent_tests::Backend::Sqlite, async |db: &TestStore| {
        db.bare_house("acme").await;
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/graphql", listener.local_addr().unwrap());
        let app = App {
            limits: assent_api::limits::Limits::none(&db.store),
            failed_sign_ins: assent_api::failed_sign_ins::FailedSignIns::default(),
            store: db.store.clone(),
            base_url: "https://mail.example.org".to_owned(),
            secure_cookies: true,
            explorer: false,
            documents: assent_api::graphql::documents::Documents::default(),
            lists_tenants: false,
            mailbox: None,
            bounces: assent_api::bounces::Bounces::default(),
            webhooks: assent_api::webhooks::Webhooks::default(),
            uploads: assent_api::uploads::Uploads::in_dir(db.data_dir()),
            sender: assent_tests::dns::unknown_everywhere(),
            relays: assent_worker::settings::RelaySettings::default(),
            endpoints: assent_worker::settings::WebhookSettings::default(),
            identity: assent_worker::identity_provider::Web::new(
                &assent_worker::settings::IdentitySettings::default(),
                None,
            ),
            tenant_grace: assent_domain::tenant_life::GraceDays::default(),
            setup: assent_api::setup::SetupCode::default(),
            visits: assent_api::visits::Visits::default(),
            stopping: assent_api::app::Stopping::new(),
        };
        let running = server::start(app, listener).unwrap();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let request = client.post(url).header("content-type", "application/json");
        let answer = assent_tests::visitor::answer(request.body(body(SIGN_IN, credentials("acme")))).await;
        let (_, attributes) = cookie(&answer);
        assert!(attributes.contains(&"Secure".to_owned()), "{attributes:?}");
        drop(client);
        running.stop().await;
    });
}

on_both!(
    whoever_signs_out_is_out_with_the_cookie_and_with_the_token,
    async |db| {
        db.bare_house("acme").await;
        let site = db.site();
        let answer = sign_in(&site.anybody(), credentials("acme")).await;
        let (secret, _) = cookie(&answer);
        let mut client = site.anybody();
        let token = json_of(&answer)["data"]["signIn"]["accessToken"].clone();
        client.token = token.as_str().map(str::to_owned);
        assert!(client.token.is_some());
        let other = site.owner("acme").await;
        client.data(WHO, json!({})).await;
        let out = client.post("application/json", body(SIGN_OUT, json!({}))).await;
        assert_eq!(json_of(&out)["data"]["signOut"]["signedOut"], true);
        let (emptied, attributes) = cookie(&out);
        assert_eq!(emptied, "");
        assert!(attributes.contains(&"Max-Age=0".to_owned()), "{attributes:?}");
        assert_eq!(client.refused(WHO, json!({})).await.code, "UNAUTHENTICATED");
        assert_eq!(client.refused(SIGN_OUT, json!({})).await.code, "UNAUTHENTICATED");
        let told = json_of(&who(&site.anybody(), &secret, None).await);
        assert_eq!(told["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
        other.data(WHO, json!({})).await;
        site.close().await;
    }
);

on_both!(
    a_token_that_is_altered_or_expired_or_of_another_server_is_refused,
    async |db| {
        db.bare_house("acme").await;
        let site = db.site();
        let owner = site.owner("acme").await;
        let good = owner.token.clone().unwrap();
        let (rest, signature) = good.rsplit_once('.').unwrap();
        let flipped = if signature.starts_with('A') { "B" } else { "A" };
        let none = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0";
        let payload = rest.split_once('.').unwrap().1;
        let mut client = site.anybody();
        for bad in [
            format!("{rest}.{flipped}{}", &signature[1..]),
            format!("{rest}."),
            rest.to_owned(),
            format!("{none}.{payload}."),
            format!("{none}.{payload}.{signature}"),
            "x".repeat(5000),
            String::new(),
        ] {
            client.token = Some(bad);
            let refused = client.refused(WHO, json!({})).await;
            assert_eq!(refused.code, "UNAUTHENTICATED", "{:?}", client.token);
        }
        let signed_in_at = db.store.now();
        db.clock
            .set(signed_in_at.after(LIFETIME).before(Duration::from_secs(1)));
        owner.data(WHO, json!({})).await;
        db.clock.forward(Duration::from_secs(1));
        assert_eq!(owner.refused(WHO, json!({})).await.code, "UNAUTHENTICATED");
        site.close().await;
    }
);
