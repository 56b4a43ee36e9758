//! The operator's own policy towards the members of all tenants: the same mechanism, for a tenant of its own (P07, P08,
//! P10, P11).

use assent_domain::id::{MemberId, PolicyVersionId, SubscriberId};
use assent_domain::permit::Refusal;
use assent_domain::policy::NOTICE_PERIOD;
use assent_domain::purpose::PurposeKind::{Essential, Marketing};
use assent_domain::tenant::{Role, Slug};
use assent_entity::member::{self, NewMember};
use assent_entity::outcome::Outcome;
use assent_entity::tenant::NewTenant;
use assent_entity::{StoreError, chore, operator, policy, subscriber, tenant, verify};
use assent_tests::dump::difference;
use assent_tests::house::{PASSWORD, Purposes, address};
use assent_tests::{House, TestStore, on_both};
use assent_worker::Workers;
use assent_worker::chores::Chores;
use serde_json::{Value, json};

use crate::erasure::worker;
use crate::renewal_mail::{link_in, mail_to};

mod leaving;
mod moving;
mod told;

/// What the operator's first policy names: nothing but the service.
pub(crate) const SERVICE: Purposes<'static> = &[("service", Essential)];

/// The same, and news of products.
pub(crate) const WITH_NEWS: Purposes<'static> = &[("service", Essential), ("news", Marketing)];

/// Makes a tenant the operator's.
pub(crate) async fn mark(db: &TestStore, slug: &str) -> Result<(), StoreError> {
    let ctx = tenant::for_operator(&db.store, slug).await.unwrap().unwrap();
    let mut tx = assent_entity::TenantTx::write(&db.store, ctx).await?;
    operator::mark(&mut tx).await?;
    tx.commit().await
}

/// The operator's tenant, with a policy in force.
pub(crate) async fn ops(db: &TestStore) -> House<'_> {
    let house = db.bare_house("ops").await;
    mark(db, "ops").await.unwrap();
    house.first_policy(SERVICE).await;
    house
}

/// Does the chores of every tenant, as a worker does.
pub(crate) async fn chores(db: &TestStore) {
    for ctx in chore::tenants(&db.store).await.unwrap() {
        chore::of_tenant(&db.store, ctx).await.unwrap();
    }
}

/// Makes somebody a member.
pub(crate) async fn hire(house: &House<'_>, email: &str) -> MemberId {
    let new = NewMember::new(address(email), PASSWORD.into()).await.unwrap();
    let mut tx = house.write().await;
    let id = member::create(&mut tx, new, Role::Analyst).await.unwrap();
    tx.commit().await.unwrap();
    id
}

/// Lets a member leave.
pub(crate) async fn dismiss(house: &House<'_>, of: MemberId) {
    let mut tx = house.write().await;
    member::remove(&mut tx, of).await.unwrap();
    tx.commit().await.unwrap();
}

/// The subscriber of the operator's tenant with this address.
pub(crate) async fn known(ops: &House<'_>, email: &str) -> Option<SubscriberId> {
    let tx = ops.read().await;
    let found = subscriber::with_address(&tx, &address(email)).await.unwrap();
    found.map(|person| person.id)
}

/// The addresses of the operator's subscribers, in order.
pub(crate) async fn addresses(ops: &House<'_>) -> Vec<String> {
    let sql = format!(
        "SELECT email FROM subscriber WHERE tenant_id = {} ORDER BY email",
        ops.db.id(ops.ctx.tenant())
    );
    ops.db.column(&sql).await
}

/// The number of the version under which somebody was collected.
async fn collected_under(ops: &House<'_>, email: &str) -> i32 {
    let tx = ops.read().await;
    let person = subscriber::with_address(&tx, &address(email))
        .await
        .unwrap()
        .unwrap();
    let version = policy::by_id(&tx, person.collected_under).await.unwrap();
    version.times.number
}

/// What a member is told of the operator's policy.
const VIEWER: &str = "{ viewer { operatorPolicy { company number url toldAt } } }";

/// Drafts and posts a version that takes effect in a week.
pub(crate) async fn post_next(ops: &House<'_>, purposes: Purposes<'_>) -> PolicyVersionId {
    let version = ops.draft(purposes).await;
    ops.post(version, ops.db.store.now().after(NOTICE_PERIOD))
        .await
        .unwrap();
    version
}

