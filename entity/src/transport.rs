//! Mail servers of a tenant's own. Passwords go in and are sealed; only a worker reads them again.

use assent_domain::audit::AuditAct;
use assent_domain::clock::Timestamp;
use assent_domain::id::{SendingDomainId, TransportId, new_id, stored};
use assent_domain::sending_limit::Limits;
use assent_domain::site::HostName;
use assent_domain::transport::{Login, Relay, Unfit};
use sea_orm::{ActiveValue::Set, EntityTrait, PaginatorTrait};
use secrecy::SecretString;
use serde_json::{Value as Json, json};

use crate::audit::Change;
use crate::error::{StoreError, read_code};
use crate::page::{Page, PageRequest};
use crate::row::transport as row;
use crate::tx::{TenantTx, Write};
use crate::{circuit, sending_domain, sending_limit};

mod password;
mod way;

pub(crate) use password::tend;
pub use way::{Way, take_connections, way};

/// The most mail servers of a tenant: one is chosen among them again and again.
const MAX_TRANSPORTS: u64 = 20;

/// A mail server of a tenant's own.
#[derive(Clone, Debug)]
pub struct Transport {
    /// Its id.
    pub id: TransportId,
    /// How it is set up.
    pub relay: Relay,
    /// When it was added.
    pub created_at: Timestamp,
}

impl From<Unfit> for StoreError {
    fn from(unfit: Unfit) -> Self {
        Self::invalid(unfit.field, unfit.rule)
    }
}

fn number(stored: i32) -> u32 {
    u32::try_from(stored).unwrap_or(0)
}

