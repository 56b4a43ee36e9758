//! Checkpoints: where each tenant's ledger stood at some time, signed, to be kept away from the database. The ledger
//! alone cannot tell that its newest rows were cut off and its head put back; beside a checkpoint it can (P06).

use std::collections::BTreeMap;

use assent_domain::clock::Timestamp;
use assent_domain::id::{TenantId, stored};
use assent_domain::keys::{KeyUse, Keys};
use assent_domain::ledger::Hash;
use data_encoding::HEXLOWER;
use sea_orm::{ConnectionTrait, FromQueryResult, Statement};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::StoreError;
use crate::store::Store;
use crate::token::{self, TokenError};
use crate::tx::{PlatformTx, TenantTx};

/// Where a ledger stood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Mark {
    #[serde(rename = "t")]
    tenant: TenantId,
    /// The number of its newest row; 0 where it had none.
    #[serde(rename = "n")]
    seq: i64,
    /// That row's hash, in hex.
    #[serde(rename = "h")]
    hash: String,
}

#[derive(Serialize, Deserialize)]
struct Body {
    taken_at: Timestamp,
    marks: Vec<Mark>,
}

/// Where all ledgers stood at one time.
#[derive(Clone, Debug)]
pub struct Checkpoint {
    /// When it was taken.
    pub taken_at: Timestamp,
    marks: BTreeMap<TenantId, (i64, Hash)>,
}

#[derive(FromQueryResult)]
struct Head {
    tenant_id: Uuid,
    seq: i64,
    hash: Vec<u8>,
}

/// Takes a checkpoint of every ledger, as one line of signed text.
pub async fn take(store: &Store) -> Result<String, StoreError> {
    let tx = PlatformTx::read(store).await?;
    of(tx.conn(), store.keys(), tx.now()).await
}

/// Takes a checkpoint of the ledgers that a connection sees.
pub(crate) async fn of(
    conn: &impl ConnectionTrait,
    keys: &Keys,
    taken_at: Timestamp,
) -> Result<String, StoreError> {
    let sql = "SELECT tenant_id, seq, hash FROM ledger_head ORDER BY tenant_id";
    let statement = Statement::from_string(conn.get_database_backend(), sql);
    let heads = Head::find_by_statement(statement).all(conn).await?;
    Ok(signed(heads, keys, taken_at))
}

fn signed(heads: Vec<Head>, keys: &Keys, taken_at: Timestamp) -> String {
    let marks = heads.into_iter().map(|head| Mark {
        tenant: stored(head.tenant_id),
        seq: head.seq,
        hash: HEXLOWER.encode(&head.hash),
    });
    let body = Body {
        taken_at,
        marks: marks.collect(),
    };
    token::sign(keys, KeyUse::Checkpoint, None, body)
}

/// Takes a checkpoint of the ledger of the tenant whose tables are open.
pub(crate) async fn of_tenant<M>(tx: &TenantTx<M>) -> Result<String, StoreError> {
    let sql = "SELECT tenant_id, seq, hash FROM ledger_head WHERE tenant_id = $1";
    Ok(signed(tx.all(sql, []).await?, tx.store().keys(), tx.now()))
}

/// Reads a checkpoint that this server's operator took.
pub fn open(store: &Store, text: &str) -> Result<Checkpoint, TokenError> {
    let body: Body = token::open(store.keys(), KeyUse::Checkpoint, text.trim(), store.now())?;
    let mark = |mark: Mark| -> Option<(TenantId, (i64, Hash))> {
        let hash = HEXLOWER.decode(mark.hash.as_bytes()).ok()?;
        Some((mark.tenant, (mark.seq, hash.try_into().ok()?)))
    };
    let marks: Option<_> = body.marks.into_iter().map(mark).collect();
    Ok(Checkpoint {
        taken_at: body.taken_at,
        marks: marks.ok_or(TokenError::Altered)?,
    })
}

impl Checkpoint {
    /// Where a tenant's ledger stood, if there was one.
    pub(crate) fn of(&self, tenant: TenantId) -> Option<(i64, Hash)> {
        self.marks.get(&tenant).copied()
    }

    /// The tenants that there were.
    pub(crate) fn tenants(&self) -> impl Iterator<Item = TenantId> + '_ {
        self.marks.keys().copied()
    }
}
