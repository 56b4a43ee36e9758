//! Endpoints: where a tenant's own programs are told what happens, and what of it.

use std::collections::BTreeSet;

use assent_domain::audit::AuditAct;
use assent_domain::clock::Timestamp;
use assent_domain::id::{WebhookDeliveryId, WebhookEndpointId, new_id, stored};
use assent_domain::webhook::event::{Event, EventType};
use assent_domain::webhook::secret::WebhookSecret;
use assent_domain::webhook::{DisabledReason, EndpointUrl};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, Select};
use secrecy::SecretString;
use serde_json::{Value as Json, json};

use super::{MAX_ENDPOINTS, event, health, job, secret};
use crate::audit::Change;
use crate::error::{StoreError, read_code};
use crate::page::{Page, PageRequest};
use crate::row::webhook_endpoint as row;
use crate::text;
use crate::tx::{TenantTx, Write};

/// The longest description, in characters.
const MAX_DESCRIPTION_CHARS: usize = 200;

/// An endpoint.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// Its id.
    pub id: WebhookEndpointId,
    /// Where it is.
    pub url: EndpointUrl,
    /// What the tenant says that it is; may be empty.
    pub description: String,
    /// What it is told.
    pub event_types: BTreeSet<EventType>,
    /// Since when nothing is sent to it, and why; nothing while it is enabled.
    pub disabled: Option<(Timestamp, DisabledReason)>,
    /// Since when all that was sent to it failed.
    pub failing_since: Option<Timestamp>,
    /// Until when the secret before signs as well.
    pub former_secret_until: Option<Timestamp>,
    /// When it was added.
    pub created_at: Timestamp,
}

pub(super) fn read_types(text: &str) -> Result<BTreeSet<EventType>, StoreError> {
    let codes: Vec<String> = serde_json::from_str(text)
        .map_err(|_| StoreError::Corrupt("the event types of a webhook endpoint".to_owned()))?;
    codes.iter().map(|code| read_code(code)).collect()
}

fn written_types(types: &BTreeSet<EventType>) -> Json {
    let codes: Vec<&str> = types.iter().map(|event| (*event).into()).collect();
    json!(codes)
}

impl TryFrom<row::Model> for Endpoint {
    type Error = StoreError;

    fn try_from(row: row::Model) -> Result<Self, StoreError> {
        let at = |micros: Option<i64>| micros.map(Timestamp::from_micros);
        let reason = row.disabled_reason.as_deref().map(read_code).transpose()?;
        Ok(Self {
            id: stored(row.id),
            url: EndpointUrl::parse(&row.url).map_err(|error| StoreError::Corrupt(error.to_string()))?,
            event_types: read_types(&row.event_types)?,
            disabled: at(row.disabled_at).zip(reason),
            failing_since: at(row.failing_since),
            former_secret_until: at(row.former_until),
            created_at: Timestamp::from_micros(row.created_at),
            description: row.description,
        })
    }
}

/// What an endpoint is to be.
#[derive(Clone, Debug)]
pub struct EndpointDraft {
    /// Where it is.
    pub url: EndpointUrl,
    /// What the tenant says that it is.
    pub description: String,
    /// What it is to be told.
    pub event_types: BTreeSet<EventType>,
}

impl EndpointDraft {
    /// What the audit log says of it: not its path, which may hold a secret of the receiver's.
    fn told(&self) -> Json {
        json!({ "origin": self.url.origin(), "eventTypes": written_types(&self.event_types) })
    }

    fn checked(mut self) -> Result<Self, StoreError> {
        if self.event_types.is_empty() {
            let rule = "an endpoint is told of at least one type of event";
            return Err(StoreError::invalid("eventTypes", rule));
        }
        if !self.event_types.iter().all(|event| event.is_for_subscribing()) {
            let rule = "tests go to the endpoint that is tried out, without being subscribed to: leave WEBHOOK_TEST out";
            return Err(StoreError::invalid("eventTypes", rule));
        }
        self.description = text::lines("description", &self.description, MAX_DESCRIPTION_CHARS)?;
        Ok(self)
    }
}

