//! The second factor: a password alone is not enough, and no code is worth more than once.

use std::sync::Arc;
use std::time::Duration;

use assent_domain::keys::Keys;
use assent_domain::tenant::Role;
use assent_entity::member::{self, NewMember};
use assent_entity::second_factor::{self, CodeMissing};
use assent_entity::session::{self, SignedIn};
use assent_entity::{Store, StoreError, StoreSettings, TenantTx, chore, tenant};
use assent_tests::database::SECRET;
use assent_tests::dump::difference;
use assent_tests::house::{PASSWORD, address};
use assent_tests::http::{Client, Refused};
use assent_tests::visitor::Site;
use assent_tests::{House, TestStore, on_both};
use data_encoding::BASE32_NOPAD;
use serde_json::{Value, json};
use totp_rs::{Builder, Secret};

pub(crate) const BEGIN: &str =
    "mutation($input: BeginSecondFactorInput!) { beginSecondFactor(input: $input) { uri secret } }";
pub(crate) const CONFIRM: &str =
    "mutation($input: ConfirmSecondFactorInput!) { confirmSecondFactor(input: $input) { recoveryCodes } }";
pub(crate) const REMOVE: &str =
    "mutation($input: RemoveSecondFactorInput!) { removeSecondFactor(input: $input) { removed } }";
const RESET: &str =
    "mutation($input: ResetSecondFactorInput!) { resetSecondFactor(input: $input) { member { id } } }";
const MINE: &str = "{ viewer { member { id } secondFactor { confirmedAt recoveryCodesLeft } } }";
const SIGN_IN: &str = "mutation($input: SignInInput!) { signIn(input: $input) { accessToken } }";
const STEP: Duration = Duration::from_secs(30);

/// A device that was told a secret, and the recovery codes that came with it.
pub(crate) struct Device {
    secret: String,
    pub(crate) recovery_codes: Vec<String>,
}

impl Device {
    /// What it shows so many steps from now.
    fn shows(&self, db: &TestStore, steps: i64) -> String {
        let secret = Secret::try_from_base32(&self.secret).unwrap();
        let device = Builder::new().with_secret(secret).build().unwrap();
        let seconds = db.store.now().micros() / 1_000_000 + steps * 30;
        device.generate(u64::try_from(seconds).unwrap()).to_string()
    }

    /// Begins, and confirms with what it shows then.
    pub(crate) async fn of(db: &TestStore, client: &Client<'_>) -> Self {
        let begun = client
            .data(BEGIN, json!({ "input": { "password": PASSWORD } }))
            .await;
        let secret = begun["beginSecondFactor"]["secret"].as_str().unwrap().to_owned();
        let mut device = Self {
            secret,
            recovery_codes: Vec::new(),
        };
        let confirmed = client.data(CONFIRM, code(&device.shows(db, 0))).await;
        let codes = confirmed["confirmSecondFactor"]["recoveryCodes"]
            .as_array()
            .unwrap();
        device.recovery_codes = codes
            .iter()
            .map(|code| code.as_str().unwrap().to_owned())
            .collect();
        device
    }
}

pub(crate) fn code(code: &str) -> Value {
    json!({ "input": { "code": code } })
}

fn credentials(password: &str, code: Option<&str>) -> Value {
    json!({ "input": { "tenant": "acme", "email": "owner@acme.example", "password": password, "code": code } })
}

async fn refused(site: &Site, password: &str, code: Option<&str>) -> Refused {
    site.anybody().refused(SIGN_IN, credentials(password, code)).await
}

async fn sign_in(store: &Store, code: Option<&str>) -> Result<SignedIn, CodeMissing> {
    let code = code.map(|code| code.to_owned().into());
    match session::sign_in(store, "acme", "owner@acme.example", PASSWORD.into(), code).await {
        Ok(signed_in) => Ok(signed_in.expect("the password is right")),
        Err(StoreError::SecondFactor(missing)) => Err(missing),
        Err(error) => panic!("{error}"),
    }
}

pub(crate) async fn hire(house: &House<'_>, name: &str, role: Role) -> String {
    let email = format!("{name}@acme.example");
    let new = NewMember::new(address(&email), PASSWORD.into()).await.unwrap();
    let mut tx = house.write().await;
    let id = member::create(&mut tx, new, role).await.unwrap();
    tx.commit().await.unwrap();
    id.to_string()
}

