//! People as one of the tenant gets them: who reads them is noted first (P15).

use std::collections::{BTreeMap, BTreeSet};

use assent_domain::id::{MailingListId, PolicyVersionId, SegmentId, SubscriberId};
use uuid::Uuid;

use crate::error::StoreError;
use crate::policy::{self, Standing};
use crate::store::Store;
use crate::subscriber::{self, Subscriber, SubscriberFilter, SubscriberStatus};
use crate::tx::{TenantCtx, TenantTx};
use crate::{audit, custom_field, segment};

/// How many people are read at once.
const PART: u64 = 1000;

/// A person, as they stand in an export.
#[derive(Clone, Debug)]
pub struct ExportedPerson {
    /// Who it is.
    pub person: Subscriber,
    /// Where they stand as a whole.
    pub status: SubscriberStatus,
    /// The number of the policy version in force when they first gave information.
    pub collected_under: i32,
    /// What else is kept of them, by the keys of the fields.
    pub fields: BTreeMap<String, String>,
}

/// The keys of the fields that an export of people has columns for.
pub async fn field_keys(store: &Store, ctx: TenantCtx) -> Result<Vec<String>, StoreError> {
    let tx = TenantTx::read(store, ctx).await?;
    let fields = custom_field::all(&tx).await?;
    Ok(fields.into_iter().map(|field| field.key.to_string()).collect())
}

/// The next part of an export of people, behind one of them; none behind the last. That they are read is noted first.
pub async fn some_people(
    store: &Store,
    ctx: TenantCtx,
    list: Option<MailingListId>,
    in_segment: Option<SegmentId>,
    after: Option<Uuid>,
) -> Result<Vec<ExportedPerson>, StoreError> {
    let tx = TenantTx::read(store, ctx).await?;
    let filter = SubscriberFilter {
        email: None,
        mailing_list: list,
        segment: match in_segment {
            Some(of) => Some(segment::by_id(&tx, of).await?.rule),
            None => None,
        },
    };
    let people = subscriber::some(&tx, &filter, after, PART).await?;
    if people.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<_> = people.iter().map(|person| person.id).collect();
    let statuses = subscriber::statuses(&tx, &people).await?;
    let mut kept = custom_field::of_subscribers(&tx, &ids).await?;
    let versions = policy::standings(&tx).await?;
    drop(tx);
    note(store, ctx, &ids).await?;
    let people = people.into_iter().zip(statuses).map(|(person, status)| {
        let fields = kept.remove(&person.id).unwrap_or_default().into_iter();
        ExportedPerson {
            status,
            collected_under: number_of(&versions, person.collected_under),
            fields: fields
                .map(|kept| (kept.field.key.to_string(), kept.value.to_string()))
                .collect(),
            person,
        }
    });
    Ok(people.collect())
}

fn number_of(versions: &[Standing], id: PolicyVersionId) -> i32 {
    let version = versions.iter().find(|version| version.id == id);
    version.map_or(0, |version| version.times.number)
}

/// Notes whose data is given out.
async fn note(store: &Store, ctx: TenantCtx, people: &[SubscriberId]) -> Result<(), StoreError> {
    let mut tx = TenantTx::write_although_closed(store, ctx).await?;
    let fields = BTreeSet::from(["email", "name", "company", "customValues"]);
    let people = people.iter().copied().collect();
    audit::note_reading(&mut tx, &people, &BTreeSet::new(), &fields, "an export")?;
    tx.commit().await
}
