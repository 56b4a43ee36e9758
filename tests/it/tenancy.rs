//! A tenant's ids are nobody else's: through every function that takes one, another tenant finds nothing and
//! changes nothing.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::path::{Path, PathBuf};

use assent_domain::campaign::IfUnknown;
use assent_domain::id::{new_id, stored};
use assent_domain::language::Language;
use assent_domain::suppression::SuppressionReason;
use assent_entity::claim::{self, Place};
use assent_entity::preferences::Choices;
use assent_entity::privacy::by_person;
use assent_entity::session::SignedInMember;
use assent_entity::{
    StoreError, TenantTx, Write, api_token, audience, campaign, collection_point, consent, content, copy,
    delivery, disclosure, legal_order, mailing, mailing_list, member, opt_in, outbox, outside_party,
    permission, policy, preferences, privacy, purpose, restriction, second_factor, sending_domain, session,
    sharing, subscriber, suppression,
};
use assent_tests::house::PASSWORD;
use assent_tests::sending::terms;
use assent_tests::{House, TestStore, on_both};

use crate::furnished::{FIRST, Furnished, furnished};

mod reach;

fn not_found<T: Debug>(what: &str, answer: Result<T, StoreError>) {
    assert!(
        matches!(answer, Err(StoreError::NotFound(_))),
        "{what}: {answer:?}"
    );
}

/// The modules whose `by_id` is tried below.
const BY_ID: &[&str] = &[
    "api_token",
    "campaign",
    "collection_point",
    "consent",
    "custom_field",
    "delivery",
    "disclosure",
    "import",
    "invitation",
    "legal_order",
    "mailing",
    "mailing_list",
    "member",
    "outside_party",
    "policy",
    "privacy",
    "purpose",
    "segment",
    "sending_domain",
    "subscriber",
    "suppression",
    "transport",
    "webhook",
];

/// The files below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] })
        .collect()
}

#[test]
fn no_module_has_a_by_id_that_is_not_tried() {
    let sources = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../entity/src"));
    let mut having = BTreeSet::new();
    for path in files(sources) {
        let source = std::fs::read_to_string(&path).unwrap();
        if source.contains("pub async fn by_id<") {
            // A part of a module counts as the module.
            let module = path.strip_prefix(sources).unwrap().components().next().unwrap();
            let module = Path::new(module.as_os_str()).file_stem().unwrap();
            having.insert(module.to_string_lossy().into_owned());
        }
    }
    assert_eq!(having, BY_ID.iter().map(|module| (*module).to_owned()).collect());
}

async fn try_to_read_of_partners(db: &TestStore, tx: &TenantTx<Write>, theirs: &Furnished) {
    let first = async |table: &str| {
        let of_theirs = db.id(theirs.ctx.tenant());
        db.value::<uuid::Uuid>(&format!(
            "SELECT id FROM {table} WHERE tenant_id = {of_theirs} LIMIT 1"
        ))
        .await
    };
    let (token, order) = (first("api_token").await, first("legal_order").await);
    let domain = first("sending_domain").await;
    not_found("sending_domain", sending_domain::by_id(tx, stored(domain)).await);
    not_found("api_token", api_token::by_id(tx, stored(token)).await);
    not_found("legal_order", legal_order::by_id(tx, stored(order)).await);
    let named = legal_order::people(tx, &[stored(order)]).await.unwrap();
    assert!(named.values().all(Vec::is_empty));
    let party = first("outside_party").await;
    not_found("outside_party", outside_party::by_id(tx, stored(party)).await);
    assert!(
        outside_party::by_ids(tx, &[stored(party)])
            .await
            .unwrap()
            .is_empty()
    );
    assert!(
        permission::of(tx, theirs.ann, stored(party))
            .await
            .unwrap()
            .is_empty()
    );
    not_found("sharing", sharing::view(tx, theirs.ann).await);
    let of_theirs = format!(
        "SELECT id FROM ledger WHERE kind = 'DISCLOSURE' AND tenant_id = {} LIMIT 1",
        db.id(theirs.ctx.tenant())
    );
    let disclosed = db.value::<uuid::Uuid>(&of_theirs).await;
    not_found("disclosure", disclosure::by_id(tx, stored(disclosed)).await);
    assert!(
        disclosure::page_of(tx, theirs.ann, FIRST)
            .await
            .unwrap()
            .rows
            .is_empty()
    );
}

