//! What was said no to after a backup is no after its restore, whoever said it and whatever they are known by since
//! (P06, P18); and what two rows of one person make of it.

use assent_domain::clock::{Clock, SystemClock};
use assent_domain::consent::{ConsentSource, ConsentState};
use assent_domain::disclosure::PersonField::{self, Company, Email, Name};
use assent_domain::id::{LegalOrderId, MailingListId, SubscriberId};
use assent_domain::mailing_list::SubscriptionState;
use assent_domain::permit::Refusal;

use assent_domain::suppression::SuppressionReason;
use assent_entity::erasure::settle;
use assent_entity::restriction::Restricted;
use assent_entity::{StoreError, consent, legal_order, outside_party, permission, privacy, subscriber};
use assent_tests::house::NEWS_OFFERS_BILL;
use assent_tests::partners::COURIER;
use assent_tests::sink::Sink;
use assent_tests::visitor::Site;
use assent_tests::{House, TestStore, on_both};

use crate::address_change::change;
use crate::backup::{assent, elsewhere, holds, path};
use crate::disclosure::signed_in;

async fn is_known(house: &House<'_>, id: SubscriberId) -> bool {
    match subscriber::by_id(&house.read().await, id).await {
        Ok(_) => true,
        Err(StoreError::NotFound(_)) => false,
        Err(error) => panic!("{error}"),
    }
}

async fn source(house: &House<'_>, of: SubscriberId) -> Option<ConsentSource> {
    let news = house.purpose("news").await.id;
    let newest = consent::newest(&house.read().await, of, news).await.unwrap();
    newest.map(|record| record.source)
}

/// What a person says about the courier and one field.
async fn permitted(house: &House<'_>, of: SubscriberId, field: PersonField) -> Option<ConsentState> {
    let tx = house.read().await;
    let courier = outside_party::by_name(&tx, COURIER).await.unwrap().unwrap();
    let said = permission::of(&tx, of, courier.id).await.unwrap();
    said.get(&field).map(|said| said.state)
}