/// Adds an endpoint. The secret is shown now, and never again.
pub async fn create(
    tx: &mut TenantTx<Write>,
    draft: EndpointDraft,
) -> Result<(WebhookEndpointId, SecretString), StoreError> {
    tx.require_open()?;
    let draft = draft.checked()?;
    if there(tx).count(tx.conn()).await? >= MAX_ENDPOINTS {
        let rule = format!("there are {MAX_ENDPOINTS} endpoints already: delete one that is not used");
        return Err(StoreError::conflict("url", rule));
    }
    let (id, secret): (WebhookEndpointId, _) = (new_id(tx.now()), WebhookSecret::draw());
    let row = row::ActiveModel {
        tenant_id: Set(tx.uuid()),
        id: Set(id.uuid()),
        url: Set(draft.url.as_str().to_owned()),
        description: Set(draft.description.clone()),
        event_types: Set(written_types(&draft.event_types).to_string()),
        sealed_secret: Set(secret::seal(tx, id.uuid(), &secret)?),
        sealed_former_secret: Set(None),
        former_until: Set(None),
        disabled_at: Set(None),
        disabled_reason: Set(None),
        failing_since: Set(None),
        job_id: Set(None),
        created_at: Set(tx.now().micros()),
        deleted_at: Set(None),
        notice_mailing_id: Set(None),
        last_status: Set(None),
        last_failure: Set(None),
    };
    row::Entity::insert(row).exec_without_returning(tx.conn()).await?;
    tx.audit(AuditAct::WebhookEndpointCreated, id, &Change::to(draft.told()))?;
    Ok((id, secret.shown()))
}

/// Changes an endpoint. What waits for it goes to where it is then.
pub async fn update(
    tx: &mut TenantTx<Write>,
    id: WebhookEndpointId,
    change: impl FnOnce(&mut EndpointDraft),
) -> Result<(), StoreError> {
    let before: Endpoint = hold(tx, id).await?.try_into()?;
    let before = EndpointDraft {
        url: before.url,
        description: before.description,
        event_types: before.event_types,
    };
    let mut after = before.clone();
    change(&mut after);
    let after = after.checked()?;
    let sql = "UPDATE webhook_endpoint SET url = $3, description = $4, event_types = $5 WHERE tenant_id = $1 AND id = $2";
    let values = [
        id.uuid().into(),
        after.url.as_str().into(),
        after.description.as_str().into(),
        written_types(&after.event_types).to_string().into(),
    ];
    tx.execute(sql, values).await?;
    let change = Change::from_to(before.told(), after.told());
    tx.audit(AuditAct::WebhookEndpointUpdated, id, &change)
}

/// Takes an endpoint away. Nothing is sent to it any more; what became of its events is cleared away a little at a time.
pub async fn remove(tx: &mut TenantTx<Write>, id: WebhookEndpointId) -> Result<(), StoreError> {
    let row = hold(tx, id).await?;
    let now = tx.now().micros();
    let sql = "UPDATE webhook_endpoint SET deleted_at = $3, disabled_at = COALESCE(disabled_at, $3),
                 disabled_reason = COALESCE(disabled_reason, 'REQUESTED')
               WHERE tenant_id = $1 AND id = $2";
    tx.execute(sql, [id.uuid().into(), now.into()]).await?;
    if row.job_id.is_some() {
        job::wake(tx, id).await?;
    }
    let origin = Endpoint::try_from(row)?.url.origin();
    let gone = Change::from_to(json!({ "origin": origin }), Json::Null);
    tx.audit(AuditAct::WebhookEndpointDeleted, id, &gone)
}

/// Lets nothing be sent to an endpoint. What waits for it has failed; what happens meanwhile is not kept for it.
pub async fn disable(tx: &mut TenantTx<Write>, id: WebhookEndpointId) -> Result<(), StoreError> {
    let mut row = hold(tx, id).await?;
    if row.disabled_at.is_some() {
        return Err(StoreError::conflict("id", "this endpoint is disabled already"));
    }
    health::disable(tx, &mut row, DisabledReason::Requested).await?;
    if row.job_id.is_some() {
        job::wake(tx, id).await?;
    }
    Ok(())
}

