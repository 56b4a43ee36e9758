//! Anything that has an id, by its id.

use assent_entity::{
    campaign, collection_point, consent, delivery, mailing_list, member, policy, purpose, subscriber, tenant,
};
use async_graphql::{Context, ID, Interface, Object};
use type_safe_id::StaticType;

use super::campaign::Campaign;
use super::collection_point::CollectionPoint;
use super::consent::ConsentRecord;
use super::context::World;
use super::delivery::Delivery;
use super::error::{ApiError, ErrorCode, Result};
use super::id::{parse, prefix};
use super::mailing_list::MailingList;
use super::member::Member;
use super::policy::PolicyVersion;
use super::purpose::Purpose;
use super::subscriber::Subscriber;
use super::tenant::Tenant;

/// Anything that has an id.
#[derive(Interface)]
#[graphql(field(
    name = "id",
    ty = "ID",
    desc = "Opaque, unique over all types, and sorted by time of creation within one."
))]
pub(crate) enum Node {
    /// A campaign.
    Campaign(Campaign),
    /// A collection point.
    CollectionPoint(CollectionPoint),
    /// A consent record.
    ConsentRecord(ConsentRecord),
    /// A delivery.
    Delivery(Delivery),
    /// A mailing list.
    MailingList(MailingList),
    /// A member.
    Member(Member),
    /// A policy version.
    PolicyVersion(PolicyVersion),
    /// A purpose.
    Purpose(Purpose),
    /// A subscriber.
    Subscriber(Subscriber),
    /// The tenant.
    Tenant(Tenant),
}

impl Node {
    async fn find(ctx: &Context<'_>, id: &ID) -> Result<Self> {
        use assent_domain::id as of;
        let tx = ctx.read().await?;
        Ok(match prefix(id).unwrap_or_default() {
            of::Campaign::TYPE => Campaign(campaign::by_id(&tx, parse("id", id)?).await?).into(),
            of::CollectionPoint::TYPE => {
                CollectionPoint(collection_point::by_id(&tx, parse("id", id)?).await?).into()
            }
            of::ConsentRecord::TYPE => ConsentRecord(consent::by_id(&tx, parse("id", id)?).await?).into(),
            of::Delivery::TYPE => Delivery(delivery::by_id(&tx, parse("id", id)?).await?).into(),
            of::MailingList::TYPE => MailingList(mailing_list::by_id(&tx, parse("id", id)?).await?).into(),
            of::Member::TYPE => Member(member::by_id(&tx, parse("id", id)?).await?).into(),
            of::PolicyVersion::TYPE => PolicyVersion(policy::by_id(&tx, parse("id", id)?).await?).into(),
            of::Purpose::TYPE => Purpose(purpose::by_id(&tx, parse("id", id)?).await?).into(),
            of::Subscriber::TYPE => Subscriber(subscriber::by_any_id(&tx, parse("id", id)?).await?).into(),
            of::Tenant::TYPE if parse::<of::Tenant>("id", id)? == tx.tenant() => {
                Tenant(tenant::current(&tx).await?).into()
            }
            of::Tenant::TYPE => {
                return Err(ApiError::new(
                    ErrorCode::NotFound,
                    "there is no tenant with this id",
                ));
            }
            _ => {
                let message = "this is not the id of a node: take it from a field `id`";
                return Err(ApiError::bad_input("id", message));
            }
        })
    }
}

/// What can be asked about anything.
#[derive(Default)]
pub(crate) struct NodeQuery;

#[Object]
impl NodeQuery {
    /// Anything by its id. `NOT_FOUND` if the tenant has nothing with this id.
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id of anything that implements Node.")] id: ID,
    ) -> Option<Result<Node>> {
        Some(Node::find(ctx, &id).await)
    }
}
