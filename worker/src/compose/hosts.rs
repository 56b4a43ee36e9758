//! Where a message may load from: the tenant's own hosts, and those of outside parties that were found when its content was
//! saved, whatever its template makes of it (P13). Whether the policy names them, the rule knows.

use std::collections::BTreeSet;

use assent_domain::content::is_own;
use assent_domain::id::CampaignId;
use assent_domain::permit::Refusal;
use assent_domain::site::HostName;
use assent_entity::tenant::Tenant;
use assent_entity::{TenantTx, content};

use super::links::Links;
use crate::jobs::JobError;
use crate::post::Unfit;
use crate::render::host_of;

pub(super) struct Hosts {
    outside: BTreeSet<HostName>,
    base: Option<HostName>,
}

impl Hosts {
    /// Those of a campaign.
    pub(super) async fn of_campaign<M>(
        tx: &TenantTx<M>,
        id: CampaignId,
        links: &Links,
    ) -> Result<Self, JobError> {
        let content = content::of_campaign(tx, id).await?;
        let outside = content.into_iter().map(|brought_in| brought_in.party.host);
        Ok(Self {
            outside: outside.collect(),
            ..Self::own(links)
        })
    }

    /// The tenant's own, and no others.
    pub(super) fn own(links: &Links) -> Self {
        Self {
            outside: BTreeSet::new(),
            base: host_of(&links.policy()),
        }
    }

    /// Refuses a message that loads from others.
    pub(super) fn check(&self, hosts: &BTreeSet<HostName>, tenant: &Tenant) -> Result<(), Unfit> {
        let sender_domain = tenant.sender_address.domain();
        let is_known =
            |host: &HostName| self.outside.contains(host) || is_own(host, self.base.as_ref(), sender_domain);
        match hosts.iter().find(|host| !is_known(host)) {
            None => Ok(()),
            Some(host) => {
                let reason =
                    format!("the message loads from {host}, which it did not show when it was saved");
                Err((Refusal::OutsidePartyNotInPolicy, reason))
            }
        }
    }
}
