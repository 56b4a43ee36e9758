//! Access tokens: what they say, who can check them, and that nobody makes one but this server. Every forgery here is made by
//! hand, octet by octet, and beside each stands the same token made rightly, which counts.

use std::sync::Arc;
use std::time::Duration;

use assent_domain::id::{MemberId, SessionId, new_id};
use assent_domain::keys::{KeyUse, Keys};
use assent_domain::tenant::Role;
use assent_entity::access_token::{self, LIFETIME};
use assent_entity::member::{self, NewMember};
use assent_entity::session::{self, SignedIn};

use assent_entity::{Store, StoreSettings};
use assent_tests::database::SECRET;
use assent_tests::house::{PASSWORD, address};
use assent_tests::http::json_of;
use assent_tests::{House, TestStore, on_both};
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use data_encoding::BASE64URL_NOPAD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

/// The server in whose name tokens are issued here.
pub(crate) const ISSUER: &str = "https://mail.example.org";
const NEW_SECRET: &str = "another secret, of thirty-two and more octets";

fn keys_of(secret: &str) -> Keys {
    Keys::new(secret.to_owned().into()).unwrap()
}

/// A key that signs, and what it is called.
struct Signer {
    pair: Ed25519KeyPair,
    kid: String,
}

impl Signer {
    fn of(seed: [u8; 32], kid: &str) -> Self {
        Self {
            pair: Ed25519KeyPair::from_seed_unchecked(&seed).unwrap(),
            kid: kid.to_owned(),
        }
    }

    /// The key of the server under test, as only somebody with its secret can make it.
    fn of_server(db: &TestStore) -> Self {
        let kid = kids(&db.store).remove(0);
        Self::of(keys_of(SECRET).derive(KeyUse::AccessToken), &kid)
    }

    fn header(&self) -> Value {
        json!({ "typ": "at+jwt", "alg": "EdDSA", "kid": self.kid })
    }

    fn token(&self, header: &Value, claims: &Value) -> String {
        let text = unsigned(header, claims);
        let signature = self.pair.sign(text.as_bytes());
        format!("{text}.{}", BASE64URL_NOPAD.encode(signature.as_ref()))
    }
}

fn kids(store: &Store) -> Vec<String> {
    let set = access_token::key_set(store).unwrap();
    let kids = set.keys.into_iter().map(|key| key.common.key_id.unwrap());
    kids.collect()
}

fn part(value: &Value) -> String {
    BASE64URL_NOPAD.encode(value.to_string().as_bytes())
}

fn unsigned(header: &Value, claims: &Value) -> String {
    format!("{}.{}", part(header), part(claims))
}

fn with_hmac(header: &Value, claims: &Value, secret: &[u8]) -> String {
    let text = unsigned(header, claims);
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).unwrap();
    mac.update(text.as_bytes());
    format!("{text}.{}", BASE64URL_NOPAD.encode(&mac.finalize().into_bytes()))
}

/// The same object with one field set to something, or without it where that is null.
fn but(object: &Value, field: &str, value: Value) -> Value {
    let mut changed = object.clone();
    let fields = changed.as_object_mut().unwrap();
    if value.is_null() {
        fields.remove(field);
    } else {
        fields.insert(field.to_owned(), value);
    }
    changed
}

fn read(token: &str, at: usize) -> Value {
    let part = token.split('.').nth(at).unwrap();
    serde_json::from_slice(&BASE64URL_NOPAD.decode(part.as_bytes()).unwrap()).unwrap()
}

async fn sign_in(db: &TestStore, slug: &str, name: &str) -> SignedIn {
    let email = format!("{name}@{slug}.example");
    let signed_in = session::sign_in(&db.store, slug, &email, PASSWORD.into(), None).await;
    signed_in.unwrap().expect("they sign in")
}

fn claims_of(db: &TestStore, signed_in: &SignedIn) -> Value {
    let now = db.store.now().micros() / 1_000_000;
    json!({
        "iss": ISSUER,
        "aud": "assent-api",
        "sub": signed_in.access.member,
        "tenant": signed_in.access.ctx.tenant(),
        "sid": signed_in.access.session,
        "jti": "made by hand",
        "iat": now,
        "exp": now + 900,
    })
}

async fn counts(store: &Store, token: &str) -> bool {
    let holder = access_token::holder(store, ISSUER, &token.to_owned().into()).await;
    holder.unwrap().is_some()
}

