//! A tenant with at least one row in every table, for tests that have to see them all.

use std::collections::BTreeMap;
use std::time::Duration;

use assent_domain::bounce::{BounceClass, SoftLimit};
use assent_domain::browser::BrowserFamily;
use assent_domain::campaign::{BodyFormat, IfUnknown};
use assent_domain::content::{ContentKind, ContentParty};
use assent_domain::custom_field::{FieldKey, FieldKind};
use assent_domain::delivery::DeliveryStatus;
use assent_domain::disclosure::PersonField;
use assent_domain::id::{
    CampaignId, CollectionPointId, DeliveryId, MailingId, MailingListId, MemberId, OptInId, PolicyVersionId,
    PurposeId, SessionId, SubscriberId, stored,
};
use assent_domain::identity_provider::SignInWay;
use assent_domain::mailing_list::OptIn;
use assent_domain::segment::{FieldTest, Rule, ValueTest};
use assent_domain::sending_limit::Limits;
use assent_domain::site::{HostName, Origin};
use assent_domain::suppression::SuppressionReason;
use assent_domain::tenant::Role;
use assent_domain::transport::{Encryption, Relay};
use assent_domain::warm_up::Schedule;
use assent_domain::webhook::event::EventType;
use assent_domain::webhook::{AttemptFailure, EndpointUrl};
use assent_entity::bounce::Said;
use assent_entity::browser_share::{self, Day};
use assent_entity::campaign::NewCampaign;
use assent_entity::collection_point::{CollectionPoint, Revision};
use assent_entity::custom_field::{NewCustomField, NewValue};
use assent_entity::delivery::Progress;
use assent_entity::identity_provider::arrival::{self, Account, Arrived, Vouched};
use assent_entity::identity_provider::sign_in;
use assent_entity::import::NewImport;
use assent_entity::invitation::NewInvitation;
use assent_entity::keyed_change::Wish;
use assent_entity::member::NewMember;
use assent_entity::outcome::Outcome;
use assent_entity::page::PageRequest;
use assent_entity::privacy::form::Taken;
use assent_entity::sending_domain::warm_up;
use assent_entity::sending_limit::{self, Setter};
use assent_entity::session::SignedInMember;
use assent_entity::transactional_mail::{MailContent, NewMail, To};
use assent_entity::webhook::endpoint::EndpointDraft;
use assent_entity::webhook::turn::{Ended, Terms};
use assent_entity::{
    TenantCtx, TenantTx, address_change, allowed_origin, bounce, campaign, campaign_link, chore, circuit,
    collection_point, custom_field, delivery, invitation, member, password_reset, policy, privacy,
    second_factor, segment, session, subscriber, test_mail, tracking, transactional_mail, transport, webhook,
};
use assent_tests::house::{PASSWORD, WITH_CLICKS, address};
use assent_tests::partners::COURIER;
use assent_tests::senders::relay;
use assent_tests::{House, TestStore};
use secrecy::ExposeSecret;
use totp_rs::{Builder, Secret};
use uuid::Uuid;

/// The first rows of anything.
pub(crate) const FIRST: PageRequest = PageRequest {
    first: 100,
    after: None,
    count: true,
};

/// A furnished tenant: the ids that lead into it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Furnished {
    pub(crate) ctx: TenantCtx,
    pub(crate) policy: PolicyVersionId,
    pub(crate) purpose: PurposeId,
    pub(crate) list: MailingListId,
    pub(crate) form: CollectionPointId,
    pub(crate) ann: SubscriberId,
    pub(crate) opt_in: OptInId,
    pub(crate) campaign: CampaignId,
    pub(crate) mailing: MailingId,
    pub(crate) delivery: DeliveryId,
    pub(crate) session: SessionId,
}

