//! The links in mails: signed, and bound to one tenant, one person, one mailbox and one act, so that a link forwarded
//! is not an account given away, and one in a mailbox that the person has left opens nothing.

use std::time::Duration;

use assent_domain::address::EmailAddress;
use assent_domain::audit::Actor;
use assent_domain::clock::Timestamp;
use assent_domain::id::{
    AddressChangeId, CampaignId, ConsentRecordId, MailingId, OptInId, PolicyVersionId, SubscriberId, TenantId,
};
use assent_domain::keys::{AddressHash, AddressHasher, KeyUse, Keys};
use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::address_change;
use crate::error::StoreError;
use crate::store::Store;
use crate::subscriber::{self, Subscriber};
use crate::tenant_life;
use crate::token::{self, TokenError};
use crate::tx::{Read, TenantCtx, TenantTx};

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

impl Act {
    /// How long a link is good that lies in a mail.
    fn lasts(self) -> Option<Duration> {
        match self {
            Self::Confirm { .. } | Self::ChangeAddress { .. } => Some(CONFIRM_WITHIN),
            Self::Preferences | Self::Choices { .. } | Self::Renew | Self::Receipt { .. } => {
                Some(PREFERENCES_WITHIN)
            }
            Self::Privacy => Some(PRIVACY_WITHIN),
            Self::Unsubscribe { .. } | Self::Follow { .. } => None,
        }
    }

    /// Whether the link counts wherever the person is reached by now. A no does, a link of the web shows nothing of
    /// anybody, and a new address is confirmed from a mailbox that is not the person's yet. All else dies when the
    /// person moves: whoever reads the mailbox that they left is somebody else.
    fn outlives_a_move(self) -> bool {
        match self {
            Self::Unsubscribe { .. } | Self::Follow { .. } | Self::ChangeAddress { .. } => true,
            Self::Confirm { .. }
            | Self::Preferences
            | Self::Privacy
            | Self::Renew
            | Self::Choices { .. }
            | Self::Receipt { .. } => false,
        }
    }
}

/// Who gets a link, and in which mailbox.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    /// Whose page it leads to.
    pub subscriber: SubscriberId,
    /// Where it is sent.
    pub mailbox: &'a EmailAddress,
}

impl<'a> From<&'a Subscriber> for Reader<'a> {
    fn from(person: &'a Subscriber) -> Self {
        Self {
            subscriber: person.id,
            mailbox: &person.email,
        }
    }
}

/// Names the mailbox that a link was made for, to nobody but us: 9 octets, in base64url, of a hash of the keyed hash of
/// its address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
struct Mark([u8; MARK_OCTETS]);

const MARK_OCTETS: usize = 9;

impl From<Mark> for String {
    fn from(mark: Mark) -> Self {
        BASE64URL_NOPAD.encode(&mark.0)
    }
}

impl TryFrom<String> for Mark {
    type Error = TokenError;

    fn try_from(text: String) -> Result<Self, TokenError> {
        let octets = BASE64URL_NOPAD.decode(text.as_bytes()).unwrap_or_default();
        octets.try_into().map(Self).map_err(|_| TokenError::Altered)
    }
}

impl Mark {
    fn of(mailbox: AddressHash) -> Self {
        let hash = Sha256::new()
            .chain_update(b"assent link v1")
            .chain_update(mailbox.0)
            .finalize();
        let mut octets = [0; MARK_OCTETS];
        octets.iter_mut().zip(hash).for_each(|(to, from)| *to = from);
        Self(octets)
    }
}

#[derive(Serialize, Deserialize)]
struct Body {
    #[serde(rename = "t")]
    tenant: TenantId,
    #[serde(rename = "s")]
    subscriber: SubscriberId,
    #[serde(rename = "a")]
    mailbox: Mark,
    #[serde(flatten)]
    act: Act,
}

