//! Tenants: created by the operator, found by their published name, and seen by their own members.

use assent_domain::address::EmailAddress;
use assent_domain::audit::{Actor, AuditAct};
use assent_domain::clock::Timestamp;
use assent_domain::id::{TenantId, new_id, stored};
use assent_domain::tenant::{Role, Slug, TenantStatus};
use assent_domain::tenant_life::TenantLife;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, SqlErr};
use serde_json::json;

use crate::audit::Change;
use crate::error::{StoreError, read_code};
use crate::ledger;
use crate::member::{self, NewMember};
use crate::operator;
use crate::row::tenant as row;
use crate::second_factor;
use crate::session::SignedInMember;
use crate::store::Store;
use crate::tenant_life::{self, LifeRow};
use crate::text;
use crate::tx::{PlatformTx, TenantCtx, TenantTx, Write};

/// A tenant.
#[derive(Clone, Debug)]
pub struct Tenant {
    /// Its id.
    pub id: TenantId,
    /// Its name in addresses.
    pub slug: String,
    /// Its name as people read it.
    pub name: String,
    /// Whether the operator lets it send.
    pub status: TenantStatus,
    /// Where it is in its life: a closed one sends nothing.
    pub life: TenantLife,
    /// The name that its mail comes from.
    pub sender_name: String,
    /// The address that its mail comes from.
    pub sender_address: EmailAddress,
    /// Where questions about privacy go (P17).
    pub privacy_contact: EmailAddress,
    /// The postal address that every marketing mail carries (15 USC 7704).
    pub postal_address: String,
    /// The colour of its pages, as `#rrggbb`.
    pub accent: String,
    /// Whether a page says so before a link of a mail leaves the site (P16).
    pub leaving_page: bool,
    /// Whether every member needs a second factor.
    pub second_factor_required: bool,
    /// When it was created.
    pub created_at: Timestamp,
    /// Since when it is the operator's own, if it is: see [`crate::operator`].
    pub operator_since: Option<Timestamp>,
    /// Whether it has limits, a warm-up or quiet hours: see [`crate::sending_limit`].
    pub(crate) is_limited: bool,
}

/// What it takes to create a tenant.
#[derive(Clone, Debug)]
pub struct NewTenant {
    /// Its name in addresses; taken names are refused.
    pub slug: Slug,
    /// Its name as people read it.
    pub name: String,
    /// The name that its mail comes from.
    pub sender_name: String,
    /// The address that its mail comes from.
    pub sender_address: EmailAddress,
    /// Where questions about privacy go.
    pub privacy_contact: EmailAddress,
    /// Its postal address.
    pub postal_address: String,
}

const DEFAULT_ACCENT: &str = "#1f6f54";

impl TryFrom<row::Model> for Tenant {
    type Error = StoreError;

    fn try_from(row: row::Model) -> Result<Self, StoreError> {
        let address = |text: &str| {
            EmailAddress::parse(text).map_err(|_| StoreError::Corrupt("an address of a tenant".to_owned()))
        };
        Ok(Self {
            id: stored(row.id),
            life: life_of(&row),
            status: read_code(&row.status)?,
            sender_address: address(&row.sender_address)?,
            privacy_contact: address(&row.privacy_contact)?,
            slug: row.slug,
            name: row.name,
            sender_name: row.sender_name,
            postal_address: row.postal_address,
            accent: row.accent,
            leaving_page: row.leaving_page != 0,
            second_factor_required: row.second_factor_required != 0,
            created_at: Timestamp::from_micros(row.created_at),
            operator_since: row.operator_since.map(Timestamp::from_micros),
            is_limited: row.is_limited != 0,
        })
    }
}

fn life_of(row: &row::Model) -> TenantLife {
    let times = LifeRow {
        closed_at: row.closed_at,
        delete_at: row.delete_at,
        deleting_since: row.deleting_since,
        deleted_at: row.deleted_at,
    };
    times.life()
}

/// Creates a tenant with its first member, an owner.
pub async fn create(store: &Store, new: NewTenant, owner: NewMember) -> Result<TenantCtx, StoreError> {
    let (tx, ctx) = insert(store, new, owner).await?;
    tx.commit().await?;
    Ok(ctx)
}

/// Creates the operator's own tenant, or, where there is one, nothing.
pub async fn create_operators(
    store: &Store,
    new: NewTenant,
    owner: NewMember,
) -> Result<TenantCtx, StoreError> {
    let (mut tx, ctx) = insert(store, new, owner).await?;
    operator::mark(&mut tx).await?;
    tx.commit().await?;
    Ok(ctx)
}

async fn insert(
    store: &Store,
    new: NewTenant,
    owner: NewMember,
) -> Result<(TenantTx<Write>, TenantCtx), StoreError> {
    let name = text::name("name", &new.name)?;
    let sender_name = text::name("senderName", &new.sender_name)?;
    let postal_address = text::lines("postalAddress", &new.postal_address, 500)?;
    if postal_address.is_empty() {
        let rule = "every marketing mail carries a postal address: give one";
        return Err(StoreError::invalid("postalAddress", rule));
    }
    if by_slug(store, new.slug.as_str()).await?.is_some() {
        return Err(taken());
    }
    let id: TenantId = new_id(store.now());
    let ctx = TenantCtx::new(id, Actor::Operator);
    let mut tx = TenantTx::write(store, ctx).await?;
    let row = row::ActiveModel {
        id: Set(id.uuid()),
        slug: Set(new.slug.as_str().to_owned()),
        name: Set(name),
        status: Set(TenantStatus::Active.to_string()),
        sender_name: Set(sender_name),
        sender_address: Set(new.sender_address.expose()),
        privacy_contact: Set(new.privacy_contact.expose()),
        postal_address: Set(postal_address),
        accent: Set(DEFAULT_ACCENT.to_owned()),
        leaving_page: Set(1),
        created_at: Set(tx.now().micros()),
        ..Default::default()
    };
    let inserted = row::Entity::insert(row).exec_without_returning(tx.conn()).await;
    inserted.map_err(|error| match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => taken(),
        _ => error.into(),
    })?;
    ledger::begin(&tx).await?;
    tx.audit(
        AuditAct::TenantCreated,
        id,
        &Change::to(json!({ "slug": new.slug })),
    )?;
    member::insert(&mut tx, owner, Role::Owner).await?;
    Ok((tx, ctx))
}

