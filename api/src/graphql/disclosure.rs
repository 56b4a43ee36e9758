//! Disclosures: what of a person went to whom, and what allowed it (P14).

use assent_domain::disclosure::Basis;
use assent_entity::access::Access;
use assent_entity::disclosure::Disclosure as Row;
use async_graphql::{Context, Description, Enum, ID, Object};

use super::access::allowed;
use super::context::World;
use super::error::Result;
use super::id;
use super::legal_order::LegalOrder;
use super::outside_party::{OutsideParty, PersonField, fields};
use super::time::Time;

/// What allowed a disclosure.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DisclosureBasis {
    /// The person's own permission for the party.
    Permission,
    /// A legal order.
    LegalOrder,
}

/// Something of a person that went to an outside party. It stands in the tenant's ledger.
#[derive(Description)]
pub(crate) struct Disclosure(pub(crate) Row);

#[Object(use_type_description)]
impl Disclosure {
    /// The disclosure's id.
    pub(crate) async fn id(&self) -> ID {
        id::text(self.0.id)
    }

    /// Who got it.
    async fn outside_party(&self, ctx: &Context<'_>) -> Result<OutsideParty> {
        OutsideParty::load(ctx, self.0.facts.party).await
    }

    /// What allowed it.
    async fn basis(&self) -> DisclosureBasis {
        match self.0.facts.basis {
            Basis::Permission => DisclosureBasis::Permission,
            Basis::LegalOrder { .. } => DisclosureBasis::LegalOrder,
        }
    }

    /// The order that demanded it, if it was one; null too for those who may not see legal orders.
    async fn legal_order(&self, ctx: &Context<'_>) -> Result<Option<LegalOrder>> {
        let may_see = match ctx.access()? {
            Access::Member(member) => allowed("legalOrders").includes(member.role),
            Access::Token(..) => false,
        };
        match self.0.facts.basis {
            _ if !may_see => Ok(None),
            Basis::Permission => Ok(None),
            Basis::LegalOrder { order } => Ok(ctx.loader()?.load_one(order).await?.map(LegalOrder)),
        }
    }

    /// What it was. Empty where the party learned no more than that there is such a person.
    async fn fields(&self) -> Vec<PersonField> {
        fields(&self.0.facts.fields)
    }

    /// By which of the party's tokens.
    async fn api_token_id(&self) -> ID {
        id::text(self.0.facts.token)
    }

    /// When.
    async fn disclosed_at(&self) -> Time {
        self.0.disclosed_at.into()
    }
}
