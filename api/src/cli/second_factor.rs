//! `assent member reset-second-factor`: for who has lost their authenticator and their recovery codes, and has no other
//! owner to ask.

use assent_entity::{Store, TenantTx, second_factor, tenant};

use super::create::address;
use super::{Failure, say};

/// Takes it away, and says whose it was.
pub(super) async fn reset(store: &Store, slug: &str, email: &str) -> Result<(), Failure> {
    let ctx = tenant::for_operator(store, slug).await?;
    let ctx = ctx.ok_or_else(|| Failure(format!("--tenant: there is no tenant {slug:?}")))?;
    let email = address("--email", email)?;
    let mut tx = TenantTx::write(store, ctx).await?;
    let member = second_factor::reset_for_operator(&mut tx, &email).await?;
    tx.commit().await?;
    say(member);
    Ok(())
}
