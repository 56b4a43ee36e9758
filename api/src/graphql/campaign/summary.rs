//! What to look at before a campaign is sent.

use assent_entity::campaign::Campaign;
use assent_entity::{content, sending_domain};
use assent_worker::render::{Warning, WarningKind};
use async_graphql::{Context, Enum, SimpleObject};

use super::CampaignAudience;
use super::create::warning as unnamed;
use super::preview::{self, CampaignPreview, Reader};
use crate::graphql::context::World;
use crate::graphql::error::Result;

/// What something about a campaign is that should be looked at.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CampaignWarningCode {
    /// An image has no alt text: it says nothing to those who do not see it.
    ImageWithoutText,
    /// The HTML part is so long that Gmail cuts it off.
    Clipped,
    /// It has a script, which no mail program runs.
    Script,
    /// It has nothing to read but images.
    NoText,
    /// It has no preheader.
    NoPreheader,
    /// MJML does not know an attribute, and leaves it out.
    UnknownAttribute,
    /// It loads something from an outside party that the policy in force does not name.
    OutsidePartyNotInPolicy,
    /// Receivers cannot check who it comes from.
    SenderUnverified,
    /// It would reach nobody.
    NobodyAllowed,
}

impl From<WarningKind> for CampaignWarningCode {
    fn from(kind: WarningKind) -> Self {
        match kind {
            WarningKind::ImageWithoutText => Self::ImageWithoutText,
            WarningKind::Clipped => Self::Clipped,
            WarningKind::Script => Self::Script,
            WarningKind::NoText => Self::NoText,
            WarningKind::NoPreheader => Self::NoPreheader,
            WarningKind::UnknownAttribute => Self::UnknownAttribute,
        }
    }
}

/// Something about a campaign that should be looked at before it is sent.
#[derive(SimpleObject)]
pub(crate) struct CampaignWarning {
    /// What it is.
    code: CampaignWarningCode,
    /// The line of the body's source, from 1, where there is one.
    line: Option<u32>,
    /// What to do about it, for a person to read.
    message: String,
    /// Whether the campaign is not sent while it is so.
    blocks: bool,
}

impl From<Warning> for CampaignWarning {
    fn from(warning: Warning) -> Self {
        Self {
            code: warning.kind.into(),
            line: warning.line,
            message: warning.message,
            blocks: false,
        }
    }
}

/// A campaign as a whole, before it is sent: to approve, or to mend.
#[derive(SimpleObject)]
pub(crate) struct CampaignSummary {
    /// Whom it would reach now, and whom not and why.
    audience: CampaignAudience,
    /// Who it comes from, by name.
    from_name: String,
    /// Who it comes from: the address that people see and answer to.
    from_address: String,
    /// The mail as a sample person would get it.
    preview: CampaignPreview,
    /// What is missing or should be looked at. What keeps the campaign from being sent comes first.
    warnings: Vec<CampaignWarning>,
}

impl CampaignSummary {
    pub(super) async fn of(ctx: &Context<'_>, campaign: &Campaign) -> Result<Self> {
        let (tenant, app) = (ctx.tenant().await?, ctx.app()?);
        let (preview, found) = preview::shown(campaign, &tenant, &app.base_url, Reader::sample()).await?;
        let audience = CampaignAudience::of(ctx, campaign).await?;
        let tx = ctx.read().await?;
        let mut warnings = Vec::new();
        for brought_in in content::of_campaign(&tx, campaign.id).await? {
            warnings.extend(unnamed(&brought_in).map(|message| CampaignWarning {
                code: CampaignWarningCode::OutsidePartyNotInPolicy,
                line: Some(brought_in.party.line),
                message,
                blocks: true,
            }));
        }
        for message in sending_domain::problems(&tx).await? {
            warnings.push(CampaignWarning {
                code: CampaignWarningCode::SenderUnverified,
                line: None,
                message,
                blocks: app.sender.requires_verified,
            });
        }
        if audience.allowed == 0 {
            warnings.push(CampaignWarning {
                code: CampaignWarningCode::NobodyAllowed,
                line: None,
                message: "nobody would get it now: audience.refused says why".to_owned(),
                blocks: false,
            });
        }
        warnings.extend(found.into_iter().map(CampaignWarning::from));
        warnings.sort_by_key(|warning| !warning.blocks);
        Ok(Self {
            audience,
            from_name: tenant.sender_name.clone(),
            from_address: tenant.sender_address.expose(),
            preview,
            warnings,
        })
    }
}
