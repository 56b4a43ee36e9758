//! The doors to the data. [`TenantTx`] opens the tables of one tenant, [`PlatformTx`] the directory and, for
//! the operator and the relay, everything. There is no third.

use std::marker::PhantomData;
use std::sync::Arc;

use assent_domain::audit::Actor;
use assent_domain::clock::Timestamp;
use assent_domain::id::{JobId, TenantId, new_id};
use assent_domain::job::Job;
use assent_domain::keys::AddressHasher;
use assent_domain::tenant_life::Leave;
use assent_domain::webhook::event::Event;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseBackend, FromQueryResult, QueryFilter, Select, Statement, Value,
};
use uuid::Uuid;

use crate::error::StoreError;
use crate::ledger::NewEntry;
use crate::live::Subject;
use crate::outbox::{self, Lane};
use crate::row::{Identified, OfTenant};
use crate::store::Store;
use crate::webhook;

mod leave;
mod link;
pub(crate) mod many;
pub(crate) mod trip;

use link::Access;
pub(crate) use link::Link;

/// Proof that somebody may act within a tenant. Only this crate makes one: from a credential, a signed link, a
/// published name or a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TenantCtx {
    tenant: TenantId,
    actor: Actor,
}

impl TenantCtx {
    pub(crate) fn new(tenant: TenantId, actor: Actor) -> Self {
        Self { tenant, actor }
    }

    /// The tenant.
    pub fn tenant(self) -> TenantId {
        self.tenant
    }

    /// Who acts.
    pub fn actor(self) -> Actor {
        self.actor
    }
}

/// A statement by which a member or a program reads is broken off then: no tenant's question keeps the database from the
/// others for longer. SQLite has nothing like it that the library offers; there a question ends when it is answered.
const MAX_READ: &str = "statement_timeout = '8s'";

/// A transaction that reads.
#[derive(Debug)]
pub enum Read {}

/// A transaction that may write.
#[derive(Debug)]
pub enum Write {}

/// A transaction within one tenant. Dropped without [`TenantTx::commit`], it changes nothing.
#[derive(Debug)]
#[must_use]
pub struct TenantTx<Mode> {
    tx: Arc<Link>,
    store: Store,
    ctx: TenantCtx,
    started_at: Timestamp,
    entries: Vec<NewEntry>,
    events: Vec<Event>,
    moved_on: Vec<Subject>,
    has_jobs: bool,
    leave: Leave,
    mode: PhantomData<fn() -> Mode>,
}

impl TenantTx<Read> {
    /// Opens the tenant's tables for reading.
    pub async fn read(store: &Store, ctx: TenantCtx) -> Result<Self, StoreError> {
        Self::open(store, ctx, Access::Reads, ctx.actor.has_to_answer()).await
    }

    /// Opens them to see who is asking, and then to go on reading for them, see [`TenantTx::for_actor`].
    pub(crate) async fn read_for_stranger(store: &Store, tenant: TenantId) -> Result<Self, StoreError> {
        Self::open(store, TenantCtx::new(tenant, Actor::Visitor), Access::Reads, true).await
    }

    /// The same transaction, once it is known who reads in it.
    pub(crate) fn for_actor(self, actor: Actor) -> Self {
        let ctx = TenantCtx::new(self.ctx.tenant, actor);
        Self { ctx, ..self }
    }

    /// The same transaction once more; it ends with the last.
    pub fn share(&self) -> Self {
        Self {
            tx: Arc::clone(&self.tx),
            store: self.store.clone(),
            ctx: self.ctx,
            started_at: self.started_at,
            entries: Vec::new(),
            events: Vec::new(),
            moved_on: Vec::new(),
            has_jobs: false,
            leave: Leave::Everything,
            mode: PhantomData,
        }
    }

    /// Whether a statement failed in it, so that PostgreSQL answers no further one.
    pub fn is_broken(&self) -> bool {
        self.tx.is_broken()
    }

    /// Lets all that this transaction reads be of one moment, as on SQLite it is anyway. Comes before the first query.
    pub(crate) async fn see_one_moment(&self) -> Result<(), StoreError> {
        see_one_moment(self.conn()).await
    }
}

impl TenantTx<Write> {
    /// Opens the tenant's tables for writing. On SQLite writers take turns. What a closed tenant lets whom change is
    /// decided here, for all that is ever written: members and tokens get [`StoreError::Closed`], people and visitors
    /// can say no and ask about their data, see [`TenantTx::require_open`]. A deleted one is [`StoreError::Gone`].
    pub async fn write(store: &Store, ctx: TenantCtx) -> Result<Self, StoreError> {
        let tx = Self::open(store, ctx, Access::Writes, false).await?;
        match tx.leave_of_actor().await? {
            Ok(leave) => Ok(Self { leave, ..tx }),
            Err(none) => Err(none.into()),
        }
    }

