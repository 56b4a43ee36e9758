//! The roll of all members, read across tenants: the one place where the operator's tenant looks beyond itself.

use assent_domain::address::EmailAddress;
use assent_domain::clock::Timestamp;
use assent_domain::keys::AddressHash;
use sea_orm::FromQueryResult;
use uuid::Uuid;

use super::MemberKey;
use crate::chore::CHUNK;
use crate::error::StoreError;
use crate::store::Store;
use crate::tx::{PlatformTx, TenantCtx};

/// A member of another tenant, with what is noted of them.
#[derive(FromQueryResult)]
pub(super) struct Listed {
    tenant_id: Uuid,
    id: Uuid,
    email: String,
    created_at: i64,
    noted_hash: Option<Vec<u8>>,
}

impl Listed {
    pub(super) fn key(&self) -> MemberKey {
        MemberKey {
            tenant: self.tenant_id,
            member: self.id,
        }
    }

    pub(super) fn email(&self) -> Result<EmailAddress, StoreError> {
        EmailAddress::parse(&self.email)
            .map_err(|_| StoreError::Corrupt("the address of a member".to_owned()))
    }

    /// When they became a member.
    pub(super) fn since(&self) -> Timestamp {
        Timestamp::from_micros(self.created_at)
    }

    /// Whether they are noted, under this address.
    pub(super) fn is_noted_at(&self, hash: AddressHash) -> bool {
        self.noted_hash.as_deref() == Some(&hash.0[..])
    }
}

/// The next members of other tenants. A tenant that is being deleted has none any more.
pub(super) async fn members_after(
    store: &Store,
    of: TenantCtx,
    after: MemberKey,
) -> Result<Vec<Listed>, StoreError> {
    let tx = PlatformTx::read(store).await?;
    let sql = format!(
        "SELECT m.tenant_id, m.id, m.email, m.created_at, n.address_hash AS noted_hash FROM member m
         JOIN tenant t ON t.id = m.tenant_id AND t.deleting_since IS NULL
         LEFT JOIN membership n ON n.tenant_id = $1 AND n.member_tenant_id = m.tenant_id AND n.member_id = m.id
         WHERE m.tenant_id <> $1 AND (m.tenant_id, m.id) > ($2, $3)
         ORDER BY m.tenant_id, m.id LIMIT {CHUNK}"
    );
    let values = [
        of.tenant().uuid().into(),
        after.tenant.into(),
        after.member.into(),
    ];
    Ok(Listed::find_by_statement(tx.statement(&sql, values))
        .all(tx.conn())
        .await?)
}

#[derive(FromQueryResult)]
struct Gone {
    member_tenant_id: Uuid,
    member_id: Uuid,
}

/// Those noted as members who are none any more.
pub(super) async fn gone(store: &Store, of: TenantCtx) -> Result<Vec<MemberKey>, StoreError> {
    let tx = PlatformTx::read(store).await?;
    let sql = format!(
        "SELECT n.member_tenant_id, n.member_id FROM membership n
         WHERE n.tenant_id = $1 AND n.ended_at IS NULL AND NOT EXISTS (
           SELECT 1 FROM member m JOIN tenant t ON t.id = m.tenant_id AND t.deleting_since IS NULL
           WHERE m.tenant_id = n.member_tenant_id AND m.id = n.member_id)
         ORDER BY n.member_tenant_id, n.member_id LIMIT {CHUNK}"
    );
    let gone = Gone::find_by_statement(tx.statement(&sql, [of.tenant().uuid().into()]))
        .all(tx.conn())
        .await?;
    let key = |of: Gone| MemberKey {
        tenant: of.member_tenant_id,
        member: of.member_id,
    };
    Ok(gone.into_iter().map(key).collect())
}