async fn try_to_read(db: &TestStore, tx: &mut TenantTx<Write>, theirs: &Furnished) {
    let record = consent_record(db, theirs).await;
    let member = db
        .value::<uuid::Uuid>(&format!(
            "SELECT id FROM member WHERE role = 'OWNER' AND tenant_id = {}",
            db.id(theirs.ctx.tenant())
        ))
        .await;
    try_to_read_of_partners(db, tx, theirs).await;
    reach::try_all(db, tx, theirs).await;
    not_found("campaign", campaign::by_id(tx, theirs.campaign).await);
    not_found("collection_point", collection_point::by_id(tx, theirs.form).await);
    not_found("consent", consent::by_id(tx, record).await);
    not_found("delivery", delivery::by_id(tx, theirs.delivery).await);
    not_found("mailing", mailing::by_id(tx, theirs.mailing).await);
    not_found("mailing_list", mailing_list::by_id(tx, theirs.list).await);
    not_found("mailing_lists", mailing_list::by_ids(tx, &[theirs.list]).await);
    not_found("member", member::by_id(tx, stored(member)).await);
    not_found("policy", policy::by_id(tx, theirs.policy).await);
    let asked = db.column::<uuid::Uuid>("SELECT id FROM privacy_request").await;
    let asked = stored(asked[0]);
    not_found("privacy", privacy::by_id(tx, asked).await);
    let steps = privacy::history(tx, &[asked]).await.unwrap();
    assert!(steps.values().all(Vec::is_empty));
    not_found("privacy page", by_person::view(tx, theirs.ann).await.map(|_| ()));
    not_found("copy", copy::of_person(tx, theirs.ann).await.map(|_| ()));
    not_found("purpose", purpose::by_id(tx, theirs.purpose).await);
    not_found("subscriber", subscriber::by_id(tx, theirs.ann).await);
    let held = stored(a_suppression(db, theirs).await);
    not_found("suppression", suppression::list::by_id(tx, held).await);
    not_found("opt_in", opt_in::view(tx, theirs.opt_in, theirs.ann).await);
    not_found("preferences", preferences::view(tx, theirs.ann).await);
    not_found(
        "audience",
        audience::of(tx, theirs.campaign, theirs.purpose).await,
    );

    assert!(subscriber::by_ids(tx, &[theirs.ann]).await.unwrap().is_empty());
    assert!(purpose::of_list(tx, theirs.list).await.unwrap().is_empty());
    assert!(campaign::mailing_of(tx, theirs.campaign).await.unwrap().is_none());
    assert!(campaign::lists(tx, theirs.campaign).await.unwrap().is_empty());
    let form = their_form(theirs);
    assert!(collection_point::choices(tx, &form).await.unwrap().is_empty());
    assert!(collection_point::parties(tx, &form).await.unwrap().is_empty());
    let english = Language::english();
    assert!(
        collection_point::edition(tx, form, 1, &english)
            .await
            .unwrap()
            .is_none()
    );
    assert!(
        content::of_campaign(tx, theirs.campaign)
            .await
            .unwrap()
            .is_empty()
    );
    assert!(
        consent::newest(tx, theirs.ann, theirs.purpose)
            .await
            .unwrap()
            .is_none()
    );
    assert!(
        consent::page_of(tx, theirs.ann, FIRST)
            .await
            .unwrap()
            .rows
            .is_empty()
    );
    assert!(
        delivery::page_of(tx, theirs.mailing, FIRST)
            .await
            .unwrap()
            .rows
            .is_empty()
    );
    assert_eq!(delivery::progress(tx, theirs.mailing).await.unwrap().total(), 0);
    assert!(policy::purposes_of(tx, theirs.policy).await.unwrap().is_empty());
    assert!(policy::notices(tx, theirs.policy).await.unwrap().is_none());
}

