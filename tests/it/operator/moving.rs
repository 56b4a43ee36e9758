//! A member is reached elsewhere: the membership follows, and no no becomes a yes on the way (P18).

use std::time::Duration;

use assent_domain::consent::ConsentState;
use assent_domain::id::MemberId;
use assent_domain::suppression::SuppressionReason;
use assent_tests::{House, on_both};

use super::{WITH_NEWS, addresses, chores, dismiss, hire, known, mark, ops};

/// What a change of a member's address comes to.
async fn rename(house: &House<'_>, of: MemberId, email: &str) {
    let sql = format!(
        "UPDATE member SET email = '{email}', email_key = '{email}' WHERE id = {}",
        house.db.id(of)
    );
    assert_eq!(house.db.exec(&sql).await.unwrap(), 1);
}

on_both!(a_membership_follows_its_member_to_another_address, async |db| {
    let acme = db.bare_house("acme").await;
    let ops = ops(db).await;
    let mia = hire(&acme, "mia@old.example").await;
    chores(db).await;
    let person = known(&ops, "mia@old.example").await.unwrap();
    rename(&acme, mia, "mia@new.example").await;
    chores(db).await;
    assert_eq!(known(&ops, "mia@new.example").await, Some(person));
    assert_eq!(addresses(&ops).await, ["mia@new.example", "owner@acme.example"]);

    // What she says against all mail holds wherever she is.
    ops.opt_out_of_all(person).await;
    rename(&acme, mia, "mia@third.example").await;
    chores(db).await;
    assert_eq!(known(&ops, "mia@third.example").await, Some(person));
    let hash = format!(
        "address_hash = (SELECT address_hash FROM subscriber WHERE id = {})",
        db.id(person)
    );
    assert_eq!(db.count("suppression", &hash).await, 1, "the no went along");
    chores(db).await;
    assert_eq!(db.count("membership", "1 = 1").await, 2);
});

on_both!(
    a_yes_stays_with_the_mailbox_that_gave_it_and_the_membership_goes_on,
    async |db| {
        let acme = db.bare_house("acme").await;
        let ops = db.bare_house("ops").await;
        mark(db, "ops").await.unwrap();
        ops.first_policy(WITH_NEWS).await;
        let mia = hire(&acme, "mia@old.example").await;
        chores(db).await;
        let person = known(&ops, "mia@old.example").await.unwrap();
        ops.choose(person, &["news"], &[]).await;
        rename(&acme, mia, "mia@new.example").await;
        chores(db).await;
        assert_eq!(known(&ops, "mia@old.example").await, Some(person));
        assert_eq!(ops.consent(person, "news").await, Some(ConsentState::Given));
        let other = known(&ops, "mia@new.example").await.unwrap();
        assert_eq!(ops.consent(other, "news").await, None, "nobody said yes there");
        let of = |id| format!("subscriber_id = {}", db.id(id));
        assert_eq!(db.count("membership", &of(person)).await, 0);
        assert_eq!(db.count("membership", &of(other)).await, 1);
    }
);

on_both!(who_moves_to_an_address_that_is_known_is_that_person, async |db| {
    let acme = db.bare_house("acme").await;
    // The roll is read in the order of the tenants' ids, which begin with the time.
    db.clock.forward(Duration::from_secs(1));
    let brook = db.bare_house("brook").await;
    let ops = ops(db).await;
    let mia = hire(&acme, "mia@old.example").await;
    let there = hire(&brook, "mia@new.example").await;
    hire(&acme, "erased@acme.example").await;
    let moves = hire(&acme, "moves@acme.example").await;
    chores(db).await;
    let person = known(&ops, "mia@new.example").await.unwrap();
    let erased = known(&ops, "erased@acme.example").await.unwrap();
    ops.erase(erased).await;
    rename(&acme, mia, "mia@new.example").await;
    rename(&brook, there, "mia@brook.example").await;
    db.exec("DELETE FROM member WHERE email = 'erased@acme.example'")
        .await
        .unwrap();
    rename(&acme, moves, "erased@acme.example").await;
    chores(db).await;
    chores(db).await;
    assert_eq!(known(&ops, "mia@old.example").await, None);
    assert_eq!(
        addresses(&ops).await,
        [
            "mia@brook.example",
            "mia@new.example",
            "owner@acme.example",
            "owner@brook.example"
        ],
        "and an erased address stays out"
    );
    assert_eq!(known(&ops, "mia@new.example").await, Some(person));
    assert_eq!(
        db.count("membership", "subscriber_id IS NULL").await,
        1,
        "who moved to an erased address"
    );
});

on_both!(
    who_chose_an_address_on_their_own_page_is_written_to_there,
    async |db| {
        let acme = db.bare_house("acme").await;
        let ops = ops(db).await;
        let mia = hire(&acme, "mia@work.example").await;
        chores(db).await;
        let person = known(&ops, "mia@work.example").await.unwrap();
        let site = db.site();
        crate::address_change::ask(&ops, &site, person, "mia@home.example").await;
        let change = format!(
            "SELECT id FROM address_change WHERE subscriber_id = {}",
            db.id(person)
        );
        let change = assent_domain::id::stored(db.value::<uuid::Uuid>(&change).await);
        site.fill_in(&ops.address_path(person, change), &[])
            .await
            .must_be(200);
        chores(db).await;
        rename(&acme, mia, "mia@desk.example").await;
        chores(db).await;
        assert_eq!(addresses(&ops).await, ["mia@home.example", "owner@acme.example"]);
        assert_eq!(known(&ops, "mia@home.example").await, Some(person));
        ops.suppress(person, SuppressionReason::HardBounced).await;
        dismiss(&acme, mia).await;
        chores(db).await;
        assert_eq!(
            addresses(&ops).await,
            ["owner@acme.example"],
            "by membership alone"
        );
        site.close().await;
    }
);