async fn hire(house: &House<'_>, name: &str) -> MemberId {
    let email = format!("{name}@acme.example");
    let new = NewMember::new(address(&email), PASSWORD.into()).await.unwrap();
    let mut tx = house.write().await;
    let id = member::create(&mut tx, new, Role::Analyst).await.unwrap();
    tx.commit().await.unwrap();
    id
}

on_both!(a_token_says_whose_it_is_and_anybody_can_check_it, async |db| {
    db.bare_house("acme").await;
    let site = db.site();
    let owner = site.owner("acme").await;
    let token = owner.token.clone().unwrap();
    let published = site.get("/.well-known/jwks.json").await;
    published.must_be(200);
    assert_eq!(published.header("content-type"), "application/jwk-set+json");
    assert_eq!(published.header("cache-control"), "public, max-age=300");
    let set = json_of(&published);
    let [key] = set["keys"].as_array().unwrap().as_slice() else {
        panic!("{set}")
    };
    let fields: Vec<_> = key.as_object().unwrap().keys().collect();
    assert_eq!(
        fields,
        ["alg", "crv", "kid", "kty", "use", "x"],
        "nothing private"
    );
    assert_eq!(
        (&key["kty"], &key["crv"], &key["alg"], &key["use"]),
        (&json!("OKP"), &json!("Ed25519"), &json!("EdDSA"), &json!("sig"))
    );
    let header = read(&token, 0);
    assert_eq!(
        header,
        json!({ "typ": "at+jwt", "alg": "EdDSA", "kid": key["kid"] })
    );
    let claims = read(&token, 1);
    assert_eq!(claims["iss"], format!("http://{}", site.address));
    assert_eq!(claims["aud"], "assent-api");
    assert_eq!(
        claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(),
        i64::try_from(LIFETIME.as_secs()).unwrap()
    );
    let told = owner
        .data("{ viewer { member { id } tenant { id } } }", json!({}))
        .await;
    assert_eq!(claims["sub"], told["viewer"]["member"]["id"]);
    assert_eq!(claims["tenant"], told["viewer"]["tenant"]["id"]);
    let session: String = claims["sid"].as_str().unwrap().to_owned();
    assert!(session.parse::<SessionId>().is_ok(), "{session}");
    let x = BASE64URL_NOPAD
        .decode(key["x"].as_str().unwrap().as_bytes())
        .unwrap();
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let signature = BASE64URL_NOPAD.decode(signature.as_bytes()).unwrap();
    UnparsedPublicKey::new(&ED25519, x)
        .verify(signed.as_bytes(), &signature)
        .expect("whoever has the published key can check it");
    site.close().await;
});

on_both!(no_other_algorithm_is_accepted, async |db| {
    db.bare_house("acme").await;
    let (signer, claims) = (
        Signer::of_server(db),
        claims_of(db, &sign_in(db, "acme", "owner").await),
    );
    let right = signer.token(&signer.header(), &claims);
    assert!(counts(&db.store, &right).await, "or nothing is proven");
    let signature = right.rsplit_once('.').unwrap().1;
    for alg in ["none", "None", "NONE", "nOnE", ""] {
        let header = but(&signer.header(), "alg", json!(alg));
        let text = unsigned(&header, &claims);
        for token in [format!("{text}."), text.clone(), format!("{text}.{signature}")] {
            assert!(!counts(&db.store, &token).await, "{alg}: {token}");
        }
    }
    // Whoever checks by what the header says takes the public key, which everybody has, for a shared secret.
    let x = signer.pair.public_key().as_ref().to_vec();
    let spki = [
        &[
            0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
        ][..],
        &x,
    ]
    .concat();
    let pem = format!(
        "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
        data_encoding::BASE64.encode(&spki)
    );
    let jwk = serde_json::to_string(&access_token::key_set(&db.store).unwrap().keys[0]).unwrap();
    let encoded = BASE64URL_NOPAD.encode(&x);
    for secret in [
        &x[..],
        &spki,
        pem.as_bytes(),
        jwk.as_bytes(),
        encoded.as_bytes(),
        b"",
    ] {
        for alg in ["HS256", "HS384", "EdDSA"] {
            let header = but(&signer.header(), "alg", json!(alg));
            assert!(
                !counts(&db.store, &with_hmac(&header, &claims, secret)).await,
                "{alg}"
            );
        }
    }
    for alg in ["ES256", "RS256", "PS256", "Ed25519", "ED25519", "eddsa", "HS256"] {
        let header = but(&signer.header(), "alg", json!(alg));
        assert!(!counts(&db.store, &signer.token(&header, &claims)).await, "{alg}");
    }
});