/// Ann confirmed, agreed to be measured, got a campaign and asked about her data; Ben wants no mail of any sort.
pub(crate) async fn furnished(db: &TestStore, slug: &str) -> Furnished {
    let house = db.bare_house(slug).await;
    house.first_policy(WITH_CLICKS).await;
    let list = house.list("News", OptIn::Double, &["news"]).await;
    let form = house.form("news", &[list], &["news"]).await;
    let ann = house.member_of(&form, "ann@example.org", &["news"]).await;
    house.choose(ann, &["news", "clicks"], &[list]).await;
    let ben = house.member_of(&form, "ben@example.org", &["news"]).await;
    house.suppress(ben, SuppressionReason::OptedOutOfAll).await;
    one_of_two(&house, &form, ann).await;
    let campaign = with_a_picture(&house, list).await;
    house.schedule(campaign, Duration::ZERO).await;
    measure(&house, slug, campaign, ann).await;
    let mailing = house.mailing_of(campaign).await;
    assert_eq!(house.send(mailing, Outcome::Sent).await.len(), 1);
    came_back(&house, mailing).await;
    outsiders(&house, slug, list).await;
    looked_at_and_billed(&house, slug, campaign, ann).await;
    let domain = house.sending_domain(&format!("{slug}.example")).await;
    let mut tx = house.write().await;
    let limits = Limits {
        per_hour: Some(1_000_000),
        ..Limits::default()
    };
    sending_limit::set(&mut tx, Setter::Tenant, None, limits)
        .await
        .unwrap();
    warm_up::set(&mut tx, domain, Some(Schedule::default()))
        .await
        .unwrap();
    let relay = Relay {
        is_enabled: false,
        ..relay("Own", "127.0.0.1", 25)
    };
    let relay = Relay {
        encryption: Encryption::StartTls,
        user: Some(slug.to_owned()),
        ..relay
    };
    transport::create(&mut tx, relay, Some("hunter2hunter2".into()))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let signed_in = session::sign_in(
        &db.store,
        slug,
        &format!("owner@{slug}.example"),
        PASSWORD.into(),
        None,
    )
    .await
    .unwrap()
    .expect("the owner signs in");
    let owner = signed_in.access.ctx;
    somebody_comes(&house, slug, owner).await;
    guarded(&house, slug).await;
    vouched_for(&house, slug, &signed_in.access).await;
    house
        .permit(ann, &[(PersonField::Email, true), (PersonField::Name, false)])
        .await;
    let (token, _) = house.token_of(owner, COURIER).await;
    house.fetch(ann, token).await;
    house.order(owner, &[ann]).await;
    let mut tx = house.write().await;
    let asked = privacy::form::write(&mut tx, &address("ann@example.org"), "What do you hold?").await;
    assert_eq!(asked.unwrap(), Taken::Yes);
    tx.commit().await.unwrap();
    chore::of_tenant(&db.store, house.ctx).await.unwrap();
    work_elsewhere(&house, ann).await;
    half_brought_along(&house, list).await;
    told(&house).await;
    measured_for_shoes(&house, list, ann).await;
    let mut tx = house.write().await;
    circuit::shut(&mut tx, "old.example:25", "nobody listens there")
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let opt_in = house.newest_opt_in(ann).await;
    let purpose = house.purpose("news").await.id;
    let tx = house.read().await;
    let deliveries = delivery::page_of(&tx, mailing, FIRST).await.unwrap();
    let sent = deliveries
        .rows
        .iter()
        .find(|(_, row)| row.status == DeliveryStatus::Sent);
    Furnished {
        ctx: house.ctx,
        policy: policy::in_force(&tx).await.unwrap().expect("a policy").id,
        purpose,
        list,
        form: form.id,
        ann,
        opt_in,
        campaign,
        mailing,
        delivery: sent.expect("Ann's delivery").1.id,
        session: signed_in.access.session,
    }
}

/// A member has a second factor, which is confirmed, with its recovery codes.
async fn guarded(house: &House<'_>, slug: &str) {
    let email = format!("guarded@{slug}.example");
    let new = NewMember::new(address(&email), PASSWORD.into()).await.unwrap();
    let mut tx = house.write().await;
    member::create(&mut tx, new, Role::Analyst).await.unwrap();
    tx.commit().await.unwrap();
    let signed_in = session::sign_in(&house.db.store, slug, &email, PASSWORD.into(), None).await;
    let by = signed_in.unwrap().expect("they sign in").access;
    let mut tx = house.write().await;
    let begun = second_factor::begin(&mut tx, &by).await.unwrap();
    let secret = Secret::try_from_base32(begun.secret.expose_secret()).unwrap();
    let device = Builder::new().with_secret(secret).build().unwrap();
    let now = u64::try_from(tx.now().micros() / 1_000_000).unwrap();
    let code = device.generate(now).to_string().into();
    second_factor::confirm(&mut tx, &by, &code).await.unwrap();
    session::end(&mut tx, by.session).await.unwrap();
    tx.commit().await.unwrap();
}