async fn a_suppression(db: &TestStore, theirs: &Furnished) -> uuid::Uuid {
    let tenant = db.id(theirs.ctx.tenant());
    db.value(&format!(
        "SELECT id FROM suppression WHERE tenant_id = {tenant} LIMIT 1"
    ))
    .await
}

async fn consent_record(db: &TestStore, theirs: &Furnished) -> assent_domain::id::ConsentRecordId {
    let house = House { db, ctx: theirs.ctx };
    let tx = house.read().await;
    let newest = consent::newest(&tx, theirs.ann, theirs.purpose).await.unwrap();
    newest.expect("Ann's yes").id
}

async fn try_to_write(tx: &mut TenantTx<Write>, theirs: &Furnished, worker: assent_domain::id::WorkerId) {
    let now = tx.now();
    not_found("confirm", opt_in::confirm(tx, theirs.opt_in, theirs.ann).await);
    not_found(
        "save",
        preferences::save(tx, theirs.ann, &Choices::default()).await,
    );
    not_found("come_back", preferences::come_back(tx, theirs.ann).await);
    not_found(
        "unsubscribe",
        preferences::unsubscribe(tx, theirs.ann, theirs.mailing).await,
    );
    not_found(
        "suppress",
        suppression::add_for(tx, theirs.ann, SuppressionReason::Complained, "test").await,
    );
    not_found("post", policy::post(tx, theirs.policy, now).await);
    not_found("schedule", campaign::schedule(tx, theirs.campaign, now).await);
    not_found("pause", campaign::pause(tx, theirs.campaign).await);
    not_found("resume", campaign::resume(tx, theirs.campaign).await);
    not_found("cancel", campaign::cancel(tx, theirs.campaign).await);
    not_found(
        "retry",
        campaign::sending::retry_failed(tx, theirs.campaign)
            .await
            .map(|_| ()),
    );
    let again = IfUnknown::SendAgain;
    not_found(
        "if unknown",
        campaign::sending::set_if_unknown(tx, theirs.campaign, again).await,
    );
    not_found(
        "acquire",
        mailing::acquire(tx, theirs.mailing, worker).await.map(|_| ()),
    );
    not_found(
        "add_purpose",
        mailing_list::add_purpose(tx, theirs.list, "news").await,
    );
    not_found("erase", by_person::erase(tx, theirs.ann).await);
    not_found("object", by_person::object(tx, theirs.ann).await);
    not_found("take a copy", by_person::take_copy(tx, theirs.ann).await);
    not_found("correct", by_person::correct(tx, theirs.ann, "Eve", "").await);
    not_found("write", by_person::write(tx, theirs.ann, "Hello").await);
    not_found("restrict", restriction::by_member(tx, theirs.ann).await);
    let new = collection_point::NewCollectionPoint {
        slug: assent_domain::tenant::Slug::parse("stolen").unwrap(),
        name: "Stolen".to_owned(),
        lists: vec![theirs.list],
        fields: Vec::new(),
        choices: Vec::new(),
        parties: Vec::new(),
        language: Language::english(),
        translations: Vec::new(),
    };
    not_found("collection point", collection_point::create(tx, new).await);
    let revision = collection_point::Revision::default();
    not_found(
        "revision",
        collection_point::update(tx, theirs.form, revision).await,
    );
    assert_eq!(delivery::cancel_some(tx, theirs.mailing, 100).await.unwrap(), 0);
    mailing::release(tx, theirs.mailing, worker).await.unwrap();
    session::end(tx, theirs.session).await.unwrap();
}

async fn try_to_sign_them_out(
    db: &TestStore,
    tx: &mut TenantTx<Write>,
    theirs: &Furnished,
    by: &SignedInMember,
) {
    not_found("session", session::end_one(tx, by, theirs.session).await);
    let of_theirs = db.id(theirs.ctx.tenant());
    let sql = format!("SELECT member_id FROM second_factor WHERE tenant_id = {of_theirs}");
    let member = stored(db.value(&sql).await);
    not_found("sessions", session::end_all_of(tx, by, member).await);
    not_found("second factor", second_factor::reset(tx, by, member).await);
    assert!(second_factor::of_member(tx, member).await.unwrap().is_none());
    assert!(session::page_of(tx, member, FIRST).await.unwrap().rows.is_empty());
}