fn taken() -> StoreError {
    StoreError::conflict("slug", "a tenant with this short name exists: choose another")
}

async fn by_slug_row(tx: &PlatformTx, slug: &str) -> Result<Option<row::Model>, StoreError> {
    Ok(row::Entity::find()
        .filter(row::Column::Slug.eq(slug))
        .one(tx.conn())
        .await?)
}

/// Finds a tenant by its published name, for anybody.
pub async fn by_slug(store: &Store, slug: &str) -> Result<Option<TenantCtx>, StoreError> {
    find(store, slug, Actor::Visitor).await
}

/// Finds a tenant for the operator.
pub async fn for_operator(store: &Store, slug: &str) -> Result<Option<TenantCtx>, StoreError> {
    find(store, slug, Actor::Operator).await
}

async fn find(store: &Store, slug: &str, actor: Actor) -> Result<Option<TenantCtx>, StoreError> {
    let tx = PlatformTx::read(store).await?;
    let row = by_slug_row(&tx, slug).await?;
    let here = row.filter(|row| !life_of(row).is_gone());
    Ok(here.map(|row| TenantCtx::new(stored(row.id), actor)))
}

/// The tenant that had this published name and is deleted, if one did.
pub async fn gone_by_slug(store: &Store, slug: &str) -> Result<Option<TenantId>, StoreError> {
    let tx = PlatformTx::read(store).await?;
    let row = by_slug_row(&tx, slug).await?;
    Ok(row.filter(|row| life_of(row).is_gone()).map(|row| stored(row.id)))
}

/// Every tenant, for the operator, but for those that are deleted or being deleted: see [`crate::tenant_end::former`].
pub async fn all(store: &Store) -> Result<Vec<(TenantCtx, Tenant)>, StoreError> {
    let tx = PlatformTx::read(store).await?;
    let rows = row::Entity::find()
        .filter(row::Column::DeletingSince.is_null())
        .order_by_asc(row::Column::Slug)
        .all(tx.conn())
        .await?;
    rows.into_iter()
        .map(|row| Ok((TenantCtx::new(stored(row.id), Actor::Operator), row.try_into()?)))
        .collect()
}

/// Stops a tenant's mail or lets it go on. Pages and opt-outs work either way. What is under way when it stops waits.
pub async fn set_status(tx: &mut TenantTx<Write>, status: TenantStatus) -> Result<(), StoreError> {
    let before = current(tx).await?.status;
    tx.execute(
        "UPDATE tenant SET status = $2 WHERE id = $1",
        [status.to_string().into()],
    )
    .await?;
    if status == TenantStatus::Active && before != status {
        tenant_life::go_on(tx).await?;
    }
    let change = Change::from_to(json!({ "status": before }), json!({ "status": status }));
    let tenant = tx.tenant();
    tx.audit(AuditAct::TenantStatusSet, tenant, &change)
}

/// Says whether a page comes before a link of a mail leaves the site.
pub async fn set_leaving_page(tx: &mut TenantTx<Write>, shown: bool) -> Result<(), StoreError> {
    let before = current(tx).await?.leaving_page;
    let sql = "UPDATE tenant SET leaving_page = $2 WHERE id = $1";
    tx.execute(sql, [i32::from(shown).into()]).await?;
    let change = Change::from_to(json!({ "leavingPage": before }), json!({ "leavingPage": shown }));
    let tenant = tx.tenant();
    tx.audit(AuditAct::LeavingPageSet, tenant, &change)
}

/// Says whether every member needs a second factor. Whoever demands one of others has one.
pub async fn demand_second_factor(
    tx: &mut TenantTx<Write>,
    by: &SignedInMember,
    demanded: bool,
) -> Result<(), StoreError> {
    if demanded && second_factor::of_member(tx, by.member).await?.is_none() {
        let advice = "you have no second factor yourself: set one up first, or you would be shut out";
        return Err(StoreError::conflict("required", advice));
    }
    let before = current(tx).await?.second_factor_required;
    let sql = "UPDATE tenant SET second_factor_required = $2 WHERE id = $1";
    tx.execute(sql, [i32::from(demanded).into()]).await?;
    let change = Change::from_to(
        json!({ "secondFactorRequired": before }),
        json!({ "secondFactorRequired": demanded }),
    );
    let tenant = tx.tenant();
    tx.audit(AuditAct::SecondFactorDemandSet, tenant, &change)
}

/// The tenant whose tables are open.
pub async fn current<M>(tx: &TenantTx<M>) -> Result<Tenant, StoreError> {
    let row = row::Entity::find_by_id(tx.uuid()).one(tx.conn()).await?;
    row.ok_or(StoreError::NotFound("tenant"))?.try_into()
}
