//! Outside parties, and what of people they may get.

use assent_domain::disclosure::PersonField as DomainField;
use assent_domain::id::OutsidePartyId;
use assent_entity::outside_party::OutsideParty as Row;
use async_graphql::{Context, Description, Enum, ID, Object};

use super::context::World;
use super::error::{ApiError, Result};
use super::id;

/// Something of a person that could be disclosed.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "DomainField")]
pub(crate) enum PersonField {
    /// The address.
    Email,
    /// The name.
    Name,
    /// The company.
    Company,
}

/// Fields as the schema lists them.
pub(crate) fn fields<'a>(fields: impl IntoIterator<Item = &'a DomainField>) -> Vec<PersonField> {
    fields
        .into_iter()
        .map(|field| PersonField::from(*field))
        .collect()
}

/// Somebody who is neither the tenant nor one of its subscribers.
#[derive(Description)]
pub(crate) struct OutsideParty(pub(crate) Row);

#[Object(use_type_description)]
impl OutsideParty {
    /// The party's id.
    pub(crate) async fn id(&self) -> ID {
        id::text(self.0.id)
    }

    /// Who it is.
    async fn name(&self) -> &str {
        &self.0.name
    }
}

impl OutsideParty {
    /// The party that a row points to.
    pub(crate) async fn load(ctx: &Context<'_>, id: OutsidePartyId) -> Result<Self> {
        let found = ctx.loader()?.load_one(id).await?;
        found
            .map(Self)
            .ok_or_else(|| ApiError::internal("a row points to no outside party"))
    }
}
