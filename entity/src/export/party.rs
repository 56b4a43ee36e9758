//! People as an outside party gets them: those who permitted it, and of each what they permitted, by the gate (P14).

use assent_domain::disclosure::Fields;
use assent_domain::id::OutsidePartyId;
use uuid::Uuid;

use crate::disclosure::{self, Asker, Disclosed, Refused};
use crate::error::StoreError;
use crate::store::Store;
use crate::tx::{TenantCtx, TenantTx};

/// How many people are released at once. Their disclosures are one insert under the lock of the tenant's ledger, which nobody
/// is to wait for long.
const PART: usize = 500;

/// What a party may get of anybody at all: the columns of its file.
pub async fn obtainable(store: &Store, ctx: TenantCtx, party: OutsidePartyId) -> Result<Fields, StoreError> {
    disclosure::obtainable(&TenantTx::read(store, ctx).await?, party).await
}

/// The next part of an export for a party, behind one of the people; none behind the last. It is in the ledger before it is
/// given out, and so is what was withheld of those whom the party may know. What people said counts as it is at each part.
pub async fn some_permitted(
    store: &Store,
    ctx: TenantCtx,
    asker: Asker,
    wanted: &Fields,
    after: Option<Uuid>,
) -> Result<Vec<Disclosed>, StoreError> {
    let mut tx = TenantTx::write(store, ctx).await?;
    let mut refused = Refused::default();
    let people = disclosure::some(&mut tx, asker, wanted, after, PART, &mut refused).await?;
    refused.note_within(&mut tx, asker)?;
    tx.commit_if_noted().await?;
    Ok(people)
}