on_both!(a_header_cannot_choose_the_key, async |db| {
    let house = db.bare_house("acme").await;
    let (signer, claims) = (
        Signer::of_server(db),
        claims_of(db, &sign_in(db, "acme", "owner").await),
    );
    let own = Signer::of([7; 32], &signer.kid);
    assert!(
        !counts(&db.store, &own.token(&own.header(), &claims)).await,
        "another key, called like ours"
    );
    let huge = "k".repeat(100_000);
    for kid in [
        json!("unknown"),
        json!(""),
        json!("../../../../etc/passwd"),
        json!("/dev/null"),
        json!("file:///proc/self/environ"),
        json!("https://evil.example/keys.json"),
        json!("x' UNION SELECT 'AAAA' -- "),
        json!("'; DROP TABLE session; --"),
        json!("|/bin/true"),
        json!("\u{0}"),
        json!(huge),
        json!(format!("{} ", signer.kid)),
        json!(signer.kid.to_lowercase()),
        json!([signer.kid]),
        json!(0),
        Value::Null,
    ] {
        let header = but(&signer.header(), "kid", kid.clone());
        for by in [&signer, &own] {
            let token = by.token(&header, &claims);
            assert!(!counts(&db.store, &token).await, "{:.60}", kid.to_string());
        }
    }
    let x = BASE64URL_NOPAD.encode(own.pair.public_key().as_ref());
    let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "x": x, "alg": "EdDSA", "use": "sig" });
    for (field, value) in [
        ("jwk", jwk),
        ("jku", json!("https://evil.example/keys.json")),
        ("x5u", json!("https://evil.example/certificate.pem")),
        ("x5c", json!(["AAAA"])),
        ("crit", json!(["exp"])),
        ("b64", json!(false)),
        ("zip", json!("DEF")),
        ("cty", json!("JWT")),
        ("typ", json!("JWT")),
        ("typ", json!("consent-receipt+jws")),
        ("typ", Value::Null),
    ] {
        let header = but(&signer.header(), field, value);
        for by in [&signer, &own] {
            assert!(!counts(&db.store, &by.token(&header, &claims)).await, "{field}");
        }
    }
    // Our own keys for other uses do not sign tokens.
    let keys = keys_of(SECRET);
    for key_use in [
        KeyUse::Receipt(house.ctx.tenant()),
        KeyUse::Link,
        KeyUse::Checkpoint,
    ] {
        let other = Signer::of(keys.derive(key_use), &signer.kid);
        assert!(
            !counts(&db.store, &other.token(&other.header(), &claims)).await,
            "{key_use:?}"
        );
    }
    assert_eq!(
        db.count("session", "ended_at IS NULL").await,
        1,
        "the table is there still"
    );
});

on_both!(
    a_token_counts_for_its_issuer_its_audience_and_its_time,
    async |db| {
        db.bare_house("acme").await;
        let (signer, claims) = (
            Signer::of_server(db),
            claims_of(db, &sign_in(db, "acme", "owner").await),
        );
        let now = claims["iat"].as_i64().unwrap();
        let right = signer.token(&signer.header(), &claims);
        assert!(counts(&db.store, &right).await, "or nothing is proven");
        for (claim, value) in [
            ("iss", json!("https://other.example.org")),
            ("iss", json!("https://mail.example.org/")),
            ("iss", json!("http://mail.example.org")),
            ("iss", json!(["https://other.example.org", ISSUER])),
            ("iss", Value::Null),
            ("aud", json!("another-api")),
            ("aud", json!(ISSUER)),
            ("aud", json!([])),
            ("aud", json!(["another-api", "assent-api"])),
            ("aud", Value::Null),
            ("exp", json!(now)),
            ("exp", json!(now - 1)),
            ("exp", json!(0)),
            ("exp", json!(-1)),
            ("exp", json!("4000000000")),
            ("exp", json!(1e300)),
            ("exp", Value::Null),
            ("iat", Value::Null),
        ] {
            let token = signer.token(&signer.header(), &but(&claims, claim, value.clone()));
            assert!(!counts(&db.store, &token).await, "{claim}: {value}");
        }
        db.clock.forward(Duration::from_secs(899));
        assert!(counts(&db.store, &right).await);
        db.clock.forward(Duration::from_secs(1));
        assert!(!counts(&db.store, &right).await);
    }
);

