//! `/t/{slug}/policy/{a}/compare/{b}`: two versions of the policy side by side, as one text with marks (P09).

use askama::Template;

use super::chrome::Chrome;

/// The comparison of two versions.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/policy_comparison.html", whitespace = "minimize")]
pub struct PolicyComparisonPage {
    /// The tenant.
    pub chrome: Chrome,
    /// Number of the version that is compared with.
    pub from: u32,
    /// Number of the version that is read.
    pub to: u32,
    /// The text, stretch by stretch.
    pub text: Vec<ComparedText>,
    /// Purposes that came, went, or are put in other words.
    pub purposes: Vec<ComparedItem>,
    /// Outside parties that came, went, or are put in other words.
    pub parties: Vec<ComparedItem>,
}

/// What became of words from one version to the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// They stand in both.
    Kept,
    /// Only the first has them.
    Removed,
    /// Only the second has them.
    Added,
}

impl Fate {
    /// Whether only the first version has the words.
    pub fn is_removed(self) -> bool {
        self == Self::Removed
    }

    /// Whether only the second version has the words.
    pub fn is_added(self) -> bool {
        self == Self::Added
    }
}

/// A stretch of the text.
#[derive(Debug, Clone)]
pub struct ComparedText {
    /// What became of it.
    pub fate: Fate,
    /// Its words, without what makes headings, lists and links of them.
    pub text: String,
}

/// A purpose or an outside party.
#[derive(Debug, Clone)]
pub struct ComparedItem {
    /// What became of it.
    pub fate: Fate,
    /// Its name.
    pub name: String,
    /// What the version says of it.
    pub words: String,
}

impl PolicyComparisonPage {
    /// Whether the texts say the same, word for word.
    pub fn has_same_text(&self) -> bool {
        self.text.iter().all(|stretch| stretch.fate == Fate::Kept)
    }
}