/// Disables every endpoint, after a restore: one may have been taken away since, or its secret replaced.
pub(crate) async fn silence_all(tx: &mut TenantTx<Write>) -> Result<usize, StoreError> {
    let enabled = there(tx).filter(row::Column::DisabledAt.is_null());
    let rows = enabled.all(tx.conn()).await?;
    let count = rows.len();
    for mut row in rows {
        health::disable(tx, &mut row, DisabledReason::Restored).await?;
    }
    Ok(count)
}

/// Lets an endpoint be told again what happens from now on.
pub async fn enable(tx: &mut TenantTx<Write>, id: WebhookEndpointId) -> Result<(), StoreError> {
    let row = hold(tx, id).await?;
    if row.disabled_at.is_none() {
        return Err(StoreError::conflict("id", "this endpoint is enabled already"));
    }
    let sql = "UPDATE webhook_endpoint SET disabled_at = NULL, disabled_reason = NULL, failing_since = NULL,
                 notice_mailing_id = NULL, last_status = NULL, last_failure = NULL
               WHERE tenant_id = $1 AND id = $2";
    tx.execute(sql, [id.uuid().into()]).await?;
    let was = Change::from_to(json!({ "reason": row.disabled_reason }), Json::Null);
    tx.audit(AuditAct::WebhookEndpointEnabled, id, &was)
}

/// Gives an endpoint a new secret, which is shown now and never again. The one before signs as well for 24 hours.
pub async fn rotate_secret(
    tx: &mut TenantTx<Write>,
    id: WebhookEndpointId,
) -> Result<SecretString, StoreError> {
    let row = hold(tx, id).await?;
    let (secret, until) = secret::rotate(tx, &row).await?;
    let change = Change::to(json!({ "formerUntil": until.to_string() }));
    tx.audit(AuditAct::WebhookSecretRotated, id, &change)?;
    Ok(secret.shown())
}

/// Sends an endpoint an event that tells of nothing, once.
pub async fn test(tx: &mut TenantTx<Write>, id: WebhookEndpointId) -> Result<WebhookDeliveryId, StoreError> {
    require_enabled(&hold(tx, id).await?)?;
    let delivery = event::note_for(tx, id, &Event::test(id)).await?;
    tx.audit(AuditAct::WebhookTested, id, &Change::default())?;
    Ok(delivery)
}

pub(super) fn require_enabled(row: &row::Model) -> Result<(), StoreError> {
    match row.disabled_at {
        None => Ok(()),
        Some(_) => Err(StoreError::conflict(
            "id",
            "this endpoint is disabled: enable it first",
        )),
    }
}

/// The endpoints that are not deleted.
pub(super) fn there<M>(tx: &TenantTx<M>) -> Select<row::Entity> {
    tx.find::<row::Entity>().filter(row::Column::DeletedAt.is_null())
}

/// Those that are, and of which something is left to clear away.
pub(super) fn deleted<M>(tx: &TenantTx<M>) -> Select<row::Entity> {
    tx.find::<row::Entity>()
        .filter(row::Column::DeletedAt.is_not_null())
}

async fn row_of<M>(tx: &TenantTx<M>, id: WebhookEndpointId) -> Result<row::Model, StoreError> {
    let query = there(tx).filter(row::Column::Id.eq(id.uuid()));
    let row = query.one(tx.conn()).await?;
    row.ok_or(StoreError::NotFound("webhook endpoint"))
}

/// Reads an endpoint for a change: nobody else notes anything for it until the transaction ends.
pub(super) async fn hold(tx: &TenantTx<Write>, id: WebhookEndpointId) -> Result<row::Model, StoreError> {
    tx.lock::<row::Entity>(id.uuid()).await?;
    row_of(tx, id).await
}

/// The endpoint with this id.
pub async fn by_id<M>(tx: &TenantTx<M>, id: WebhookEndpointId) -> Result<Endpoint, StoreError> {
    row_of(tx, id).await?.try_into()
}

/// The tenant's endpoints, oldest first.
pub async fn page<M>(tx: &TenantTx<M>, request: PageRequest) -> Result<Page<Endpoint>, StoreError> {
    request.run(tx, there(tx), Endpoint::try_from).await
}

/// All of them: they are few.
pub(super) async fn all<M>(tx: &TenantTx<M>) -> Result<Vec<Endpoint>, StoreError> {
    let rows = there(tx).all(tx.conn()).await?;
    rows.into_iter().map(Endpoint::try_from).collect()
}