on_both!(
    a_sign_in_asks_for_a_code_after_the_right_password_only,
    async |db| {
        db.bare_house("acme").await;
        let site = db.site();
        let owner = site.owner("acme").await;
        let wrong = owner
            .refused(BEGIN, json!({ "input": { "password": "wrong horse battery" } }))
            .await;
        assert_eq!(
            (wrong.code.as_str(), wrong.field.as_str()),
            ("BAD_USER_INPUT", "password")
        );
        assert_eq!(
            owner.refused(CONFIRM, code("123456")).await.code,
            "CONFLICT",
            "nothing was begun"
        );
        let begun = owner
            .data(BEGIN, json!({ "input": { "password": PASSWORD } }))
            .await["beginSecondFactor"]
            .clone();
        let uri = begun["uri"].as_str().unwrap();
        assert!(
            uri.starts_with("otpauth://totp/House%20acme:owner%40acme.example?secret="),
            "{uri}"
        );
        assert!(uri.contains(begun["secret"].as_str().unwrap()), "{uri}");
        sign_in(&db.store, None)
            .await
            .expect("it does not count before it is confirmed");
        let device = Device::of(db, &owner).await;
        assert_ne!(
            begun["secret"],
            device.secret.as_str(),
            "beginning again forgets the secret before"
        );
        assert_eq!(device.recovery_codes.len(), 10);

        let asked = refused(&site, PASSWORD, None).await;
        assert_eq!(
            (asked.code.as_str(), asked.field.as_str()),
            ("SECOND_FACTOR_REQUIRED", "code")
        );
        let unknown = refused(&site, "wrong horse battery", None).await;
        assert_eq!(unknown.code, "UNAUTHENTICATED");
        for right in [device.shows(db, 1), device.recovery_codes[0].clone()] {
            assert_eq!(
                refused(&site, "wrong horse battery", Some(&right)).await,
                unknown,
                "it does not tell that there is one"
            );
        }
        for wrong in [
            "",
            "000000",
            "12345",
            "not a code",
            "ABCD-EFGH-IJKL-MNOP",
            &device.shows(db, 2),
            &device.shows(db, -2),
        ] {
            let refused = refused(&site, PASSWORD, Some(wrong)).await;
            assert_eq!(
                (refused.code.as_str(), refused.field.as_str()),
                ("SECOND_FACTOR_REQUIRED", "code"),
                "{wrong}"
            );
            assert_ne!(refused.message, asked.message);
        }
        let signed_in = site
            .anybody()
            .data(SIGN_IN, credentials(PASSWORD, Some(&device.shows(db, 1))))
            .await;
        assert!(signed_in["signIn"]["accessToken"].is_string());
        let mine = owner.data(MINE, json!({})).await["viewer"]["secondFactor"].clone();
        assert_eq!(
            mine["recoveryCodesLeft"], 10,
            "those that were shown with a wrong password are not spent"
        );
        let again = owner
            .refused(BEGIN, json!({ "input": { "password": PASSWORD } }))
            .await;
        assert_eq!(again.code, "CONFLICT");
        site.close().await;
    }
);

on_both!(a_code_is_worth_once, async |db| {
    db.bare_house("acme").await;
    let site = db.site();
    let device = Device::of(db, &site.owner("acme").await).await;
    let wrong = CodeMissing::Wrong;
    let with = async |code: &str| sign_in(&db.store, Some(code)).await;
    assert_eq!(
        with(&device.shows(db, 0)).await.unwrap_err(),
        wrong,
        "it confirmed"
    );
    db.clock.forward(STEP);
    let shown = device.shows(db, 0);
    with(&shown).await.expect("the next one");
    assert_eq!(
        with(&shown).await.unwrap_err(),
        wrong,
        "somebody looked over their shoulder"
    );
    with(&device.shows(db, 1)).await.expect("a clock that is fast");
    for earlier in [-1, 0, 1] {
        assert_eq!(
            with(&device.shows(db, earlier)).await.unwrap_err(),
            wrong,
            "nor one before it"
        );
    }
    db.clock.forward(STEP * 3);
    let shown = device.shows(db, 0);
    let (one, other) = tokio::join!(with(&shown), with(&shown));
    assert_eq!(
        [one, other].iter().filter(|of| of.is_ok()).count(),
        1,
        "of two at once, one"
    );
    for code in &device.recovery_codes {
        let typed = code.to_lowercase().replace('-', " ");
        let (one, other) = tokio::join!(with(code), with(&typed));
        assert_eq!(
            [one, other].iter().filter(|of| of.is_ok()).count(),
            1,
            "of two at once, one"
        );
        assert_eq!(with(code).await.unwrap_err(), wrong);
    }
    assert_eq!(db.count("recovery_code", "1 = 1").await, 0);
    site.close().await;
});

