//! Memberships that end: who was there by membership alone is erased in the operator's tenant, and nobody else.

use std::time::Duration;

use assent_domain::consent::ConsentState;
use assent_domain::mailing_list::OptIn;
use assent_domain::retention::UNCONFIRMED;
use assent_domain::tenant_life::GraceDays;
use assent_entity::outcome::Outcome;
use assent_entity::{TenantTx, copy, tenant, tenant_end, tenant_life, verify};
use assent_tests::{TestStore, on_both};

use super::{SERVICE, WITH_NEWS, addresses, chores, dismiss, hire, known, mark, ops, post_next};

const DAY: Duration = Duration::from_hours(24);

/// Closes a tenant, to be deleted after a day.
async fn close(db: &TestStore, slug: &str) {
    let ctx = tenant::for_operator(&db.store, slug).await.unwrap().unwrap();
    let mut tx = TenantTx::write(&db.store, ctx).await.unwrap();
    let (name, grace) = (format!("House {slug}"), GraceDays::new(1).unwrap());
    tenant_life::close(&mut tx, &name, "they leave", grace)
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

/// Deletes the tenants whose day has come.
async fn delete_due(db: &TestStore) {
    for ending in tenant_end::due(&db.store).await.unwrap() {
        tenant_end::begin(&db.store, ending).await.unwrap();
        tenant_end::delete_rows(&db.store, ending).await.unwrap();
        tenant_end::finish(&db.store, ending).await.unwrap();
    }
}

on_both!(
    p17_who_was_there_by_membership_alone_is_erased_when_it_ends,
    async |db| {
        let acme = db.bare_house("acme").await;
        let ops = ops(db).await;
        let mia = hire(&acme, "mia.quince@acme.example").await;
        chores(db).await;
        let person = known(&ops, "mia.quince@acme.example").await.unwrap();
        let version = post_next(&ops, WITH_NEWS).await;
        ops.send_notices(version).await;
        // Longer than somebody who does not confirm is kept.
        db.clock.forward(2 * UNCONFIRMED);
        chores(db).await;
        assert_eq!(known(&ops, "mia.quince@acme.example").await, Some(person));
        dismiss(&acme, mia).await;
        chores(db).await;
        assert_eq!(addresses(&ops).await, ["owner@acme.example"]);
        assert_eq!(db.count("membership", "1 = 1").await, 1);
        let of_ops = format!("tenant_id = {}", db.id(ops.ctx.tenant()));
        let quince = format!("{of_ops} AND evidence LIKE '%quince%'");
        assert_eq!(db.count("ledger_evidence", &quince).await, 0);
        assert_eq!(db.count("consent", &of_ops).await, 1, "of who is left");
        assert_eq!(db.count("suppression", &of_ops).await, 0, "nobody said no");
        let reports = verify::all(&db.store, |_, _| {}).await.unwrap();
        assert!(reports.iter().all(|report| report.fault.is_none()));
        // So they may be hired again.
        hire(&acme, "mia.quince@acme.example").await;
        chores(db).await;
        let anew = known(&ops, "mia.quince@acme.example").await;
        assert!(anew.is_some_and(|anew| anew != person));
    }
);

on_both!(
    who_joined_on_their_own_or_said_yes_stays_when_the_membership_ends,
    async |db| {
        let acme = db.bare_house("acme").await;
        let ops = db.bare_house("ops").await;
        mark(db, "ops").await.unwrap();
        ops.first_policy(WITH_NEWS).await;
        let list = ops.list("News", OptIn::Double, &["news"]).await;
        let form = ops.form("news", &[list], &["news"]).await;
        let before = ops.member_of(&form, "before@acme.example", &["news"]).await;
        let mut members = Vec::new();
        for name in ["before", "after", "yes", "typed", "no"] {
            members.push(hire(&acme, &format!("{name}@acme.example")).await);
        }
        chores(db).await;
        assert_eq!(
            known(&ops, "before@acme.example").await,
            Some(before),
            "one person is one subscriber"
        );
        let after = ops.member_of(&form, "after@acme.example", &["news"]).await;
        let yes = known(&ops, "yes@acme.example").await.unwrap();
        let no = known(&ops, "no@acme.example").await.unwrap();
        let (_, typed) = ops.join(&form, "typed@acme.example", &["news"]).await;
        ops.choose(yes, &["news"], &[]).await;
        ops.choose(no, &["news"], &[]).await;
        ops.choose(no, &[], &[]).await;
        assert_eq!(ops.consent(no, "news").await, Some(ConsentState::Withdrawn));
        for member in members {
            dismiss(&acme, member).await;
        }
        chores(db).await;
        let left = [before, after, yes, typed].map(Some);
        for (name, expected) in ["before", "after", "yes", "typed"].iter().zip(left) {
            assert_eq!(
                known(&ops, &format!("{name}@acme.example")).await,
                expected,
                "{name}"
            );
        }
        assert_eq!(known(&ops, "no@acme.example").await, None);
        assert_eq!(db.count("membership", "1 = 1").await, 1, "the owner's");
        assert_eq!(ops.consent(yes, "news").await, Some(ConsentState::Given));
        // Somebody typed it, and nobody confirmed: that has its own time.
        db.clock.forward(UNCONFIRMED + DAY);
        chores(db).await;
        chores(db).await;
        assert_eq!(known(&ops, "typed@acme.example").await, None);
    }
);

on_both!(a_member_of_two_tenants_stays_until_both_end, async |db| {
    let acme = db.bare_house("acme").await;
    let brook = db.bare_house("brook").await;
    let ops = ops(db).await;
    let at_acme = hire(&acme, "Mia@both.example").await;
    let at_brook = hire(&brook, "mia@both.example").await;
    chores(db).await;
    let person = known(&ops, "mia@both.example").await.unwrap();
    assert_eq!(addresses(&ops).await.len(), 3);
    let of_her = format!("subscriber_id = {}", db.id(person));
    assert_eq!(db.count("membership", &of_her).await, 2);
    dismiss(&acme, at_acme).await;
    chores(db).await;
    assert_eq!(known(&ops, "mia@both.example").await, Some(person));
    assert_eq!(db.count("membership", &of_her).await, 1);
    dismiss(&brook, at_brook).await;
    chores(db).await;
    assert_eq!(known(&ops, "mia@both.example").await, None);
});

on_both!(both_memberships_that_end_at_once_end_once, async |db| {
    let acme = db.bare_house("acme").await;
    let brook = db.bare_house("brook").await;
    let ops = ops(db).await;
    let at_acme = hire(&acme, "mia@both.example").await;
    let at_brook = hire(&brook, "mia@both.example").await;
    chores(db).await;
    dismiss(&acme, at_acme).await;
    dismiss(&brook, at_brook).await;
    chores(db).await;
    assert_eq!(known(&ops, "mia@both.example").await, None);
    assert_eq!(db.count("membership", "1 = 1").await, 2, "the owners'");
});

on_both!(
    p17_who_asked_something_has_the_answer_before_they_are_erased,
    async |db| {
        let acme = db.bare_house("acme").await;
        let ops = ops(db).await;
        let mia = hire(&acme, "mia@acme.example").await;
        chores(db).await;
        let site = db.site();
        site.fill_in(
            "/t/ops/privacy",
            &[("email", "mia@acme.example"), ("message", "What do you hold?")],
        )
        .await
        .must_be(200);
        dismiss(&acme, mia).await;
        chores(db).await;
        assert!(
            known(&ops, "mia@acme.example").await.is_some(),
            "an answer is owed"
        );
        assert_eq!(db.count("membership", "ended_at IS NOT NULL").await, 1);
        db.exec("UPDATE privacy_request SET state = 'DONE', closed_at = due_at, answer = 'Your address.'")
            .await
            .unwrap();
        chores(db).await;
        assert_eq!(known(&ops, "mia@acme.example").await, None);
        assert_eq!(db.count("membership", "ended_at IS NOT NULL").await, 0);
        site.close().await;
    }
);

on_both!(
    members_of_a_closed_tenant_are_erased_when_it_is_deleted,
    async |db| {
        let ops = ops(db).await;
        db.house("acme").await;
        db.house("brook").await;
        chores(db).await;
        close(db, "acme").await;
        chores(db).await;
        assert_eq!(
            addresses(&ops).await,
            ["owner@acme.example", "owner@brook.example"],
            "they sign in until then"
        );
        db.clock.forward(DAY);
        delete_due(db).await;
        chores(db).await;
        assert_eq!(addresses(&ops).await, ["owner@brook.example"]);
        assert_eq!(db.count("membership", "1 = 1").await, 1);
    }
);

on_both!(
    a_closed_operator_takes_nobody_in_forgets_all_the_same_and_makes_room_for_another,
    async |db| {
        let acme = db.house("acme").await;
        let ops = ops(db).await;
        let mia = hire(&acme, "mia@acme.example").await;
        chores(db).await;
        close(db, "ops").await;
        hire(&acme, "new@acme.example").await;
        dismiss(&acme, mia).await;
        chores(db).await;
        assert_eq!(addresses(&ops).await, ["owner@acme.example"]);
        assert!(mark(db, "ops").await.is_err() && mark(db, "acme").await.is_err());
        db.clock.forward(DAY);
        delete_due(db).await;
        assert_eq!(db.count("membership", "1 = 1").await, 0);
        chores(db).await;
        let next = db.bare_house("next").await;
        mark(db, "next").await.unwrap();
        next.first_policy(SERVICE).await;
        chores(db).await;
        assert_eq!(addresses(&next).await, ["new@acme.example", "owner@acme.example"]);
    }
);

on_both!(a_no_is_not_undone_by_a_membership, async |db| {
    let acme = db.bare_house("acme").await;
    let ops = ops(db).await;
    hire(&acme, "out@acme.example").await;
    let erased = hire(&acme, "erased@acme.example").await;
    chores(db).await;
    let out = known(&ops, "out@acme.example").await.unwrap();
    ops.opt_out_of_all(out).await;
    let person = known(&ops, "erased@acme.example").await.unwrap();
    ops.erase(person).await;
    chores(db).await;
    // The same address, by a membership in another tenant, or a new one.
    let brook = db.bare_house("brook").await;
    for name in ["out", "erased"] {
        hire(&brook, &format!("{name}@acme.example")).await;
    }
    dismiss(&acme, erased).await;
    hire(&acme, "erased@acme.example").await;
    chores(db).await;
    assert_eq!(known(&ops, "erased@acme.example").await, None, "it stays out");
    assert_eq!(known(&ops, "out@acme.example").await, Some(out));
    let version = post_next(&ops, WITH_NEWS).await;
    let told = ops.send(ops.notices(version).await, Outcome::Sent).await;
    let mut told: Vec<_> = told
        .iter()
        .map(|claim| claim.permit.addressee().address.expose())
        .collect();
    told.sort();
    assert_eq!(
        told,
        ["owner@acme.example", "owner@brook.example", "owner@ops.example"]
    );
    assert_eq!(db.count("suppression", "1 = 1").await, 2, "what they said stands");
});

on_both!(
    p17_a_copy_says_of_which_companies_somebody_is_a_member,
    async |db| {
        let acme = db.bare_house("acme").await;
        let ops = ops(db).await;
        let mia = hire(&acme, "mia@acme.example").await;
        chores(db).await;
        let person = known(&ops, "mia@acme.example").await.unwrap();
        let tx = ops.read().await;
        let copy = copy::of_person(&tx, person).await.unwrap();
        assert_eq!(copy.memberships.len(), 1);
        assert_eq!(copy.memberships[0].tenant, acme.ctx.tenant().to_string());
        assert_eq!(copy.memberships[0].member, mia.to_string());
        drop(tx);
        let site = db.site();
        let read = site.fill_in(&ops.privacy_path(person), &[("act", "read")]).await;
        assert!(read.must_be(200).text().contains(&acme.ctx.tenant().to_string()));
        site.close().await;
    }
);