on_both!(
    p08_members_of_all_tenants_are_told_of_the_operators_policy_and_choose,
    async |db| {
        let acme = db.bare_house("acme").await;
        hire(&acme, "mia@acme.example").await;
        db.bare_house("brook").await;
        let ops = ops(db).await;
        let site = db.site();
        let mia = site.member("acme", "mia@acme.example").await;
        let before = mia.data(VIEWER, json!({})).await;
        let url = format!("http://{}/t/ops/policy/1", site.address);
        let expected = json!({ "company": "House ops", "number": 1, "url": url, "toldAt": null });
        assert_eq!(before["viewer"]["operatorPolicy"], expected);
        site.get("/t/ops/policy/1").await.must_be(200);

        let settings = worker(db, &site);
        let round = Chores::open(db.store.clone(), &settings).await.unwrap();
        round.round().await;
        assert_eq!(
            addresses(&ops).await,
            ["mia@acme.example", "owner@acme.example", "owner@brook.example"],
            "not the operator's own members, who are told as such"
        );
        let workers = Workers::start(db.store.clone(), settings).await.unwrap();
        let version = post_next(&ops, WITH_NEWS).await;
        let mail = mail_to(&site, "mia@acme.example", "/choices/").await;
        assert!(mail.contains("Auto-Submitted: auto-generated"), "{mail}");
        let choices = link_in(&mail, &site, "/choices/");
        let page = site.get(&choices).await;
        assert_eq!(page.must_be(200).count("input[type=radio]"), 2);
        assert_eq!(page.count("input[checked]"), 0, "nothing is ticked");
        site.answer_page(&choices, &[("choice_news", "yes")])
            .await
            .must_be(200);
        for owner in ["owner@acme.example", "owner@brook.example"] {
            mail_to(&site, owner, "/choices/").await;
        }
        // The operator's own members are told, and have nothing to choose.
        mail_to(&site, "owner@ops.example", "/t/ops/policy/2").await;
        workers.stop().await;

        db.clock.forward(NOTICE_PERIOD);
        let news = async |email: &str| {
            let id = known(&ops, email).await.unwrap();
            ops.decision(id, "news").await
        };
        // She said yes, but is on no list: nothing goes to her that she did not join.
        assert_eq!(news("mia@acme.example").await, Some(Refusal::Unsubscribed));
        assert_eq!(news("owner@acme.example").await, Some(Refusal::ChoicePending));
        let service = known(&ops, "owner@brook.example").await.unwrap();
        assert_eq!(ops.decision(service, "service").await, None, "essential");
        let mia = site.member("acme", "mia@acme.example").await;
        let told = mia.data(VIEWER, json!({})).await["viewer"]["operatorPolicy"].clone();
        assert_eq!(told["number"], 2);
        assert_eq!(told["toldAt"], "2026-03-02T09:00:00Z", "{told}");
        let own = site.owner("ops").await.data(VIEWER, json!({})).await;
        assert_eq!(own["viewer"]["operatorPolicy"], Value::Null);
        let tx = ops.read().await;
        assert_eq!(policy::in_force(&tx).await.unwrap().unwrap().id, version);
        drop(tx);
        let reports = verify::all(&db.store, |_, _| {}).await.unwrap();
        assert!(reports.iter().all(|report| report.fault.is_none()));
        site.close().await;
    }
);

on_both!(
    what_the_operator_notes_of_members_stands_in_its_own_tenant_and_is_noted_once,
    async |db| {
        let acme = db.house("acme").await;
        hire(&acme, "mia@acme.example").await;
        chores(db).await;
        let ops = ops(db).await;
        let before = db.dump().await;
        chores(db).await;
        let after = db.dump().await;
        let changed = difference(&before, &after);
        assert!(!changed.is_empty());
        let of_acme = acme.ctx.tenant().uuid();
        let (plain, hex) = (of_acme.to_string(), of_acme.simple().to_string().to_uppercase());
        for line in &changed {
            let theirs = line.contains(&plain) || line.contains(&hex);
            assert!(!theirs || line.contains("membership: +"), "{line}");
        }
        let again = db.open_again().await;
        for store in [&db.store, &again] {
            for ctx in chore::tenants(store).await.unwrap() {
                chore::of_tenant(store, ctx).await.unwrap();
            }
        }
        assert_eq!(difference(&after, &db.dump().await), [""; 0], "once");
        for number in 0..30 {
            hire(&acme, &format!("member{number}@acme.example")).await;
        }
        // Two workers at once.
        let ctx = chore::tenants(&db.store).await.unwrap();
        let ctx = ctx
            .into_iter()
            .find(|of| of.tenant() == ops.ctx.tenant())
            .unwrap();
        let both = tokio::join!(chore::of_tenant(&db.store, ctx), chore::of_tenant(&again, ctx));
        assert!(both.0.is_ok() || both.1.is_ok(), "{both:?}");
        chores(db).await;
        assert_eq!(db.count("membership", "ended_at IS NULL").await, 32);
        assert_eq!(addresses(&ops).await.len(), 32);
        let began = format!(
            "tenant_id = {} AND facts LIKE '%MEMBERSHIP_BEGAN%'",
            db.id(ops.ctx.tenant())
        );
        assert_eq!(db.count("ledger", &began).await, 32);
    }
);

