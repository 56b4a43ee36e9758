//! A tenant with at least one row in every table, for tests that have to see them all.

use std::time::Duration;

use assent_domain::delivery::DeliveryStatus;
use assent_domain::id::{
    CampaignId, CollectionPointId, DeliveryId, MailingId, MailingListId, OptInId, PolicyVersionId, PurposeId,
    SessionId, SubscriberId, stored,
};
use assent_domain::mailing_list::OptIn;
use assent_domain::suppression::SuppressionReason;
use assent_entity::collection_point::CollectionPoint;
use assent_entity::delivery::Progress;
use assent_entity::outcome::Outcome;
use assent_entity::page::PageRequest;
use assent_entity::{TenantCtx, address_change, delivery, policy, session, subscriber};
use assent_tests::house::PASSWORD;
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

/// Ann confirmed and got a campaign; Ben wants no mail of any sort.
pub(crate) async fn furnished(db: &TestStore, slug: &str) -> Furnished {
    let house = db.house(slug).await;
    let list = house.list("News", OptIn::Double, &["news"]).await;
    let form = house.form("news", &[list], &["news"]).await;
    let ann = house.member_of(&form, "ann@example.org", &["news"]).await;
    let ben = house.member_of(&form, "ben@example.org", &["news"]).await;
    house.suppress(ben, SuppressionReason::OptedOutOfAll).await;
    one_of_two(&house, &form, ann).await;
    let campaign = house.campaign("news", &[list]).await;
    house.schedule(campaign, Duration::ZERO).await;
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
