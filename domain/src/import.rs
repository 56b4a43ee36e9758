//! Lists of people that a tenant brings along (P01): a yes on them counts with evidence of how it was come by, and whoever
//! stands there without is asked.

use serde::{Deserialize, Serialize};
use strum::{Display, EnumCount, EnumIter, EnumString, IntoStaticStr};

use crate::clock::Timestamp;

mod encoding;
mod heading;
mod layout;
mod names;
mod person;
mod sheet;

pub use encoding::{Decoded, Decoder, TextEncoding};
pub use heading::HeaderFlaw;
pub use layout::{Assigned, Column, Delimiter, Holds, Layout, Place};
pub use person::{Brought, Field, Flaw, Terms, read};
pub use sheet::{Cells, MAX_CELLS, Read, Sheet};

/// Where an import stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Display, EnumIter, EnumString, IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum ImportStatus {
    /// Its table has not come yet, or not whole.
    AwaitingTable,
    /// It has come in, and no row has been read yet.
    Queued,
    /// Rows are being taken in.
    Running,
    /// Every row has been read.
    Finished,
    /// It was stopped; what had been taken in by then stays.
    Cancelled,
    /// It cannot be read to its end.
    Failed,
}

impl ImportStatus {
    /// Whether rows are still to be read.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Queued | Self::Running)
    }

    /// Whether something of it is still to come.
    pub fn can_be_stopped(self) -> bool {
        self.is_open() || self == Self::AwaitingTable
    }
}

/// What a column of an import is about.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    Display,
    EnumCount,
    EnumIter,
    EnumString,
    IntoStaticStr,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum ImportField {
    /// The address. Without it a row is nobody's.
    Email,
    /// The name.
    Name,
    /// The first part of a name, where a table has two columns for one.
    GivenName,
    /// The last part of it.
    FamilyName,
    /// The company.
    Company,
    /// A language tag (BCP 47).
    Language,
    /// Where the permission was given: a shop, a fair, a page.
    Source,
    /// When it was given.
    CollectedAt,
    /// The words that the person agreed to.
    Statement,
}

/// What becomes of people whose permission nothing is said of.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    Display,
    EnumIter,
    EnumString,
    IntoStaticStr,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum WithoutEvidence {
    /// They are asked to confirm.
    #[default]
    Ask,
    /// Their rows are left out.
    Refuse,
}

/// How a tenant came by a permission. All three are needed: where, when, and what the person agreed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PermissionEvidence {
    /// Where it was given.
    pub source: String,
    /// When.
    pub collected_at: Timestamp,
    /// The words that the person agreed to.
    pub statement: String,
}

/// Why a row was left out.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Display, EnumIter, EnumString, IntoStaticStr,
)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum RowProblem {
    /// It has no address.
    EmailMissing,
    /// What should be the address is none.
    EmailInvalid,
    /// A text is longer than it may be, or holds control characters.
    TextInvalid,
    /// What should be a time is none: RFC 3339, or a date by ISO 8601.
    TimeInvalid,
    /// A permission is said to have been given in the future.
    TimeInFuture,
    /// What should be a value of a custom field is none of its sort.
    ValueInvalid,
    /// Characters could not be read: the table is in another encoding than it was taken for.
    CharactersUnreadable,
    /// The row has more than 64 KiB, or more cells than it may.
    RowTooLarge,
    /// The address is held back: somebody there wants no mail, complained, was erased, or there is no such mailbox.
    HeldBack,
    /// The person said no before, or left the list. Only they take that back (P18).
    SaidNo,
    /// The policy in force names nothing of what the import is for.
    PurposeNotInPolicy,
    /// There is no evidence of permission, and rows without are to be left out.
    EvidenceMissing,
    /// There is no evidence of permission, and no form by whose words the person could be asked.
    NothingToAskBy,
}
