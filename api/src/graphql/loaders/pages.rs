//! Lists that belong to rows, a page of each.

use std::collections::HashMap;

use assent_domain::id::{CampaignId, ImportId, SubscriberId};
use assent_entity::bounce::{self, Bounce};
use assent_entity::campaign;
use assent_entity::consent::{self, ConsentRecord};
use assent_entity::delivery::Delivery;
use assent_entity::disclosure::{self, Disclosure};
use assent_entity::import::{self, Problem};
use assent_entity::page::{Page, PageRequest};
use async_graphql::dataloader;

use super::{ApiError, Result, Source};

macro_rules! pages {
    ($($(#[$doc:meta])* $key:ident($id:ty) -> $row:ty = $read:path;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash)]
        pub(crate) struct $key(pub(crate) $id, pub(crate) PageRequest);

        impl dataloader::Loader<$key> for Source {
            type Value = Page<$row>;
            type Error = ApiError;

            async fn load(&self, keys: &[$key]) -> Result<HashMap<$key, Page<$row>>> {
                let mut asked: HashMap<PageRequest, Vec<$id>> = HashMap::new();
                for key in keys {
                    asked.entry(key.1).or_default().push(key.0);
                }
                let tx = self.read().await?;
                let mut pages = HashMap::new();
                for (request, ids) in asked {
                    let found = $read(&tx, &ids, request).await?;
                    pages.extend(found.into_iter().map(|(id, page)| ($key(id, request), page)));
                }
                Ok(pages)
            }
        }
    )*};
}

pages! {
    /// Asks for what somebody ever said.
    ConsentsOf(SubscriberId) -> ConsentRecord = consent::pages_of;
    /// Asks for what came back of messages to somebody.
    BouncesTo(SubscriberId) -> Bounce = bounce::pages_of;
    /// Asks for what of somebody went to outside parties.
    DisclosuresOf(SubscriberId) -> Disclosure = disclosure::pages_of;
    /// Asks what became of a campaign.
    DeliveriesOf(CampaignId) -> Delivery = campaign::deliveries_of;
    /// Asks which rows an import left out.
    ProblemsOf(ImportId) -> Problem = import::problems_of;
}