on_both!(who_has_a_code_takes_their_second_factor_away, async |db| {
    let house = db.bare_house("acme").await;
    hire(&house, "mia", Role::Marketer).await;
    let site = db.site();
    let (owner, mia) = (
        site.owner("acme").await,
        site.member("acme", "mia@acme.example").await,
    );
    let (device, hers) = (Device::of(db, &owner).await, Device::of(db, &mia).await);
    let before = db.dump().await;
    for wrong in [
        "000000",
        &device.shows(db, 0),
        &hers.shows(db, 1),
        &hers.recovery_codes[0],
    ] {
        let refused = owner.refused(REMOVE, code(wrong)).await;
        assert_eq!(
            (refused.code.as_str(), refused.field.as_str()),
            ("BAD_USER_INPUT", "code"),
            "{wrong}"
        );
    }
    assert_eq!(difference(&before, &db.dump().await), [""; 0]);
    owner.data(REMOVE, code(&device.recovery_codes[3])).await;
    assert_eq!(
        owner.data(MINE, json!({})).await["viewer"]["secondFactor"],
        Value::Null
    );
    assert_eq!(
        owner.refused(REMOVE, code(&device.recovery_codes[4])).await.code,
        "CONFLICT"
    );
    sign_in(&db.store, None).await.expect("the password alone");
    assert_eq!(
        (
            db.count("second_factor", "1 = 1").await,
            db.count("recovery_code", "1 = 1").await
        ),
        (1, 10),
        "Mia's"
    );
    site.close().await;
});

on_both!(
    p15_an_owner_resets_the_second_factor_of_somebody_else,
    async |db| {
        let house = db.bare_house("acme").await;
        db.bare_house("brook").await;
        let her_id = hire(&house, "mia", Role::Marketer).await;
        let site = db.site();
        let (owner, mia) = (
            site.owner("acme").await,
            site.member("acme", "mia@acme.example").await,
        );
        let of = |id: &str| json!({ "input": { "id": id } });
        assert_eq!(
            owner.refused(RESET, of(&her_id)).await.code,
            "CONFLICT",
            "she has none"
        );
        Device::of(db, &mia).await;
        let own = owner.data(MINE, json!({})).await["viewer"]["member"]["id"]
            .as_str()
            .unwrap()
            .to_owned();
        for (who, id, code) in [
            (&mia, &own, "FORBIDDEN"),
            (&site.owner("brook").await, &her_id, "NOT_FOUND"),
            (&owner, &own, "CONFLICT"),
        ] {
            assert_eq!(who.refused(RESET, of(id)).await.code, code);
        }
        let data = owner.data(RESET, of(&her_id)).await;
        assert_eq!(data["resetSecondFactor"]["member"]["id"], her_id.as_str());
        let mia = site.member("acme", "mia@acme.example").await;
        Device::of(db, &mia).await;
        let log = owner
            .data(
                "{ auditLog(first: 20) { edges { node { act by object } } } }",
                json!({}),
            )
            .await;
        for (act, by, times) in [
            ("SECOND_FACTOR_BEGUN", &her_id, 2),
            ("SECOND_FACTOR_CONFIRMED", &her_id, 2),
            ("SECOND_FACTOR_RESET", &own, 1),
        ] {
            let node = json!({ "act": act, "by": by, "object": her_id });
            let entries = log["auditLog"]["edges"].as_array().unwrap();
            assert_eq!(
                entries.iter().filter(|entry| entry["node"] == node).count(),
                times,
                "{act}: {log}"
            );
        }
        let ctx = tenant::for_operator(&db.store, "acme").await.unwrap().unwrap();
        let mut tx = TenantTx::write(&db.store, ctx).await.unwrap();
        let unknown = second_factor::reset_for_operator(&mut tx, &address("nobody@acme.example")).await;
        assert!(matches!(unknown, Err(StoreError::Invalid { field: "email", .. })));
        let reset = second_factor::reset_for_operator(&mut tx, &address("mia@acme.example")).await;
        assert_eq!(reset.unwrap().to_string(), her_id);
        tx.commit().await.unwrap();
        Device::of(db, &site.member("acme", "mia@acme.example").await).await;
        let mut tx = house.write().await;
        member::remove(&mut tx, her_id.parse().unwrap()).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(db.count("second_factor", "1 = 1").await, 0, "it leaves with her");
        site.close().await;
    }
);