on_both!(there_is_one_operator_at_most, async |db| {
    let acme = db.bare_house("acme").await;
    db.bare_house("ops").await;
    mark(db, "ops").await.unwrap();
    let before = db.dump().await;
    for slug in ["acme", "ops"] {
        let refused = mark(db, slug).await;
        assert!(
            matches!(refused, Err(StoreError::Conflict { field: "tenant", .. })),
            "{slug}: {refused:?}"
        );
    }
    let new = NewTenant {
        slug: Slug::parse("second").unwrap(),
        name: "Second".to_owned(),
        sender_name: "Second".to_owned(),
        sender_address: address("news@second.example"),
        privacy_contact: address("news@second.example"),
        postal_address: "2 Main Street".to_owned(),
    };
    let owner = NewMember::new(address("owner@second.example"), PASSWORD.into())
        .await
        .unwrap();
    let refused = tenant::create_operators(&db.store, new, owner).await;
    assert!(matches!(refused, Err(StoreError::Conflict { .. })), "{refused:?}");
    for set in [
        "operator_since = 1, operator_mark = 1",
        "operator_since = 1, operator_mark = 2",
        "operator_since = 1",
        "operator_mark = 1",
    ] {
        let sql = format!("UPDATE tenant SET {set} WHERE id = {}", db.id(acme.ctx.tenant()));
        assert!(db.exec(&sql).await.is_err(), "{set}");
    }
    assert_eq!(difference(&before, &db.dump().await), [""; 0]);
    let entry = "SELECT COUNT(*) FROM ledger WHERE facts LIKE '%OPERATOR_TENANT_SET%' AND facts LIKE '%\"operator\"%'";
    assert_eq!(db.value::<i64>(entry).await, 1, "it is on the record");
});

on_both!(
    p10_members_are_taken_in_once_a_policy_is_in_force_and_under_that_of_their_day,
    async |db| {
        let acme = db.bare_house("acme").await;
        let ops = db.bare_house("ops").await;
        mark(db, "ops").await.unwrap();
        chores(db).await;
        assert_eq!(addresses(&ops).await, [""; 0], "no policy is in force");
        let site = db.site();
        let owner = site.owner("acme").await;
        let none = owner.data(VIEWER, json!({})).await;
        assert_eq!(none["viewer"]["operatorPolicy"], Value::Null);
        ops.first_policy(SERVICE).await;
        chores(db).await;
        assert_eq!(collected_under(&ops, "owner@acme.example").await, 1);

        let version = post_next(&ops, WITH_NEWS).await;
        ops.send_notices(version).await;
        db.clock.forward(NOTICE_PERIOD / 2);
        hire(&acme, "early@acme.example").await;
        chores(db).await;
        let told = ops.send(ops.notices(version).await, Outcome::Sent).await;
        assert_eq!(told.len(), 1, "who comes while it is announced is told of it too");
        hire(&acme, "late@acme.example").await;
        db.clock.forward(NOTICE_PERIOD);
        hire(&acme, "new@acme.example").await;
        chores(db).await;
        assert_eq!(collected_under(&ops, "early@acme.example").await, 1);
        assert_eq!(
            collected_under(&ops, "late@acme.example").await,
            1,
            "no worker came by in their week: that of the day counts"
        );
        assert_eq!(collected_under(&ops, "new@acme.example").await, 2);
        let told = ops.send(ops.notices(version).await, Outcome::Sent).await;
        let told: Vec<_> = told
            .iter()
            .map(|claim| claim.permit.addressee().address.expose())
            .collect();
        assert_eq!(told, ["late@acme.example"], "and they are told what came since");
        site.close().await;
    }
);