    /// Keeps the changes, and the ledger entries collected on the way, as the last act. What a member, a token or the
    /// operator changes without an entry that says so is not kept (P06), see [`Actor::has_to_answer`].
    pub async fn commit(mut self) -> Result<(), StoreError> {
        let entries = std::mem::take(&mut self.entries);
        if self.ctx.actor.has_to_answer() && !entries.iter().any(NewEntry::answers_for_it) {
            return Err(StoreError::Unaudited);
        }
        let events = std::mem::take(&mut self.events);
        webhook::note(&mut self, events).await?;
        crate::ledger::append(&self, entries).await?;
        let link = Arc::into_inner(self.tx).ok_or(StoreError::Shared)?;
        link.commit().await?;
        if self.has_jobs {
            self.store.wake_relay();
        }
        self.store.moved_on(self.ctx.tenant, &self.moved_on);
        Ok(())
    }

    /// Commits if anything was noted in the ledger; where nothing was, nothing has happened.
    pub async fn commit_if_noted(self) -> Result<(), StoreError> {
        if self.entries.is_empty() && self.events.is_empty() {
            return Ok(());
        }
        self.commit().await
    }

    /// Queues a job that exists if and only if this transaction commits.
    pub async fn enqueue(&mut self, job: &Job, due_at: Timestamp) -> Result<JobId, StoreError> {
        self.enqueue_in(Lane::Ordinary, job, due_at).await
    }

    /// The same, to be worked off in a lane.
    pub(crate) async fn enqueue_in(
        &mut self,
        lane: Lane,
        job: &Job,
        due_at: Timestamp,
    ) -> Result<JobId, StoreError> {
        let id = new_id(self.started_at);
        outbox::insert(self.conn(), id, job, self.started_at, due_at, lane).await?;
        self.wake_relay_at_commit();
        Ok(id)
    }

    /// Lets the relay look at the outbox as soon as this transaction has committed.
    pub(crate) fn wake_relay_at_commit(&mut self) {
        self.has_jobs = true;
    }

    /// Holds a row until the transaction ends, so that changes to it come one after the other. SQLite's writers
    /// do anyway.
    pub(crate) async fn lock<E: Identified>(&self, id: Uuid) -> Result<(), StoreError> {
        let table = E::default();
        let sql = format!(
            "SELECT id FROM {} WHERE tenant_id = $1 AND id = $2 {}",
            table.table_name(),
            self.for_update()
        );
        self.execute(&sql, [id.into()]).await?;
        Ok(())
    }

    pub(crate) fn note(&mut self, entry: NewEntry) {
        self.entries.push(entry);
    }

    /// Tells the tenant's own programs what happens here, if any wants to know: see [`webhook`].
    pub(crate) fn tell(&mut self, event: Event) {
        self.events.push(event);
    }

    /// Lets whoever watches this look anew, once the transaction has committed: see [`live`](crate::live).
    pub(crate) fn moves_on(&mut self, subject: Subject) {
        if !self.moved_on.contains(&subject) {
            self.moved_on.push(subject);
        }
    }
}

impl<Mode> TenantTx<Mode> {
    async fn open(
        store: &Store,
        ctx: TenantCtx,
        access: Access,
        is_limited: bool,
    ) -> Result<Self, StoreError> {
        // A UUID's text holds nothing that would need quoting.
        let mut settings = vec![format!("assent.tenant = '{}'", ctx.tenant.uuid())];
        if is_limited {
            settings.push(MAX_READ.to_owned());
        }
        let tx = Link::begin(store, access, &settings).await?;
        let started_at = store.now();
        Ok(Self {
            tx: Arc::new(tx),
            store: store.clone(),
            ctx,
            started_at,
            entries: Vec::new(),
            events: Vec::new(),
            moved_on: Vec::new(),
            has_jobs: false,
            leave: Leave::Everything,
            mode: PhantomData,
        })
    }

    /// The tenant whose tables are open.
    pub fn tenant(&self) -> TenantId {
        self.ctx.tenant
    }

    /// Who acts.
    pub fn actor(&self) -> Actor {
        self.ctx.actor
    }

    /// When the transaction began, which on SQLite is when its turn to write came: the time of all it writes,
    /// and of every decision it makes, because what it reads is no older.
    pub fn now(&self) -> Timestamp {
        self.started_at
    }

    pub(crate) fn uuid(&self) -> Uuid {
        self.ctx.tenant.uuid()
    }

    pub(crate) fn conn(&self) -> &Link {
        &self.tx
    }

    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    pub(crate) fn address_hasher(&self) -> AddressHasher {
        self.store.keys().address_hasher(self.ctx.tenant)
    }

    /// A query over this tenant's rows.
    pub(crate) fn find<E: OfTenant>(&self) -> Select<E> {
        E::find().filter(E::TENANT.eq(self.uuid()))
    }

    /// The row with this id.
    pub(crate) async fn get<E: Identified>(&self, id: Uuid) -> Result<E::Model, StoreError> {
        let row = self.find::<E>().filter(E::ID.eq(id)).one(self.conn()).await?;
        row.ok_or(StoreError::NotFound(E::NOUN))
    }

