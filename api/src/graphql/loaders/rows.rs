//! Rows by their ids.

use std::collections::HashMap;

use assent_domain::id::{
    CollectionPointId, DeliveryId, LegalOrderId, MailingListId, MemberId, OutsidePartyId, SegmentId,
    SubscriberId,
};
use assent_entity::collection_point::{self, CollectionPoint};
use assent_entity::delivery::{self, Delivery};
use assent_entity::legal_order::{self, LegalOrder};
use assent_entity::mailing_list::{self, MailingList};
use assent_entity::member::{self, Member};
use assent_entity::outside_party::{self, OutsideParty};
use assent_entity::segment::{self, Segment};
use assent_entity::subscriber::{self, Subscriber};
use async_graphql::dataloader;

use super::{ApiError, Result, Source, by_key};

macro_rules! rows {
    ($($id:ty: $row:ty = $read:path;)*) => {$(
        impl dataloader::Loader<$id> for Source {
            type Value = $row;
            type Error = ApiError;

            async fn load(&self, ids: &[$id]) -> Result<HashMap<$id, $row>> {
                let found = $read(&self.read().await?, ids).await?;
                Ok(by_key(found, |row| row.id))
            }
        }
    )*};
}

rows! {
    CollectionPointId: CollectionPoint = collection_point::many::by_ids;
    DeliveryId: Delivery = delivery::by_ids;
    LegalOrderId: LegalOrder = legal_order::by_ids;
    MailingListId: MailingList = mailing_list::by_ids;
    MemberId: Member = member::by_ids;
    OutsidePartyId: OutsideParty = outside_party::by_ids;
    SegmentId: Segment = segment::by_ids;
    SubscriberId: Subscriber = subscriber::by_ids;
}
