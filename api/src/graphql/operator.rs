//! The policy of whoever runs the server, towards those who sign in.

use assent_domain::clock::Timestamp;
use assent_domain::id::{MemberId, TenantId};
use assent_entity::operator::{self, OperatorPolicy as Row};
use async_graphql::{Description, Object};

use super::error::Result;
use super::time::Time;
use crate::app::App;

/// The privacy policy of whoever runs the server, towards the members of its tenants.
#[derive(Description)]
pub(crate) struct OperatorPolicy {
    policy: Row,
    base_url: String,
    told_at: Option<Timestamp>,
}

impl OperatorPolicy {
    /// What applies to a member now; nothing where there is no such policy.
    pub(crate) async fn towards(app: &App, tenant: TenantId, member: MemberId) -> Result<Option<Self>> {
        let Some(policy) = operator::policy_towards(&app.store, tenant).await? else {
            return Ok(None);
        };
        Ok(Some(Self {
            told_at: operator::told_at(&app.store, &policy, tenant, member).await?,
            base_url: app.base_url.clone(),
            policy,
        }))
    }
}

#[Object(use_type_description)]
impl OperatorPolicy {
    /// Who runs the server.
    async fn company(&self) -> &str {
        &self.policy.company
    }

    /// The number of the version in force.
    async fn number(&self) -> i32 {
        self.policy.number
    }

    /// The page on which it stands for good.
    async fn url(&self) -> String {
        format!("{}{}", self.base_url, self.policy.path())
    }

    /// When the member's mail server took the notice of this version. None where no notice got through, and for the
    /// version that was in force when they became a member.
    async fn told_at(&self) -> Option<Time> {
        self.told_at.map(Time)
    }
}
