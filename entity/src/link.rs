//! The links in mails: signed, and bound to one tenant, one person and one act, so that a link forwarded is
//! not an account given away.

use std::time::Duration;

use assent_domain::audit::Actor;
use assent_domain::clock::Timestamp;
use assent_domain::id::{
    AddressChangeId, CampaignId, ConsentRecordId, MailingId, OptInId, PolicyVersionId, SubscriberId, TenantId,
};
use assent_domain::keys::{KeyUse, Keys};
use serde::{Deserialize, Serialize};

use crate::error::StoreError;
use crate::store::Store;
use crate::subscriber;
use crate::tenant_life;
use crate::token::{self, TokenError};
use crate::tx::{TenantCtx, TenantTx};

/// How long a confirmation can be given.
pub const CONFIRM_WITHIN: Duration = Duration::from_hours(7 * 24);

/// How long a link to the preferences is good: as long as the mail that carries it is likely to be kept.
pub const PREFERENCES_WITHIN: Duration = Duration::from_hours(365 * 24);

/// How long a link to the page about a person's data is good. It opens all that is held, so it is shorter.
pub const PRIVACY_WITHIN: Duration = Duration::from_hours(30 * 24);

/// What a link lets a person do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum Act {
    /// Confirm one opt-in.
    Confirm {
        /// Which.
        #[serde(rename = "o")]
        opt_in: OptInId,
    },
    /// End the subscriptions that a mailing was sent for. It never expires (RFC 8058; CAN-SPAM, 16 CFR 316).
    Unsubscribe {
        /// The mailing that carried the link.
        #[serde(rename = "m")]
        mailing: MailingId,
    },
    /// See and change what they agreed to.
    Preferences,
    /// See what is held about them, and have it copied, corrected, restricted or erased (P17).
    Privacy,
    /// Follow a link of a campaign. It never expires: it leads only where the message leads (P16).
    Follow {
        /// The campaign that carried the link.
        #[serde(rename = "c")]
        campaign: CampaignId,
        /// The link's number in it.
        #[serde(rename = "n")]
        link: i32,
    },
    /// Say whether a yes still stands that is about to run out.
    Renew,
    /// Read and take the receipt of a consent record.
    Receipt {
        /// Which.
        #[serde(rename = "r")]
        record: ConsentRecordId,
    },
    /// Confirm that an address is theirs at which they want to be reached.
    ChangeAddress {
        /// Which change.
        #[serde(rename = "c")]
        change: AddressChangeId,
    },
    /// Answer to what a policy version adds (P11).
    Choices {
        /// The version.
        #[serde(rename = "v")]
        version: PolicyVersionId,
    },
}

#[derive(Serialize, Deserialize)]
struct Body {
    #[serde(rename = "t")]
    tenant: TenantId,
    #[serde(rename = "s")]
    subscriber: SubscriberId,
    #[serde(flatten)]
    act: Act,
}

/// Makes the links of one tenant.
#[derive(Clone, Debug)]
pub struct LinkSigner {
    keys: Keys,
    tenant: TenantId,
}

impl LinkSigner {
    /// A signer for a tenant's links.
    pub fn new(store: &Store, ctx: TenantCtx) -> Self {
        Self {
            keys: store.keys().clone(),
            tenant: ctx.tenant(),
        }
    }

    /// The token for one person and one act, made at `now`.
    pub fn sign(&self, subscriber: SubscriberId, act: Act, now: Timestamp) -> String {
        let expires_at = match act {
            Act::Confirm { .. } | Act::ChangeAddress { .. } => Some(now.after(CONFIRM_WITHIN)),
            Act::Preferences | Act::Choices { .. } | Act::Renew | Act::Receipt { .. } => {
                Some(now.after(PREFERENCES_WITHIN))
            }
            Act::Privacy => Some(now.after(PRIVACY_WITHIN)),
            Act::Unsubscribe { .. } | Act::Follow { .. } => None,
        };
        token::sign(
            &self.keys,
            KeyUse::Link,
            expires_at,
            Body {
                tenant: self.tenant,
                subscriber,
                act,
            },
        )
    }
}

/// A link that was followed.
#[derive(Clone, Copy, Debug)]
pub struct Opened {
    /// Leave to act within the tenant.
    pub ctx: TenantCtx,
    /// For whom.
    pub subscriber: SubscriberId,
    /// What for. The page has to check that it is what it does.
    pub act: Act,
}

/// A link that cannot be followed.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// It is not one of ours, or too old.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Act {
    /// Whether a link lets whoever holds it see or change more than one thing. Such a link dies with the row it was made
    /// for: whoever had it may not be the one whose page it would open.
    fn opens_a_page(self) -> bool {
        match self {
            Self::Preferences | Self::Privacy | Self::Renew | Self::Choices { .. } | Self::Receipt { .. } => {
                true
            }
            Self::Confirm { .. }
            | Self::Unsubscribe { .. }
            | Self::Follow { .. }
            | Self::ChangeAddress { .. } => false,
        }
    }
}

/// Reads a link. Who was known by another id when it was made is the same person still, and can opt out by it; for
/// their page they need a link to the mailbox they have now.
pub async fn open(store: &Store, link: &str) -> Result<Opened, LinkError> {
    let body: Body = token::open(store.keys(), KeyUse::Link, link, store.now())?;
    let anybody = TenantCtx::new(body.tenant, Actor::Visitor);
    let tx = TenantTx::read(store, anybody).await?;
    if tenant_life::of(&tx).await?.is_gone() {
        return Err(StoreError::Gone.into());
    }
    let subscriber = subscriber::known_as(&tx, body.subscriber).await?;
    if subscriber != body.subscriber && body.act.opens_a_page() {
        return Err(TokenError::Expired.into());
    }
    Ok(Opened {
        ctx: TenantCtx::new(body.tenant, Actor::Person(subscriber)),
        subscriber,
        act: body.act,
    })
}
