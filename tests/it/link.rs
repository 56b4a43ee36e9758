//! The links in mails: one tenant, one person, one act.

use std::time::Duration;

use assent_domain::address::EmailAddress;
use assent_domain::id::{MailingId, OptInId, SubscriberId, new_id};
use assent_entity::link::{self, Act, CONFIRM_WITHIN, LinkError, LinkSigner, PREFERENCES_WITHIN, Reader};
use assent_entity::{StoreError, TenantTx, TokenError, preferences, subscriber};
use assent_tests::house::address;
use assent_tests::{TestStore, on_both};

const SECOND: Duration = Duration::from_secs(1);

fn ann() -> EmailAddress {
    address("ann@example.org")
}

fn to(subscriber: SubscriberId, mailbox: &EmailAddress) -> Reader<'_> {
    Reader { subscriber, mailbox }
}

/// Why a link is not followed.
async fn refused(db: &TestStore, token: &str) -> TokenError {
    match link::open(&db.store, token).await.unwrap_err() {
        LinkError::Token(error) => error,
        LinkError::Store(error) => panic!("{error}"),
    }
}

on_both!(a_link_opens_for_its_tenant_person_and_act, async |db| {
    let house = db.bare_house("acme").await;
    let signer = LinkSigner::new(&db.store, house.ctx);
    let now = db.store.now();
    let (person, mailing, opt_in): (SubscriberId, MailingId, OptInId) =
        (new_id(now), new_id(now), new_id(now));
    for act in [
        Act::Confirm { opt_in },
        Act::Unsubscribe { mailing },
        Act::Preferences,
    ] {
        let token = signer.sign(to(person, &ann()), act, now);
        let opened = link::open(&db.store, &token).await.unwrap();
        assert_eq!(
            (opened.ctx.tenant(), opened.subscriber, opened.act),
            (house.ctx.tenant(), person, act)
        );
        assert!(token.len() < 400, "a link fits into a mail: {}", token.len());
        assert!(
            token
                .bytes()
                .all(|octet| octet.is_ascii_alphanumeric() || b"._-".contains(&octet))
        );
    }
});

on_both!(an_altered_link_is_refused, async |db| {
    let house = db.bare_house("acme").await;
    let now = db.store.now();
    let token = LinkSigner::new(&db.store, house.ctx).sign(to(new_id(now), &ann()), Act::Preferences, now);
    for place in 0..token.len() {
        let mut altered = token.clone().into_bytes();
        altered[place] = if altered[place] == b'A' { b'B' } else { b'A' };
        let altered = String::from_utf8(altered).unwrap();
        // The last character of a part has bits that say nothing; a decoder may not accept them otherwise.
        assert_eq!(refused(db, &altered).await, TokenError::Altered, "{place}");
    }
    for cut in ["", ".", "..", &token[1..], &token[..token.len() - 1]] {
        assert_eq!(refused(db, cut).await, TokenError::Altered, "{cut}");
    }
});

on_both!(
    links_expire_where_that_is_safe_and_opting_out_never_does,
    async |db| {
        let house = db.bare_house("acme").await;
        let signer = LinkSigner::new(&db.store, house.ctx);
        let now = db.store.now();
        let person: SubscriberId = new_id(now);
        let (opt_in, mailing): (OptInId, MailingId) = (new_id(now), new_id(now));
        for (act, lasts) in [
            (Act::Confirm { opt_in }, CONFIRM_WITHIN),
            (Act::Preferences, PREFERENCES_WITHIN),
        ] {
            let token = signer.sign(to(person, &ann()), act, now);
            db.clock.set(now.after(lasts).before(SECOND));
            assert!(link::open(&db.store, &token).await.is_ok());
            db.clock.set(now.after(lasts));
            assert_eq!(refused(db, &token).await, TokenError::Expired);
        }
        let out = signer.sign(to(person, &ann()), Act::Unsubscribe { mailing }, now);
        db.clock.set(now.after(Duration::from_hours(24 * 365 * 20)));
        assert!(link::open(&db.store, &out).await.is_ok());
    }
);

on_both!(a_link_of_one_tenant_leads_to_nothing_of_another, async |db| {
    let (acme, brook) = (db.house("acme").await, db.house("brook").await);
    let (_, form) = acme.news().await;
    let ann = acme.member_of(&form, "ann@example.org", &["news"]).await;
    // A link that Brook's own mail would carry, for a person of Acme.
    let token =
        LinkSigner::new(&db.store, brook.ctx).sign(to(ann, &self::ann()), Act::Preferences, db.store.now());
    let opened = link::open(&db.store, &token).await.unwrap();
    let tx = TenantTx::read(&db.store, opened.ctx).await.unwrap();
    assert!(matches!(
        subscriber::by_id(&tx, opened.subscriber).await,
        Err(StoreError::NotFound(_))
    ));
    assert!(matches!(
        preferences::view(&tx, opened.subscriber).await,
        Err(StoreError::NotFound(_))
    ));
});

on_both!(a_members_token_is_no_link, async |db| {
    use secrecy::ExposeSecret;
    db.bare_house("acme").await;
    let password = assent_tests::house::PASSWORD.into();
    let signed_in = assent_entity::session::sign_in(&db.store, "acme", "owner@acme.example", password, None)
        .await
        .unwrap()
        .expect("the owner");
    let token = crate::session::token_of(db, &signed_in);
    assert_eq!(refused(db, token.expose_secret()).await, TokenError::Altered);
});
