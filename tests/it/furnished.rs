//! A tenant with at least one row in every table, for tests that have to see them all.

use std::collections::BTreeMap;
use std::time::Duration;

use assent_domain::browser::BrowserFamily;
use assent_domain::delivery::DeliveryStatus;
use assent_domain::id::{
    CampaignId, CollectionPointId, DeliveryId, MailingId, MailingListId, OptInId, PolicyVersionId, PurposeId,
    SessionId, SubscriberId,
};
use assent_domain::mailing_list::OptIn;
use assent_domain::suppression::SuppressionReason;
use assent_entity::browser_share::{self, Day};
use assent_entity::delivery::Progress;
use assent_entity::outcome::Outcome;
use assent_entity::page::PageRequest;
use assent_entity::{TenantCtx, campaign_link, delivery, policy, session};
use assent_tests::house::{PASSWORD, WITH_CLICKS};
use assent_tests::{House, TestStore};

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

/// Ann confirmed, agreed to be measured, and got a campaign; Ben wants no mail of any sort.
pub(crate) async fn furnished(db: &TestStore, slug: &str) -> Furnished {
    let house = db.bare_house(slug).await;
    house.first_policy(WITH_CLICKS).await;
    let list = house.list("News", OptIn::Double, &["news"]).await;
    let form = house.form("news", &[list], &["news"]).await;
    let ann = house.member_of(&form, "ann@example.org", &["news"]).await;
    house.choose(ann, &["news", "clicks"], &[list]).await;
    let ben = house.member_of(&form, "ben@example.org", &["news"]).await;
    house.suppress(ben, SuppressionReason::OptedOutOfAll).await;
    let campaign = house.tracked_campaign(&[list], "Hello").await;
    house.schedule(campaign, Duration::ZERO).await;
    measure(&house, slug, campaign, ann).await;
    let mailing = house.mailing_of(campaign).await;
    assert_eq!(house.send(mailing, Outcome::Sent).await.len(), 1);
    let signed_in = session::sign_in(&db.store, slug, &format!("owner@{slug}.example"), PASSWORD.into())
        .await
        .unwrap()
        .expect("the owner signs in");
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
