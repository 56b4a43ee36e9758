//! What a tenant has set up: by its ids, another finds and changes none of it.

use assent_domain::id::stored;
use assent_domain::mailing_list::SubscriptionState;
use assent_domain::segment::{OnList, Period, Rule};
use assent_entity::{
    TenantTx, Write, circuit, custom_field, import, invitation, password_reset, segment, transport, webhook,
};
use assent_tests::TestStore;

use super::not_found;
use crate::furnished::{FIRST, Furnished};

/// Tries all of it.
pub(super) async fn try_all(db: &TestStore, tx: &mut TenantTx<Write>, theirs: &Furnished) {
    imports_of(db, tx, theirs).await;
    invitations_of(db, tx, theirs).await;
    segments_of(db, tx, theirs).await;
    transports_of(db, tx, theirs).await;
    webhooks_of(db, tx, theirs).await;
}

async fn imports_of(db: &TestStore, tx: &mut TenantTx<Write>, theirs: &Furnished) {
    let of_theirs = db.id(theirs.ctx.tenant());
    let sql = format!("SELECT id FROM people_import WHERE tenant_id = {of_theirs} AND is_dry_run = 0");
    let brought = stored(db.value(&sql).await);
    not_found("import", import::by_id(tx, brought).await);
    not_found("import", import::piece(tx, brought, 1).await);
    not_found("import", import::fail(tx, brought, "gone").await);
    not_found("import", import::cancel(tx, brought).await);
    assert!(import::reasons(tx, brought).await.unwrap().is_empty());
    assert!(
        import::problems(tx, brought, FIRST)
            .await
            .unwrap()
            .rows
            .is_empty()
    );
    assert!(import::purposes_of(tx, brought).await.unwrap().is_empty());
}

async fn invitations_of(db: &TestStore, tx: &mut TenantTx<Write>, theirs: &Furnished) {
    let of_theirs = db.id(theirs.ctx.tenant());
    let sql = format!("SELECT id FROM invitation WHERE tenant_id = {of_theirs}");
    let id = stored(db.value(&sql).await);
    not_found("invitation", invitation::by_id(tx, id).await);
    not_found("invitation", invitation::resend(tx, id).await);
    not_found("invitation", invitation::revoke(tx, id).await);
    let sql = format!("SELECT mailing_id FROM invitation WHERE tenant_id = {of_theirs}");
    let mailing = stored(db.value(&sql).await);
    assert!(invitation::of_mailing(tx, mailing).await.unwrap().is_none());
    let sql = format!("SELECT mailing_id FROM password_reset WHERE tenant_id = {of_theirs}");
    let mailing = stored(db.value(&sql).await);
    assert!(password_reset::of_mailing(tx, mailing).await.unwrap().is_none());
}

async fn segments_of(db: &TestStore, tx: &mut TenantTx<Write>, theirs: &Furnished) {
    let of_theirs = db.id(theirs.ctx.tenant());
    let one = async |table: &str| {
        let sql = format!("SELECT id FROM {table} WHERE tenant_id = {of_theirs}");
        db.value::<uuid::Uuid>(&sql).await
    };
    let (field, theirs_segment) = (stored(one("custom_field").await), stored(one("segment").await));
    not_found("custom_field", custom_field::by_id(tx, field).await);
    not_found(
        "custom_field",
        custom_field::change(tx, field, Some("Mine"), &[]).await,
    );
    not_found("custom_field", custom_field::delete(tx, field).await);
    assert!(
        !custom_field::of_subscribers(tx, &[theirs.ann])
            .await
            .unwrap()
            .contains_key(&theirs.ann)
    );
    let size = custom_field::NewValue {
        key: "shoe_size".to_owned(),
        value: None,
    };
    not_found("subscriber", custom_field::set(tx, theirs.ann, &[size]).await);
    not_found("segment", segment::by_id(tx, theirs_segment).await);
    not_found(
        "segment",
        segment::change(tx, theirs_segment, Some("Mine"), None).await,
    );
    not_found("segment", segment::delete(tx, theirs_segment).await);
    let on_their_list = Rule::OnList(OnList {
        mailing_list_id: theirs.list,
        states: vec![SubscriptionState::Active],
        since: Period::default(),
    });
    not_found("list", segment::count(tx, &on_their_list).await);
    assert!(segment::of_campaign(tx, theirs.campaign).await.unwrap().is_none());
}

async fn transports_of(db: &TestStore, tx: &mut TenantTx<Write>, theirs: &Furnished) {
    let of_theirs = db.id(theirs.ctx.tenant());
    let sql = format!("SELECT id FROM transport WHERE tenant_id = {of_theirs}");
    let server = stored(db.value(&sql).await);
    not_found("transport", transport::by_id(tx, server).await);
    not_found("transport", transport::with_login(tx, server).await);
    not_found("transport", transport::remove(tx, server).await);
    not_found("transport", transport::update(tx, server, |_| (), None).await);
    not_found("transport", transport::note_test(tx, server, "WORKS").await);
    assert!(circuit::resting(tx, &[server]).await.unwrap().is_empty());
}

async fn webhooks_of(db: &TestStore, tx: &mut TenantTx<Write>, theirs: &Furnished) {
    let of_theirs = db.id(theirs.ctx.tenant());
    let id = |table: &str| format!("SELECT id FROM {table} WHERE tenant_id = {of_theirs}");
    let endpoint = stored(db.value(&id("webhook_endpoint")).await);
    let delivery = stored(db.value(&id("webhook_delivery")).await);
    not_found("webhook", webhook::endpoint::by_id(tx, endpoint).await);
    not_found("webhook", webhook::endpoint::update(tx, endpoint, |_| ()).await);
    not_found("webhook", webhook::endpoint::disable(tx, endpoint).await);
    not_found("webhook", webhook::endpoint::enable(tx, endpoint).await);
    not_found("webhook", webhook::endpoint::test(tx, endpoint).await);
    not_found("webhook", webhook::endpoint::remove(tx, endpoint).await);
    not_found("webhook", webhook::endpoint::rotate_secret(tx, endpoint).await);
    not_found("webhook", webhook::delivery::by_id(tx, delivery).await);
    not_found("webhook", webhook::replay::one(tx, delivery).await);
    let now = tx.now();
    not_found("webhook", webhook::replay::failed(tx, endpoint, now).await);
    let filter = webhook::delivery::Filter {
        endpoint: Some(endpoint),
        ..webhook::delivery::Filter::default()
    };
    not_found("webhook", webhook::delivery::page(tx, filter, FIRST).await);
}
