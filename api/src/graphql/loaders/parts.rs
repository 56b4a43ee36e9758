//! What belongs to rows: asked for by a key that says what, and of which row.

use std::collections::HashMap;

use assent_domain::id::{
    CampaignId, CollectionPointId, DeliveryId, ImportId, LegalOrderId, MailingListId, PolicyVersionId,
    PrivacyRequestId, PurposeId, SubscriberId, TransportId,
};
use assent_domain::import::RowProblem;
use assent_domain::mailing_list::SubscriptionState;
use assent_entity::bounce::{self, Bounce};
use assent_entity::campaign;
use assent_entity::campaign_link::{self, CampaignLink};
use assent_entity::circuit::{self, Waiting};
use assent_entity::collection_point::{Field, many as forms};
use assent_entity::consent;
use assent_entity::content::{self, BroughtIn};
use assent_entity::custom_field::{self, Kept};
use assent_entity::delivery::Progress;
use assent_entity::delivery::attempt::{self, Attempt};
use assent_entity::import;
use assent_entity::legal_order;
use assent_entity::outside_party::OutsideParty;
use assent_entity::policy::{self, NamedParty, NamedPurpose};
use assent_entity::privacy::{self, Step};
use assent_entity::purpose::{self, Purpose};
use assent_entity::segment::{self, Narrowed};
use assent_entity::subscription;
use assent_entity::tracking;
use async_graphql::dataloader;

use super::{ApiError, Result, Source};

macro_rules! parts {
    ($($(#[$doc:meta])* $key:ident($id:ty) -> $value:ty = $read:path;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash)]
        pub(crate) struct $key(pub(crate) $id);

        impl dataloader::Loader<$key> for Source {
            type Value = $value;
            type Error = ApiError;

            async fn load(&self, keys: &[$key]) -> Result<HashMap<$key, $value>> {
                let ids: Vec<_> = keys.iter().map(|key| key.0.clone()).collect();
                let found = $read(&self.read().await?, &ids).await?;
                Ok(found.into_iter().map(|(id, value)| ($key(id), value)).collect())
            }
        }
    )*};
}

parts! {
    /// Asks for the purposes of a list.
    PurposesOf(MailingListId) -> Vec<Purpose> = purpose::of_lists;
    /// Asks for the reports about a delivery.
    BouncesOf(DeliveryId) -> Vec<Bounce> = bounce::of_deliveries;
    /// Asks for the attempts at a delivery.
    AttemptsOf(DeliveryId) -> Vec<Attempt> = attempt::of_deliveries;
    /// Asks what is kept of somebody in custom fields.
    KeptOf(SubscriberId) -> Vec<Kept> = custom_field::of_subscribers;
    /// Asks where somebody stands with every list they ever joined.
    SubscriptionsOf(SubscriberId) -> Vec<(MailingListId, SubscriptionState)> = subscription::of_subscribers;
    /// Asks for the words of a form, by their hash.
    WordsOf(String) -> String = consent::words_by_hash;
    /// Asks what has to be agreed to for the links of a campaign to be measured.
    TrackedFor(CampaignId) -> PurposeId = tracking::purposes_of;
    /// Asks for the measured links of a campaign.
    LinksOf(CampaignId) -> Vec<CampaignLink> = campaign_link::of_campaigns;
    /// Asks to which lists a campaign goes.
    ListsOf(CampaignId) -> Vec<MailingListId> = campaign::lists_of;
    /// Asks to whom of its lists a campaign goes.
    SegmentOf(CampaignId) -> Narrowed = segment::of_campaigns;
    /// Asks whom the content of a campaign brings in.
    ContentOf(CampaignId) -> Vec<BroughtIn> = content::of_campaigns;
    /// Asks what a campaign waits for.
    WaitingOf(CampaignId) -> Waiting = circuit::waiting_of;
    /// Asks how far a campaign is.
    ProgressOf(CampaignId) -> Progress = campaign::progress_of;
    /// Asks to which lists a form leads.
    ListsOfForm(CollectionPointId) -> Vec<MailingListId> = forms::lists_of;
    /// Asks what a form asks for.
    FieldsOf(CollectionPointId) -> Vec<Field> = forms::fields_of;
    /// Asks what a form says in its languages.
    TextsOf(CollectionPointId) -> Vec<forms::Text> = forms::texts_of;
    /// Asks which outside parties a form brings in.
    PartiesOf(CollectionPointId) -> Vec<OutsideParty> = forms::parties_of;
    /// Asks which purposes a policy version names.
    NamedPurposesOf(PolicyVersionId) -> Vec<NamedPurpose> = policy::purposes_of_each;
    /// Asks which outside parties a policy version names.
    NamedPartiesOf(PolicyVersionId) -> Vec<NamedParty> = policy::parties_of_each;
    /// Asks how far the notices of a policy version are.
    NoticesOf(PolicyVersionId) -> Progress = policy::notices_of_each;
    /// Asks what the people of an import are said to have agreed to.
    PurposesOfImport(ImportId) -> Vec<PurposeId> = import::purposes_of_each;
    /// Asks how many rows an import left out for which reason.
    ReasonsOf(ImportId) -> Vec<(RowProblem, u64)> = import::reasons_of_each;
    /// Asks why nothing is handed to a server for now.
    RestOf(TransportId) -> Waiting = circuit::resting;
    /// Asks whom a legal order names.
    PeopleOf(LegalOrderId) -> Vec<SubscriberId> = legal_order::people;
    /// Asks what happened to a request about data.
    HistoryOf(PrivacyRequestId) -> Vec<Step> = privacy::history;
}
