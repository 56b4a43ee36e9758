//! The links by which people become members and choose passwords: signed, bound to one tenant and one act, and good once.
//! Nothing of them is stored, so whoever reads the database can make none.

use assent_domain::audit::Actor;
use assent_domain::clock::Timestamp;
use assent_domain::id::{InvitationId, MailingId, PasswordResetId, TenantId};
use assent_domain::keys::{KeyUse, Keys};
use serde::{Deserialize, Serialize};

use crate::error::StoreError;
use crate::link::LinkError;
use crate::store::Store;
use crate::tenant_life;
use crate::token;
use crate::tx::{TenantCtx, TenantTx};

/// What a link lets somebody do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum AccountAct {
    /// Become a member.
    Invitation {
        /// By which invitation.
        #[serde(rename = "i")]
        invitation: InvitationId,
        /// The mailing that carried the link: one that was sent again has another.
        #[serde(rename = "m")]
        mailing: MailingId,
    },
    /// Choose a new password.
    PasswordReset {
        /// By which wish for one.
        #[serde(rename = "r")]
        reset: PasswordResetId,
    },
}

#[derive(Serialize, Deserialize)]
struct Body {
    #[serde(rename = "t")]
    tenant: TenantId,
    #[serde(flatten)]
    act: AccountAct,
}

/// Makes such links for one tenant.
#[derive(Clone, Debug)]
pub struct AccountLinks {
    keys: Keys,
    tenant: TenantId,
}

impl AccountLinks {
    /// For a tenant.
    pub fn new(store: &Store, ctx: TenantCtx) -> Self {
        Self {
            keys: store.keys().clone(),
            tenant: ctx.tenant(),
        }
    }

    /// The token for one act, good until then at most.
    pub fn sign(&self, act: AccountAct, until: Timestamp) -> String {
        let body = Body {
            tenant: self.tenant,
            act,
        };
        token::sign(&self.keys, KeyUse::AccountLink, Some(until), body)
    }
}

/// Reads a link. Whether it counts still is for the act to say.
pub(crate) async fn open(store: &Store, link: &str) -> Result<(TenantCtx, AccountAct), LinkError> {
    let body: Body = token::open(store.keys(), KeyUse::AccountLink, link, store.now())?;
    let ctx = TenantCtx::new(body.tenant, Actor::Visitor);
    let tx = TenantTx::read(store, ctx).await?;
    if tenant_life::of(&tx).await?.is_gone() {
        return Err(StoreError::Gone.into());
    }
    Ok((ctx, body.act))
}
