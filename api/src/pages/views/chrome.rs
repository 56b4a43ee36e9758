//! What surrounds every page of a tenant: its name above, its address, policy and privacy contact below.

use std::fmt::Display;

use super::colour::Rgb;
use super::tongue::Tongue;
use super::when::When;

/// The tenant as a visitor meets it. Every page of a tenant shows all of this.
#[derive(Debug, Clone)]
pub struct Chrome {
    /// The language of the page.
    pub tongue: Tongue,
    /// The name people know the company by.
    pub tenant_name: String,
    /// The tenant's part of public addresses: `/t/{slug}/...`.
    pub slug: String,
    /// The tenant's colour, which the linked stylesheet applies.
    pub accent: Rgb,
    /// Postal address, one line a line; the law asks for it wherever marketing is.
    pub postal_address: String,
    /// E-mail address for questions about data (P17).
    pub privacy_contact: String,
    /// Since when the tenant is closed and when it is deleted, where it is: every page says so.
    pub closed: Option<Closed>,
}

/// A tenant that is closed.
#[derive(Debug, Clone, Copy)]
pub struct Closed {
    /// Since when.
    pub since: When,
    /// When all that it holds is deleted.
    pub delete_at: When,
}

impl Chrome {
    /// Address of the tenant's policy page.
    pub fn policy_path(&self) -> String {
        self.tongue.keep(format!("/t/{}/policy", self.slug))
    }

    /// Address of the form for questions about data (P17).
    pub fn privacy_path(&self) -> String {
        self.tongue.keep(format!("/t/{}/privacy", self.slug))
    }

    /// Address of the page where members sign in by the tenant's identity provider.
    pub fn sign_in_path(&self) -> String {
        format!("/t/{}/sign-in", self.slug)
    }

    /// Address of the page where members ask for the link to a new password.
    pub fn reset_path(&self) -> String {
        self.tongue.keep(format!("/t/{}/reset", self.slug))
    }

    /// Address of one version of the policy, which never changes. A template holds the number now by value, now
    /// behind references, so it takes whatever prints as one.
    pub fn policy_version_path(&self, number: impl Display) -> String {
        self.tongue.keep(format!("/t/{}/policy/{number}", self.slug))
    }

    /// Address of the comparison of two versions.
    pub fn policy_comparison_path(&self, from: impl Display, to: impl Display) -> String {
        self.tongue
            .keep(format!("/t/{}/policy/{from}/compare/{to}", self.slug))
    }

    /// Address of the tenant's stylesheet. It carries the colour, so a changed colour is seen at once.
    pub fn style_path(&self) -> String {
        format!("/t/{}/style.css?{}", self.slug, self.accent.digits())
    }
}