async fn restrict(house: &House<'_>, of: SubscriberId) {
    let mut tx = house.write().await;
    privacy::by_person::restrict(&mut tx, of, Restricted::Yes)
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

/// Who is in the backup. All said yes to news; the last two let the courier get their address.
struct People {
    withdrew: SubscriberId,
    moved: SubscriberId,
    moved_and_erased: SubscriberId,
    /// One refused what the other goes on to say yes to, and they turn out to be one.
    merged: [SubscriberId; 2],
    /// Two turn out to be one, who is erased.
    merged_and_erased: [SubscriberId; 2],
    /// Turns out to be somebody who joins after the backup.
    joined_again: SubscriberId,
    restricted: SubscriberId,
    left: SubscriberId,
    /// Their address goes to somebody else, who is erased.
    made_way: SubscriberId,
    permits: SubscriberId,
    order: LegalOrderId,
    list: MailingListId,
}

async fn before(house: &House<'_>) -> People {
    let (list, form) = house.news().await;
    let join = async |name: &str| {
        house
            .member_of(&form, &format!("{name}@example.org"), &["news"])
            .await
    };
    let permits = join("permits").await;
    house.permit(permits, &[(Email, true), (Name, true)]).await;
    let owner = signed_in(house, "owner@acme.example").await;
    People {
        withdrew: join("withdrew").await,
        moved: join("moved").await,
        moved_and_erased: join("erased").await,
        merged: [join("one").await, join("other").await],
        merged_and_erased: [join("first").await, join("second").await],
        joined_again: join("again").await,
        restricted: join("restricted").await,
        left: join("left").await,
        made_way: join("wanted").await,
        order: house.order(owner, &[permits]).await,
        permits,
        list,
    }
}

/// What they say after the backup. Gives who joined in the meantime.
async fn since(house: &House<'_>, site: &Site, people: &People) -> SubscriberId {
    house.choose(people.withdrew, &[], &[]).await;
    change(house, site, people.moved, "moved@new.example").await;
    house.opt_out_of_all(people.moved).await;
    change(house, site, people.moved_and_erased, "erased@new.example").await;
    house.erase(people.moved_and_erased).await;

    let [one, other] = people.merged;
    house.choose(one, &[], &[]).await;
    change(house, site, one, "other@example.org").await;
    assert_eq!(source(house, other).await, Some(ConsentSource::Merge));

    let [first, second] = people.merged_and_erased;
    change(house, site, first, "second@example.org").await;
    house.erase(second).await;

    let point = house.form("late", &[people.list], &["news"]).await;
    let late = house.member_of(&point, "late@new.example", &["news"]).await;
    change(house, site, people.joined_again, "late@new.example").await;
    house.choose(late, &[], &[]).await;

    restrict(house, people.restricted).await;
    house.choose(people.left, &["news"], &[]).await;

    change(house, site, people.made_way, "wanted@new.example").await;
    let new_owner = house.member_of(&point, "wanted@example.org", &["news"]).await;
    house.erase(new_owner).await;

    house.permit(people.permits, &[(Email, false)]).await;
    let mut tx = house.write().await;
    legal_order::revoke(&mut tx, people.order).await.unwrap();
    tx.commit().await.unwrap();
    late
}

on_both!(
    p18_every_no_said_since_a_backup_holds_after_its_restore_by_whatever_id_or_address,
    async |db| {
        db.clock.set(SystemClock.now());
        let house = db.house("acme").await;
        let people = before(&house).await;
        let (sink, file, nos) = (
            Sink::discarding(),
            db.data_dir().join("backup"),
            db.data_dir().join("nos"),
        );
        let began = SystemClock.now();
        assent(db, &sink, &["backup", path(&file)]).expect("a backup");
        db.clock.set(SystemClock.now());
        let site = db.site();
        let late = since(&house, &site, &people).await;
        site.close().await;
        let export = ["nos", "export", path(&nos), "--since", &began.to_string()];
        assent(db, &sink, &export).expect("a list");

        let mut place = elsewhere(db.backend).await;
        let told = assent(&place, &sink, &["restore", path(&file), "--nos", path(&nos)]).expect("a restore");
        place.come_back().await;
        holds(&place).await;
        check(&place, &house, &people, late).await;
        assert!(
            told.contains("21 noes that were said since hold now; 1 have nothing"),
            "{told}"
        );
        place.remove().await;
    }
);

async fn check(place: &TestStore, house: &House<'_>, people: &People, late: SubscriberId) {
    let restored = House {
        db: place,
        ctx: house.ctx,
    };
    let [one, other] = people.merged;
    assert_eq!(
        source(&restored, people.withdrew).await,
        Some(ConsentSource::Restore)
    );
    for (of, refusal) in [
        (people.withdrew, Refusal::ConsentWithdrawn),
        (people.moved, Refusal::OptedOutOfAll),
        (other, Refusal::ConsentWithdrawn),
        (people.joined_again, Refusal::ConsentWithdrawn),
        (people.restricted, Refusal::Restricted),
    ] {
        assert_eq!(restored.decision(of, "news").await, Some(refusal), "{refusal}");
    }
    let [first, second] = people.merged_and_erased;
    for gone in [people.moved_and_erased, one, first, second, late] {
        assert!(!is_known(&restored, gone).await);
    }
    for of in [people.left, people.joined_again] {
        let lists = restored.subscriptions(of).await;
        assert_eq!(lists[&people.list], SubscriptionState::Ended);
    }
    assert!(
        is_known(&restored, people.made_way).await,
        "another had that address"
    );
    assert_eq!(
        permitted(&restored, people.permits, Email).await,
        Some(ConsentState::Withdrawn)
    );
    assert_eq!(
        permitted(&restored, people.permits, Name).await,
        Some(ConsentState::Given)
    );
    let order = legal_order::by_id(&restored.read().await, people.order)
        .await
        .unwrap();
    assert!(order.revoked_at.is_some());

    let erasures = "kind = 'ERASURE' AND state = 'DONE' AND settled_at IS NULL";
    assert_eq!(
        place.count("privacy_request", erasures).await,
        3,
        "each stands as done"
    );
    let to_settle = settle::open(&place.store).await.unwrap();
    assert_eq!(
        to_settle.len(),
        1,
        "and a worker sees to what lies outside the tables"
    );
}

on_both!(
    p18_a_no_to_an_outside_party_wins_a_merge_over_a_yes_a_question_and_nothing,
    async |db| {
        // The second version names the courier, of whom everybody is asked.
        let house = db.bare_house("acme").await;
        let first = house.draft_without_parties(NEWS_OFFERS_BILL).await;
        house.post(first, db.store.now()).await.unwrap();
        let (_, form) = house.news().await;
        let gone = house.member_of(&form, "old@example.org", &["news"]).await;
        let stays = house.member_of(&form, "new@example.org", &["news"]).await;
        house.next_policy(NEWS_OFFERS_BILL).await;
        // She joins when it is in force, and is never asked.
        let quiet = house.member_of(&form, "quiet@example.org", &["news"]).await;
        let noes = [(Email, false), (Name, false)];
        house.permit(gone, &[noes[0], noes[1], (Company, true)]).await;
        house.permit(stays, &[(Email, true)]).await;
        assert_eq!(
            permitted(&house, stays, Name).await,
            Some(ConsentState::Requested)
        );
        assert_eq!(permitted(&house, quiet, Email).await, None);

        let site = db.site();
        change(&house, &site, gone, "new@example.org").await;
        assert_eq!(
            permitted(&house, stays, Email).await,
            Some(ConsentState::Withdrawn)
        );
        assert_eq!(permitted(&house, stays, Name).await, Some(ConsentState::Refused));
        assert_eq!(
            permitted(&house, stays, Company).await,
            Some(ConsentState::Requested),
            "a yes is asked for anew"
        );
        restrict(&house, stays).await;
        house.suppress(stays, SuppressionReason::Complained).await;
        change(&house, &site, stays, "quiet@example.org").await;
        assert_eq!(permitted(&house, quiet, Email).await, Some(ConsentState::Refused));
        let person = subscriber::by_id(&house.read().await, quiet).await.unwrap();
        assert!(person.restricted_at.is_some());
        assert_eq!(house.decision(quiet, "news").await, Some(Refusal::Complained));
        holds(db).await;
        site.close().await;
    }
);
