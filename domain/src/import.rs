//! Lists of people that a tenant brings along (P01): a yes on them counts with evidence of how it was come by, and whoever
//! stands there without is asked.

use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};

use crate::clock::Timestamp;

mod person;
mod sheet;

pub use person::{Brought, Flaw, read};
pub use sheet::{Cells, HeaderFlaw, Read, Sheet};

/// Where an import stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Display, EnumIter, EnumString, IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum ImportStatus {
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
}

/// What a column of an import is about.
#[derive(
    Clone,
    Copy,
    Debug,
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
pub enum ImportField {
    /// The address. Without it a row is nobody's.
    Email,
    /// The name.
    Name,
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

impl ImportField {
    /// The names that a column goes by, without case, spaces and signs. The issue is not to guess: what is not here is left
    /// out, and the import says so.
    fn names(self) -> &'static [&'static str] {
        match self {
            Self::Email => &[
                "email",
                "emailaddress",
                "mail",
                "address",
                "subscriber",
                "subscriberkey",
            ],
            Self::Name => &["name", "fullname", "displayname", "contact"],
            Self::Company => &["company", "organisation", "organization", "employer", "firm"],
            Self::Language => &["language", "lang", "locale"],
            Self::Source => &[
                "source",
                "permissionsource",
                "optinsource",
                "consentsource",
                "signupsource",
            ],
            Self::CollectedAt => &[
                "collectedat",
                "optintime",
                "optindate",
                "confirmtime",
                "consentdate",
                "consentedat",
                "subscribedat",
                "permissiondate",
            ],
            Self::Statement => &["statement", "consenttext", "wording", "consentstatement"],
        }
    }

    /// What a column with this name is about, if it is known.
    pub fn of_column(name: &str) -> Option<Self> {
        use strum::IntoEnumIterator;
        let plain: String = name.chars().filter(|c| c.is_alphanumeric()).collect();
        let plain = plain.to_lowercase();
        Self::iter().find(|field| field.names().contains(&plain.as_str()))
    }
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
    /// The row has more than 64 KiB or a thousand cells.
    RowTooLarge,
    /// The address is held back: somebody there wants no mail, complained, was erased, or there is no such mailbox.
    HeldBack,
    /// The person said no before, or left the list. Only they take that back (P18).
    SaidNo,
    /// The policy in force names nothing of what the import is for.
    PurposeNotInPolicy,
    /// There is no evidence of permission, and no form by whose words the person could be asked.
    NothingToAskBy,
}
