//! Keys: made, put to work, put away, forgotten.

use std::collections::BTreeSet;

use assent_domain::audit::AuditAct;
use assent_domain::dkim::{DkimAlgorithm, DkimKeyState, KEPT_AFTER_ROTATION, Selector};
use assent_domain::id::{DkimKeyId, SendingDomainId, new_id, stored};
use assent_domain::sending_domain::Finding;
use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair, RsaKeyPair};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use secrecy::{ExposeSecret, SecretSlice};
use serde_json::json;

use super::{DkimKey, locked};
use crate::audit::Change;
use crate::error::StoreError;
use crate::row::dkim_key as row;
use crate::sealed::{self, Place};
use crate::store::Store;
use crate::tx::{TenantCtx, TenantTx, Write};

/// Keys that were made and belong to no domain yet, one of each kind.
#[derive(Debug)]
pub struct NewKeys(Vec<NewKey>);

#[derive(Debug)]
struct NewKey {
    algorithm: DkimAlgorithm,
    public: Vec<u8>,
    /// In PKCS #8 (RFC 5208).
    private: SecretSlice<u8>,
}

impl NewKeys {
    /// Makes a key of each kind. An RSA key takes a moment, in a thread of its own; hold no transaction open meanwhile.
    /// A domain cannot do without one that all receivers can check.
    pub async fn generate(algorithms: BTreeSet<DkimAlgorithm>) -> Result<Self, StoreError> {
        if !algorithms.iter().any(|algorithm| algorithm.is_required()) {
            let rule = "many receivers check no other signatures than those of RSA keys: add RSA_2048";
            return Err(StoreError::invalid("algorithms", rule));
        }
        let made = tokio::task::spawn_blocking(move || algorithms.into_iter().map(generate).collect());
        let made: Result<Vec<_>, aws_lc_rs::error::Unspecified> = made
            .await
            .map_err(|_| StoreError::Corrupt("a key was not made".to_owned()))?;
        let failed = |_| StoreError::Corrupt("the library for keys made none".to_owned());
        made.map(Self).map_err(failed)
    }
}

fn generate(algorithm: DkimAlgorithm) -> Result<NewKey, aws_lc_rs::error::Unspecified> {
    let (public, private) = match algorithm {
        DkimAlgorithm::Rsa2048 => {
            let pair = RsaKeyPair::generate(KeySize::Rsa2048)?;
            (
                pair.public_key().as_der()?.as_ref().to_vec(),
                pair.as_der()?.as_ref().to_vec(),
            )
        }
        DkimAlgorithm::Ed25519 => {
            let pair = Ed25519KeyPair::generate()?;
            (
                pair.public_key().as_ref().to_vec(),
                pair.to_pkcs8()?.as_ref().to_vec(),
            )
        }
    };
    Ok(NewKey {
        algorithm,
        public,
        private: private.into(),
    })
}

fn place(tx: &TenantTx<impl Sized>, key: uuid::Uuid) -> Place {
    Place {
        tenant: tx.uuid(),
        table: "dkim_key",
        row: key,
    }
}

/// The private part of a key, in PKCS #8.
pub(super) fn private<M>(tx: &TenantTx<M>, row: &row::Model) -> Result<SecretSlice<u8>, StoreError> {
    sealed::open(tx.store().keys(), place(tx, row.id), &row.sealed_private_key)
}

/// Gives a domain keys that wait to be seen in DNS, and says what they are called.
pub(super) async fn insert(
    tx: &TenantTx<Write>,
    domain: SendingDomainId,
    new: NewKeys,
) -> Result<Vec<Selector>, StoreError> {
    let mut selectors = Vec::with_capacity(new.0.len());
    for key in new.0 {
        let id: DkimKeyId = new_id(tx.now());
        let selector = Selector::of(id, key.algorithm);
        let unchecked = Finding::unchecked();
        let sealed = sealed::seal(
            tx.store().keys(),
            place(tx, id.uuid()),
            key.private.expose_secret(),
        )?;
        let row = row::ActiveModel {
            tenant_id: Set(tx.uuid()),
            id: Set(id.uuid()),
            sending_domain_id: Set(domain.uuid()),
            selector: Set(selector.as_str().to_owned()),
            algorithm: Set(key.algorithm.to_string()),
            public_key: Set(key.public),
            sealed_private_key: Set(sealed),
            state: Set(DkimKeyState::Pending.to_string()),
            record_state: Set(unchecked.state.to_string()),
            record_reason: Set(unchecked.reason),
            created_at: Set(tx.now().micros()),
            activated_at: Set(None),
            retired_at: Set(None),
        };
        row::Entity::insert(row).exec_without_returning(tx.conn()).await?;
        selectors.push(selector);
    }
    Ok(selectors)
}

