//! `/t/{slug}/policy` and `/t/{slug}/policy/{n}`: what the tenant promises, now, next and before (P09).

use askama::Template;

use super::chrome::Chrome;
use super::html::SafeHtml;
use super::terms::{OutsideParty, PolicyPurpose};
use super::when::When;

/// The policy page: what is coming at the top, what is in force below it, everything earlier at the end.
///
/// With nothing in force and nothing coming it says that there is no policy yet.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/policy.html", whitespace = "minimize")]
pub struct PolicyPage {
    /// The tenant.
    pub chrome: Chrome,
    /// Versions posted and not in force yet, the soonest first.
    pub upcoming: Vec<UpcomingVersion>,
    /// The version in force.
    pub in_force: Option<VersionText>,
    /// Every version that was ever posted, the newest first.
    pub versions: Vec<VersionLink>,
}

/// One version at its permanent address, whatever has become of it.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/policy_version.html", whitespace = "minimize")]
pub struct PolicyVersionPage {
    /// The tenant.
    pub chrome: Chrome,
    /// The version.
    pub version: VersionText,
    /// What has become of it.
    pub status: PolicyStatus,
    /// What it changed, in the tenant's words.
    pub summary: Option<String>,
    /// Number of the version in force, when that is another one.
    pub in_force_number: Option<u32>,
}

/// A posted version that is not in force yet.
#[derive(Debug, Clone)]
pub struct UpcomingVersion {
    /// Its number.
    pub number: u32,
    /// When it takes effect at the earliest.
    pub effective_at: When,
    /// Whether that day has come, and the version waits until everybody has been told.
    pub overdue: bool,
    /// What it changes, in the tenant's words.
    pub summary: String,
}

/// The whole content of a version.
#[derive(Debug, Clone)]
pub struct VersionText {
    /// Its number.
    pub number: u32,
    /// When it was posted.
    pub posted_at: When,
    /// When it takes or took effect.
    pub effective_at: When,
    /// The text.
    pub body: SafeHtml,
    /// Every purpose it names.
    pub purposes: Vec<PolicyPurpose>,
    /// Every outside party it names.
    pub outside_parties: Vec<OutsideParty>,
}

/// A version in the list of versions.
#[derive(Debug, Clone)]
pub struct VersionLink {
    /// Its number.
    pub number: u32,
    /// What has become of it.
    pub status: PolicyStatus,
}

/// What has become of a version. Drafts are never public.
#[derive(Debug, Clone, Copy)]
pub enum PolicyStatus {
    /// Posted, not in force yet.
    Upcoming {
        /// When it takes effect at the earliest.
        effective_at: When,
        /// Whether that day has come, and the version waits until everybody has been told.
        overdue: bool,
    },
    /// In force.
    InForce {
        /// Since when.
        since: When,
    },
    /// In force once, replaced since.
    Superseded {
        /// From when it was in force.
        since: When,
        /// Until when.
        until: When,
        /// Number of the version that followed.
        by: u32,
    },
    /// Never in force: a later one was, before its day had come.
    Overtaken {
        /// Number of that later version.
        by: u32,
    },
    /// Taken back by the tenant.
    Withdrawn {
        /// When.
        at: When,
    },
}

impl PolicyStatus {
    /// Whether this is the version in force.
    pub fn is_in_force(&self) -> bool {
        matches!(self, Self::InForce { .. })
    }
}
