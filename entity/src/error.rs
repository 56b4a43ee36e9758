//! What goes wrong in the store, in kinds that the faces can answer to.

use assent_domain::policy::NoticePeriodTooShort;
use assent_domain::tenant_life::Closing;
use sea_orm::{DbErr, RuntimeErr};

use crate::second_factor::CodeMissing;

/// Why the store did not do what was asked. Nothing has changed when one is returned.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No such row, or none of this tenant: the two are not told apart.
    #[error("there is no {0} with this id")]
    NotFound(&'static str),
    /// The input breaks a rule.
    #[error("{message}")]
    Invalid {
        /// The input field, as clients name it.
        field: &'static str,
        /// What is wrong and what would do.
        message: String,
    },
    /// The input is fine, but not as things stand.
    #[error("{message}")]
    Conflict {
        /// The input field, as clients name it.
        field: &'static str,
        /// What stands in the way and what to do.
        message: String,
    },
    /// A policy version that would take effect too soon (P07).
    #[error(transparent)]
    NoticePeriod(#[from] NoticePeriodTooShort),
    /// Content of a campaign that brings in somebody whom the policy in force does not name (P13).
    #[error(
        "line {line} of the content loads from {host}, and the policy in force names no outside party with that \
         host: post a version that does, or take it out"
    )]
    OutsideParty {
        /// The host.
        host: String,
        /// The line of the source.
        line: u32,
    },
    /// A campaign from a domain whose records do not let receivers check where it comes from.
    #[error("a campaign needs a sender that receivers can check, and this one's domain is not verified: {0}")]
    UnverifiedDomain(String),
    /// The tenant is closed: what was asked for is not done in a closed one.
    #[error(
        "the tenant was closed on {} and will be deleted on {}: it can be read, and nothing can be changed; whoever runs \
         the server can reopen it until then", .0.since, .0.delete_at
    )]
    Closed(Closing),
    /// The tenant is deleted, or being deleted.
    #[error("the tenant is deleted: nothing of it is held any more")]
    Gone,
    /// There is too much to do: nothing was begun.
    #[error("there is too much to do at the moment")]
    Busy,
    /// Another worker owns the mailing, or has taken it over.
    #[error("another worker has taken the mailing over")]
    LeaseLost,
    /// A change that somebody has to answer for and that left no entry in the audit log: a mistake of ours, so nothing
    /// was kept.
    #[error("a change was not noted in the audit log")]
    Unaudited,
    /// A transaction that somebody else reads in still was to be ended: a mistake of ours, so nothing was kept.
    #[error("a transaction was to be committed while it was shared")]
    Shared,
    /// A token was shown from elsewhere than its networks. Neither is said: whoever has found a token is not helped.
    #[error(
        "this token is not accepted from where you are: use it from a network that its tenant has allowed"
    )]
    NetworkNotAllowed,
    /// The password was right, and the member has a second factor.
    #[error(transparent)]
    SecondFactor(#[from] CodeMissing),
    /// The database answered with an error.
    #[error("the database failed: {0}")]
    Database(#[from] DbErr),
    /// A stored value that this release cannot read.
    #[error("a stored value cannot be read: {0}")]
    Corrupt(String),
}

impl StoreError {
    /// Input that breaks a rule.
    pub fn invalid(field: &'static str, error: impl std::fmt::Display) -> Self {
        Self::Invalid {
            field,
            message: format!("{error}"),
        }
    }

    /// Input that does not fit as things stand.
    pub fn conflict(field: &'static str, error: impl std::fmt::Display) -> Self {
        Self::Conflict {
            field,
            message: format!("{error}"),
        }
    }

    /// Whether trying again may do: the database was busy or could not be reached, or two transactions met.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Busy | Self::Database(DbErr::ConnectionAcquire(_) | DbErr::Conn(_)) => true,
            Self::Database(
                DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error)),
            ) => sqlx_is_transient(error),
            _ => false,
        }
    }
}

/// SQLite's BUSY (5), PostgreSQL's serialisation failure (40001), deadlock (40P01), shutdown (57P01), and a statement that
/// took too long (57014).
fn sqlx_is_transient(error: &sea_orm::sqlx::Error) -> bool {
    match error {
        sea_orm::sqlx::Error::Io(_) | sea_orm::sqlx::Error::PoolTimedOut => true,
        sea_orm::sqlx::Error::Database(error) => {
            matches!(
                error.code().as_deref(),
                Some("5" | "517" | "40001" | "40P01" | "57P01" | "57014")
            )
        }
        _ => false,
    }
}

/// Reads a stored code into the type it stands for.
pub(crate) fn read_code<T: std::str::FromStr>(text: &str) -> Result<T, StoreError> {
    text.parse()
        .map_err(|_| StoreError::Corrupt(format!("{text:?} as {}", std::any::type_name::<T>())))
}