on_both!(a_token_is_of_one_member_one_session_and_one_tenant, async |db| {
    let acme = db.bare_house("acme").await;
    let brook = db.bare_house("brook").await;
    let colleague = hire(&acme, "colleague").await;
    let signed_in = sign_in(db, "acme", "owner").await;
    let theirs = sign_in(db, "acme", "colleague").await;
    let elsewhere = sign_in(db, "brook", "owner").await;
    let (signer, claims) = (Signer::of_server(db), claims_of(db, &signed_in));
    let right = signer.token(&signer.header(), &claims);
    assert!(counts(&db.store, &right).await, "or nothing is proven");
    // Even with our own key, what does not belong together is nobody's.
    for (claim, value) in [
        ("tenant", json!(brook.ctx.tenant())),
        ("sub", json!(colleague)),
        ("sub", json!(elsewhere.access.member)),
        ("sid", json!(theirs.access.session)),
        ("sid", json!(elsewhere.access.session)),
        ("sid", json!(new_id::<assent_domain::id::Session>(db.store.now()))),
        ("sid", json!(signed_in.access.member)),
        ("sid", Value::Null),
        ("sub", Value::Null),
        ("tenant", Value::Null),
    ] {
        let altered = but(&claims, claim, value.clone());
        let token = signer.token(&signer.header(), &altered);
        assert!(!counts(&db.store, &token).await, "{claim}: {value}");
        // Without it, the signature is of other words.
        let signature = right.rsplit_once('.').unwrap().1;
        let token = format!("{}.{signature}", unsigned(&signer.header(), &altered));
        assert!(!counts(&db.store, &token).await, "{claim}: {value}");
    }
    let whole = json!({ "tenant": brook.ctx.tenant(), "sub": elsewhere.access.member, "sid": elsewhere.access.session });
    let mut swapped = claims.clone();
    for (claim, value) in whole.as_object().unwrap() {
        swapped = but(&swapped, claim, value.clone());
    }
    let signature = right.rsplit_once('.').unwrap().1;
    let token = format!("{}.{signature}", unsigned(&signer.header(), &swapped));
    assert!(
        !counts(&db.store, &token).await,
        "another tenant's, with our signature"
    );
    let (text, _) = right.rsplit_once('.').unwrap();
    for at in 0..text.len() {
        let original = &text[at..=at];
        let other = if original == "A" { "B" } else { "A" };
        let mut altered = text.to_owned();
        altered.replace_range(at..=at, other);
        assert!(
            !counts(&db.store, &format!("{altered}.{signature}")).await,
            "octet {at}"
        );
    }
    let ended = signed_in.access.session;
    let mut tx = acme.write().await;
    session::end(&mut tx, ended).await.unwrap();
    tx.commit().await.unwrap();
    assert!(!counts(&db.store, &right).await, "it ends with its session");
});

on_both!(
    the_operators_secret_can_be_changed_without_signing_anybody_out,
    async |db| {
        db.bare_house("acme").await;
        let signed_in = sign_in(db, "acme", "owner").await;
        let before = access_token::issue(&db.store, ISSUER, &signed_in.access)
            .unwrap()
            .token;
        let reopened = async |keys: Keys| {
            let settings = StoreSettings {
                url: db.url.clone(),
                max_connections: 2,
                allow_rls_bypass: false,
            };
            let store = Store::open(&settings, keys, Arc::clone(&db.clock) as _).await;
            store.unwrap()
        };
        let during = reopened(
            keys_of(NEW_SECRET)
                .with_previous(vec![SECRET.to_owned().into()])
                .unwrap(),
        )
        .await;
        let after = reopened(keys_of(NEW_SECRET)).await;
        let holder = async |store: &Store, token| access_token::holder(store, ISSUER, token).await.unwrap();
        let anew = access_token::issue(&during, ISSUER, &signed_in.access)
            .unwrap()
            .token;
        for (store, old_counts, new_counts) in [
            (&db.store, true, false),
            (&during, true, true),
            (&after, false, true),
        ] {
            assert_eq!(holder(store, &before).await.is_some(), old_counts);
            assert_eq!(holder(store, &anew).await.is_some(), new_counts);
        }
        assert_eq!(
            kids(&during),
            [kids(&after), kids(&db.store)].concat(),
            "both are published meanwhile"
        );
        // The old key does not sign in the new one's name, nor the other way round.
        let claims = claims_of(db, &signed_in);
        for (secret, kid) in [(SECRET, 0), (NEW_SECRET, 1)] {
            let signer = Signer::of(keys_of(secret).derive(KeyUse::AccessToken), &kids(&during)[kid]);
            assert!(!counts(&during, &signer.token(&signer.header(), &claims)).await);
        }
    }
);
