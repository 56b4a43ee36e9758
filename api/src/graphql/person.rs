//! Who people are: shown in clear to those who need it, and then noted in the audit log; masked to all others
//! (P15).

use std::collections::BTreeSet;
use std::sync::Arc;

use assent_domain::id::{PrivacyRequestId, SubscriberId};
use assent_entity::access::Access;
use assent_entity::custom_field::Kept;
use assent_entity::disclosure::Refused;
use assent_entity::privacy::PrivacyRequest;
use assent_entity::subscriber::Subscriber;
use assent_entity::{Store, TenantTx, audit};
use async_graphql::Context;
use tokio::sync::{Mutex, MutexGuard};

use super::context::World;
use super::error::Result;

/// What a request has read in clear so far.
#[derive(Debug, Default)]
pub(crate) struct Readings {
    seen: Mutex<Seen>,
    refused: Mutex<Refused>,
}

#[derive(Clone, Debug, Default)]
struct Seen {
    people: BTreeSet<SubscriberId>,
    /// Requests by people who are not known.
    requests: BTreeSet<PrivacyRequestId>,
    fields: BTreeSet<&'static str>,
}

impl Readings {
    async fn add(&self, person: SubscriberId, field: &'static str) {
        let mut seen = self.seen.lock().await;
        seen.people.insert(person);
        seen.fields.insert(field);
    }

    async fn add_request(&self, request: PrivacyRequestId, field: &'static str) {
        let mut seen = self.seen.lock().await;
        seen.requests.insert(request);
        seen.fields.insert(field);
    }

    /// Whether it is nobody.
    pub(super) async fn are_none(&self) -> bool {
        let seen = self.seen.lock().await;
        seen.people.is_empty() && seen.requests.is_empty()
    }

    /// What an outside party did not get so far.
    pub(super) async fn refused(&self) -> MutexGuard<'_, Refused> {
        self.refused.lock().await
    }

    /// Notes in the audit log what was read and what was refused, before it is answered. `reason` is what the client said
    /// it is for.
    pub(super) async fn keep(&self, store: &Store, access: &Access, reason: &str) -> Result<()> {
        let ctx = access.ctx();
        if let Some(asker) = access.outside_party() {
            self.refused.lock().await.note(store, ctx, asker).await?;
        }
        let seen = self.seen.lock().await;
        if seen.people.is_empty() && seen.requests.is_empty() {
            return Ok(());
        }
        let mut tx = TenantTx::write_although_closed(store, ctx).await?;
        audit::note_reading(&mut tx, &seen.people, &seen.requests, &seen.fields, reason)?;
        Ok(tx.commit().await?)
    }
}

/// Shows one thing of a person: in clear, or `masked`.
async fn show(
    ctx: &Context<'_>,
    person: &Subscriber,
    field: &'static str,
    clear: impl FnOnce() -> String,
    masked: impl FnOnce() -> String,
) -> Result<String> {
    if !ctx.access()?.sees_persons() {
        return Ok(masked());
    }
    if let Some(readings) = ctx.data_opt::<Arc<Readings>>() {
        readings.add(person.id, field).await;
    }
    Ok(clear())
}

/// Something that is in a request about data, if it is. Only those who answer requests get to see one.
pub(super) async fn of_request(
    ctx: &Context<'_>,
    request: &PrivacyRequest,
    field: &'static str,
    value: Option<String>,
) -> Option<String> {
    let readings = ctx.data_opt::<Arc<Readings>>();
    if let (Some(readings), Some(_)) = (readings, &value) {
        match request.subscriber {
            Some(person) => readings.add(person, field).await,
            None => readings.add_request(request.id, field).await,
        }
    }
    value
}

/// Words that may tell who somebody is, and are told to nobody else: `None` for who sees people masked. `person` is whom
/// they are about, where it is one who is known.
pub(super) async fn words<T>(
    ctx: &Context<'_>,
    person: Option<SubscriberId>,
    field: &'static str,
    value: Option<T>,
) -> Result<Option<T>> {
    if value.is_none() || !ctx.access()?.sees_persons() {
        return Ok(None);
    }
    if let (Some(readings), Some(person)) = (ctx.data_opt::<Arc<Readings>>(), person) {
        readings.add(person, field).await;
    }
    Ok(value)
}

/// The address of a person.
pub(super) async fn email(ctx: &Context<'_>, person: &Subscriber) -> Result<String> {
    show(
        ctx,
        person,
        "email",
        || person.email.expose(),
        || person.email.masked(),
    )
    .await
}

/// The name of a person, if they gave one.
pub(super) async fn name(ctx: &Context<'_>, person: &Subscriber) -> Result<Option<String>> {
    text(ctx, person, "name", &person.name).await
}

/// The company of a person, if they gave one.
pub(super) async fn company(ctx: &Context<'_>, person: &Subscriber) -> Result<Option<String>> {
    text(ctx, person, "company", &person.company).await
}

/// What is kept of a person in a custom field.
pub(super) async fn custom_value(ctx: &Context<'_>, person: &Subscriber, kept: &Kept) -> Result<String> {
    let value = kept.value.to_string();
    // The first letter of a flag or a choice would be all of it.
    show(
        ctx,
        person,
        "customValues",
        || value.clone(),
        || HIDDEN.to_owned(),
    )
    .await
}

async fn text(
    ctx: &Context<'_>,
    person: &Subscriber,
    field: &'static str,
    value: &str,
) -> Result<Option<String>> {
    if value.is_empty() {
        return Ok(None);
    }
    show(ctx, person, field, || value.to_owned(), || masked(value))
        .await
        .map(Some)
}

/// What stands for something that is not shown.
const HIDDEN: &str = "•••";

/// The first letter, and that there is more.
fn masked(text: &str) -> String {
    let first: String = text.chars().take(1).collect();
    format!("{first}{HIDDEN}")
}
