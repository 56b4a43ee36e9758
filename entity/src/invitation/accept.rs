//! Accepting an invitation, by the link in its mail. Of two who do at once one becomes a member, and the other is told.

use assent_domain::audit::AuditAct;
use assent_domain::id::MemberId;
use assent_domain::language::Language;
use assent_domain::tenant::Role;
use secrecy::SecretString;

use super::{Invitation, Standing, by_id};
use crate::account_link::{self, AccountAct};
use crate::audit::Change;
use crate::error::StoreError;
use crate::link::LinkError;
use crate::member::{self, NewMember};
use crate::row::invitation as row;
use crate::store::Store;
use crate::token::TokenError;
use crate::tx::{TenantCtx, TenantTx};

/// The link of an invitation that was followed.
#[derive(Clone, Debug)]
pub struct Opened {
    /// Leave to look at the tenant.
    pub ctx: TenantCtx,
    /// The invitation.
    pub invitation: Invitation,
}

/// Reads the link of an invitation. One that was sent before another counts as expired.
pub async fn open(store: &Store, link: &str) -> Result<Opened, LinkError> {
    let (ctx, act) = account_link::open(store, link).await?;
    let AccountAct::Invitation { invitation, mailing } = act else {
        return Err(TokenError::Altered.into());
    };
    let tx = TenantTx::read(store, ctx).await?;
    let mut found = match by_id(&tx, invitation).await {
        Err(StoreError::NotFound(_)) => return Err(TokenError::Expired.into()),
        found => found?,
    };
    if found.mailing != mailing && found.standing == Standing::Open {
        found.standing = Standing::Expired;
    }
    Ok(Opened {
        ctx,
        invitation: found,
    })
}

/// Why an invitation is not to be accepted any more, for whoever shows its link.
fn refused(standing: Standing) -> Option<StoreError> {
    let why = match standing {
        Standing::Open => return None,
        Standing::Accepted(_) => "this invitation was accepted: sign in with the password that was chosen",
        Standing::Revoked => "this invitation was taken back: ask whoever invited you",
        Standing::Expired => {
            "this invitation has run out, or was sent again: use the newest, or ask for another"
        }
    };
    Some(StoreError::conflict("token", why))
}

/// Makes whoever was invited a member, with a password of their own. `language` is what they read, where the invitation
/// does not say.
pub async fn accept(
    store: &Store,
    link: &str,
    password: SecretString,
    name: &str,
    language: Option<&Language>,
) -> Result<MemberId, LinkError> {
    let Opened { ctx, invitation } = open(store, link).await?;
    // Hashing costs, so nobody has it done for nothing.
    if let Some(refused) = refused(invitation.standing) {
        return Err(refused.into());
    }
    let reads = invitation.language.or_else(|| language.cloned());
    let new = NewMember::new(invitation.email, password).await?;
    let new = new.called(name)?.reading(reads);
    let mut tx = TenantTx::write(store, ctx).await?;
    tx.require_open()?;
    tx.lock::<row::Entity>(invitation.id.uuid()).await?;
    let now = by_id(&tx, invitation.id).await?;
    // Who invited may have been removed while this was written.
    let counts = match member::by_id(&tx, now.invited_by).await {
        Ok(inviter) => inviter.role == Role::Owner,
        Err(StoreError::NotFound(_)) => false,
        Err(error) => return Err(error.into()),
    };
    let overtaken = !counts || now.mailing != invitation.mailing;
    let standing = if overtaken && now.standing == Standing::Open {
        Standing::Expired
    } else {
        now.standing
    };
    if let Some(refused) = refused(standing) {
        return Err(refused.into());
    }
    if member::find_row(&tx, new.email()).await?.is_some() {
        let why = "you are a member already: sign in with the password that you have";
        return Err(StoreError::conflict("token", why).into());
    }
    let member = member::insert(&mut tx, new, now.role).await?;
    let sql = "UPDATE invitation SET accepted_at = $3, member_id = $4 WHERE tenant_id = $1 AND id = $2";
    let values = [
        now.id.uuid().into(),
        tx.now().micros().into(),
        member.uuid().into(),
    ];
    tx.execute(sql, values).await?;
    tx.audit(AuditAct::InvitationAccepted, now.id, &Change::default())?;
    tx.commit().await?;
    Ok(member)
}
