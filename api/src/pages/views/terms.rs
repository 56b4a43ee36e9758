//! What people are told and asked: purposes, lists, outside parties and the policy behind them.

use super::when::When;

/// A version of the policy, named where its text would be too long.
#[derive(Debug, Clone, Copy)]
pub struct PolicyRef {
    /// The version's number, as in `/t/{slug}/policy/{n}`.
    pub number: u32,
    /// Since when it is in force.
    pub in_force_since: When,
}

/// A purpose and the words that describe it.
#[derive(Debug, Clone)]
pub struct PurposeText {
    /// Short name: "Product news".
    pub name: String,
    /// The exact wording; consent is recorded to these words, so they are printed unchanged.
    pub statement: String,
}

/// A purpose as a policy version names it.
#[derive(Debug, Clone)]
pub struct PolicyPurpose {
    /// Name and wording.
    pub text: PurposeText,
    /// Whether it needs no consent, because the service cannot work without it.
    pub essential: bool,
}

/// A mailing list as subscribers know it.
#[derive(Debug, Clone)]
pub struct ListName {
    /// The public name.
    pub name: String,
    /// What comes and how often.
    pub description: Option<String>,
}

/// Somebody outside the tenant who gets or collects personal data (P13).
#[derive(Debug, Clone)]
pub struct OutsideParty {
    /// Who: the name of the company.
    pub name: String,
    /// What: the data they get.
    pub receives: String,
    /// Why: what they do with it.
    pub reason: String,
    /// Their own policy, on their own site.
    pub policy_url: Option<String>,
}

impl OutsideParty {
    /// Their policy's address if it is one of the web; a page must never link to a `javascript:` address.
    pub fn policy_link(&self) -> Option<&str> {
        self.policy_url
            .as_deref()
            .filter(|url| url.starts_with("https://") || url.starts_with("http://"))
    }
}
