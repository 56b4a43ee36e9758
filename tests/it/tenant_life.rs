//! The life of a tenant: closed, it sends nothing and takes nobody in, and its people keep their rights; reopened, it
//! goes on where it was.

use std::collections::BTreeSet;
use std::time::Duration;

use assent_api::graphql::sdl;
use assent_domain::campaign::CampaignStatus;
use assent_domain::consent::ConsentState;
use assent_domain::delivery::DeliveryStatus;
use assent_domain::permit::Refusal;
use assent_domain::policy::NOTICE_PERIOD;
use assent_domain::purpose::PurposeKind::Marketing;
use assent_domain::tenant::Role;
use assent_domain::tenant_life::GraceDays;
use assent_entity::mailing::Turn;
use assent_entity::member::{self, NewMember};
use assent_entity::outcome::Outcome;
use assent_entity::{StoreError, campaign, chore, delivery, tenant_life};
use assent_tests::dump::difference;
use assent_tests::house::{House, PASSWORD, address};
use assent_tests::http::Client;
use assent_tests::on_both;
use assent_tests::visitor::Site;
use serde_json::{Value, json};

use crate::furnished::{due_campaign, furnished};
use crate::isolation::atlas::Atlas;
use crate::isolation::{all_ids, one_of_each, sights, ways_in};

mod ending;
pub(crate) mod export;

const CLOSE: &str = "mutation($input: CloseTenantInput!) {
    closeTenant(input: $input) { tenant { name status closing { since deleteAt } } } }";

fn closing_of(name: &str) -> Value {
    json!({ "input": { "name": name, "reason": "we stop writing" } })
}

/// The owner closes the tenant.
async fn close(owner: &Client<'_>, slug: &str) -> Value {
    let closed = owner.data(CLOSE, closing_of(&format!("House {slug}"))).await;
    closed["closeTenant"]["tenant"].clone()
}

/// The operator closes the tenant, to be deleted after 30 days.
async fn close_by_operator(house: &House<'_>) {
    let mut tx = house.write().await;
    let name = "House acme";
    tenant_life::close(&mut tx, name, "they stop writing", GraceDays::default())
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

async fn reopen(house: &House<'_>) -> Result<(), StoreError> {
    let mut tx = house.write().await;
    tenant_life::reopen(&mut tx, "they were wrong").await?;
    tx.commit().await
}

on_both!(
    p18_a_closed_tenant_sends_nothing_and_what_waited_goes_on_when_it_is_reopened,
    async |db| {
        let (house, people, id) = due_campaign(db, 4).await;
        let (worker, site) = (db.worker(), db.site());
        let version = house.draft(&[("news", Marketing), ("more", Marketing)]).await;
        let effective = db.store.now().after(NOTICE_PERIOD);
        house.post(version, effective).await.unwrap();
        let notice = house.notices(version).await;
        let telling = house.begin(notice, worker).await;
        let under_way = house.begin(id, worker).await;
        let first = house.turn(&under_way, worker, &[], 1).await.unwrap();
        assert_eq!((first.goes_on, first.claims.len()), (true, 1));
        let owner = site.owner("acme").await;

        let wrong = owner.refused(CLOSE, closing_of("House brook")).await;
        assert_eq!(
            (wrong.code.as_str(), wrong.field.as_str()),
            ("BAD_USER_INPUT", "name")
        );
        assert_eq!(house.decision(people[0], "news").await, None, "it is open still");
        let closed = close(&owner, "acme").await;
        assert_eq!(closed["closing"]["since"], "2026-03-02T09:00:00Z");
        assert_eq!(closed["closing"]["deleteAt"], "2026-04-01T09:00:00Z");
        let again = owner.refused(CLOSE, closing_of("House acme")).await;
        assert_eq!(again.code, "TENANT_CLOSED");

        assert_eq!(
            house.decision(people[0], "news").await,
            Some(Refusal::TenantClosed)
        );
        for mailing in [&under_way, &telling] {
            let turn = house.turn(mailing, worker, &[], 20).await.unwrap();
            assert_eq!((turn.goes_on, turn.claims.len(), turn.refused), (false, 0, 0));
        }
        assert!(matches!(house.acquire(notice, worker).await, Turn::Waiting));
        let jobs = db.count("outbox", "1 = 1").await;
        db.clock.forward(Duration::from_hours(24 * 5));
        chore::of_tenant(&db.store, house.ctx).await.unwrap();
        assert_eq!(db.count("outbox", "1 = 1").await, jobs, "no chore writes mail");
        assert_eq!(
            db.count("delivery", "refusal IS NOT NULL").await,
            0,
            "nothing was given up"
        );

        reopen(&house).await.unwrap();
        assert!(db.count("outbox", "1 = 1").await > jobs, "what waited is woken");
        assert_eq!(house.send(notice, Outcome::Sent).await.len(), 5);
        let mut tx = house.write().await;
        let campaign = under_way.campaign.unwrap();
        let status = campaign::by_id(&tx, campaign).await.unwrap().status;
        assert_eq!(
            status,
            CampaignStatus::Paused,
            "that goes on when a member says so"
        );
        campaign::resume(&mut tx, campaign).await.unwrap();
        tx.commit().await.unwrap();
        house.send(id, Outcome::Sent).await;
        let tx = house.read().await;
        let progress = delivery::progress(&tx, id).await.unwrap();
        let (sent, unknown) = (
            progress.of(DeliveryStatus::Sent),
            progress.of(DeliveryStatus::Unknown),
        );
        assert_eq!((sent, unknown), (3, 1), "{progress:?}");
        drop(tx);
        let acts = "kind = 'AUDIT' AND (facts LIKE '%TENANT_CLOSED%' OR facts LIKE '%TENANT_REOPENED%'
                    OR facts LIKE '%CAMPAIGN_PAUSED%')";
        assert_eq!(db.count("ledger", acts).await, 3);
        site.close().await;
    }
);

