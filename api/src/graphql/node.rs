//! Anything that has an id, by its id.

use assent_entity::access::Access;
use assent_entity::{
    api_token, campaign, collection_point, consent, custom_field, delivery, disclosure, import, invitation,
    legal_order, mailing_list, member, outside_party, policy, privacy, purpose, segment, sending_domain,
    tenant, transport, webhook,
};
use async_graphql::{Context, ID, Interface, Object};
use type_safe_id::StaticType;

use super::access::allowed;
use super::api_token::ApiToken;
use super::campaign::Campaign;
use super::collection_point::CollectionPoint;
use super::consent::ConsentRecord;
use super::context::World;
use super::custom_field::CustomField;
use super::delivery::Delivery;
use super::disclosure::Disclosure;
use super::error::{ApiError, ErrorCode, Result};
use super::id::{parse, prefix};
use super::import::Import;
use super::invitation::Invitation;
use super::legal_order::LegalOrder;
use super::mailing_list::MailingList;
use super::member::Member;
use super::outside_party::OutsideParty;
use super::policy::PolicyVersion;
use super::privacy::PrivacyRequest;
use super::purpose::Purpose;
use super::segment::Segment;
use super::sending_domain::SendingDomain;
use super::subscriber::Subscriber;
use super::tenant::Tenant;
use super::transport::Transport;
use super::webhook::{WebhookDelivery, WebhookEndpoint};

/// Anything that has an id.
#[derive(Interface)]
#[graphql(field(
    name = "id",
    ty = "ID",
    desc = "Opaque, unique over all types, and sorted by time of creation within one."
))]
pub(crate) enum Node {
    /// A token.
    ApiToken(ApiToken),
    /// A campaign.
    Campaign(Campaign),
    /// A collection point.
    CollectionPoint(CollectionPoint),
    /// A consent record.
    ConsentRecord(ConsentRecord),
    /// A custom field.
    CustomField(CustomField),
    /// A delivery.
    Delivery(Delivery),
    /// A disclosure.
    Disclosure(Disclosure),
    /// An import.
    Import(Import),
    /// An invitation.
    Invitation(Invitation),
    /// A legal order.
    LegalOrder(LegalOrder),
    /// A mailing list.
    MailingList(MailingList),
    /// A member.
    Member(Member),
    /// An outside party.
    OutsideParty(OutsideParty),
    /// A policy version.
    PolicyVersion(PolicyVersion),
    /// What a person asked about their data.
    PrivacyRequest(PrivacyRequest),
    /// A purpose.
    Purpose(Purpose),
    /// A segment.
    Segment(Segment),
    /// A sending domain.
    SendingDomain(SendingDomain),
    /// A subscriber.
    Subscriber(Subscriber),
    /// The tenant.
    Tenant(Tenant),
    /// A transport.
    Transport(Transport),
    /// What becomes of telling an endpoint something.
    WebhookDelivery(WebhookDelivery),
    /// Where a program is told what happens.
    WebhookEndpoint(WebhookEndpoint),
}

impl Node {
    async fn find(ctx: &Context<'_>, id: &ID) -> Result<Self> {
        use assent_domain::id as of;
        let kind = prefix(id).unwrap_or_default();
        if kind == of::Subscriber::TYPE {
            return Ok(Subscriber::find(ctx, id).await?.into());
        }
        may_see(ctx.access()?, kind)?;
        let tx = ctx.read().await?;
        Ok(match kind {
            of::ApiToken::TYPE => ApiToken(api_token::by_id(&tx, parse("id", id)?).await?).into(),
            of::Campaign::TYPE => Campaign(campaign::by_id(&tx, parse("id", id)?).await?).into(),
            of::CollectionPoint::TYPE => {
                CollectionPoint(collection_point::by_id(&tx, parse("id", id)?).await?).into()
            }
            of::ConsentRecord::TYPE => ConsentRecord(consent::by_id(&tx, parse("id", id)?).await?).into(),
            of::Delivery::TYPE => Delivery(delivery::by_id(&tx, parse("id", id)?).await?).into(),
            of::Disclosure::TYPE => Disclosure(disclosure::by_id(&tx, parse("id", id)?).await?).into(),
            of::Import::TYPE => Import(import::by_id(&tx, parse("id", id)?).await?).into(),
            of::Invitation::TYPE => Invitation(invitation::by_id(&tx, parse("id", id)?).await?).into(),
            of::LegalOrder::TYPE => LegalOrder(legal_order::by_id(&tx, parse("id", id)?).await?).into(),
            of::MailingList::TYPE => MailingList(mailing_list::by_id(&tx, parse("id", id)?).await?).into(),
            of::Member::TYPE => Member(member::by_id(&tx, parse("id", id)?).await?).into(),
            of::OutsideParty::TYPE => OutsideParty(outside_party::by_id(&tx, parse("id", id)?).await?).into(),
            of::PolicyVersion::TYPE => PolicyVersion(policy::by_id(&tx, parse("id", id)?).await?).into(),
            of::PrivacyRequest::TYPE => PrivacyRequest(privacy::by_id(&tx, parse("id", id)?).await?).into(),
            of::Purpose::TYPE => Purpose(purpose::by_id(&tx, parse("id", id)?).await?).into(),
            of::Segment::TYPE => Segment(segment::by_id(&tx, parse("id", id)?).await?).into(),
            of::CustomField::TYPE => CustomField(custom_field::by_id(&tx, parse("id", id)?).await?).into(),
            of::SendingDomain::TYPE => {
                SendingDomain(sending_domain::by_id(&tx, parse("id", id)?).await?).into()
            }
            of::Transport::TYPE => Transport(transport::by_id(&tx, parse("id", id)?).await?).into(),
            of::WebhookEndpoint::TYPE => {
                WebhookEndpoint(webhook::endpoint::by_id(&tx, parse("id", id)?).await?).into()
            }
            of::WebhookDelivery::TYPE => {
                WebhookDelivery(webhook::delivery::by_id(&tx, parse("id", id)?).await?).into()
            }
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

/// What may not be asked for by a field of its own may not be asked for by its id.
fn may_see(access: &Access, kind: &str) -> Result<()> {
    use assent_domain::id as of;
    let Access::Member(member) = access else {
        let message =
            "there is no subscriber with this id, and a token may not ask for anything else by an id";
        return Err(ApiError::new(ErrorCode::NotFound, message));
    };
    let field = match kind {
        of::ApiToken::TYPE => "apiTokens",
        of::Invitation::TYPE => "invitations",
        of::LegalOrder::TYPE => "legalOrders",
        of::PrivacyRequest::TYPE => "privacyRequests",
        of::Transport::TYPE => "transports",
        of::WebhookEndpoint::TYPE | of::WebhookDelivery::TYPE => "webhookEndpoints",
        _ => return Ok(()),
    };
    if allowed(field).includes(member.role) {
        return Ok(());
    }
    let message = "there is nothing with this id that a member with your role may see";
    Err(ApiError::new(ErrorCode::NotFound, message))
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