    /// Runs a statement; `$1` is the tenant, `values` follow.
    pub(crate) async fn execute(
        &self,
        sql: &str,
        values: impl IntoIterator<Item = Value>,
    ) -> Result<u64, StoreError> {
        Ok(self
            .tx
            .execute_raw(self.statement(sql, values))
            .await?
            .rows_affected())
    }

    /// The rows of a query; `$1` is the tenant, `values` follow.
    pub(crate) async fn all<T: FromQueryResult>(
        &self,
        sql: &str,
        values: impl IntoIterator<Item = Value>,
    ) -> Result<Vec<T>, StoreError> {
        Ok(T::find_by_statement(self.statement(sql, values))
            .all(self.conn())
            .await?)
    }

    /// The first row of a query; `$1` is the tenant, `values` follow.
    pub(crate) async fn one<T: FromQueryResult>(
        &self,
        sql: &str,
        values: impl IntoIterator<Item = Value>,
    ) -> Result<Option<T>, StoreError> {
        Ok(T::find_by_statement(self.statement(sql, values))
            .one(self.conn())
            .await?)
    }

    /// The rows of a query about the database itself, which has no place for the tenant.
    pub(crate) async fn listed<T: FromQueryResult>(&self, sql: &str) -> Result<Vec<T>, StoreError> {
        let statement = Statement::from_string(self.tx.get_database_backend(), sql);
        Ok(T::find_by_statement(statement).all(self.conn()).await?)
    }

    /// `FOR UPDATE SKIP LOCKED` there: what another transaction is taking is left to it.
    pub(crate) fn skip_locked(&self) -> &'static str {
        if self.tx.get_database_backend() == DatabaseBackend::Postgres {
            "FOR UPDATE SKIP LOCKED"
        } else {
            ""
        }
    }

    pub(crate) fn statement(&self, sql: &str, values: impl IntoIterator<Item = Value>) -> Statement {
        let values = std::iter::once(self.uuid().into()).chain(values);
        Statement::from_sql_and_values(self.tx.get_database_backend(), sql, values)
    }

    /// `FOR UPDATE` where there can be two writers at once: on PostgreSQL.
    pub(crate) fn for_update(&self) -> &'static str {
        if self.tx.get_database_backend() == DatabaseBackend::Postgres {
            "FOR UPDATE"
        } else {
            ""
        }
    }
}

/// A transaction over the directory and, where the operator or the relay needs it, over every tenant.
#[derive(Debug)]
#[must_use]
pub(crate) struct PlatformTx {
    tx: Link,
    started_at: Timestamp,
}

impl PlatformTx {
    /// Opens the directory for reading.
    pub(crate) async fn read(store: &Store) -> Result<Self, StoreError> {
        Self::open(store, Access::Reads).await
    }

    /// Opens the directory for writing.
    pub(crate) async fn write(store: &Store) -> Result<Self, StoreError> {
        Self::open(store, Access::Writes).await
    }

    async fn open(store: &Store, access: Access) -> Result<Self, StoreError> {
        let tx = Link::begin(store, access, &["assent.platform = 'on'".to_owned()]).await?;
        let started_at = store.now();
        Ok(Self { tx, started_at })
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.started_at
    }

    pub(crate) fn conn(&self) -> &Link {
        &self.tx
    }

    pub(crate) fn statement(&self, sql: &str, values: impl IntoIterator<Item = Value>) -> Statement {
        Statement::from_sql_and_values(self.tx.get_database_backend(), sql, values)
    }

    /// Lets all that this transaction reads be of one moment, as on SQLite it is anyway. Comes before the first
    /// query.
    pub(crate) async fn see_one_moment(&self) -> Result<(), StoreError> {
        see_one_moment(self.conn()).await
    }

    /// Keeps the changes. No audit entry stands for them: what is written through this door is the outbox's own
    /// bookkeeping and the request log, which are no tenant's data. The operator changes those through [`TenantTx`].
    pub(crate) async fn commit(self) -> Result<(), StoreError> {
        Ok(self.tx.commit().await?)
    }
}

async fn see_one_moment(tx: &Link) -> Result<(), StoreError> {
    if tx.get_database_backend() == DatabaseBackend::Postgres {
        let set = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ";
        tx.execute_unprepared(set).await?;
    }
    Ok(())
}

/// `$first, $first+1, ...`: as many places as there are values.
pub(crate) fn places(first: usize, values: usize) -> String {
    let places: Vec<_> = (first..first + values).map(|place| format!("${place}")).collect();
    places.join(", ")
}

/// Fills ids up with NULLs, which match nothing, to a power of two, and says how many they are: a database keeps the
/// plans of a few statements, not of one for each number of rows.
pub(crate) fn fill_up(ids: &mut Vec<Value>) -> usize {
    let places = ids.len().next_power_of_two();
    ids.resize(places, Value::Uuid(None));
    places
}
