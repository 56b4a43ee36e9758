//! The short-lived tickets by which tables are uploaded.

use std::time::Duration;

use assent_domain::clock::Timestamp;
use assent_domain::id::{ImportId, SessionId, TenantId};
use assent_domain::keys::KeyUse;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::error::StoreError;
use crate::session::{self, SignedInMember};
use crate::store::Store;
use crate::token::{self, TokenError};
use crate::tx::TenantTx;

/// How long an upload can be begun with a ticket. What has begun by then goes on.
pub const OPEN_FOR: Duration = Duration::from_hours(1);

#[derive(Serialize, Deserialize)]
struct Claims {
    tenant: TenantId,
    session: SessionId,
    import: ImportId,
}

/// A ticket, and until when it can be used.
#[derive(Debug)]
pub struct Ticket {
    /// What stands in the address that a table is sent to.
    pub secret: SecretString,
    /// Until when.
    pub expires_at: Timestamp,
}

/// Gives out a ticket for the table of an import.
pub fn ticket<M>(tx: &TenantTx<M>, session: SessionId, import: ImportId) -> Ticket {
    let expires_at = tx.now().after(OPEN_FOR);
    let claims = Claims {
        tenant: tx.tenant(),
        session,
        import,
    };
    let secret = token::sign(tx.store().keys(), KeyUse::Upload, Some(expires_at), claims);
    Ticket {
        secret: secret.into(),
        expires_at,
    }
}

/// What a ticket opens.
#[derive(Clone, Copy, Debug)]
pub enum Opened {
    /// The table of this import, for whoever asked and is still signed in.
    For(SignedInMember, ImportId),
    /// Its time is over.
    Expired,
    /// It is none of ours, or whoever asked for it is not signed in any more.
    No,
}

/// Opens a ticket.
pub async fn open(store: &Store, ticket: &str) -> Result<Opened, StoreError> {
    let claims = match token::open::<Claims>(store.keys(), KeyUse::Upload, ticket, store.now()) {
        Ok(claims) => claims,
        Err(TokenError::Expired) => return Ok(Opened::Expired),
        Err(TokenError::Altered) => return Ok(Opened::No),
    };
    let member = session::live(store, claims.tenant, claims.session).await?;
    Ok(member.map_or(Opened::No, |member| Opened::For(member, claims.import)))
}