/// The owner signs in by an identity provider, somebody is at it still, and a member with a second factor owes the code.
async fn vouched_for(house: &House<'_>, slug: &str, owner: &SignedInMember) {
    let provider = crate::identity_provider::somewhere(house).await;
    sign_in::begin(&house.db.store, house.ctx).await.unwrap();
    for name in ["owner", "guarded"] {
        let vouched = Vouched {
            account: Account::new(&provider, name),
            verified_address: Some(address(&format!("{name}@{slug}.example"))),
            way: SignInWay::Provider,
        };
        let arrived = arrival::arrive(&house.db.store, house.ctx, &provider, vouched).await;
        match arrived.unwrap() {
            Arrived::In(signed_in) => assert_eq!(signed_in.access.member, owner.member),
            Arrived::CodeNeeded(_) => assert_eq!(name, "guarded"),
            not => panic!("{not:?}"),
        }
    }
}

/// Somebody is invited, and the owner has forgotten their password.
async fn somebody_comes(house: &House<'_>, slug: &str, owner: TenantCtx) {
    invite(house, owner, &format!("invited@{slug}.example")).await;
    let email = format!("owner@{slug}.example");
    password_reset::request(&house.db.store, slug, &email, None)
        .await
        .unwrap();
    // What they do meanwhile they want done once.
    let wish = Wish::new(&house.db.store, owner, "once", b"asked").unwrap();
    let tx = house.write().await;
    wish.claim(&tx).await.unwrap();
    tx.commit().await.unwrap();
    wish.keep(&house.db.store, b"answered").await.unwrap();
}

/// Somebody is invited to become a marketer.
pub(crate) async fn invite(house: &House<'_>, by: TenantCtx, email: &str) {
    let new = NewInvitation {
        email: address(email),
        role: Role::Marketer,
        language: None,
    };
    let mut tx = TenantTx::write(&house.db.store, by).await.unwrap();
    invitation::invite(&mut tx, &new).await.unwrap();
    tx.commit().await.unwrap();
}

/// The recipient's mailbox was full when the message came.
async fn came_back(house: &House<'_>, mailing: MailingId) {
    let sql = format!(
        "SELECT id FROM delivery WHERE mailing_id = {} AND status = 'SENT'",
        house.db.id(mailing)
    );
    let delivery: DeliveryId = stored(house.db.value(&sql).await);
    let said = Said {
        recipient: None,
        class: BounceClass::Soft,
        status: Some("5.2.2".to_owned()),
        reason: "mailbox_full".to_owned(),
        text: "mailbox full".to_owned(),
        told_at: None,
    };
    let limit = SoftLimit {
        messages: 5,
        within: Duration::from_hours(24),
    };
    let mut tx = house.write().await;
    bounce::take(&mut tx, delivery, &[said], limit).await.unwrap();
    tx.commit().await.unwrap();
}

/// The campaign was shown to the owner, and Ann got a bill.
async fn looked_at_and_billed(house: &House<'_>, slug: &str, campaign: CampaignId, ann: SubscriberId) {
    let of_tenant = house.db.id(house.ctx.tenant());
    let sql =
        format!("SELECT id FROM member WHERE tenant_id = {of_tenant} AND email = 'owner@{slug}.example'");
    let owner: MemberId = stored(house.db.value(&sql).await);
    let mut tx = house.write().await;
    test_mail::send(&mut tx, campaign, &[owner]).await.unwrap();
    let bill = NewMail {
        key: "bill 1".to_owned(),
        purpose: "bill".to_owned(),
        to: To::Subscriber(ann),
        content: MailContent {
            subject: "Your bill".to_owned(),
            preheader: String::new(),
            body_format: BodyFormat::Markdown,
            body_source: "You owe {{ sum }}.".to_owned(),
            values: BTreeMap::from([("sum".to_owned(), "5".to_owned())]),
        },
    };
    transactional_mail::send(&mut tx, &bill).await.unwrap();
    tx.commit().await.unwrap();
}

