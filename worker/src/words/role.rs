//! What members do, in words.

use assent_domain::tenant::Role;

use super::Words;

impl Words {
    /// What a member with this role is.
    pub fn role(self, role: Role) -> String {
        match role {
            Role::Owner => self.role_owner(),
            Role::PrivacyOfficer => self.role_privacy_officer(),
            Role::Marketer => self.role_marketer(),
            Role::Analyst => self.role_analyst(),
            Role::Developer => self.role_developer(),
        }
    }
}