/// Another tenant's form, as somebody would make it up who knows its id.
fn their_form(theirs: &Furnished) -> collection_point::CollectionPoint {
    collection_point::CollectionPoint {
        id: theirs.form,
        slug: "news".to_owned(),
        version: 1,
        name: "News".to_owned(),
        language: Language::english(),
        created_at: assent_domain::clock::Timestamp::from_micros(0),
    }
}

/// All that a tenant has, as text.
async fn everything_of(db: &TestStore, theirs: &Furnished) -> Vec<String> {
    let tenant = db.id(theirs.ctx.tenant());
    let mut rows = Vec::new();
    for (table, columns) in [
        ("ledger", "facts"),
        ("consent", "state"),
        ("subscription", "state"),
        ("campaign", "status"),
        ("policy_version", "body"),
        ("delivery", "status"),
        ("suppression", "reason"),
        ("outbox", "payload"),
        ("member", "email"),
    ] {
        let sql = format!("SELECT {columns} FROM {table} WHERE tenant_id = {tenant} ORDER BY {columns}");
        rows.extend(db.column::<String>(&sql).await);
    }
    let open = format!("SELECT COUNT(*) FROM session WHERE tenant_id = {tenant} AND ended_at IS NULL");
    rows.push(db.value::<i64>(&open).await.to_string());
    rows
}

on_both!(p14_every_id_of_another_tenant_is_not_found, async |db| {
    let theirs = furnished(db, "acme").await;
    let ours = db.house("brook").await;
    ours.news().await;
    let before = everything_of(db, &theirs).await;
    assert!(before.len() > 10);
    let signed_in = session::sign_in(&db.store, "brook", "owner@brook.example", PASSWORD.into(), None).await;
    let by = signed_in.unwrap().expect("our owner signs in").access;
    let mut tx = ours.write().await;
    try_to_read(db, &mut tx, &theirs).await;
    try_to_sign_them_out(db, &mut tx, &theirs, &by).await;
    try_to_write(&mut tx, &theirs, new_id(db.store.now())).await;
    tx.commit().await.unwrap();
    assert_eq!(everything_of(db, &theirs).await, before);
});

on_both!(
    another_tenants_job_is_not_closed_nor_its_mailing_sent,
    async |db| {
        let acme = db.house("acme").await;
        let brook = db.house("brook").await;
        let job = db
            .due_jobs()
            .await
            .into_iter()
            .find(|job| job.ctx.tenant() == acme.ctx.tenant())
            .expect("Acme's notices");
        let mailing = House::mailing_in(&job.job);
        let worker = db.worker();
        let begun = acme.begin(mailing, worker).await;
        let mut tx = brook.write().await;
        outbox::close(&mut tx, job.id).await.unwrap();
        outbox::put_off(&mut tx, job.id, assent_domain::clock::Timestamp::from_micros(0))
            .await
            .unwrap();
        let stolen = claim::turn(&mut tx, &begun, &terms(worker), &[], 20, &mut Place::default()).await;
        assert!(matches!(stolen, Err(StoreError::LeaseLost)), "{stolen:?}");
        tx.commit().await.unwrap();
        assert!(outbox::open(&db.store, job.id).await.unwrap().is_some());
    }
);

on_both!(one_address_is_two_people_to_two_tenants, async |db| {
    let mut hashes = Vec::new();
    for slug in ["acme", "brook"] {
        let house = db.house(slug).await;
        let (_, form) = house.news().await;
        let ann = house.member_of(&form, "ann@example.org", &["news"]).await;
        let hash: Vec<u8> = db
            .value(&format!(
                "SELECT address_hash FROM subscriber WHERE id = {}",
                db.id(ann)
            ))
            .await;
        hashes.push((house, ann, hash));
    }
    assert_ne!(hashes[0].2, hashes[1].2);
    hashes[0].0.opt_out_of_all(hashes[0].1).await;
    assert_eq!(hashes[1].0.decision(hashes[1].1, "news").await, None);
});