/// Gives a domain new keys. They wait until they are seen in DNS, and only then take the place of those that sign; with
/// `at_once` they do so now, and so do those that wait already.
pub async fn rotate(
    tx: &mut TenantTx<Write>,
    id: SendingDomainId,
    new: NewKeys,
    at_once: bool,
) -> Result<(), StoreError> {
    let mut domain = locked(tx, id).await?;
    let is_waiting = domain.keys_in(DkimKeyState::Pending).next().is_some();
    if is_waiting && !at_once {
        let rule = "new keys wait already for their records to be seen: publish those, or say that they are to sign at once";
        return Err(StoreError::conflict("id", rule));
    }
    if !is_waiting {
        let selectors = insert(tx, id, new).await?;
        let rotated = Change::to(json!({ "selectors": selectors, "atOnce": at_once }));
        tx.audit(AuditAct::DkimKeysRotated, id, &rotated)?;
        let sql = "UPDATE sending_domain SET next_check_at = $3 WHERE tenant_id = $1 AND id = $2";
        tx.execute(sql, [id.uuid().into(), tx.now().micros().into()])
            .await?;
        domain = locked(tx, id).await?;
    }
    if at_once {
        for key in domain.keys_in(DkimKeyState::Pending) {
            activate(tx, id, key).await?;
        }
    }
    Ok(())
}

/// Lets a key sign, in place of the one of its kind that does.
pub(super) async fn activate(
    tx: &mut TenantTx<Write>,
    domain: SendingDomainId,
    key: &DkimKey,
) -> Result<(), StoreError> {
    let (algorithm, now) = (key.algorithm.to_string(), tx.now().micros());
    tx.execute(
        "UPDATE dkim_key SET state = 'RETIRING', retired_at = $4
         WHERE tenant_id = $1 AND sending_domain_id = $2 AND algorithm = $3 AND state = 'ACTIVE'",
        [domain.uuid().into(), algorithm.into(), now.into()],
    )
    .await?;
    tx.execute(
        "UPDATE dkim_key SET state = 'ACTIVE', activated_at = $3 WHERE tenant_id = $1 AND id = $2",
        [key.id.uuid().into(), now.into()],
    )
    .await?;
    let activated = Change::to(json!({ "selector": key.selector }));
    tx.audit(AuditAct::DkimKeyActivated, domain, &activated)
}

/// The chore: forgets keys that have been put away for long enough, and seals anew what the secret before sealed.
pub(crate) async fn tend(store: &Store, ctx: TenantCtx) -> Result<(), StoreError> {
    forget_retired(store, ctx).await?;
    seal_anew(store, ctx).await
}

async fn forget_retired(store: &Store, ctx: TenantCtx) -> Result<(), StoreError> {
    let mut tx = TenantTx::write(store, ctx).await?;
    let over = tx.now().before(KEPT_AFTER_ROTATION).micros();
    let keys = tx
        .find::<row::Entity>()
        .filter(row::Column::State.eq(DkimKeyState::Retiring.to_string()))
        .filter(row::Column::RetiredAt.lte(over));
    for key in keys.all(tx.conn()).await? {
        let sql = "DELETE FROM dkim_key WHERE tenant_id = $1 AND id = $2";
        tx.execute(sql, [key.id.into()]).await?;
        let domain: SendingDomainId = stored(key.sending_domain_id);
        let removed = Change::from_to(json!({ "selector": key.selector }), serde_json::Value::Null);
        tx.audit(AuditAct::DkimKeyRemoved, domain, &removed)?;
    }
    tx.commit().await
}

async fn seal_anew(store: &Store, ctx: TenantCtx) -> Result<(), StoreError> {
    let tx = TenantTx::write(store, ctx).await?;
    let mut keys = tx.find::<row::Entity>().all(tx.conn()).await?;
    keys.retain(|key| !sealed::is_current(store.keys(), &key.sealed_private_key));
    for key in keys {
        let secret = private(&tx, &key)?;
        let sealed = sealed::seal(store.keys(), place(&tx, key.id), secret.expose_secret())?;
        let sql = "UPDATE dkim_key SET sealed_private_key = $3 WHERE tenant_id = $1 AND id = $2";
        tx.execute(sql, [key.id.into(), sealed.into()]).await?;
    }
    tx.commit().await
}