/// What a member may do in a closed tenant too.
const ALLOWED: &[&str] = &[
    "signIn",
    "signOut",
    "refreshSession",
    // The answer is the same everywhere, and in a closed tenant nothing comes of it.
    "requestPasswordReset",
    "endSession",
    "endOtherSessions",
    "endMemberSessions",
    "carryOutPrivacyRequest",
    // It only takes away.
    "disableWebhookEndpoint",
];

on_both!(a_closed_tenant_can_be_read_and_not_changed, async |db| {
    let atlas = Atlas::of(&sdl());
    let acme = furnished(db, "acme").await;
    let (house, site) = (House { db, ctx: acme.ctx }, db.site());
    let owner = site.owner("acme").await;
    let own = one_of_each(&all_ids(&acme, &sights(&atlas, &owner).await));
    close(&owner, "acme").await;
    let before = db.dump().await;
    let owner = site.owner("acme").await;
    let (mut closed, mut others) = (0, BTreeSet::new());
    for entry in atlas.entries() {
        let ids = ways_in(&entry, &own).remove(0);
        let (query, variables) = atlas.call(&entry, &ids);
        if !query.starts_with("mutation") || ALLOWED.contains(&entry.name.as_str()) {
            continue;
        }
        let refused = owner.refused(&query, variables).await;
        if refused.code == "TENANT_CLOSED" {
            assert!(refused.message.contains("2026-"), "{refused:?}");
            closed += 1;
        } else {
            others.insert((entry.name, refused.code));
        }
    }
    // What is not read as an id or a time does not come so far.
    assert!(
        others.iter().all(|(_, code)| code == "BAD_USER_INPUT"),
        "{others:?}"
    );
    assert!(closed >= 25, "only {closed}: {others:?}");
    sights(&atlas, &owner).await;
    let changed = difference(&before, &db.dump().await);
    let noted = ["ledger", "session", "credential"];
    let of_log = |line: &&String| {
        !noted
            .iter()
            .any(|table| line.contains(&format!("{table}: ")) || line.contains("ledger_"))
    };
    assert_eq!(
        changed.iter().find(of_log),
        None,
        "reading is noted, and that is all"
    );

    let developer = NewMember::new(address("dev@acme.example"), PASSWORD.into())
        .await
        .unwrap();
    let mut tx = house.write().await;
    member::create(&mut tx, developer, Role::Developer).await.unwrap();
    tx.commit().await.unwrap();
    reopen(&house).await.unwrap();
    let refused = site.member("acme", "dev@acme.example").await;
    let refused = refused.refused(CLOSE, closing_of("House acme")).await;
    assert_eq!(refused.code, "FORBIDDEN", "owners close a tenant");
    site.close().await;
});

