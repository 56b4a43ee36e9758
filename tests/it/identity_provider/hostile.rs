//! Tokens and claims that let nobody in.

use assent_tests::on_both;
use serde_json::{Value, json};

use super::provider::{CLIENT, Forged, Provider, Says};
use super::{SESSIONS, begin, refused, session_of, set, sign_in};

fn owner() -> Says {
    Says::of("o-1", "owner@acme.example")
}

on_both!(
    a_token_counts_only_as_the_provider_made_it_for_us_and_now,
    async |db| {
        db.bare_house("acme").await;
        let (site, provider) = (db.site_with_providers(), Provider::start());
        set(&site.owner("acme").await, &provider).await;
        for forged in [
            Forged::AlgNone,
            Forged::AlgNoneMixed,
            Forged::ClientSecret,
            Forged::PublicKey,
            Forged::OtherKey,
            Forged::OwnHeader,
            Forged::Payload,
            Forged::Nonsense,
            Forged::Missing,
        ] {
            let came = sign_in(db, &site, "acme", &provider, owner().forged(forged)).await;
            assert!(!came.text().contains("owner@"), "{forged:?}");
            refused(&came, 502, "no answer by which we can tell who you are");
        }
        let seconds = db.store.now().micros() / 1_000_000;
        let wrong: [(&str, Value); 18] = [
            ("nonce", json!("another")),
            ("nonce", json!(null)),
            ("aud", json!("another client")),
            ("aud", json!([])),
            ("aud", json!([CLIENT, "another client"])),
            ("aud", json!(null)),
            ("azp", json!("another client")),
            ("iss", json!("https://login.example.com")),
            ("iss", json!(format!("{}/", provider.issuer()))),
            ("iss", json!(null)),
            ("exp", json!(seconds)),
            ("exp", json!(null)),
            ("exp", json!("tomorrow")),
            ("iat", json!(seconds - 1000)),
            ("iat", json!(seconds + 1000)),
            ("sub", json!(null)),
            ("sub", json!("")),
            ("sub", json!("x".repeat(256))),
        ];
        for (claim, value) in wrong {
            let came = sign_in(db, &site, "acme", &provider, owner().with(claim, value.clone())).await;
            assert_eq!(came.status, 502, "{claim} {value}: {}", came.text());
            refused(&came, 502, "no answer by which we can tell who you are");
        }
        assert_eq!(db.count("session", SESSIONS).await, 0);
        assert_eq!(db.count("member_identity", "1 = 1").await, 0);
        for says in [
            owner().forged(Forged::Rsa),
            owner().with("aud", json!([CLIENT])),
            owner().with("azp", json!(CLIENT)),
        ] {
            session_of(&sign_in(db, &site, "acme", &provider, says).await);
        }
        // They are counted with the others that failed.
        site.write_down().await;
        let failed = "evidence LIKE '%\"failures\":27%'";
        db.clock.forward(std::time::Duration::from_hours(1));
        site.write_down().await;
        assert_eq!(db.count("ledger_evidence", failed).await, 1);
        site.close().await;
    }
);

on_both!(
    nobody_is_let_in_but_members_by_an_address_that_was_verified_and_one_account,
    async |db| {
        db.bare_house("acme").await;
        let (site, provider) = (db.site_with_providers(), Provider::start());
        set(&site.owner("acme").await, &provider).await;
        for verified in [json!(false), json!("false"), json!(null)] {
            let says = owner().with("email_verified", verified.clone());
            let says = Says {
                user_info: json!({ "sub": "o-1" }),
                ..says
            };
            let came = sign_in(db, &site, "acme", &provider, says).await;
            assert_eq!(came.status, 403, "{verified}: {}", came.text());
            refused(&came, 403, "no address of yours that it has verified");
        }
        for stranger in [
            "eve@example.org",
            "owner@acme.example.org",
            "owner+x@acme.example",
        ] {
            let came = sign_in(db, &site, "acme", &provider, Says::of("e-1", stranger)).await;
            refused(&came, 403, "nobody with your address there is a member");
        }
        assert_eq!(db.count("member_identity", "1 = 1").await, 0);
        session_of(&sign_in(db, &site, "acme", &provider, owner()).await);
        let other = Says::of("o-2", "owner@acme.example");
        let came = sign_in(db, &site, "acme", &provider, other).await;
        refused(&came, 403, "signs in by another account");
        for alike in ["O-1", "o-1 ", "o-1\u{0}"] {
            let came = sign_in(
                db,
                &site,
                "acme",
                &provider,
                Says::of(alike, "owner@acme.example"),
            )
            .await;
            refused(&came, 403, "signs in by another account");
        }
        assert_eq!(db.count("session", SESSIONS).await, 1);
        assert_eq!(db.count("member", "1 = 1").await, 1);
        site.close().await;
    }
);

on_both!(
    an_answer_names_its_issuer_where_the_provider_says_that_it_does,
    async |db| {
        db.bare_house("acme").await;
        let (site, provider) = (db.site_with_providers(), Provider::start());
        set(&site.owner("acme").await, &provider).await;
        let back = async |issuer: Option<&str>| {
            let sent = begin(&site, "acme").await;
            let code = provider.sign_in(&sent.asked, owner(), db.store.now());
            let named = issuer.map(|issuer| format!("&iss={issuer}")).unwrap_or_default();
            sent.back(&site, &format!("{}{named}", sent.with(&code)))
                .await
                .status
                .as_u16()
        };
        let own = provider.issuer();
        assert_eq!(back(None).await, 303);
        assert_eq!(back(Some("https://evil.example")).await, 502);
        provider.describe("authorization_response_iss_parameter_supported", json!(true));
        assert_eq!(back(None).await, 502);
        assert_eq!(back(Some(&own)).await, 303);
        site.close().await;
    }
);
