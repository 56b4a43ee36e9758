//! Changes that are made once however often they are asked for: whoever asks gives a key (`Idempotency-Key`,
//! draft-ietf-httpapi-idempotency-key-header), which is kept by the very transaction that makes the change, and what was
//! answered beside it, for a day. What was refused leaves no key behind, and can be asked for again with the same.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use assent_domain::audit::Actor;
use assent_domain::id::{KeyedChangeId, new_id};
use assent_domain::keys::{KeyUse, Keys};
use aws_lc_rs::hmac;
use sea_orm::FromQueryResult;
use secrecy::SecretSlice;
use uuid::Uuid;

use crate::chore::{self, Passing};
use crate::error::StoreError;
use crate::sealed::{self, Place};
use crate::store::Store;
use crate::text;
use crate::tx::{TenantCtx, TenantTx, Write};

/// How long a key and its answer are kept.
pub const KEPT_FOR: Duration = Duration::from_hours(24);

/// The longest answer that is kept, in octets.
const MAX_ANSWER_OCTETS: usize = 64 * 1024;

/// What a client calls the key.
const FIELD: &str = "Idempotency-Key";

/// A change that is to be made once.
#[derive(Debug)]
pub struct Wish {
    ctx: TenantCtx,
    id: KeyedChangeId,
    asker: Uuid,
    key: String,
    request: Vec<u8>,
    is_claimed: AtomicBool,
}

/// What became of the same wish when it was made before.
#[derive(Debug)]
pub enum Earlier {
    /// The change was made, and this was answered.
    Answered(SecretSlice<u8>),
    /// The change was made. What was answered is not kept.
    Made,
}

#[derive(FromQueryResult)]
struct Kept {
    id: Uuid,
    request: Vec<u8>,
    sealed_answer: Option<Vec<u8>>,
}

impl Wish {
    /// Of a member or a token, who asks for this under this key.
    pub fn new(store: &Store, ctx: TenantCtx, key: &str, request: &[u8]) -> Result<Self, StoreError> {
        text::key(FIELD, key)?;
        let asker = match ctx.actor() {
            Actor::Member { id, .. } => id.uuid(),
            Actor::Token { id } => id.uuid(),
            _ => return Err(StoreError::invalid(FIELD, "a key counts for members and tokens")),
        };
        Ok(Self {
            ctx,
            id: new_id(store.now()),
            asker,
            key: key.to_owned(),
            request: request.to_vec(),
            is_claimed: AtomicBool::new(false),
        })
    }

    /// What became of it before, if it was made. A key that stands for something else is refused.
    pub async fn earlier(&self, store: &Store) -> Result<Option<Earlier>, StoreError> {
        let tx = TenantTx::read(store, self.ctx).await?;
        let sql = "SELECT id, request, sealed_answer FROM keyed_change
                   WHERE tenant_id = $1 AND asker_id = $2 AND key = $3 AND made_at >= $4";
        let since = tx.now().before(KEPT_FOR).micros();
        let values = [self.asker.into(), self.key.as_str().into(), since.into()];
        let Some(kept) = tx.one::<Kept>(sql, values).await? else {
            return Ok(None);
        };
        if !is_hash_of(store.keys(), &self.request, &kept.request) {
            let rule = "this key was used for something else within a day, or by whoever asks with other rights: take another";
            return Err(StoreError::invalid(FIELD, rule));
        }
        let answer = kept
            .sealed_answer
            .map(|answer| sealed::open(store.keys(), self.place(kept.id), &answer));
        Ok(Some(answer.transpose()?.map_or(Earlier::Made, Earlier::Answered)))
    }

    /// Takes the key for the change that this transaction makes, if that was not done yet: of two that are made at once, one goes
    /// on.
    pub async fn claim(&self, tx: &TenantTx<Write>) -> Result<(), StoreError> {
        if self.is_claimed.load(Ordering::Acquire) {
            return Ok(());
        }
        // A key whose day is over is free, whether the chores have been there or not.
        let sql = "INSERT INTO keyed_change (tenant_id, id, asker_id, key, request, made_at)
                   VALUES ($1, $2, $3, $4, $5, $6)
                   ON CONFLICT (tenant_id, asker_id, key) DO UPDATE
                   SET id = excluded.id, request = excluded.request, made_at = excluded.made_at, sealed_answer = NULL
                   WHERE keyed_change.made_at < $7";
        let now = tx.now();
        let values = [
            self.id.uuid().into(),
            self.asker.into(),
            self.key.as_str().into(),
            hash(tx.store().keys(), &self.request).into(),
            now.micros().into(),
            now.before(KEPT_FOR).micros().into(),
        ];
        if tx.execute(sql, values).await? == 0 {
            let message =
                "the same is being done at this moment: ask again in a second for what became of it";
            return Err(StoreError::conflict(FIELD, message));
        }
        self.is_claimed.store(true, Ordering::Release);
        Ok(())
    }

    /// Keeps what was answered. Where the change was not made, there is nothing to keep it beside.
    pub async fn keep(&self, store: &Store, answer: &[u8]) -> Result<(), StoreError> {
        if answer.len() > MAX_ANSWER_OCTETS || !self.is_claimed.load(Ordering::Acquire) {
            return Ok(());
        }
        let sealed = sealed::seal(store.keys(), self.place(self.id.uuid()), answer)?;
        let tx = TenantTx::write(store, TenantCtx::new(self.ctx.tenant(), Actor::Job)).await?;
        let sql = "UPDATE keyed_change SET sealed_answer = $3 WHERE tenant_id = $1 AND id = $2";
        tx.execute(sql, [self.id.uuid().into(), sealed.into()]).await?;
        tx.commit().await
    }

    fn place(&self, row: Uuid) -> Place {
        Place {
            tenant: self.ctx.tenant().uuid(),
            table: "keyed_change",
            row,
        }
    }
}

/// The hash of a request under the operator's secret of today: what was asked may tell who people are.
fn hash(keys: &Keys, request: &[u8]) -> Vec<u8> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, &keys.derive(KeyUse::KeyedChange));
    hmac::sign(&key, request).as_ref().to_vec()
}

fn is_hash_of(keys: &Keys, request: &[u8], kept: &[u8]) -> bool {
    let mut under = keys.derive_all(KeyUse::KeyedChange);
    under.any(|key| hmac::verify(&hmac::Key::new(hmac::HMAC_SHA256, &key), request, kept).is_ok())
}

/// Forgets the keys whose day is over.
pub(crate) async fn forget_old(store: &Store, ctx: TenantCtx) -> Result<(), StoreError> {
    let rows = Passing {
        table: "keyed_change",
        key: "id",
        at: "made_at",
        kept_for: KEPT_FOR,
    };
    chore::forget(store, ctx, rows).await
}
