//! Exports: files that are written while somebody reads them, and the short-lived tickets that open them.
//!
//! A ticket is worth something while the member who asked for it is signed in, or the token that did counts, and may still do
//! what it opens. Whose data is in a part of the file is noted before the part is given out (P15); what goes to an outside
//! party passes the gate (P14).

use std::net::IpAddr;
use std::time::Duration;

use assent_domain::audit::AuditAct;
use assent_domain::clock::Timestamp;
use assent_domain::id::{ImportId, MailingListId, SegmentId, SessionId, TenantId};
use assent_domain::keys::KeyUse;
use data_encoding::BASE64URL_NOPAD;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::access::Access;
use crate::audit::Change;
use crate::error::StoreError;
use crate::store::Store;
use crate::tx::{Read, TenantTx, Write};
use crate::{api_token, import, mailing_list, segment, session, token};

mod party;
mod people;

pub use party::{obtainable, some_permitted};
pub use people::{ExportedPerson, field_keys, some_people};

/// How long a ticket can be used. What has begun by then goes on.
pub const OPEN_FOR: Duration = Duration::from_mins(10);

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
    /// People: all of them, or those who ever joined a list, or are in a segment, or both. For an outside party, those who
    /// permitted it.
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

/// Whose a ticket is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Holder {
    /// Who signed in so.
    Session(SessionId),
    /// The program that showed the secret of a token: its hash, in base64url.
    Token(String),
}

impl Holder {
    fn of(access: &Access) -> Self {
        match access {
            Access::Member(member) => Self::Session(member.session),
            Access::Token(_, token) => Self::Token(BASE64URL_NOPAD.encode(&token.secret_hash)),
        }
    }

    /// Who it is, while their session lasts or their token counts where they are.
    async fn now(
        &self,
        store: &Store,
        tenant: TenantId,
        from: Option<IpAddr>,
    ) -> Result<Option<Access>, StoreError> {
        let access = match self {
            Self::Session(id) => session::live(store, tenant, *id).await?.map(Access::Member),
            Self::Token(hash) => match BASE64URL_NOPAD.decode(hash.as_bytes()) {
                Ok(hash) => api_token::by_hash(store, hash, from)
                    .await?
                    .map(|asking| asking.access),
                Err(_) => None,
            },
        };
        Ok(access.filter(|access| access.ctx().tenant() == tenant))
    }
}

#[derive(Serialize, Deserialize)]
struct Claims {
    tenant: TenantId,
    #[serde(flatten)]
    holder: Holder,
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
    by: &Access,
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
    let asked = match by.outside_party() {
        Some(asker) => json!({ "outsideParty": asker.party }),
        None => json!({ "list": list, "segment": in_segment }),
    };
    let object = match by {
        Access::Member(member) => member.session.to_string(),
        Access::Token(_, token) => token.id.to_string(),
    };
    tx.audit(AuditAct::SubscribersExported, object, &Change::to(asked))?;
    let what = Exported::Subscribers {
        list,
        segment: in_segment,
    };
    Ok(ticket(tx, by, what, format))
}

/// Gives out a ticket for the rows that an import left out; nothing in it is about somebody.
pub async fn ask_for_problems(
    tx: &TenantTx<Read>,
    by: &Access,
    import: ImportId,
) -> Result<Ticket, StoreError> {
    import::by_id(tx, import).await?;
    let what = Exported::ImportProblems { import };
    Ok(ticket(tx, by, what, ExportFormat::Csv))
}

fn ticket<M>(tx: &TenantTx<M>, by: &Access, what: Exported, format: ExportFormat) -> Ticket {
    let expires_at = tx.now().after(OPEN_FOR);
    let claims = Claims {
        tenant: tx.tenant(),
        holder: Holder::of(by),
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
#[derive(Clone)]
pub struct Opened {
    /// Who asked for it, and is signed in or has a token that counts.
    pub access: Access,
    /// What is exported.
    pub what: Exported,
    /// How it is written.
    pub format: ExportFormat,
    from: Option<IpAddr>,
}

/// It holds an address.
impl std::fmt::Debug for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Opened")
            .field("access", &self.access)
            .field("what", &self.what)
            .finish_non_exhaustive()
    }
}

/// Opens a ticket; nothing, if it is none of ours, its time is over, or whoever asked for it is not signed in any more or has a
/// token that does not count. `from` is where it is shown, for tokens that count from some networks only:
/// [`StoreError::NetworkNotAllowed`].
pub async fn open(store: &Store, ticket: &str, from: Option<IpAddr>) -> Result<Option<Opened>, StoreError> {
    let Ok(claims) = token::open::<Claims>(store.keys(), KeyUse::Export, ticket, store.now()) else {
        return Ok(None);
    };
    let access = claims.holder.now(store, claims.tenant, from).await?;
    Ok(access.map(|access| Opened {
        access,
        what: claims.what,
        format: claims.format,
        from,
    }))
}

impl Opened {
    /// What whoever asked for a file may do now, while they are signed in or their token counts.
    pub async fn access_now(&self, store: &Store) -> Result<Option<Access>, StoreError> {
        let tenant = self.access.ctx().tenant();
        match Holder::of(&self.access).now(store, tenant, self.from).await {
            Err(StoreError::NetworkNotAllowed) => Ok(None),
            found => found,
        }
    }
}
