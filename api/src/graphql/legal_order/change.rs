//! Entering, approving and taking back legal orders.

use assent_entity::legal_order;
use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use super::LegalOrder;
use crate::graphql::context::World;
use crate::graphql::error::Result;
use crate::graphql::id;
use crate::graphql::outside_party::PersonField;
use crate::graphql::time::Time;

/// An order to be entered.
#[derive(InputObject)]
pub(crate) struct EnterLegalOrderInput {
    /// The authority's name: one line of at most 200 characters.
    pub(super) authority: String,
    /// Its file number: one line of at most 200 characters.
    pub(super) reference: String,
    /// What it demands, in its words: at most 2,000 characters.
    pub(super) scope: String,
    /// Whom it names: 1 to 1,000 ids that begin with subscriber_.
    pub(super) subscriber_ids: Vec<ID>,
    /// Which of their fields it demands.
    pub(super) fields: Vec<PersonField>,
    /// From when on it counts.
    pub(super) valid_from: Time,
    /// When it ends: at most 366 days later.
    pub(super) valid_until: Time,
}

/// The order that was entered.
#[derive(SimpleObject)]
pub(crate) struct EnterLegalOrderPayload {
    /// The order. It allows nothing before another member approves it.
    legal_order: LegalOrder,
}

/// An order to be approved.
#[derive(InputObject)]
pub(crate) struct ApproveLegalOrderInput {
    /// Which: an id that begins with order_.
    id: ID,
}

/// The order that was approved.
#[derive(SimpleObject)]
pub(crate) struct ApproveLegalOrderPayload {
    /// The order.
    legal_order: LegalOrder,
}

/// An order to be taken back.
#[derive(InputObject)]
pub(crate) struct RevokeLegalOrderInput {
    /// Which: an id that begins with order_.
    id: ID,
}

/// The order that was taken back.
#[derive(SimpleObject)]
pub(crate) struct RevokeLegalOrderPayload {
    /// The order.
    legal_order: LegalOrder,
}

/// What can be done with legal orders.
#[derive(Default)]
pub(crate) struct LegalOrderMutation;

#[Object]
impl LegalOrderMutation {
    /// Enters an order of an authority. It allows nothing before another member approves it.
    #[graphql(complexity = "50 + child_complexity")]
    async fn enter_legal_order(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The order.")] input: EnterLegalOrderInput,
    ) -> Result<EnterLegalOrderPayload> {
        let new = input.try_into()?;
        let mut tx = ctx.write().await?;
        let id = legal_order::enter(&mut tx, new).await?;
        let legal_order = LegalOrder(legal_order::by_id(&tx, id).await?);
        tx.commit().await?;
        Ok(EnterLegalOrderPayload { legal_order })
    }

    /// Approves an order that another member entered: in its time, its authority's tokens get what it demands.
    #[graphql(complexity = "50 + child_complexity")]
    async fn approve_legal_order(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which order.")] input: ApproveLegalOrderInput,
    ) -> Result<ApproveLegalOrderPayload> {
        let id = id::parse("id", &input.id)?;
        let mut tx = ctx.write().await?;
        legal_order::approve(&mut tx, id).await?;
        let legal_order = LegalOrder(legal_order::by_id(&tx, id).await?);
        tx.commit().await?;
        Ok(ApproveLegalOrderPayload { legal_order })
    }

    /// Takes an order back: from now on it allows nothing.
    #[graphql(complexity = "50 + child_complexity")]
    async fn revoke_legal_order(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which order.")] input: RevokeLegalOrderInput,
    ) -> Result<RevokeLegalOrderPayload> {
        let id = id::parse("id", &input.id)?;
        let mut tx = ctx.write().await?;
        legal_order::revoke(&mut tx, id).await?;
        let legal_order = LegalOrder(legal_order::by_id(&tx, id).await?);
        tx.commit().await?;
        Ok(RevokeLegalOrderPayload { legal_order })
    }
}