/// Makes the links of one tenant's mails.
#[derive(Clone)]
pub struct LinkSigner {
    keys: Keys,
    hasher: AddressHasher,
    tenant: TenantId,
}

impl std::fmt::Debug for LinkSigner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LinkSigner")
            .field("tenant", &self.tenant)
            .finish_non_exhaustive()
    }
}

impl LinkSigner {
    /// A signer for a tenant's links.
    pub fn new(store: &Store, ctx: TenantCtx) -> Self {
        Self {
            keys: store.keys().clone(),
            hasher: store.keys().address_hasher(ctx.tenant()),
            tenant: ctx.tenant(),
        }
    }

    /// The token for one person and one act, in a mail that is made at `now`.
    pub fn sign(&self, to: Reader<'_>, act: Act, now: Timestamp) -> String {
        let body = Body {
            tenant: self.tenant,
            subscriber: to.subscriber,
            mailbox: Mark::of(self.hasher.hash(to.mailbox)),
            act,
        };
        let expires_at = act.lasts().map(|period| now.after(period));
        token::sign(&self.keys, KeyUse::Link, expires_at, body)
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
    /// Whether it lies in the mailbox at which the person is reached. Where it does not, it may be read by anybody.
    pub is_current: bool,
    mailbox: Mark,
    expires_at: Option<Timestamp>,
}

impl Opened {
    /// The token for another act, on the page that this link opened. It is good for the same person and mailbox, and no
    /// longer than this link, so that a link that got into other hands ends. A link that never ends leads on to nothing.
    pub fn onward(&self, store: &Store, act: Act) -> String {
        let body = Body {
            tenant: self.ctx.tenant(),
            subscriber: self.subscriber,
            mailbox: self.mailbox,
            act,
        };
        let until = self.expires_at.unwrap_or(store.now());
        let own = act.lasts().map(|period| store.now().after(period));
        let expires_at = own.map_or(until, |own| own.min(until));
        token::sign(store.keys(), KeyUse::Link, Some(expires_at), body)
    }
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

/// Whether a link to all that is held is from before its person took a change of their address back: somebody else had
/// one. Its time is known to the second.
async fn was_passed_on(
    tx: &TenantTx<Read>,
    of: SubscriberId,
    expires_at: Option<Timestamp>,
) -> Result<bool, StoreError> {
    let Some(made_at) = expires_at.map(|until| until.before(PRIVACY_WITHIN)) else {
        return Ok(false);
    };
    let taken_back_at = address_change::taken_back_at(tx, of).await?;
    Ok(taken_back_at.is_some_and(|at| made_at <= at.before(Duration::from_secs(1))))
}

/// Reads a link. Who was known by another id when it was made is the same person still, and can opt out by it; for
/// their page they need a link in the mailbox that they have now. Of somebody who was erased nothing is left to see.
pub async fn open(store: &Store, link: &str) -> Result<Opened, LinkError> {
    let (body, expires_at): (Body, _) = token::open_until(store.keys(), KeyUse::Link, link, store.now())?;
    let anybody = TenantCtx::new(body.tenant, Actor::Visitor);
    let tx = TenantTx::read(store, anybody).await?;
    if tenant_life::of(&tx).await?.is_gone() {
        return Err(StoreError::Gone.into());
    }
    let subscriber = subscriber::known_as(&tx, body.subscriber).await?;
    let mailbox = subscriber::mailbox(&tx, subscriber).await?;
    let is_current = mailbox.is_none_or(|mailbox| Mark::of(mailbox) == body.mailbox);
    if !is_current && !body.act.outlives_a_move() {
        return Err(TokenError::Expired.into());
    }
    if body.act == Act::Privacy && was_passed_on(&tx, subscriber, expires_at).await? {
        return Err(TokenError::Expired.into());
    }
    Ok(Opened {
        ctx: TenantCtx::new(body.tenant, Actor::Person(subscriber)),
        subscriber,
        act: body.act,
        is_current,
        mailbox: body.mailbox,
        expires_at,
    })
}