/// A program of the tenant's own was told of a test, and did not answer.
pub(crate) async fn told(house: &House<'_>) {
    let draft = EndpointDraft {
        url: EndpointUrl::parse("https://hooks.example.com/assent").unwrap(),
        description: "The shop".to_owned(),
        event_types: [EventType::CampaignFinished].into(),
    };
    let terms = Terms {
        at_once: 1,
        patience: Duration::from_hours(72),
        takes: true,
    };
    let mut tx = house.write().await;
    let (id, _) = webhook::endpoint::create(&mut tx, draft).await.unwrap();
    webhook::endpoint::rotate_secret(&mut tx, id).await.unwrap();
    webhook::endpoint::test(&mut tx, id).await.unwrap();
    tx.commit().await.unwrap();
    let sql = format!(
        "SELECT job_id FROM webhook_endpoint WHERE id = {}",
        house.db.id(id)
    );
    let job = stored(house.db.value(&sql).await);
    let mut tx = house.write().await;
    let claims = webhook::turn::turn(&mut tx, job, id, &[], terms).await.unwrap();
    tx.commit().await.unwrap();
    let ended = Ended {
        delivery: claims[0].delivery,
        attempt: claims[0].attempt,
        started_at: house.db.store.now(),
        took: Duration::from_secs(5),
        status: None,
        failure: Some(AttemptFailure::Timeout),
        retry_after: None,
    };
    let mut tx = house.write().await;
    webhook::turn::turn(&mut tx, job, id, &[ended], terms)
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

/// Ann's shoe size is kept, and a draft is for those of whom one is.
async fn measured_for_shoes(house: &House<'_>, list: MailingListId, ann: SubscriberId) {
    let mut tx = house.write().await;
    let field = NewCustomField {
        key: "shoe_size".to_owned(),
        name: "Shoe size".to_owned(),
        kind: FieldKind::Number,
        choices: Vec::new(),
    };
    custom_field::create(&mut tx, field).await.unwrap();
    let size = NewValue {
        key: "shoe_size".to_owned(),
        value: Some("38.5".to_owned()),
    };
    custom_field::set(&mut tx, ann, &[size]).await.unwrap();
    let rule = Rule::Field(FieldTest {
        key: FieldKey::parse("shoe_size").unwrap(),
        value: ValueTest::Known(true),
    });
    let segment = segment::create(&mut tx, "Shod", &rule).await.unwrap();
    tx.commit().await.unwrap();
    house.campaign_to("news", &[list], Some(segment)).await;
}

/// A form that brings an outside party in, and a site that may send forms.
async fn outsiders(house: &House<'_>, slug: &str, list: MailingListId) {
    let form = house.form("partners", &[list], &["news"]).await;
    let mut tx = house.write().await;
    let revision = Revision {
        parties: Some(vec!["Courier Ltd".to_owned()]),
        ..Revision::default()
    };
    collection_point::update(&mut tx, form.id, revision)
        .await
        .unwrap();
    let origin = Origin::parse(&format!("https://www.{slug}.example")).unwrap();
    allowed_origin::set(&mut tx, &[origin]).await.unwrap();
    tx.commit().await.unwrap();
}

/// A campaign with a picture from an outside party that the policy names, and links that are measured.
async fn with_a_picture(house: &House<'_>, list: MailingListId) -> CampaignId {
    let new = NewCampaign {
        name: "About news".to_owned(),
        purpose: "news".to_owned(),
        lists: vec![list],
        segment: None,
        preheader: String::new(),
        subject: "Hello".to_owned(),
        body_format: BodyFormat::Markdown,
        body_source: "![](https://img.courier.example/a.png)".to_owned(),
        content: vec![ContentParty {
            host: HostName::parse("img.courier.example").unwrap(),
            kind: ContentKind::Image,
            line: 1,
        }],
        if_unknown: IfUnknown::default(),
    };
    let mut tx = house.write().await;
    let id = campaign::create(&mut tx, new).await.unwrap();
    tracking::begin(&mut tx, id, None).await.unwrap();
    tx.commit().await.unwrap();
    id
}

/// Ann followed the campaign's link, and somebody has read a page.
async fn measure(house: &House<'_>, slug: &str, campaign: CampaignId, ann: SubscriberId) {
    let tx = house.write().await;
    let links = ["https://shop.example/".to_owned()];
    campaign_link::keep(&tx, campaign, &links).await.unwrap();
    assert!(campaign_link::follow(&tx, campaign, 1, ann).await.unwrap());
    tx.commit().await.unwrap();
    let day = Day::of(house.db.store.now());
    let views = BTreeMap::from([((day, BrowserFamily::Firefox), 1)]);
    let views = BTreeMap::from([(slug.to_owned(), views)]);
    browser_share::add(&house.db.store, &views).await.unwrap();
}

/// Ann was known by another address too, until she said so.
async fn one_of_two(house: &House<'_>, form: &CollectionPoint, ann: SubscriberId) {
    let other = house.member_of(form, "anna@example.org", &["news"]).await;
    let mut tx = house.write().await;
    let email = subscriber::by_id(&tx, ann).await.unwrap().email;
    address_change::ask(&mut tx, other, &email).await.unwrap();
    tx.commit().await.unwrap();
    let sql = format!(
        "SELECT id FROM address_change WHERE subscriber_id = {}",
        house.db.id(other)
    );
    let change = stored(house.db.value(&sql).await);
    let mut tx = house.write().await;
    address_change::confirm(&mut tx, change, other).await.unwrap();
    tx.commit().await.unwrap();
}

/// Ann works for another company, as the operator's tenant knows of its subscribers.
async fn work_elsewhere(house: &House<'_>, ann: SubscriberId) {
    let [company, member] = [1, 2].map(|id| house.db.uuid(Uuid::from_u128(id)));
    let sql = format!(
        "INSERT INTO membership (tenant_id, member_tenant_id, member_id, subscriber_id, address_hash, began_at)
         SELECT tenant_id, {company}, {member}, id, address_hash, created_at FROM subscriber WHERE id = {}",
        house.db.id(ann)
    );
    assert_eq!(house.db.exec(&sql).await.unwrap(), 1);
}

/// A tenant, its people, and a campaign to them that is due.
pub(crate) async fn due_campaign(db: &TestStore, people: usize) -> (House<'_>, Vec<SubscriberId>, MailingId) {
    let house = db.house("acme").await;
    let (list, form) = house.news().await;
    let mut all = Vec::new();
    for number in 0..people {
        let email = format!("person{number}@example.org");
        all.push(house.member_of(&form, &email, &["news"]).await);
    }
    let campaign = house.campaign("news", &[list]).await;
    house.schedule(campaign, Duration::ZERO).await;
    let mailing = house.mailing_of(campaign).await;
    (house, all, mailing)
}

/// How far a mailing is.
pub(crate) async fn progress(house: &House<'_>, mailing: MailingId) -> Progress {
    let tx = house.read().await;
    delivery::progress(&tx, mailing).await.unwrap()
}

/// An import that has got to its last row: one row was of Ann, and one of nobody.
async fn half_brought_along(house: &House<'_>, list: MailingListId) {
    let csv = "email\nann@example.org\nnobody\nlast@example.org\n";
    let id = house.bring(&house.brought_to(list), csv).await.unwrap();
    assert!(house.take_some_in(id, 2).await);
    // And a dry run that has met somebody.
    let dry = NewImport {
        is_dry_run: true,
        ..house.brought_to(list)
    };
    let id = house
        .bring(&dry, "email\nsomebody@example.org\nnobody\nlast@example.org\n")
        .await
        .unwrap();
    assert!(house.take_some_in(id, 2).await);
}
