//! The links of a campaign that are measured.

use assent_entity::campaign_link;
use async_graphql::{Description, Object};

/// A link of a campaign whose links are measured, and how often it was followed by people who agreed to that. Programs
/// that follow every link in a mail are counted too unless they say what they are: take it for a trend.
#[derive(Description)]
pub(crate) struct CampaignLink(pub(super) campaign_link::CampaignLink);

#[Object(use_type_description)]
impl CampaignLink {
    /// Where it leads.
    async fn url(&self) -> &str {
        &self.0.url
    }

    /// How often it was followed by people who agreed to be measured at that moment.
    async fn clicks(&self) -> u64 {
        u64::try_from(self.0.clicks).unwrap_or_default()
    }
}
