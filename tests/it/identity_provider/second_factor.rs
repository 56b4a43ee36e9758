//! The second factor of a member for whom a provider vouches: asked for, unless the provider says that it asked for two.

use assent_domain::tenant::Role;
use assent_tests::house::address;
use assent_tests::on_both;
use assent_tests::visitor::{Answer, Site, answer};
use reqwest::Method;
use serde_json::json;

use super::provider::{Provider, Says};
use super::{SESSIONS, WHO, ask, begin, cookies, refused, session_of, set, sign_in, value_of};
use crate::second_factor::Device;

const MEMBERS: &str = "{ members { totalCount } }";

async fn at_code(site: &Site, method: Method, secret: &str, code: &str) -> Answer {
    let request = site.request(method, "/t/acme/sign-in/code");
    let request = request.header("cookie", format!("assent_sign_in={secret}"));
    answer(request.form(&[("code", code)])).await
}

on_both!(a_member_with_a_second_factor_shows_a_code_of_it, async |db| {
    db.bare_house("acme").await;
    let (site, provider) = (db.site_with_providers(), Provider::start());
    let owner = site.owner("acme").await;
    set(&owner, &provider).await;
    let device = Device::of(db, &owner).await;
    let says = || Says::of("o-1", "owner@acme.example").with("amr", json!(["pwd", "otp"]));
    let sent = begin(&site, "acme").await;
    let came = sent.vouched(db, &site, &provider, says()).await;
    refused(&came, 303, "");
    assert_eq!(came.header("location"), "/t/acme/sign-in/code");
    let secret = value_of(&cookies(&came)["assent_sign_in"]);
    assert_ne!(secret, sent.secret);
    assert_eq!(
        db.count("member_identity", "1 = 1").await,
        0,
        "not before the code"
    );
    let page = at_code(&site, Method::GET, &secret, "").await;
    page.must_be(200);
    let masked = address("owner@acme.example").masked();
    let vouched = format!("127.0.0.1:{} has vouched for {masked}.", provider.hook.port);
    assert!(page.text().contains(&vouched), "{}", page.text());
    refused(
        &at_code(&site, Method::GET, &sent.secret, "").await,
        410,
        "counts no more",
    );
    for code in ["000000", "", "x"] {
        let again = at_code(&site, Method::POST, &secret, code).await;
        let words = if code.is_empty() {
            "This is needed"
        } else {
            "This code is wrong"
        };
        assert!(again.body.contains(words), "{}", again.text());
        refused(&again, 422, "");
    }
    refused(
        &at_code(&site, Method::POST, &sent.secret, &device.recovery_codes[0]).await,
        410,
        "",
    );
    let came = at_code(&site, Method::POST, &secret, &device.recovery_codes[0]).await;
    let who = ask(&site, &session_of(&came), WHO, json!({})).await;
    assert_eq!(who["data"]["viewer"]["member"]["email"], "owner@acme.example");
    assert_eq!(db.count("member_identity", "1 = 1").await, 1);
    // It counts once, and so does the code.
    refused(
        &at_code(&site, Method::POST, &secret, &device.recovery_codes[1]).await,
        410,
        "",
    );
    let came = sign_in(db, &site, "acme", &provider, says()).await;
    let secret = value_of(&cookies(&came)["assent_sign_in"]);
    refused(
        &at_code(&site, Method::POST, &secret, &device.recovery_codes[0]).await,
        422,
        "",
    );
    db.clock.forward(std::time::Duration::from_mins(10));
    refused(
        &at_code(&site, Method::POST, &secret, &device.recovery_codes[1]).await,
        410,
        "",
    );
    assert_eq!(db.count("session", SESSIONS).await, 1);
    // Who was asked for two factors there is not asked for a third.
    let says = says().with("amr", json!(["pwd", "mfa"]));
    let came = sign_in(db, &site, "acme", &provider, says).await;
    let who = ask(&site, &session_of(&came), WHO, json!({})).await;
    let ways = who["data"]["viewer"]["sessions"]["edges"].to_string();
    assert!(ways.contains("PROVIDER_TWO_FACTORS"), "{ways}");
    site.close().await;
});

on_both!(
    where_all_need_a_second_factor_that_of_the_provider_is_one_if_it_says_so,
    async |db| {
        let house = db.bare_house("acme").await;
        crate::second_factor::hire(&house, "mia", Role::Marketer).await;
        let (site, provider) = (db.site_with_providers(), Provider::start());
        let owner = site.owner("acme").await;
        set(&owner, &provider).await;
        Device::of(db, &owner).await;
        let demand = "mutation { demandSecondFactor(input: { required: true }) { tenant { slug } } }";
        owner.data(demand, json!({})).await;
        let mia = |amr| Says::of("m-1", "mia@acme.example").with("amr", amr);
        let one = session_of(&sign_in(db, &site, "acme", &provider, mia(json!(["pwd"]))).await);
        let told = ask(&site, &one, MEMBERS, json!({})).await;
        assert_eq!(
            told["errors"][0]["extensions"]["code"], "SECOND_FACTOR_SETUP_REQUIRED",
            "{told}"
        );
        let two = session_of(&sign_in(db, &site, "acme", &provider, mia(json!(["mfa"]))).await);
        let told = ask(&site, &two, MEMBERS, json!({})).await;
        assert_eq!(told["data"]["members"]["totalCount"], 2, "{told}");
        site.close().await;
    }
);
