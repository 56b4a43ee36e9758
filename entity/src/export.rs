//! Exports: files that are written while somebody reads them, and the short-lived tickets that open them.
//!
//! A ticket is worth something while the member who asked for it is signed in and may still do what it opens. Whose data is
//! in a part of the file is noted before the part is given out (P15).

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use assent_domain::audit::AuditAct;
use assent_domain::clock::Timestamp;
use assent_domain::id::{
    ImportId, MailingListId, PolicyVersionId, SegmentId, SessionId, SubscriberId, TenantId,
};
use assent_domain::keys::KeyUse;
use assent_domain::tenant::Role;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use crate::audit::{self, Change};
use crate::error::StoreError;
use crate::policy::{self, Standing};
use crate::session::{self, SignedInMember};
use crate::store::Store;
use crate::subscriber::{self, Subscriber, SubscriberFilter, SubscriberStatus};
use crate::tx::{Read, TenantTx, Write};
use crate::{custom_field, import, mailing_list, segment, token};

/// How long a ticket can be used. What has begun by then goes on.
pub const OPEN_FOR: Duration = Duration::from_mins(10);

/// How many people are read at once.
const PART: u64 = 1000;

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExportFormat {
    /// CSV (RFC 4180), with the names of the columns in the first row.
    Csv,
    /// A JSON object a line.
    JsonLines,
}

/// What is exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Exported {
    /// People: all of them, or those who ever joined a list, or are in a segment, or both.
    Subscribers {
        /// The list.
        list: Option<MailingListId>,
        /// The segment.
        segment: Option<SegmentId>,
    },
    /// The rows that an import left out.
    ImportProblems {
        /// The import.
        import: ImportId,
    },
}

#[derive(Serialize, Deserialize)]
struct Claims {
    tenant: TenantId,
    session: SessionId,
    what: Exported,
    format: ExportFormat,
}

/// A ticket, and until when it can be used.
#[derive(Debug)]
pub struct Ticket {
    /// What stands in the address of the file.
    pub secret: SecretString,
    /// Until when.
    pub expires_at: Timestamp,
}

/// Gives out a ticket for people, on the record.
pub async fn ask_for_subscribers(
    tx: &mut TenantTx<Write>,
    session: SessionId,
    list: Option<MailingListId>,
    in_segment: Option<SegmentId>,
    format: ExportFormat,
) -> Result<Ticket, StoreError> {
    if let Some(list) = list {
        mailing_list::by_id(tx, list).await?;
    }
    if let Some(of) = in_segment {
        segment::by_id(tx, of).await?;
    }
    let asked = json!({ "list": list, "segment": in_segment });
    tx.audit(AuditAct::SubscribersExported, session, &Change::to(asked))?;
    let what = Exported::Subscribers {
        list,
        segment: in_segment,
    };
    Ok(ticket(tx, session, what, format))
}

/// Gives out a ticket for the rows that an import left out; nothing in it is about somebody.
pub async fn ask_for_problems(
    tx: &TenantTx<Read>,
    session: SessionId,
    import: ImportId,
) -> Result<Ticket, StoreError> {
    import::by_id(tx, import).await?;
    let what = Exported::ImportProblems { import };
    Ok(ticket(tx, session, what, ExportFormat::Csv))
}

fn ticket<M>(tx: &TenantTx<M>, session: SessionId, what: Exported, format: ExportFormat) -> Ticket {
    let expires_at = tx.now().after(OPEN_FOR);
    let claims = Claims {
        tenant: tx.tenant(),
        session,
        what,
        format,
    };
    let secret = token::sign(tx.store().keys(), KeyUse::Export, Some(expires_at), claims);
    Ticket {
        secret: secret.into(),
        expires_at,
    }
}

/// What a ticket opens.
#[derive(Clone, Copy, Debug)]
pub struct Opened {
    /// Who asked for it, and is signed in.
    pub member: SignedInMember,
    /// What is exported.
    pub what: Exported,
    /// How it is written.
    pub format: ExportFormat,
}

/// Opens a ticket; nothing, if it is none of ours, its time is over, or whoever asked for it is not signed in any more.
pub async fn open(store: &Store, ticket: &str) -> Result<Option<Opened>, StoreError> {
    let Ok(claims) = token::open::<Claims>(store.keys(), KeyUse::Export, ticket, store.now()) else {
        return Ok(None);
    };
    let member = session::live(store, claims.tenant, claims.session).await?;
    Ok(member.map(|member| Opened {
        member,
        what: claims.what,
        format: claims.format,
    }))
}

/// The role of whoever asked for a file, while they are signed in.
pub async fn role_now(store: &Store, member: SignedInMember) -> Result<Option<Role>, StoreError> {
    let live = session::live(store, member.ctx.tenant(), member.session).await?;
    Ok(live.map(|member| member.role))
}

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
pub async fn field_keys(store: &Store, member: SignedInMember) -> Result<Vec<String>, StoreError> {
    let tx = TenantTx::read(store, member.ctx).await?;
    let fields = custom_field::all(&tx).await?;
    Ok(fields.into_iter().map(|field| field.key.to_string()).collect())
}

/// The next part of an export of people, behind one of them; none behind the last. That they are read is noted first.
pub async fn some_people(
    store: &Store,
    member: SignedInMember,
    list: Option<MailingListId>,
    in_segment: Option<SegmentId>,
    after: Option<Uuid>,
) -> Result<Vec<ExportedPerson>, StoreError> {
    let tx = TenantTx::read(store, member.ctx).await?;
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
    note(store, member, &ids).await?;
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
async fn note(store: &Store, member: SignedInMember, people: &[SubscriberId]) -> Result<(), StoreError> {
    let mut tx = TenantTx::write_although_closed(store, member.ctx).await?;
    let fields = BTreeSet::from(["email", "name", "company", "customValues"]);
    let people = people.iter().copied().collect();
    audit::note_reading(&mut tx, &people, &BTreeSet::new(), &fields, "an export")?;
    tx.commit().await
}