fn column(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

impl TryFrom<row::Model> for Transport {
    type Error = StoreError;

    fn try_from(row: row::Model) -> Result<Self, StoreError> {
        let corrupt = |what: &dyn std::fmt::Display| StoreError::Corrupt(what.to_string());
        let relay = Relay {
            host: HostName::parse(&row.server).map_err(|error| corrupt(&error))?,
            port: u16::try_from(row.port).map_err(|error| corrupt(&error))?,
            encryption: read_code(&row.encryption)?,
            name: row.name,
            user: row.login,
            sending_domain: row.sending_domain_id.map(stored),
            rank: number(row.rank),
            weight: number(row.weight),
            connections: row.connections.map(number),
            limits: Limits {
                per_second: row.per_second.map(number),
                per_hour: row.per_hour.map(number),
                per_day: None,
            },
            is_enabled: row.is_enabled != 0,
        };
        Ok(Self {
            id: stored(row.id),
            relay,
            created_at: Timestamp::from_micros(row.created_at),
        })
    }
}

/// Under what name it is noted how a tenant stands with a server of its own: two on one host, with two users, are two.
pub(crate) fn circuit_of(id: TransportId) -> String {
    id.to_string()
}

/// What the audit log says of one. Nothing of it is the password.
fn told(relay: &Relay) -> Json {
    json!({
        "name": relay.name, "server": relay.server(), "tls": relay.encryption.to_string(),
        "user": relay.user, "sendingDomain": relay.sending_domain.map(|id| id.to_string()),
        "rank": relay.rank, "weight": relay.weight, "connections": relay.connections,
        "perSecond": relay.limits.per_second, "perHour": relay.limits.per_hour, "enabled": relay.is_enabled,
    })
}

/// The login of a relay with a password that was just given.
fn login(relay: &Relay, password: Option<SecretString>) -> Result<Option<Login>, StoreError> {
    match (&relay.user, password) {
        (None, None) => Ok(None),
        (Some(user), Some(password)) => Ok(Some(Login::new(user.clone(), password)?)),
        (None, Some(_)) => {
            let rule = "there is a password, but no user";
            Err(StoreError::invalid("user", rule))
        }
        (Some(_), None) => {
            let rule = "there is a user, but no password: a password is given again wherever host, port, tls or user is \
                        another, since it goes to nobody but whom it was given for";
            Err(StoreError::invalid("password", rule))
        }
    }
}

/// Whether names and domains fit to what else there is.
async fn check(tx: &TenantTx<Write>, relay: &Relay, own: Option<TransportId>) -> Result<(), StoreError> {
    relay.check()?;
    if let Some(domain) = relay.sending_domain {
        sending_domain::by_id(tx, domain).await?;
    }
    let others = all(tx).await?;
    let has_name = |other: &Transport| other.relay.name == relay.name && Some(other.id) != own;
    if others.iter().any(has_name) {
        let rule = format!("another transport is called {:?} already", relay.name);
        return Err(StoreError::conflict("name", rule));
    }
    Ok(())
}

/// Adds a mail server. It is used from the next slice of each mailing on.
pub async fn create(
    tx: &mut TenantTx<Write>,
    relay: Relay,
    password: Option<SecretString>,
) -> Result<TransportId, StoreError> {
    sending_limit::hold(tx).await?;
    check(tx, &relay, None).await?;
    let login = login(&relay, password)?;
    if tx.find::<row::Entity>().count(tx.conn()).await? >= MAX_TRANSPORTS {
        let rule = format!("at most {MAX_TRANSPORTS} transports: delete one that is not used");
        return Err(StoreError::conflict("name", rule));
    }
    let id: TransportId = new_id(tx.now());
    let sealed = password::seal(tx, id, login.as_ref())?;
    let row = row::ActiveModel {
        tenant_id: Set(tx.uuid()),
        id: Set(id.uuid()),
        name: Set(relay.name.clone()),
        server: Set(relay.host.to_string()),
        port: Set(i32::from(relay.port)),
        encryption: Set(relay.encryption.to_string()),
        login: Set(relay.user.clone()),
        sealed_password: Set(sealed),
        sending_domain_id: Set(relay.sending_domain.map(|id| id.uuid())),
        rank: Set(column(relay.rank)),
        weight: Set(column(relay.weight)),
        connections: Set(relay.connections.map(column)),
        per_second: Set(relay.limits.per_second.map(column)),
        per_hour: Set(relay.limits.per_hour.map(column)),
        second_spent_until: Set(0),
        hour_spent_until: Set(0),
        is_enabled: Set(i32::from(relay.is_enabled)),
        created_at: Set(tx.now().micros()),
    };
    row::Entity::insert(row).exec_without_returning(tx.conn()).await?;
    sending_limit::take_effect(tx).await?;
    tx.audit(AuditAct::TransportCreated, id, &Change::to(told(&relay)))?;
    Ok(id)
}

/// Holds a mail server for a change, and forgets how it did; in the order in which claims hold what they need.
async fn hold(tx: &TenantTx<Write>, id: TransportId) -> Result<(), StoreError> {
    circuit::forget(tx, &circuit_of(id)).await?;
    sending_limit::hold(tx).await?;
    tx.lock::<row::Entity>(id.uuid()).await
}

/// Changes a mail server. Without a new password it keeps its own, unless that would go to another server or user. What it
/// did so far is forgotten: a member has seen to it.
pub async fn update(
    tx: &mut TenantTx<Write>,
    id: TransportId,
    change: impl FnOnce(&mut Relay),
    password: Option<SecretString>,
) -> Result<(), StoreError> {
    hold(tx, id).await?;
    let model = tx.get::<row::Entity>(id.uuid()).await?;
    let kept = model.sealed_password.clone();
    let before = Transport::try_from(model)?.relay;
    let mut after = before.clone();
    change(&mut after);
    check(tx, &after, Some(id)).await?;
    let has_new = password.is_some();
    let sealed = if !has_new && after.user.is_some() && after.keeps_password_of(&before) {
        kept
    } else {
        password::seal(tx, id, login(&after, password)?.as_ref())?
    };
    let sql = "UPDATE transport SET name = $3, server = $4, port = $5, encryption = $6, login = $7, sealed_password = $8,
                 sending_domain_id = $9, rank = $10, weight = $11, connections = $12, per_second = $13,
                 per_hour = $14, is_enabled = $15
               WHERE tenant_id = $1 AND id = $2";
    let values = [
        id.uuid().into(),
        after.name.as_str().into(),
        after.host.as_str().into(),
        i32::from(after.port).into(),
        after.encryption.to_string().into(),
        after.user.clone().into(),
        sealed.into(),
        after.sending_domain.map(|id| id.uuid()).into(),
        column(after.rank).into(),
        column(after.weight).into(),
        after.connections.map(column).into(),
        after.limits.per_second.map(column).into(),
        after.limits.per_hour.map(column).into(),
        i32::from(after.is_enabled).into(),
    ];
    tx.execute(sql, values).await?;
    sending_limit::take_effect(tx).await?;
    let mut now = told(&after);
    if let Some(now) = now.as_object_mut().filter(|_| has_new) {
        now.insert("newPassword".to_owned(), true.into());
    }
    tx.audit(
        AuditAct::TransportUpdated,
        id,
        &Change::from_to(told(&before), now),
    )
}

/// Takes a mail server away, with its password. What is being handed to it goes on for no more than its slice.
pub async fn remove(tx: &mut TenantTx<Write>, id: TransportId) -> Result<(), StoreError> {
    hold(tx, id).await?;
    let transport = by_id(tx, id).await?;
    let sql = "DELETE FROM transport WHERE tenant_id = $1 AND id = $2";
    tx.execute(sql, [id.uuid().into()]).await?;
    sending_limit::take_effect(tx).await?;
    let removed = Change::from_to(told(&transport.relay), Json::Null);
    tx.audit(AuditAct::TransportDeleted, id, &removed)
}

/// Refuses where a sending domain has mail servers of its own: with it gone, mail would go through others.
pub(crate) async fn require_none_for(
    tx: &TenantTx<Write>,
    domain: SendingDomainId,
) -> Result<(), StoreError> {
    let mut own = all(tx).await?;
    own.retain(|transport| transport.relay.sending_domain == Some(domain));
    let Some(one) = own.first() else { return Ok(()) };
    let rule = format!(
        "the transport {:?} is for mail from this domain: delete it, or let it be for others, first",
        one.relay.name
    );
    Err(StoreError::conflict("id", rule))
}

/// Notes that somebody tried whether a mail server works, and how far they came.
pub async fn note_test(tx: &mut TenantTx<Write>, id: TransportId, outcome: &str) -> Result<(), StoreError> {
    by_id(tx, id).await?;
    let tested = Change::to(json!({ "outcome": outcome }));
    tx.audit(AuditAct::TransportTested, id, &tested)
}

/// The mail server with this id.
pub async fn by_id<M>(tx: &TenantTx<M>, id: TransportId) -> Result<Transport, StoreError> {
    tx.get::<row::Entity>(id.uuid()).await?.try_into()
}

/// The mail server with this id, and as whom we sign in there.
pub async fn with_login<M>(
    tx: &TenantTx<M>,
    id: TransportId,
) -> Result<(Transport, Option<Login>), StoreError> {
    let row = tx.get::<row::Entity>(id.uuid()).await?;
    let login = password::login(tx, &row)?;
    Ok((row.try_into()?, login))
}

/// The tenant's mail servers, oldest first.
pub async fn page<M>(tx: &TenantTx<M>, request: PageRequest) -> Result<Page<Transport>, StoreError> {
    request
        .run(tx, tx.find::<row::Entity>(), Transport::try_from)
        .await
}

async fn all<M>(tx: &TenantTx<M>) -> Result<Vec<Transport>, StoreError> {
    let rows = tx.find::<row::Entity>().all(tx.conn()).await?;
    rows.into_iter().map(Transport::try_from).collect()
}