on_both!(guessing_a_code_is_as_slow_as_guessing_a_password, async |db| {
    db.bare_house("acme").await;
    let device = {
        let site = db.site();
        let device = Device::of(db, &site.owner("acme").await).await;
        site.close().await;
        device
    };
    let site = db.site_taking(20);
    for guess in 0..10 {
        let guess = format!("{guess:06}");
        assert_eq!(
            refused(&site, PASSWORD, Some(&guess)).await.code,
            "SECOND_FACTOR_REQUIRED"
        );
    }
    let right = device.shows(db, 1);
    assert_eq!(
        refused(&site, PASSWORD, Some(&right)).await.code,
        "TOO_MANY_REQUESTS"
    );
    let signed_in = sign_in(&db.store, Some(&right)).await.unwrap();
    let mut owner = site.anybody();
    let token = crate::session::token_for(&db.store, &format!("http://{}", site.address), &signed_in);
    owner.token = Some(token);
    // Nor is it quicker for whoever has got hold of a session, whose tries are counted apart.
    for guess in 0..10 {
        let wrong = owner.refused(REMOVE, code(&format!("{guess:06}"))).await;
        assert_eq!(wrong.code, "BAD_USER_INPUT");
    }
    for (query, input) in [
        (REMOVE, code(&device.recovery_codes[0])),
        (CONFIRM, code(&right)),
        (BEGIN, json!({ "input": { "password": PASSWORD } })),
    ] {
        assert_eq!(
            owner.refused(query, input).await.code,
            "TOO_MANY_REQUESTS",
            "{query}"
        );
    }
    db.clock.forward(Duration::from_hours(1));
    site.write_down().await;
    assert_eq!(
        db.count("ledger_evidence", "evidence LIKE '%\"failures\":11%'")
            .await,
        1,
        "and it is noted"
    );
    site.close().await;
});

on_both!(
    p06_what_a_second_factor_rests_on_is_sealed_or_hashed,
    async |db| {
        let house = db.bare_house("acme").await;
        let site = db.site();
        let device = Device::of(db, &site.owner("acme").await).await;
        let raw = BASE32_NOPAD.decode(device.secret.as_bytes()).unwrap();
        let mut telling = vec![
            device.secret.clone(),
            data_encoding::HEXLOWER.encode(&raw),
            data_encoding::HEXUPPER.encode(&raw),
        ];
        telling.extend(
            device
                .recovery_codes
                .iter()
                .flat_map(|code| [code.clone(), code.replace('-', "")]),
        );
        for (table, rows) in db.dump().await {
            for text in &telling {
                assert!(!rows.iter().any(|row| row.contains(text)), "{table}");
            }
        }
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
        let both = changed
            .clone()
            .with_previous(vec![SECRET.to_owned().into()])
            .unwrap();
        let during = reopened(both).await;
        sign_in(&during, Some(&device.shows(db, 1)))
            .await
            .expect("the secret before opens it");
        chore::of_tenant(&during, house.ctx).await.unwrap();
        db.clock.forward(STEP * 2);
        let after = reopened(changed).await;
        sign_in(&after, Some(&device.shows(db, 0)))
            .await
            .expect("it is sealed anew: the old secret may be forgotten");
        site.close().await;
    }
);

on_both!(
    a_recovery_code_counts_where_the_secret_of_the_device_cannot_be_opened,
    async |db| {
        db.bare_house("acme").await;
        let site = db.site();
        let owner = site.owner("acme").await;
        let device = Device::of(db, &owner).await;
        let lost = match db.backend {
            assent_tests::Backend::Sqlite => "UPDATE second_factor SET sealed_secret = x'00'",
            assent_tests::Backend::Postgres => "UPDATE second_factor SET sealed_secret = decode('00', 'hex')",
        };
        assert_eq!(db.exec(lost).await.unwrap(), 1);
        assert!(sign_in(&db.store, Some(&device.recovery_codes[0])).await.is_ok());
        site.close().await;
    }
);
