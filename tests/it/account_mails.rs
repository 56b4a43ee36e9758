//! Mail about sign-ins, as it comes out of the workers into the built-in mailbox.

use std::time::Duration;

use assent_domain::id::{InvitationId, MailingId, PasswordResetId, stored};
use assent_domain::tenant::Role;
use assent_entity::account_link::{AccountAct, AccountLinks};
use assent_entity::invitation::{self, NewInvitation};
use assent_entity::{TenantTx, password_reset, session};
use assent_tests::house::{PASSWORD, address};
use assent_tests::process::until;
use assent_tests::visitor::Site;
use assent_tests::{House, TestStore};
use assent_worker::Workers;
use mail_parser::MessageParser;
use uuid::Uuid;

use crate::erasure::worker;

/// A mail that was kept.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub(crate) subject: String,
    pub(crate) language: String,
    pub(crate) text: String,
    pub(crate) html: String,
}

impl Kept {
    /// The path behind the link to a page, which is the same in both parts.
    pub(crate) fn path(&self, page: &str) -> String {
        let found = |body: &str| {
            let (_, rest) = body
                .split_once(&format!("/{page}/"))
                .unwrap_or_else(|| panic!("no link to {page}: {body}"));
            rest.chars()
                .take_while(|c| c.is_ascii_alphanumeric() || "._-".contains(*c))
                .collect::<String>()
        };
        assert_eq!(found(&self.text), found(&self.html));
        format!("/{page}/{}", found(&self.text))
    }
}

/// Works off what waits and gives the mails to an address so far, in no order.
pub(crate) async fn mails_to(db: &TestStore, site: &Site, email: &str) -> Vec<Kept> {
    let workers = Workers::start(db.store.clone(), worker(db, site)).await.unwrap();
    until("mail is sent", Duration::from_secs(30), async || {
        db.count("outbox", "1 = 1").await == 0
    })
    .await;
    workers.stop().await;
    let ids = site.mailbox.newest(1000).unwrap().ids;
    let mails = ids.iter().filter_map(|id| {
        let raw = site.mailbox.read(id).unwrap().expect("a mail");
        let mail = MessageParser::default().parse(&raw).expect("a mail");
        let to = mail.to().and_then(|to| to.first()?.address()).unwrap_or_default();
        let language = mail.header_raw("Content-Language").unwrap_or_default();
        (to == email).then(|| Kept {
            subject: mail.subject().unwrap_or_default().to_owned(),
            language: language.trim().to_owned(),
            text: mail.body_text(0).unwrap_or_default().into_owned(),
            html: mail.body_html(0).unwrap_or_default().into_owned(),
        })
    });
    mails.collect()
}

/// The only mail to an address.
pub(crate) async fn mail_to(db: &TestStore, site: &Site, email: &str) -> Kept {
    let mut mails = mails_to(db, site, email).await;
    assert_eq!(mails.len(), 1, "{mails:?}");
    mails.remove(0)
}

/// The token in the path of a link.
pub(crate) fn token_of(path: &str) -> String {
    path.rsplit('/').next().unwrap_or_default().to_owned()
}

/// The same token, altered here and there, cut off, or none at all.
pub(crate) fn altered(token: &str) -> Vec<String> {
    let (rest, signature) = token.rsplit_once('.').unwrap();
    let flipped = if signature.starts_with('A') { "B" } else { "A" };
    vec![
        format!("{rest}.{flipped}{}", &signature[1..]),
        format!("{rest}."),
        token[1..].to_owned(),
        token[..token.len() - 2].to_owned(),
        "x".to_owned(),
        "x".repeat(3000),
    ]
}

/// The paths in a mail that invites somebody, and in one that leads the owner to a new password.
pub(crate) async fn account_paths(house: &House<'_>, slug: &str) -> [String; 2] {
    let (store, email) = (&house.db.store, format!("owner@{slug}.example"));
    let owner = session::sign_in(store, slug, &email, PASSWORD.into(), None).await;
    let owner = owner.unwrap().expect("the owner signs in").access.ctx;
    let mut tx = TenantTx::write(store, owner).await.unwrap();
    let new = NewInvitation {
        email: address("invited@else.example"),
        role: Role::Analyst,
        language: None,
    };
    let invitation: InvitationId = invitation::invite(&mut tx, &new).await.unwrap();
    let mailing: MailingId = invitation::by_id(&tx, invitation).await.unwrap().mailing;
    tx.commit().await.unwrap();
    password_reset::request(store, slug, &email, None).await.unwrap();
    let reset: Uuid = house.db.value("SELECT id FROM password_reset").await;
    let reset: PasswordResetId = stored(reset);
    let links = AccountLinks::new(store, house.ctx);
    let until = store.now().after(Duration::from_hours(1));
    let sign = |act| links.sign(act, until);
    [
        format!(
            "/invitation/{}",
            sign(AccountAct::Invitation { invitation, mailing })
        ),
        format!("/reset/{}", sign(AccountAct::PasswordReset { reset })),
    ]
}
