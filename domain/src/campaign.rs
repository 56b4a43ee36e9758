//! A campaign's life.

use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};

/// Where a campaign stands.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    Display,
    EnumIter,
    EnumString,
    IntoStaticStr,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum CampaignStatus {
    /// Being written.
    Draft,
    /// Waits for its time.
    Scheduled,
    /// Going out.
    Sending,
    /// Stopped for now.
    Paused,
    /// Every recipient has a final state.
    Finished,
    /// Stopped for good.
    Cancelled,
}

/// What a member or the worker does to a campaign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Display, EnumIter)]
pub enum CampaignAct {
    /// Sets its time.
    #[strum(serialize = "scheduled")]
    Schedule,
    /// Its time has come.
    #[strum(serialize = "started")]
    Start,
    /// Stops it for now.
    #[strum(serialize = "paused")]
    Pause,
    /// Goes on: back to waiting for its time, which may have come.
    #[strum(serialize = "resumed")]
    Resume,
    /// Stops it for good.
    #[strum(serialize = "cancelled")]
    Cancel,
    /// The last recipient has a final state.
    #[strum(serialize = "finished")]
    Finish,
    /// Those who failed for a reason that may have passed get another chance.
    #[strum(serialize = "retried")]
    Retry,
}

/// An act that does not fit where the campaign stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a campaign that is {from} cannot be {act}")]
pub struct CampaignActError {
    /// Where it stands.
    pub from: CampaignStatus,
    /// What was wanted.
    pub act: CampaignAct,
}

impl CampaignStatus {
    /// Where `act` leads from here.
    pub fn apply(self, act: CampaignAct) -> Result<Self, CampaignActError> {
        use CampaignAct as Act;
        match (self, act) {
            (Self::Draft, Act::Schedule) | (Self::Paused, Act::Resume) | (Self::Finished, Act::Retry) => {
                Ok(Self::Scheduled)
            }
            (Self::Scheduled, Act::Start) => Ok(Self::Sending),
            (Self::Scheduled | Self::Sending, Act::Pause) => Ok(Self::Paused),
            (Self::Draft | Self::Scheduled | Self::Sending | Self::Paused, Act::Cancel) => {
                Ok(Self::Cancelled)
            }
            (Self::Sending, Act::Finish) => Ok(Self::Finished),
            (Self::Scheduled | Self::Sending | Self::Paused, Act::Retry) => Ok(self),
            (from, act) => Err(CampaignActError { from, act }),
        }
    }
}

/// What is done about a message of which nobody knows whether it arrived: its worker died, or the line broke, while it
/// was handed over.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    Display,
    EnumString,
    IntoStaticStr,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum IfUnknown {
    /// Nothing: rather not at all than twice.
    #[default]
    Leave,
    /// It is sent again, with the same `Message-ID`: rather twice than not at all.
    SendAgain,
}

/// How the body of a campaign is written.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Display, EnumString, IntoStaticStr,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum BodyFormat {
    /// HTML, a document or a fragment.
    Html,
    /// CommonMark.
    Markdown,
    /// MJML 4: elements for mail that become HTML which old mail programs show, too.
    Mjml,
}

#[cfg(test)]
mod tests {
    use super::*;
    use strum::IntoEnumIterator;

    #[test]
    fn nothing_leads_out_of_a_final_state_but_a_retry_of_one_that_was_finished() {
        let finished = CampaignStatus::Finished;
        assert_eq!(finished.apply(CampaignAct::Retry), Ok(CampaignStatus::Scheduled));
        for from in [finished, CampaignStatus::Cancelled] {
            let acts = CampaignAct::iter();
            for act in acts.filter(|act| from != finished || *act != CampaignAct::Retry) {
                assert_eq!(from.apply(act), Err(CampaignActError { from, act }));
            }
        }
    }

    #[test]
    fn a_paused_campaign_goes_on_where_it_was() {
        let paused = CampaignStatus::Sending.apply(CampaignAct::Pause).unwrap();
        assert_eq!(paused.apply(CampaignAct::Resume), Ok(CampaignStatus::Scheduled));
        assert!(paused.apply(CampaignAct::Schedule).is_err());
    }
}
