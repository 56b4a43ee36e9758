//! The noes said since some time, in a signed list that is kept away from the database: erasures, opt-outs, restrictions,
//! withdrawn consent and permissions, revoked orders. It names nobody: ids and keyed hashes. After a restore they are
//! entered again, so that a backup turns no no into a yes.
//!
//! A no is of a person, not of the address they had: so each comes with an id, and with the list come the ids of those
//! who turned out to be one.

use std::fs;
use std::io::Write;
use std::path::Path;

use assent_domain::clock::Timestamp;
use assent_domain::consent::ConsentSource;
use assent_domain::disclosure::PersonField;
use assent_domain::id::{LegalOrderId, MailingListId, OutsidePartyId, PurposeId, SubscriberId, TenantId};
use assent_domain::keys::{KeyUse, Keys};
use assent_domain::privacy::RequestChannel;
use assent_domain::suppression::{SuppressionReason, SuppressionScope};
use serde::{Deserialize, Serialize};

use crate::backup::BackupError;
use crate::backup::of_file;
use crate::token;

mod apply;
mod decided;
mod enter;
mod gather;

pub use apply::Applied;
pub(crate) use apply::apply;
pub use gather::gather;

/// The form of the list.
const FORMAT: u32 = 1;

/// The noes of every tenant, from a time on.
#[derive(Debug, Serialize, Deserialize)]
pub struct Noes {
    format: u32,
    since: Timestamp,
    tenants: Vec<OfTenant>,
}

#[derive(Debug, Serialize, Deserialize)]
struct OfTenant {
    tenant: TenantId,
    merged: Vec<Merged>,
    erased: Vec<Erased>,
    addresses: Vec<HeldBack>,
    restricted: Vec<SubscriberId>,
    purposes: Vec<Withdrawn>,
    lists: Vec<Left>,
    parties: Vec<Forbidden>,
    orders: Vec<LegalOrderId>,
    /// What the tenant decided itself. Lists of before it was kept have none.
    #[serde(default)]
    decided: decided::Decided,
}

/// Somebody who turned out to be another. Not a no, but both have said theirs.
#[derive(Debug, Serialize, Deserialize)]
struct Merged {
    former: SubscriberId,
    subscriber: SubscriberId,
}

/// Somebody who had their data erased, under each id that they had.
#[derive(Debug, Serialize, Deserialize)]
struct Erased {
    subscriber: SubscriberId,
    /// How they asked.
    channel: RequestChannel,
}

/// An address that is held back.
#[derive(Debug, Serialize, Deserialize)]
struct HeldBack {
    /// The keyed hash, in hex.
    hash: String,
    reason: SuppressionReason,
    /// From what.
    scope: SuppressionScope,
    /// Who is reached there; in the backup they may have another address.
    subscriber: Option<SubscriberId>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Withdrawn {
    subscriber: SubscriberId,
    purpose: PurposeId,
    source: ConsentSource,
}

#[derive(Debug, Serialize, Deserialize)]
struct Left {
    subscriber: SubscriberId,
    list: MailingListId,
}

/// A field that an outside party may not get (any more).
#[derive(Debug, Serialize, Deserialize)]
struct Forbidden {
    subscriber: SubscriberId,
    party: OutsidePartyId,
    field: PersonField,
}

impl OfTenant {
    fn count(&self) -> usize {
        self.erased.len()
            + self.addresses.len()
            + self.restricted.len()
            + self.purposes.len()
            + self.lists.len()
            + self.parties.len()
            + self.orders.len()
            + self.decided.count()
    }
}

impl Noes {
    /// How many there are.
    pub fn count(&self) -> usize {
        self.tenants.iter().map(OfTenant::count).sum()
    }

    /// Writes the list into a new file.
    pub fn write(&self, keys: &Keys, to: &Path) -> Result<(), BackupError> {
        if to.exists() {
            return Err(BackupError::Exists(to.to_owned()));
        }
        let mut text = token::sign(keys, KeyUse::Noes, None, self);
        text.push('\n');
        let written = fs::File::create_new(to).and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.sync_all()
        });
        written.map_err(of_file(to))
    }

    /// Reads a list that is to be entered after a backup of `backup_of`.
    pub(crate) fn read(
        keys: &Keys,
        now: Timestamp,
        path: &Path,
        backup_of: Timestamp,
    ) -> Result<Self, BackupError> {
        let not_ours = || BackupError::NoNoes(path.to_owned());
        let octets = fs::read(path).map_err(of_file(path))?;
        let text = String::from_utf8(octets).map_err(|_| not_ours())?;
        let list: Self = token::open(keys, KeyUse::Noes, text.trim(), now).map_err(|_| not_ours())?;
        if list.format != FORMAT {
            return Err(not_ours());
        }
        if list.since > backup_of {
            return Err(BackupError::NoesTooLate {
                since: list.since,
                backup: backup_of,
            });
        }
        Ok(list)
    }
}
