//! What became of telling endpoints: the log that a tenant looks at.

use assent_domain::clock::Timestamp;
use assent_domain::id::{WebhookDeliveryId, WebhookEndpointId, WebhookEventId, stored};
use assent_domain::webhook::event::EventType;
use assent_domain::webhook::{AttemptFailure, DeliveryState};
use sea_orm::{ColumnTrait, Condition, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select};

use super::endpoint::{self, Endpoint};
use super::turn::attempts_of;
use crate::error::{StoreError, read_code};
use crate::page::{Page, PageRequest};
use crate::row::{webhook_attempt, webhook_delivery as row, webhook_event};
use crate::tx::TenantTx;

/// An attempt.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// Its number, from 1.
    pub number: i32,
    /// When it began.
    pub started_at: Timestamp,
    /// How long it took, in milliseconds.
    pub milliseconds: i64,
    /// The status that the endpoint answered with, if it did.
    pub status: Option<i32>,
    /// Why it failed, if it did.
    pub failure: Option<AttemptFailure>,
}

/// An event and an endpoint, and how far it has come.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Its id.
    pub id: WebhookDeliveryId,
    /// To which endpoint.
    pub endpoint: Endpoint,
    /// Which event.
    pub event: WebhookEventId,
    /// Of what type that is.
    pub event_type: EventType,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// What is posted.
    pub body: String,
    /// Where it stands.
    pub state: DeliveryState,
    /// The attempts, first to last. Of one during which a worker was killed nothing is known.
    pub attempts: Vec<Attempt>,
    /// When it is attempted next; nothing where it is over, or being attempted.
    pub next_attempt_at: Option<Timestamp>,
    /// When it was decided, if it is.
    pub finished_at: Option<Timestamp>,
}

/// Which deliveries are wanted.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    /// To one endpoint.
    pub endpoint: Option<WebhookEndpointId>,
    /// In one state.
    pub state: Option<DeliveryState>,
    /// Of one type.
    pub event_type: Option<EventType>,
}

impl TryFrom<webhook_attempt::Model> for Attempt {
    type Error = StoreError;

    fn try_from(row: webhook_attempt::Model) -> Result<Self, StoreError> {
        Ok(Self {
            number: row.number,
            started_at: Timestamp::from_micros(row.started_at),
            milliseconds: row.milliseconds,
            status: row.status_code,
            failure: row.failure.as_deref().map(read_code).transpose()?,
        })
    }
}

/// Adds to rows what belongs to them: three queries, however many they are.
async fn read<M>(tx: &TenantTx<M>, rows: Vec<row::Model>) -> Result<Vec<Delivery>, StoreError> {
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    let mut attempts = attempts_of(tx, &ids).await?;
    let events = tx
        .find::<webhook_event::Entity>()
        .filter(webhook_event::Column::Id.is_in(rows.iter().map(|row| row.event_id)));
    let events = events.all(tx.conn()).await?;
    let endpoints = endpoint::all(tx).await?;
    let now = tx.now().micros();
    let read = |row: row::Model| {
        let gone = || StoreError::NotFound("webhook delivery");
        let event = events.iter().find(|event| event.id == row.event_id);
        let endpoint = endpoints.iter().find(|of| of.id.uuid() == row.endpoint_id);
        let (event, endpoint) = (event.ok_or_else(gone)?, endpoint.ok_or_else(gone)?);
        let attempts = attempts.remove(&row.id).unwrap_or_default().into_iter();
        Ok(Delivery {
            id: stored(row.id),
            endpoint: endpoint.clone(),
            event: stored(row.event_id),
            event_type: read_code(&row.event_type)?,
            occurred_at: Timestamp::from_micros(event.occurred_at),
            body: event.body.clone(),
            state: read_code(&row.state)?,
            attempts: attempts.map(Attempt::try_from).collect::<Result<_, _>>()?,
            next_attempt_at: row
                .next_attempt_at
                .filter(|_| row.taken_until <= now)
                .map(Timestamp::from_micros),
            finished_at: row.finished_at.map(Timestamp::from_micros),
        })
    };
    rows.into_iter().map(read).collect()
}

/// The deliveries to endpoints that are there. Few are being deleted, and mostly none: so the rows can be read in their
/// order.
async fn there<M>(tx: &TenantTx<M>) -> Result<Select<row::Entity>, StoreError> {
    let deleted = endpoint::deleted(tx).all(tx.conn()).await?;
    let ids = deleted.iter().map(|endpoint| endpoint.id);
    Ok(tx
        .find::<row::Entity>()
        .filter(row::Column::EndpointId.is_not_in(ids)))
}

/// The delivery with this id.
pub async fn by_id<M>(tx: &TenantTx<M>, id: WebhookDeliveryId) -> Result<Delivery, StoreError> {
    let query = there(tx).await?.filter(row::Column::Id.eq(id.uuid()));
    let rows = query.all(tx.conn()).await?;
    let found = read(tx, rows).await?.into_iter().next();
    found.ok_or(StoreError::NotFound("webhook delivery"))
}

/// The deliveries that are wanted, newest first.
pub async fn page<M>(
    tx: &TenantTx<M>,
    filter: Filter,
    request: PageRequest,
) -> Result<Page<Delivery>, StoreError> {
    if let Some(id) = filter.endpoint {
        endpoint::by_id(tx, id).await?;
    }
    let wanted = Condition::all()
        .add_option(filter.endpoint.map(|id| row::Column::EndpointId.eq(id.uuid())))
        .add_option(filter.state.map(|state| row::Column::State.eq(state.to_string())))
        .add_option(
            filter
                .event_type
                .map(|event| row::Column::EventType.eq(event.to_string())),
        );
    let query = there(tx).await?.filter(wanted);
    let total = if request.count {
        Some(query.clone().count(tx.conn()).await?)
    } else {
        None
    };
    let after = request.after.map(|after| row::Column::Id.lt(after));
    let rows = query
        .filter(Condition::all().add_option(after))
        .order_by_desc(row::Column::Id)
        .limit(request.limit())
        .all(tx.conn())
        .await?;
    let read = read(tx, rows).await?;
    let keyed = read.into_iter().map(|delivery| (delivery.id.uuid(), delivery));
    Ok(request.cut(keyed.collect(), total))
}
