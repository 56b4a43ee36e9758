//! Mail as somebody would get it, with links that lead nowhere: whoever looks at it is not who it is for.

use std::collections::BTreeMap;

use assent_entity::tenant::Tenant;

use crate::render::{SubscriberVariables, TenantVariables, Variables};

/// Addresses of pages, none of them a person's.
#[derive(Clone, Debug)]
pub struct SampleLinks {
    unsubscribe: String,
    preferences: String,
    policy: String,
    data: String,
}

impl SampleLinks {
    /// Those of a tenant, under the address at which the world sees this server.
    pub fn new(base_url: &str, slug: &str) -> Self {
        Self {
            unsubscribe: format!("{base_url}/unsubscribe/sample"),
            preferences: format!("{base_url}/preferences/sample"),
            policy: format!("{base_url}/t/{slug}/policy"),
            data: format!("{base_url}/t/{slug}/privacy"),
        }
    }
}

/// Whoever the mail is shown for.
#[derive(Clone, Copy)]
pub struct Sample<'a> {
    /// Their address.
    pub email: &'a str,
    /// Their name, or empty.
    pub name: &'a str,
    /// Their company, or empty.
    pub company: &'a str,
}

impl Sample<'static> {
    /// Nobody in particular.
    pub fn person() -> Self {
        Self {
            email: "sample@example.org",
            name: "Sample Person",
            company: "Sample Company",
        }
    }
}

impl<'a> Sample<'a> {
    /// The values that the templates of a tenant are filled in with.
    pub fn variables(self, tenant: &'a Tenant, links: &'a SampleLinks) -> Variables<'a> {
        Variables {
            subscriber: SubscriberVariables {
                email: self.email,
                name: self.name,
                company: self.company,
            },
            tenant: TenantVariables {
                name: &tenant.name,
                postal_address: &tenant.postal_address,
            },
            unsubscribe_url: &links.unsubscribe,
            preferences_url: &links.preferences,
            policy_url: &links.policy,
            data_url: &links.data,
            extra: BTreeMap::new(),
        }
    }
}