on_both!(
    p03_a_closed_tenant_takes_a_no_and_no_yes_and_says_so_on_every_page,
    async |db| {
        let house = db.house("acme").await;
        let (list, form) = house.news().await;
        let ann = house.member_of(&form, "ann@example.org", &["news"]).await;
        let (_, ben) = house.join(&form, "ben@example.org", &["news"]).await;
        let opt_in = house.newest_opt_in(ben).await;
        let campaign = house.campaign("news", &[list]).await;
        house.schedule(campaign, Duration::ZERO).await;
        let unsubscribe = house.unsubscribe_path(ann, house.mailing_of(campaign).await);
        close_by_operator(&house).await;
        let site = db.site();

        for path in [
            "/t/acme/policy".to_owned(),
            house.preferences_path(ann),
            house.privacy_path(ann),
        ] {
            let page = site.get(&path).await;
            page.must_be(200);
            assert!(page.body.contains("is closed here since"), "{path}");
            assert!(
                page.body.contains("1 April 2026"),
                "{path} says when all is deleted"
            );
        }
        let people = db.count("subscriber", "1 = 1").await;
        let joined = site.get("/t/acme/join/news").await;
        assert!(joined.must_be(409).text().contains("This company is closed here"));
        let fields = [
            ("email", "cat@example.org"),
            ("purpose", "news"),
            ("shown", "1.1.en"),
        ];
        site.fill_in("/t/acme/join/news", &fields).await.must_be(409);
        assert_eq!(site.get("/t/acme/forms/news.json").await.status, 409);
        let confirm = house.confirm_path(ben, opt_in);
        site.get(&confirm).await.must_be(409);
        site.fill_in(&confirm, &[]).await.must_be(409);
        assert_eq!(house.consent(ben, "news").await, Some(ConsentState::Requested));
        site.fill_in(
            &format!("{}/address", house.privacy_path(ann)),
            &[("email", "new@example.org")],
        )
        .await
        .must_be(409);
        assert_eq!(db.count("subscriber", "1 = 1").await, people);

        // One page with a yes and a no: the no counts, the yes does not.
        let page = site.get(&house.preferences_path(ann)).await.shown();
        let saved = [("shown", page.as_str()), ("purpose", "offers")];
        site.fill_in(&house.preferences_path(ann), &saved)
            .await
            .must_be(200);
        assert_eq!(house.consent(ann, "news").await, Some(ConsentState::Withdrawn));
        assert_eq!(house.consent(ann, "offers").await, None);
        site.get(&unsubscribe).await.must_be(200);
        site.post(
            &unsubscribe,
            assent_tests::visitor::FORM,
            "List-Unsubscribe=One-Click",
        )
        .await
        .must_be(200);
        let said = [("email", "dan@example.org"), ("no_mail", "1")];
        site.fill_in("/t/acme/join/news", &said).await.must_be(200);
        assert_eq!(db.count("suppression", "1 = 1").await, 1);
        let message = [("email", "eve@example.org"), ("message", "What do you hold?")];
        site.fill_in("/t/acme/privacy", &message).await.must_be(200);
        let erased = [("act", "erase"), ("sure", "1")];
        site.fill_in(&house.privacy_path(ann), &erased).await.must_be(200);
        assert_eq!(db.count("subscriber", "1 = 1").await, people - 1);
        site.close().await;
    }
);

on_both!(
    a_token_opens_nothing_of_a_closed_tenant_to_an_outside_party,
    async |db| {
        let acme = furnished(db, "acme").await;
        let house = House { db, ctx: acme.ctx };
        let site: Site = db.site();
        let signed_in =
            assent_entity::session::sign_in(&db.store, "acme", "owner@acme.example", PASSWORD.into(), None);
        let owner = signed_in.await.unwrap().unwrap().access.ctx;
        let (_, secret) = house.token_of(owner, assent_tests::partners::COURIER).await;
        let mut courier = site.anybody();
        courier.token = Some(secret);
        let emails = "{ subscribers { edges { node { email } } } }";
        let seen = courier.data(emails, json!({})).await;
        assert_eq!(
            seen["subscribers"]["edges"][0]["node"]["email"],
            "ann@example.org"
        );
        close_by_operator(&house).await;
        let disclosed = db.count("ledger", "kind = 'DISCLOSURE'").await;
        assert_eq!(courier.refused(emails, json!({})).await.code, "TENANT_CLOSED");
        assert_eq!(db.count("ledger", "kind = 'DISCLOSURE'").await, disclosed);
        site.close().await;
    }
);
