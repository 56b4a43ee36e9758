//! Signing in: one answer for everything that is wrong, and an end that holds.

use std::time::{Duration, Instant};

use assent_entity::Store;
use assent_entity::access_token::{self, LIFETIME};
use assent_entity::member::NewMember;
use assent_entity::session::{self, SESSION_LIFETIME, SignedIn, SignedInMember};
use assent_tests::house::{PASSWORD, address};
use assent_tests::{TestStore, on_both};
use secrecy::{ExposeSecret, SecretString};

use crate::access_token::ISSUER;

const OWNER: &str = "owner@acme.example";

/// An access token of somebody who has signed in.
pub(crate) fn token_of(db: &TestStore, signed_in: &SignedIn) -> SecretString {
    let issued = access_token::issue(&db.store, ISSUER, &signed_in.access);
    issued.unwrap().token
}

/// The same, in the name of a server that is really there.
pub(crate) fn token_for(store: &Store, server: &str, signed_in: &SignedIn) -> String {
    let issued = access_token::issue(store, server, &signed_in.access);
    issued.unwrap().token.expose_secret().to_owned()
}

/// Who holds a token.
pub(crate) async fn by_token(db: &TestStore, token: &SecretString) -> Option<SignedInMember> {
    let holder = access_token::holder(&db.store, ISSUER, token).await;
    holder.expect("an answer").map(|(member, _)| member)
}

async fn sign_in(db: &TestStore, slug: &str, email: &str, password: &str) -> Option<SignedIn> {
    session::sign_in(&db.store, slug, email, password.into(), None)
        .await
        .expect("an answer")
}

on_both!(a_member_signs_in_and_out, async |db| {
    let house = db.bare_house("acme").await;
    let signed_in = sign_in(db, "acme", "Owner@ACME.example", PASSWORD)
        .await
        .expect("the owner");
    assert_eq!(signed_in.access.ctx.tenant(), house.ctx.tenant());
    let token = token_of(db, &signed_in);
    for access in [
        session::by_cookie(&db.store, &signed_in.cookie).await.unwrap(),
        by_token(db, &token).await,
    ] {
        let access = access.expect("a session");
        assert_eq!(
            (access.member, access.session),
            (signed_in.access.member, signed_in.access.session)
        );
    }
    let other = sign_in(db, "acme", OWNER, PASSWORD)
        .await
        .expect("a second sign-in");
    let mut tx = house.write().await;
    session::end(&mut tx, signed_in.access.session).await.unwrap();
    tx.commit().await.unwrap();
    assert!(
        session::by_cookie(&db.store, &signed_in.cookie)
            .await
            .unwrap()
            .is_none()
    );
    assert!(by_token(db, &token).await.is_none());
    assert!(
        session::by_cookie(&db.store, &other.cookie)
            .await
            .unwrap()
            .is_some(),
        "only that one"
    );
});

on_both!(
    whatever_is_wrong_the_answer_is_the_same_and_takes_as_long,
    async |db| {
        db.bare_house("acme").await;
        db.bare_house("brook").await;
        let wrong = [
            ("acme", OWNER, "wrong horse battery"),
            ("acme", "nobody@acme.example", PASSWORD),
            ("nowhere", OWNER, PASSWORD),
            ("brook", OWNER, PASSWORD),
            ("acme", "no address", PASSWORD),
        ];
        // The least of several times, because a busy machine only ever adds; asked in turns, until it is clear.
        let mut hashing = Duration::MAX;
        let mut least = [Duration::MAX; 5];
        for round in 0..30 {
            let begun = Instant::now();
            NewMember::new(address(OWNER), PASSWORD.into()).await.unwrap();
            hashing = hashing.min(begun.elapsed());
            for ((slug, email, password), least) in wrong.iter().zip(&mut least) {
                let begun = Instant::now();
                assert!(
                    sign_in(db, slug, email, password).await.is_none(),
                    "{slug} {email}"
                );
                *least = begun.elapsed().min(*least);
            }
            let as_long = least.iter().all(|time| *time * 2 > hashing);
            if round > 2 && as_long {
                return;
            }
        }
        panic!("one hashing takes {hashing:?}, the answers take {least:?}");
    }
);

on_both!(a_session_and_its_token_end_in_time, async |db| {
    db.bare_house("acme").await;
    let signed_in = sign_in(db, "acme", OWNER, PASSWORD).await.expect("the owner");
    let begun = db.store.now();
    let issued = access_token::issue(&db.store, ISSUER, &signed_in.access).unwrap();
    assert_eq!(issued.expires_at, begun.after(LIFETIME));
    let token = issued.token;
    db.clock.set(begun.after(LIFETIME).before(Duration::from_secs(1)));
    assert!(by_token(db, &token).await.is_some());
    db.clock.set(begun.after(LIFETIME));
    assert!(by_token(db, &token).await.is_none());
    assert!(
        session::by_cookie(&db.store, &signed_in.cookie)
            .await
            .unwrap()
            .is_some()
    );
    db.clock.set(begun.after(SESSION_LIFETIME));
    assert!(
        session::by_cookie(&db.store, &signed_in.cookie)
            .await
            .unwrap()
            .is_none()
    );
});

on_both!(an_altered_or_foreign_token_is_nobodys, async |db| {
    let house = db.bare_house("acme").await;
    let signed_in = sign_in(db, "acme", OWNER, PASSWORD).await.expect("the owner");
    let issued = token_of(db, &signed_in);
    let token = issued.expose_secret();
    let person = assent_domain::id::new_id(db.store.now());
    let to = assent_entity::link::Reader {
        subscriber: person,
        mailbox: &address(OWNER),
    };
    let link = assent_entity::link::LinkSigner::new(&db.store, house.ctx).sign(
        to,
        assent_entity::link::Act::Preferences,
        db.store.now(),
    );
    let (head, signature) = token.rsplit_once('.').unwrap();
    let unsigned = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0";
    let body = head.split_once('.').unwrap().1;
    for bad in [
        String::new(),
        "x".to_owned(),
        token[..token.len() - 2].to_owned(),
        format!("{head}A.{signature}"),
        format!("{unsigned}.{body}."),
        format!("{unsigned}.{body}.{signature}"),
        link,
    ] {
        let found = by_token(db, &SecretString::from(bad.clone())).await;
        assert!(found.is_none(), "{bad}");
    }
    let cookie = SecretString::from(format!("{}x", signed_in.cookie.expose_secret()));
    assert!(session::by_cookie(&db.store, &cookie).await.unwrap().is_none());
});

on_both!(p06_no_secret_is_stored_in_clear, async |db| {
    db.bare_house("acme").await;
    let signed_in = sign_in(db, "acme", OWNER, PASSWORD).await.expect("the owner");
    let hash: String = db.value("SELECT password_hash FROM member").await;
    assert!(hash.starts_with("$argon2id$"), "{hash}");
    let stored: Vec<u8> = db.value("SELECT token_hash FROM credential").await;
    assert_eq!(stored.len(), 32);
    assert_ne!(stored, signed_in.cookie.expose_secret().as_bytes());
    assert!(!format!("{signed_in:?}").contains(signed_in.cookie.expose_secret()));
});
